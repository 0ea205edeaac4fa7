"""The event log's table has a partition for each day, found by the time in an event's id."""

from datetime import UTC, date, datetime, timedelta

import asyncpg
import pytest

from server.core.clock import ManualClock
from server.core.ids import SequentialIds
from tests.db.conftest import World
from tests.db.connecting import Connection

EVENT = """insert into promo_event (event_id, campaign_id, impression_id, type, city, query_hash, ip_hash, ua_hash,
    log_partition, log_offset, log_index, rule_ts)
  values ($1, 'pcmp_1', 'imp', 'click', 'berlin', 'q', 'i', 'u', 0, 1, 1, now())
  returning tableoid::regclass::text"""


def event_id(at: datetime) -> str:
    return SequentialIds(ManualClock(at)).new("pevt")


async def today(connection: Connection) -> date:
    day: date = await connection.fetchval("select (now() at time zone 'UTC')::date")
    return day


async def partitions(connection: Connection) -> list[str]:
    rows = await connection.fetch(
        "select inhrelid::regclass::text as name from pg_inherits where inhparent = 'promo_event'::regclass order by 1"
    )
    return [row["name"] for row in rows]


def partition_of(day: date) -> str:
    return f"promo_event_p{day:%Y%m%d}"


async def test_the_week_before_and_the_days_ahead_are_there(owner: Connection) -> None:
    now = await today(owner)
    expected = {partition_of(now + timedelta(days=offset)) for offset in range(-8, 4)}
    assert expected <= set(await partitions(owner))


async def test_a_day_begins_and_ends_at_midnight_utc(stream: Connection) -> None:
    day = await today(stream)
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    for at, home in (
        (midnight, day),
        (midnight + timedelta(days=1, milliseconds=-1), day),
        (midnight - timedelta(milliseconds=1), day - timedelta(days=1)),
    ):
        assert await stream.fetchval(EVENT, event_id(at)) == partition_of(home)


@pytest.mark.parametrize("year", [1970, 2024, 2026, 2100, 9999])
async def test_bounds_are_the_ids_own_arithmetic(app: Connection, year: int) -> None:
    midnight = datetime(year, 2, 28, tzinfo=UTC)
    bound = await app.fetchval("select promo_event_bound($1)", midnight.date())
    assert event_id(midnight).startswith(bound)
    assert event_id(midnight - timedelta(milliseconds=1)) < bound <= event_id(midnight)


async def test_a_day_without_partition_is_refused(stream: Connection) -> None:
    with pytest.raises(asyncpg.CheckViolationError, match="no partition"):
        await stream.fetchval(EVENT, event_id(datetime(2020, 1, 1, tzinfo=UTC)))


async def test_an_event_is_its_id_and_its_campaign(world: World) -> None:
    known = await world.stream.fetchval("select event_id from promo_event where log_index = 1")
    with pytest.raises(asyncpg.UniqueViolationError):
        await world.stream.fetchval(EVENT, known)
    other_campaign = EVENT.replace("pcmp_1", "pcmp_2")
    assert (await world.stream.fetchval(other_campaign, known)).startswith("promo_event_p")


async def test_the_worker_adds_the_days_that_are_missing(
    app: Connection, owner: Connection, stream: Connection
) -> None:
    ensure = "select promo_event_ensure_partitions('2020-01-01', '2020-01-03')"
    assert await app.fetchval(ensure) == 3
    assert await app.fetchval(ensure) == 0
    home = await stream.fetchval(EVENT, event_id(datetime(2020, 1, 2, 12, tzinfo=UTC)))
    assert home == "promo_event_p20200102"
    with pytest.raises(asyncpg.RestrictViolationError):
        await owner.execute("truncate promo_event_p20200102")


@pytest.mark.parametrize("last", ["2019-12-31", "2022-01-01"])
async def test_a_range_that_makes_no_sense_is_refused(app: Connection, last: str) -> None:
    with pytest.raises(asyncpg.InvalidParameterValueError, match="at most 400 days"):
        await app.fetchval("select promo_event_ensure_partitions('2020-01-01', $1::date)", date.fromisoformat(last))


async def test_the_stream_is_fenced_by_its_own_row(world: World) -> None:
    claim = """update stream_partition set last_offset = $1
      where log = 'clicks' and partition = 0 and fence = $2 and last_offset = $3"""
    assert await world.stream.execute(claim, 3, 1, 2) == "UPDATE 1"
    assert await world.stream.execute(claim, 4, 1, 2) == "UPDATE 0"
    await world.stream.execute("update stream_partition set fence = fence + 1")
    assert await world.stream.execute(claim, 4, 1, 3) == "UPDATE 0"
