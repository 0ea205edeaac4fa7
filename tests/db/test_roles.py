"""Each role reaches what it needs and nothing else."""

import pytest

from devstack.roles import Role
from tests.db.conftest import World
from tests.db.connecting import Connection
from tests.db.refusing import refusal

STREAM_WRITES = {
    "promo_budget_ledger": {"INSERT"},
    "promo_click_decision": {"INSERT"},
    "promo_control": {"INSERT"},
    "promo_debit": {"INSERT"},
    "promo_event": {"INSERT"},
    "promo_rollup_15m": {"INSERT", "UPDATE"},
    "promo_spend_head": {"INSERT", "UPDATE"},
    "stream_partition": {"INSERT", "UPDATE"},
}


async def grants(owner: Connection, role: Role) -> dict[str, set[str]]:
    rows = await owner.fetch(
        """
        select n.nspname || '.' || c.relname as relation, array_agg(a.privilege_type) as privileges
        from pg_class c join pg_namespace n on n.oid = c.relnamespace, aclexplode(c.relacl) a
        where pg_get_userbyid(a.grantee) = $1 and c.relkind in ('r', 'p')
        group by n.nspname, c.relname
        """,
        role,
    )
    return {row["relation"]: set(row["privileges"]) for row in rows}


async def test_the_stream_writes_its_own_tables_alone(owner: Connection) -> None:
    granted = await grants(owner, Role.STREAM)
    writes = {name.removeprefix("public."): privileges - {"SELECT"} for name, privileges in granted.items()}
    assert {name: privileges for name, privileges in writes.items() if privileges} == STREAM_WRITES
    assert granted.keys() - {f"public.{name}" for name in STREAM_WRITES} == {
        "public.promo_campaign",
        "public.promo_funding_head",
    }


async def test_nobody_but_the_owner_may_truncate_or_add_a_trigger(owner: Connection) -> None:
    for role in (Role.APP, Role.STREAM):
        powers = set[str]().union(*(await grants(owner, role)).values())
        assert powers <= {"SELECT", "INSERT", "UPDATE", "DELETE"}


async def test_nothing_is_granted_to_everybody(owner: Connection) -> None:
    rows = await owner.fetch("""
        select c.oid::regclass::text as relation from pg_class c join pg_namespace n on n.oid = c.relnamespace,
          aclexplode(c.relacl) a
        where n.nspname in ('core', 'directory', 'payments', 'booking', 'public') and a.grantee = 0
          and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e')
        union all
        select f.oid::regprocedure::text from pg_proc f join pg_namespace n on n.oid = f.pronamespace
        where n.nspname in ('core', 'directory', 'payments', 'booking', 'public') and f.prosecdef
          and has_function_privilege('callsheet_stream', f.oid, 'execute')
    """)
    assert [row["relation"] for row in rows] == []


async def test_no_role_of_ours_makes_objects(app: Connection, stream: Connection) -> None:
    for connection in (app, stream):
        for schema in ("public", "booking", "core", "directory", "payments"):
            assert await refusal(connection, f"create table {schema}.mine (x int)") == "InsufficientPrivilegeError"


@pytest.mark.parametrize(
    "statement",
    [
        "select from booking.order",
        "update booking.order set tip_cents = 0",
        "select from directory.user_profile",
        "select from support_case",
        "select from core.job",
        "insert into promo_funding_head (campaign_id) values ('pcmp_1')",
        "update promo_campaign set status = 'paused'",
        "select directory.erase_user('usr_buyer', 'usr_0')",
        "select promo_event_ensure_partitions('2026-01-01', '2026-01-02')",
    ],
)
async def test_the_stream_is_kept_out(world: World, statement: str) -> None:
    assert await refusal(world.stream, statement) == "InsufficientPrivilegeError"


@pytest.mark.parametrize(
    "statement",
    [
        "insert into promo_event select * from promo_event",
        "update promo_spend_head set cash_cents = 0",
        "update promo_rollup_15m set spend_cents = 0",
        "update stream_partition set fence = fence + 1",
        "update support_message set body_md = 'x'",
        "update payments.object_owner set owner_id = 'x'",
        "update core.outbox set version = 2",
        "insert into directory.personal_column (relation, column_name, treatment) values ('a.b', 'c', 'replace')",
    ],
)
async def test_server_and_worker_are_kept_out(world: World, statement: str) -> None:
    assert await refusal(world.app, statement) == "InsufficientPrivilegeError"


async def test_each_chain_of_the_budget_has_one_writer(world: World) -> None:
    entry = """insert into promo_budget_ledger (entry_id, campaign_id, kind, amount_cents, chain, sequence, promo_cents,
      cash_cents, credit_source, click_key, budget_day, previous_hash, hash) values """
    spend = f"{entry} ('pble_x', 'pcmp_1', 'spend', -1, 'spend', 9, 0, -1, null, 'x', '2026-01-01', '\\x', '\\x')"
    withdrawal = f"{entry} ('pble_x', 'pcmp_1', 'adjustment', -1, 'spend', 9, 0, -1, null, null, null, '\\x', '\\x')"
    goodwill = f"{entry} ('pble_x', 'pcmp_1', 'credit', 1, 'funding', 9, 1, 0, 'goodwill', null, null, '\\x', '\\x')"
    for statement, writer, other in (
        (spend, world.stream, world.app),
        (withdrawal, world.stream, world.app),
        (goodwill, world.app, world.stream),
    ):
        assert await refusal(writer, statement) == ""
        assert await refusal(other, statement) == "InsufficientPrivilegeError"
