"""`callsheet verify-ledger` on a real ledger, whole and tampered with by whoever owns the database."""

import asyncio
from datetime import UTC, datetime

import asyncpg
import pytest
from typer.testing import CliRunner

from callsheet.promo.v1.promo_pb2_grpc import PromoServiceStub
from devstack.program import complete
from devstack.roles import DatabaseUrls
from server.cli import app
from server.core import db
from server.promo.audit.chains import make_checkpoints, read_heads, write_heads
from server.promo.domain.auditing import Standing
from server.promo.domain.funds import Funds
from server.promo.domain.ledger import Chain, Head
from tests.rpc.harness import running_server
from tests.rpc.promo import advertiser, campaign, funded

NOW = datetime(2026, 5, 1, tzinfo=UTC)


async def money(database: DatabaseUrls) -> str:
    """A campaign with three grants; its id."""
    async with running_server(database) as server:
        promo = PromoServiceStub(server.channel)
        name = (await campaign(promo, await advertiser(promo))).campaign_id
        for cents in (500, 300, 200):
            await funded(promo, name, cents)
        return name


@pytest.fixture
def name(database: DatabaseUrls, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("CALLSHEET_DATABASE_URL", database.app_url)
    return complete(money(database))


async def tamper(database: DatabaseUrls, *statements: str) -> None:
    """What an owner can do who first takes the trigger away."""
    connection = await asyncpg.connect(database.owner_url)
    try:
        for table in ("promo_budget_ledger", "promo_ledger_checkpoint"):
            await connection.execute(f"alter table {table} disable trigger user")
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def checkpoint(database: DatabaseUrls) -> int:
    async with db.connect(database.app_url, application="tests") as opened:
        return await make_checkpoints(opened, NOW.date(), NOW)


def verify() -> tuple[int, str]:
    result = CliRunner().invoke(app, ["verify-ledger"])
    return result.exit_code, " ".join(result.output.split())


def test_a_ledger_is_what_was_written_down(database: DatabaseUrls, name: str) -> None:
    assert asyncio.run(checkpoint(database)) == 1
    assert asyncio.run(checkpoint(database)) == 1
    code, said = verify()
    assert code == 0, said
    assert "entries 3, chains 1, checkpoints 1" in said


@pytest.mark.breaks_invariants
def test_a_changed_entry_is_found(database: DatabaseUrls, name: str) -> None:
    asyncio.run(
        tamper(
            database,
            "update promo_budget_ledger set promo_cents = promo_cents + 1, amount_cents = amount_cents + 1 "
            "where sequence = 2",
        )
    )
    code, said = verify()
    assert code == 1
    assert f"{name} funding 2: is not what its hash was made of" in said
    assert f"{name} funding 3: sums up to 1001 of credit and 0 of cash, the head says 1000" in said


@pytest.mark.breaks_invariants
def test_an_entry_that_was_cut_off_with_its_head_is_found_by_the_checkpoint(database: DatabaseUrls, name: str) -> None:
    asyncio.run(checkpoint(database))
    asyncio.run(
        tamper(
            database,
            "delete from promo_budget_ledger where sequence = 3",
            "update promo_funding_head set sequence = 2, promo_cents = 800, "
            "hash = (select hash from promo_budget_ledger where sequence = 2)",
        )
    )
    code, said = verify()
    assert code == 1
    assert f"{name} funding 3: is another entry than at the checkpoint of 2026-05-01" in said


@pytest.mark.breaks_invariants
def test_a_checkpoint_that_was_changed_is_found_by_its_digest(database: DatabaseUrls, name: str) -> None:
    asyncio.run(checkpoint(database))
    asyncio.run(tamper(database, "update promo_ledger_checkpoint set heads = jsonb_set(heads, '{0,3}', '\"999\"')"))
    code, said = verify()
    assert code == 1
    assert "its digest is another" in said


def test_heads_come_back_as_they_were_kept() -> None:
    standings = [
        Standing(Chain.SPEND, Head("pcmp_1", 3, Funds(-5, -7), b"\x01\x02")),
        Standing(Chain.FUNDING, Head("pcmp_1")),
    ]
    assert list(read_heads(write_heads(standings))) == standings
