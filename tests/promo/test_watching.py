"""What ingest keeps in memory of the database and the log: advertisers, the stream's lag, and the clock of idle
partitions.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client import CollectorRegistry

from devstack.ports import free_port
from devstack.roles import DatabaseUrls
from devstack.valkey import Valkey
from server.adapters.eventlog.codec import Pulse, decode
from server.adapters.eventlog.port import Partition
from server.adapters.eventlog.valkey import ValkeyLog
from server.adapters.eventlog.valkey import valkey_log as open_log
from server.core import db
from server.core.clock import ManualClock
from server.core.db import Database
from server.core.election import Election
from server.core.ids import SystemIds
from server.promo.domain.partitions import CLICK_LOG
from server.promo.hashes import ViewerHashes
from server.promo.ingest.advertisers import KNOWN_FOR, Advertisers, AdvertiserWatch
from server.promo.ingest.appending import Appender
from server.promo.ingest.errors import LogBehind
from server.promo.ingest.heartbeats import IDLE_SECONDS, MOST_UNREAD, Heartbeats
from server.promo.ingest.lag import LagWatch
from server.promo.ingest.metrics import IngestMetrics
from server.promo.ingest.repository import IngestRepository
from tests.promo.test_appending import group
from tests.support.waiting import eventually

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HASHES = ViewerHashes(b"pepper")
FIRST = Partition(CLICK_LOG, 0)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON)


@pytest.fixture
async def app(database: DatabaseUrls) -> AsyncIterator[Database]:
    async with db.connect(database.app_url, application="test", size=2) as opened:
        yield opened


@pytest.fixture
async def log(valkey_log: Valkey, clock: ManualClock) -> AsyncIterator[ValkeyLog]:
    async with open_log(valkey_log.url, clock, partition_bytes=1 << 20) as log:
        yield log


async def advertised(database: DatabaseUrls, user_id: str, ids: SystemIds) -> tuple[str, str]:
    """An advertiser of that person, with a campaign; the ids of both."""
    advertiser_id, campaign_id = ids.new("padv"), ids.new("pcmp")
    async with db.connect(database.app_url, application="test", size=1) as opened, opened.read() as tx:
        await tx.execute(
            "insert into promo_advertiser (advertiser_id, user_id, status) values ($1, $2, 'active')",
            advertiser_id,
            user_id,
        )
        await tx.execute(
            """insert into promo_history (subject_id, sequence, event, to_status, actor_user_id, created_at)
               values ($1, 1, 'create', 'active', $2, now())""",
            advertiser_id,
            user_id,
        )
        await tx.execute(
            """insert into promo_campaign
                 (campaign_id, advertiser_id, target_entity_type, target_entity_id, name, surface, format, city_targets,
                  role_targets, status, start_date, cpc_cents, daily_budget_cents, total_budget_mode, time_zone)
               values ($1, $2, 'service_profile', 'srv_1', 'x', 'people_search', 'featured', '{berlin}',
                       '{photographer}', 'draft', '2026-03-01', 100, 1000, 'unlimited', 'UTC')""",
            campaign_id,
            advertiser_id,
        )
        await tx.execute(
            """insert into promo_campaign_event
                 (campaign_id, sequence, event, to_status, actor_kind, actor_user_id, created_at)
               values ($1, 1, 'create', 'draft', 'advertiser', $2, now())""",
            campaign_id,
            user_id,
        )
    return advertiser_id, campaign_id


def watch(app: Database, known: Advertisers, clock: ManualClock) -> AdvertiserWatch:
    return AdvertiserWatch(app, IngestRepository(), known, HASHES, clock)


async def test_an_advertiser_is_known_by_account_and_by_device(
    database: DatabaseUrls, app: Database, clock: ManualClock
) -> None:
    ids, known = SystemIds(clock), Advertisers()
    _, campaign_id = await advertised(database, "usr_a", ids)
    _, other = await advertised(database, "usr_b", ids)
    watching = watch(app, known, clock)
    phone = HASHES.device("phone")
    assert known.link(campaign_id, "usr_a", None) is None
    await watching.look()
    assert known.link(campaign_id, "usr_a", None) == "account"
    assert known.link(campaign_id, None, phone) is None

    watching.saw("usr_a", "phone")
    watching.saw("usr_stranger", "phone")
    await watching.look()
    assert known.link(campaign_id, None, phone) == "device"
    assert known.link(campaign_id, "usr_stranger", phone) == "device"
    assert known.link(other, None, phone) is None
    assert known.link(ids.new("pcmp"), "usr_a", phone) is None


async def test_what_comes_later_is_learnt_by_everybody(
    database: DatabaseUrls, app: Database, clock: ManualClock
) -> None:
    """Two servers: one sees a device, both know it after their next look."""
    ids = SystemIds(clock)
    one, other = Advertisers(), Advertisers()
    watches = [watch(app, one, clock), watch(app, other, clock)]
    for watching in watches:
        await watching.look()
    clock.advance(timedelta(minutes=10))
    _, campaign_id = await advertised(database, "usr_a", ids)
    await watches[0].look()
    watches[0].saw("usr_a", "phone")
    for watching in watches:
        await watching.look()
    assert other.link(campaign_id, None, HASHES.device("phone")) == "device"


async def test_a_device_is_forgotten_after_ninety_days(
    database: DatabaseUrls, app: Database, clock: ManualClock
) -> None:
    known = Advertisers()
    _, campaign_id = await advertised(database, "usr_a", SystemIds(clock))
    watching = watch(app, known, clock)
    await watching.look()
    watching.saw("usr_a", "phone")
    watching.saw("usr_a", "tablet")
    await watching.look()
    clock.advance(KNOWN_FOR - timedelta(days=1))
    watching.saw("usr_a", "tablet")
    await watching.look()
    clock.advance(timedelta(days=2))
    await watching.look()
    assert known.link(campaign_id, None, HASHES.device("phone")) is None
    assert known.link(campaign_id, None, HASHES.device("tablet")) == "device"

    await watching.forget_devices()
    async with app.read() as tx:
        left = await tx.fetchval("select count(*) from promo_advertiser_device")
    assert left == 1


async def test_a_device_is_noted_once_an_hour(database: DatabaseUrls, app: Database, clock: ManualClock) -> None:
    await advertised(database, "usr_a", SystemIds(clock))
    watching = watch(app, Advertisers(), clock)
    seen = []
    for _ in range(4):
        await watching.look()
        watching.saw("usr_a", "phone")
        await watching.look()
        async with app.read() as tx:
            seen.append(await tx.fetchval("select last_seen_at from promo_advertiser_device"))
        clock.advance(timedelta(minutes=40))
    assert seen == [NOON, NOON, NOON + timedelta(minutes=80), NOON + timedelta(minutes=80)]


async def test_while_the_database_is_away_what_was_known_counts(
    database: DatabaseUrls, app: Database, clock: ManualClock
) -> None:
    known = Advertisers()
    _, campaign_id = await advertised(database, "usr_a", SystemIds(clock))
    await watch(app, known, clock).look()
    nowhere = f"postgresql://nobody@127.0.0.1:{free_port()}/nothing"
    async with db.connect(nowhere, application="test") as away:
        await watch(away, known, clock).look()
    assert known.link(campaign_id, "usr_a", None) == "account"


async def committed(database: DatabaseUrls, offset: int) -> None:
    """The stream has committed the first partition up to there."""
    async with db.connect(database.stream_url, application="test", size=1) as opened, opened.read() as tx:
        await tx.execute(
            """insert into stream_partition (log, partition, last_offset) values ($1, 0, $2)
               on conflict (log, partition) do update set last_offset = excluded.last_offset""",
            CLICK_LOG,
            offset,
        )


async def test_a_reader_that_is_too_far_behind_closes_its_partition_until_it_is_not(
    database: DatabaseUrls, app: Database, log: ValkeyLog, clock: ManualClock
) -> None:
    metrics = IngestMetrics(CollectorRegistry())
    appender = Appender(log, 2, clock, metrics)
    watching = LagWatch(app, IngestRepository(), log, appender, metrics, most_records=3)
    await log.append(FIRST, [b"x"] * 3)
    await watching.look()
    appender.check_readers({0: group(0, 1)})

    await log.append(FIRST, [b"x"])
    await watching.look()
    with pytest.raises(LogBehind):
        appender.check_readers({0: group(0, 1)})
    appender.check_readers({1: group(0, 1)})

    await committed(database, 2)
    await watching.look()
    appender.check_readers({0: group(0, 1)})


async def beats(log: ValkeyLog) -> list[int]:
    window = await log.read(FIRST, after=0, limit=100)
    return [
        entry.offset for entry in window.entries if entry.record != b"x" and isinstance(decode(entry.record), Pulse)
    ]


async def test_an_idle_partition_gets_a_heartbeat_and_a_busy_one_none(log: ValkeyLog, clock: ManualClock) -> None:
    heartbeats = Heartbeats(log, IngestRepository(), 1, clock)
    await log.append(FIRST, [b"x"])
    await heartbeats.look(FIRST, 0, 0.0)
    await heartbeats.look(FIRST, 0, IDLE_SECONDS * 0.9)
    assert await beats(log) == []
    await heartbeats.look(FIRST, 0, IDLE_SECONDS)
    assert await beats(log) == [2]

    await log.append(FIRST, [b"x"])
    await heartbeats.look(FIRST, 0, IDLE_SECONDS * 1.5)
    await heartbeats.look(FIRST, 0, IDLE_SECONDS * 2.4)
    assert await beats(log) == [2]
    await heartbeats.look(FIRST, 0, IDLE_SECONDS * 2.5)
    assert await beats(log) == [2, 4]


async def test_a_heartbeat_says_when(log: ValkeyLog, clock: ManualClock) -> None:
    heartbeats = Heartbeats(log, IngestRepository(), 1, clock)
    for look in range(3):
        clock.advance(timedelta(milliseconds=250))
        await heartbeats.look(FIRST, 0, look * IDLE_SECONDS)
    window = await log.read(FIRST, after=0, limit=10)
    assert [decode(entry.record) for entry in window.entries] == [
        Pulse(NOON + timedelta(milliseconds=500)),
        Pulse(NOON + timedelta(milliseconds=750)),
    ]


async def test_without_a_reader_heartbeats_end_before_the_log_is_full(log: ValkeyLog, clock: ManualClock) -> None:
    heartbeats = Heartbeats(log, IngestRepository(), 1, clock)
    await log.append(FIRST, [b"x"] * (MOST_UNREAD - 2))
    for look in range(10):
        await heartbeats.look(FIRST, 0, look * IDLE_SECONDS)
    assert (await log.read(FIRST, after=MOST_UNREAD - 2, limit=10)).newest == MOST_UNREAD
    await heartbeats.look(FIRST, MOST_UNREAD, 11 * IDLE_SECONDS)
    assert (await log.read(FIRST, after=MOST_UNREAD - 2, limit=10)).newest == MOST_UNREAD + 1


async def test_trimmed_records_do_not_confuse_it(log: ValkeyLog, clock: ManualClock) -> None:
    await log.append(FIRST, [b"x"] * 10)
    await log.trim(FIRST, upto=9)
    heartbeats = Heartbeats(log, IngestRepository(), 1, clock)
    for look in range(3):
        await heartbeats.look(FIRST, 9, look * IDLE_SECONDS)
    assert (await log.read(FIRST, after=9, limit=10)).newest == 12


async def test_one_of_several_keeps_the_clock_going_and_another_follows(
    database: DatabaseUrls, log: ValkeyLog, clock: ManualClock
) -> None:
    async def until(newest: int) -> None:
        async def reached() -> bool:
            return (await log.read(FIRST, after=0, limit=1)).newest >= newest

        await eventually(reached, f"heartbeat {newest}")

    def starts() -> "asyncio.Task[None]":
        heartbeats = Heartbeats(log, IngestRepository(), 1, clock)
        return asyncio.create_task(Election(database.app_url, "heartbeats:test").run(heartbeats.keep_going))

    workers = [starts(), starts()]
    try:
        await until(2)
        workers[0].cancel()
        with suppress(asyncio.CancelledError):
            await workers[0]
        await until((await log.read(FIRST, after=0, limit=1)).newest + 3)
    finally:
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
