"""A person is erased everywhere, and nothing else changes."""

import asyncpg
import pytest

from devstack.roles import DatabaseUrls
from server.core.invariants import Invariant
from tests.db.catalogue import read_catalogue
from tests.db.conftest import World
from tests.db.connecting import Connection
from tests.support.invariants import broken_in

PSEUDONYM = "usr_pseudonym"
PEOPLE = ("usr_buyer", "usr_provider", "usr_agent", "usr_inviter")

# Names of columns that say who somebody is. Those below are somebody's without telling who, or tell it of nobody.
TELLING = r"(^|_)user_id$|_user$|_by$|^watchers$|^author_id$"
NOT_A_PERSON = {
    "directory.user_profile.user_id",  # the profile itself, which the function empties
    "directory.erasure.requested_by",
    "booking.request.offered_by",  # which side of the order
    "booking.dispute.opened_by",
}


async def telling_columns(owner: Connection) -> set[str]:
    rows = await owner.fetch(
        """
        select n.nspname || '.' || c.relname || '.' || a.attname as place
        from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
        where n.nspname in ('core', 'directory', 'payments', 'booking', 'public') and c.relkind in ('r', 'p')
          and not c.relispartition and a.attnum > 0 and not a.attisdropped
          and format_type(a.atttypid, null) in ('text', 'text[]') and a.attname ~ $1
        """,
        TELLING,
    )
    return {row["place"] for row in rows}


async def registered(owner: Connection) -> set[str]:
    rows = await owner.fetch("select relation || '.' || column_name as place from directory.personal_column")
    return {row["place"] for row in rows}


async def test_every_column_that_tells_who_somebody_is_is_registered(owner: Connection) -> None:
    assert await telling_columns(owner) - await registered(owner) - NOT_A_PERSON == set()


async def test_the_register_names_columns_that_exist(owner: Connection) -> None:
    tables = (await read_catalogue(owner)).tables.values()
    assert await registered(owner) <= {f"{table.name}.{column}" for table in tables for column in table.columns}


async def erase(app: Connection, user_id: str) -> None:
    await app.execute(
        "insert into directory.erasure (user_id_hash, pseudonym, requested_by) values (sha256($1), $2, 'usr_admin')",
        user_id.encode(),
        PSEUDONYM,
    )
    await app.execute("select directory.erase_user($1, $2)", user_id, PSEUDONYM)


async def mentions(owner: Connection, text: str) -> list[str]:
    """The tables in which some row contains the text."""
    found = []
    for table in (await read_catalogue(owner)).tables:
        relation = await owner.fetchval("select format('%I.%I', split_part($1, '.', 1), split_part($1, '.', 2))", table)
        if await owner.fetchval(
            f"select exists (select from {relation} t where to_jsonb(t)::text like '%\"' || $1 || '\"%')", text
        ):
            found.append(table)
    return found


@pytest.mark.parametrize("person", PEOPLE)
async def test_nothing_names_an_erased_person_and_every_invariant_holds(
    world: World, database: DatabaseUrls, invariants: tuple[Invariant, ...], person: str
) -> None:
    before = set(await mentions(world.owner, person))
    assert before
    await erase(world.app, person)
    assert await mentions(world.owner, person) == []
    carried = before - {"core.idempotency_key"}
    assert carried <= set(await mentions(world.owner, PSEUDONYM))
    assert await broken_in(database.app_url, invariants) == []


async def test_what_identifies_without_naming_goes_too(world: World) -> None:
    await erase(world.app, "usr_buyer")
    for statement in (
        "select location_address from booking.order",
        "select message from booking.request",
        "select fingerprint_hash from payments.payment_method",
        "select device_fp from referral_invite",
        "select anon_fp_hash from promo_event",
        "select email_hash from directory.user_profile where user_id = 'usr_pseudonym'",
    ):
        assert {row[0] for row in await world.owner.fetch(statement)} == {None}, statement
    assert await world.owner.fetchval("select invitee_email_sha from referral_invite") == PSEUDONYM


async def test_amounts_and_chains_stay(world: World) -> None:
    facts = """
      select (select jsonb_agg(to_jsonb(l) - 'user_id' order by entry_id) from credit_ledger l),
        (select jsonb_agg(to_jsonb(d) order by event_id) from promo_click_decision d),
        (select jsonb_agg(to_jsonb(e) - 'actor_user_id' order by order_id, sequence) from booking.order_event e)
    """
    before = await world.owner.fetchrow(facts)
    await erase(world.app, "usr_buyer")
    assert await world.owner.fetchrow(facts) == before


async def test_an_erasure_that_nobody_recorded_does_not_happen(world: World) -> None:
    with pytest.raises(asyncpg.RestrictViolationError, match="recorded before"):
        await world.app.execute("select directory.erase_user('usr_buyer', 'usr_pseudonym')")
    assert "booking.order" in await mentions(world.owner, "usr_buyer")


async def test_the_door_is_closed_behind_it(world: World) -> None:
    async with world.owner.transaction():
        await world.owner.execute(
            "insert into directory.erasure values (sha256('usr_buyer'), 'usr_pseudonym', 'usr_admin')"
        )
        await world.owner.execute("select directory.erase_user('usr_buyer', 'usr_pseudonym')")
        with pytest.raises(asyncpg.RestrictViolationError):
            async with world.owner.transaction():
                await world.owner.execute("update booking.order_event set event = 'x'")
