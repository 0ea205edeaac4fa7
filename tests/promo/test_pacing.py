"""The publisher on a real database: what it steps, what it steps by, and what servers are told."""

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest

from devstack.roles import DatabaseUrls
from server.core.clock import ManualClock
from server.core.db import Database, Record
from server.promo.serving.domain.pacing import FIRST_PASS_THROUGH
from server.promo.serving.domain.worth import USUAL_CLICK_RATE
from server.promo.serving.repository import ServingRepository
from tests.promo.campaigns import insert_campaign, insert_rollup, insert_traffic, pacing, week_before

DAY = date(2026, 5, 20)
MIDNIGHT = datetime(2026, 5, 19, 22, tzinfo=UTC)  # in Berlin
NOON = MIDNIGHT + timedelta(hours=12)
MINUTE = timedelta(minutes=1)

pytestmark = pytest.mark.breaks_invariants  # heads without their entries: pacing reads sums alone


async def row(database: Database, table: str, campaign_id: str = "pcmp_1") -> Record:
    async with database.read() as tx:
        found = await tx.fetchrow(f"select * from {table} where campaign_id = $1", campaign_id)
    assert found is not None
    return found


async def expose(database: Database, server: str, cents: float, at: datetime) -> None:
    await database.run(lambda tx: ServingRepository().publish_exposure(tx, server, {"pcmp_1": cents}, at))


async def test_a_campaign_begins_carefully_and_is_stepped_each_minute(database: DatabaseUrls) -> None:
    await insert_campaign(database, "pcmp_1")
    clock = ManualClock(NOON)
    async with pacing(database, clock) as (connected, publisher):
        await publisher.publish()
        first = await row(connected, "promo_pacing")
        assert (first["pass_through"], first["click_rate"]) == (FIRST_PASS_THROUGH, USUAL_CLICK_RATE)
        assert (first["budget_day"], first["allocation_cents"], first["planned_cents"]) == (DAY, 10_000, 5_000)
        for _ in range(5):
            clock.advance(MINUTE)
            await publisher.publish()
        faster = await row(connected, "promo_pacing")
        assert faster["steps"] == pytest.approx([0.10 * 1.1**power for power in (3, 4, 5)])
        assert faster["pass_through"] == pytest.approx(sum(faster["steps"]) / 3)
        await insert_rollup(database, "pcmp_1", NOON - timedelta(hours=1), impressions=500, clicks=120, cents=6_000)
        clock.advance(MINUTE)
        await expose(connected, "svr_1", 30.0, clock.now())
        await publisher.publish()
        slower = await row(connected, "promo_pacing")
        assert slower["steps"][-1] == pytest.approx(faster["steps"][-1] * 0.9)
        assert slower["spent_cents"] == 6_000
        assert slower["click_rate"] > USUAL_CLICK_RATE


async def test_a_minute_is_stepped_once_however_often_it_is_published(database: DatabaseUrls) -> None:
    for number in range(3):
        await insert_campaign(database, f"pcmp_{number}")
    clock = ManualClock(NOON)
    async with pacing(database, clock) as (connected, publisher):
        await publisher.publish()
        clock.advance(MINUTE)
        await asyncio.gather(*(publisher.publish() for _ in range(4)))
        stepped = [await row(connected, "promo_pacing", f"pcmp_{number}") for number in range(3)]
        for one in stepped:
            assert one["steps"] == pytest.approx([0.10, 0.11])
        await publisher.publish()
        assert (await row(connected, "promo_pacing", "pcmp_2"))["published"] == stepped[2]["published"]


async def test_a_day_follows_the_week_before_and_begins_where_yesterday_ended(database: DatabaseUrls) -> None:
    await insert_campaign(database, "pcmp_1")
    mornings = [8 if 32 <= quarter < 48 else 0 for quarter in range(96)]  # 8:00 to 12:00
    await insert_traffic(database, week_before(DAY), mornings)
    clock = ManualClock(MIDNIGHT - 2 * MINUTE)
    async with pacing(database, clock) as (connected, publisher):
        await publisher.publish()
        clock.advance(MINUTE)
        await publisher.publish()
        ended = await row(connected, "promo_pacing")
        assert (await row(connected, "promo_day_plan"))["curve"] is None  # six days are no week
        clock.advance(MINUTE)
        await publisher.publish()
        begun = await row(connected, "promo_pacing")
        assert (begun["budget_day"], begun["pass_through"]) == (DAY, ended["pass_through"])
        assert (await row(connected, "promo_day_plan"))["curve"] == [7.0 * searches for searches in mornings]
        clock.advance(timedelta(hours=10))
        await publisher.publish()
        assert (await row(connected, "promo_pacing"))["planned_cents"] == 5_000
        clock.advance(timedelta(minutes=119))
        await publisher.publish()
        assert (await row(connected, "promo_pacing"))["planned_cents"] == 10_000 * 239 // 240


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25)])
async def test_a_plan_spreads_over_the_hours_that_the_day_has(database: DatabaseUrls, day: date) -> None:
    """From three in the night on, every hour of the day is left, whether two o'clock came not at all or twice."""
    await insert_campaign(database, "pcmp_1")
    at_three = datetime(day.year, day.month, day.day, 1 if day.month == 3 else 2, tzinfo=UTC)
    hours = 23 if day.month == 3 else 25
    async with pacing(database, ManualClock(at_three)) as (connected, publisher):
        await publisher.publish()
        planned = (await row(connected, "promo_pacing"))["planned_cents"]
        assert planned == int(10_000 * (hours - 21) / hours)


async def test_what_is_left_bounds_what_a_day_may_cost(database: DatabaseUrls) -> None:
    await insert_campaign(database, "pcmp_1", balance_cents=3_000)
    await insert_campaign(database, "pcmp_2", total_cents=2_000)
    async with pacing(database, ManualClock(NOON)) as (connected, publisher):
        await publisher.publish()
        assert (await row(connected, "promo_pacing"))["allocation_cents"] == 3_000
        assert (await row(connected, "promo_pacing", "pcmp_2"))["allocation_cents"] == 2_000


async def test_an_accelerated_campaign_takes_part_in_everything(database: DatabaseUrls) -> None:
    await insert_campaign(database, "pcmp_1", mode="accelerated")
    clock = ManualClock(NOON)
    async with pacing(database, clock) as (connected, publisher):
        await publisher.publish()
        first = await row(connected, "promo_pacing")
        assert first["pass_through"] == 1.0
        clock.advance(MINUTE)
        await publisher.publish()
        assert (await row(connected, "promo_pacing"))["published"] == first["published"]


async def test_what_servers_have_shown_counts_as_being_spent(database: DatabaseUrls) -> None:
    """On plan, but with more to come than the plan has for the next minutes: slower."""
    await insert_campaign(database, "pcmp_1")
    await insert_rollup(database, "pcmp_1", NOON - timedelta(hours=1), cents=5_200)
    clock = ManualClock(NOON)
    async with pacing(database, clock) as (connected, publisher):
        await publisher.publish()
        for server in ("svr_1", "svr_2"):
            await expose(connected, server, 30.0, NOON)
        clock.advance(MINUTE)
        await publisher.publish()
        assert (await row(connected, "promo_pacing"))["steps"][-1] == pytest.approx(0.09)


async def test_what_nobody_needs_is_let_go(database: DatabaseUrls) -> None:
    await insert_traffic(database, [DAY - timedelta(days=40), DAY], [1] * 96)
    async with pacing(database, ManualClock(NOON)) as (connected, publisher):
        serving = ServingRepository()
        await connected.run(
            lambda tx: serving.publish_exposure(tx, "svr_1", {"pcmp_1": 1.0}, NOON - timedelta(hours=2))
        )
        await connected.run(lambda tx: serving.publish_exposure(tx, "svr_2", {"pcmp_1": 1.0}, NOON))
        await publisher.forget()
        async with connected.read() as tx:
            assert await tx.fetchval("select count(*) from promo_traffic_15m") == 96
            assert await tx.fetchval("select array_agg(server) from promo_open_exposure") == ["svr_2"]
