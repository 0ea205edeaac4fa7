"""A server's board follows the database, look by look."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from prometheus_client import CollectorRegistry

from devstack.roles import DatabaseUrls
from server.core.clock import ManualClock
from server.core.db import Database, connect
from server.core.errors import DependencyDown
from server.promo.domain.campaign import Surface
from server.promo.domain.policy import Place
from server.promo.serving import keeping
from server.promo.serving.counting import Counts
from server.promo.serving.domain.unserved import Unserved
from server.promo.serving.keeping import Keeper
from server.promo.serving.metrics import ServingMetrics
from server.promo.serving.repository import ServingRepository
from server.promo.serving.times import seconds
from server.promo.switches.repository import SwitchRepository
from tests.promo.campaigns import insert_campaign, insert_rollup

NOON = datetime(2026, 5, 20, 10, tzinfo=UTC)
BERLIN = Place(Surface.PEOPLE_SEARCH, "photographer", "berlin")

pytestmark = pytest.mark.breaks_invariants  # heads without their entries: serving reads sums alone


@dataclass(frozen=True, slots=True)
class Kept:
    """A keeper, what it reads, and the time it is."""

    keeper: Keeper
    counts: Counts
    database: Database
    clock: ManualClock

    async def shown(self) -> list[str]:
        """What a search finds after one look."""
        await self.keeper.look()
        return [entry.candidate.campaign_id for entry in self.keeper.board().fitting(BERLIN, ())]


@asynccontextmanager
async def kept(urls: DatabaseUrls, server: str = "svr_1") -> AsyncIterator[Kept]:
    clock, repository = ManualClock(NOON), ServingRepository()
    async with connect(urls.app_url, application="test", size=3) as database:
        counts = Counts(database, repository)
        keeper = Keeper(
            database, repository, SwitchRepository(), counts, clock, server, ServingMetrics(CollectorRegistry())
        )
        yield Kept(keeper, counts, database, clock)


async def owned(urls: DatabaseUrls, sql: str, *arguments: object) -> None:
    owner = await asyncpg.connect(urls.owner_url)
    try:
        await owner.execute(sql, *arguments)
    finally:
        await owner.close()


async def spend(urls: DatabaseUrls, campaign_id: str, cents: int, at: datetime) -> None:
    await insert_rollup(urls, campaign_id, at, clicks=1, cents=cents)
    await owned(
        urls,
        "insert into promo_spend_head (campaign_id, sequence, cash_cents, updated_at) values ($1, 1, $2, $3) "
        "on conflict (campaign_id) do update "
        "set cash_cents = promo_spend_head.cash_cents + excluded.cash_cents, updated_at = excluded.updated_at",
        campaign_id,
        -cents,
        at,
    )


async def test_one_look_finds_what_was_spent(database: DatabaseUrls) -> None:
    await insert_campaign(database, "pcmp_1", daily_cents=1_000)
    async with kept(database) as server:
        assert await server.shown() == ["pcmp_1"]
        server.clock.advance(timedelta(seconds=1))
        await spend(database, "pcmp_1", 980, server.clock.now())
        assert await server.shown() == []
        server.clock.advance(timedelta(hours=12))  # the next day in Berlin
        assert await server.shown() == ["pcmp_1"]


async def test_what_was_given_back_for_an_invalid_click_may_be_spent_again(database: DatabaseUrls) -> None:
    """A total cap counts clicks: neither what was paid out, nor a click that was credited."""
    await insert_campaign(database, "pcmp_1", total_cents=1_000)
    async with kept(database) as server:
        await spend(database, "pcmp_1", 980, NOON - timedelta(days=2))
        assert await server.shown() == []
        await owned(
            database,
            """
            insert into promo_budget_ledger (entry_id, campaign_id, kind, amount_cents, promo_cents, cash_cents, chain,
              sequence, credit_source, reverses_entry_id, previous_hash, hash)
            values ('pble_1', 'pcmp_1', 'credit', 30, 30, 0, 'funding', 2, 'goodwill', null, '', 'a')
            """,
        )
        await owned(database, "update promo_funding_head set updated_at = $1", NOON)
        assert await server.shown() == []  # credit is more money, and no higher cap
        await owned(
            database, "alter table promo_budget_ledger drop constraint promo_budget_ledger_reverses_entry_id_fkey"
        )
        await owned(
            database,
            """
            insert into promo_budget_ledger (entry_id, campaign_id, kind, amount_cents, promo_cents, cash_cents, chain,
              sequence, credit_source, reverses_entry_id, previous_hash, hash)
            values ('pble_2', 'pcmp_1', 'credit', 30, 0, 30, 'funding', 3, 'invalid_click', 'pble_spent', '', 'b')
            """,
        )
        await owned(database, "update promo_funding_head set updated_at = $1", NOON + timedelta(seconds=1))
        server.clock.advance(timedelta(seconds=1))
        assert await server.shown() == ["pcmp_1"]


async def test_what_was_committed_late_is_found_within_a_round(
    database: DatabaseUrls, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What says that it was written long ago, and is there only now, is found when its portion is read again."""
    monkeypatch.setattr(keeping, "AT_ONCE", 2)
    names = [f"pcmp_{number}" for number in range(1, 6)]
    for name in names:
        await insert_campaign(database, name)
    async with kept(database) as server:
        assert await server.shown() == names
        server.clock.advance(timedelta(minutes=1))
        await owned(database, "update promo_campaign set status = 'paused' where campaign_id in ('pcmp_2', 'pcmp_5')")
        await owned(database, "update promo_campaign set cpc_cents = 60 where campaign_id = 'pcmp_4'")
        assert await server.shown() == ["pcmp_1", "pcmp_3", "pcmp_4", "pcmp_5"]
        for _ in range(3):
            assert await server.shown() == ["pcmp_4", "pcmp_1", "pcmp_3"]


async def test_a_board_that_cannot_be_kept_up_is_not_used(
    database: DatabaseUrls, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with kept(database) as server:
        with pytest.raises(DependencyDown):
            server.keeper.board()
        await server.keeper.look()
        assert len(server.keeper.board()) == 0
        monkeypatch.setattr(keeping, "TOO_OLD_SECONDS", -1.0)
        with pytest.raises(DependencyDown):
            server.keeper.board()


async def test_servers_learn_from_each_other_what_is_open(database: DatabaseUrls) -> None:
    await insert_campaign(database, "pcmp_1")
    async with kept(database, "svr_1") as one, kept(database, "svr_2") as other:
        assert await one.shown() == await other.shown() == ["pcmp_1"]
        entry = one.keeper.board().entry("pcmp_1")
        assert entry is not None
        for _ in range(3):
            one.keeper.shown(entry, seconds(NOON))
        await one.keeper.look()
        await other.keeper.look()
        seen = other.keeper.board().entry("pcmp_1")
        assert seen is not None
        at = seconds(NOON)
        assert seen.open_cents(at) == pytest.approx(entry.open_cents(at)) == pytest.approx(3 * 0.02 * 50)


async def test_what_was_counted_is_kept_until_it_is_written(database: DatabaseUrls) -> None:
    async with kept(database) as server:
        for _ in range(16):
            server.counts.searched(BERLIN, NOON, {"pcmp_1": Unserved.PACED})
        await owned(database, "alter table promo_traffic_15m rename to away")
        with pytest.raises(asyncpg.UndefinedTableError):
            await server.counts.write()
        await owned(database, "alter table away rename to promo_traffic_15m")
        server.counts.searched(BERLIN, NOON + timedelta(minutes=15), {})
        await server.counts.write()
        await server.counts.write()
        async with server.database.read() as tx:
            searches = await tx.fetch("select searches from promo_traffic_15m order by bucket_start")
            samples = await tx.fetch("select reason, samples from promo_unserved")
        assert [row["searches"] for row in searches] == [16, 1]
        assert [tuple(row) for row in samples] == [("paced", 2)]


async def test_nothing_is_shown_that_nobody_could_be_charged_for(database: DatabaseUrls) -> None:
    await insert_campaign(database, "pcmp_1")
    await insert_campaign(database, "pcmp_2")
    async with kept(database) as server:
        for everything, campaigns, shown in (
            (False, ["pcmp_1"], ["pcmp_2"]),
            (True, [], []),
            (False, [], ["pcmp_1", "pcmp_2"]),
        ):
            await owned(
                database,
                "update promo_switchboard set version = version + 1, everything = $1, campaigns = $2",
                everything,
                campaigns,
            )
            assert await server.shown() == shown
