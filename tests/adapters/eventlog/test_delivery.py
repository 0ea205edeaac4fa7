"""Outgoing events in the log: where they lie, and for how long."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from devstack.valkey import Valkey
from server.adapters.eventlog.delivery import TRIM_TOPICS, Delivery, retention
from server.adapters.eventlog.errors import PartitionsDiffer
from server.adapters.eventlog.port import Partition
from server.adapters.eventlog.valkey import ValkeyLog
from server.adapters.eventlog.valkey import valkey_log as open_log
from server.core.clock import ManualClock
from server.core.jobs import Job
from server.core.outbox import Topic
from server.core.relay import Outgoing
from tests.adapters.eventlog.contract import NOON, records

WEEK = Topic("orders", "for these tests", kept=timedelta(days=7))
READ_BY_ONE = Topic("clicks", "for these tests")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON)


@pytest.fixture
async def log(valkey_log: Valkey, clock: ManualClock) -> AsyncIterator[ValkeyLog]:
    async with open_log(valkey_log.url, clock, partition_bytes=1 << 20) as log:
        yield log


def event(key: str, version: int) -> Outgoing:
    return Outgoing(key, version, f"{key}:{version}".encode())


async def test_each_key_has_its_partition_and_keeps_its_order(log: ValkeyLog) -> None:
    deliver = Delivery(log, READ_BY_ONE, 3, lambda key: (0, 1, 2) if key == "all" else (int(key),))
    await deliver([event("2", 1), event("0", 1), event("all", 1), event("2", 2)])
    found = [[record for _, record in await records(log, Partition("clicks", number))] for number in range(3)]
    assert found == [[b"0:1", b"all:1"], [b"all:1"], [b"2:1", b"all:1", b"2:2"]]


async def test_another_number_of_partitions_is_refused(log: ValkeyLog) -> None:
    await log.ensure("clicks", 2)
    with pytest.raises(PartitionsDiffer):
        await Delivery(log, READ_BY_ONE, 3)([event("a", 1)])
    assert await records(log, Partition("clicks", 0)) == []


async def test_a_topic_is_kept_for_as_long_as_it_says(log: ValkeyLog, clock: ManualClock) -> None:
    deliver = Delivery(log, WEEK, 1)
    for day in range(10):
        await deliver([event("ord_a", day + 1)])
        clock.advance(timedelta(days=1))
    [registered] = retention(log, clock, [WEEK, READ_BY_ONE])
    assert registered.kind is TRIM_TOPICS
    await registered.handler(Job("job_1", TRIM_TOPICS.name, "now", {}, datetime.now(UTC), 0, 1, ""))
    assert [offset for offset, _ in await records(log, Partition("orders", 0), after=3)] == [4, 5, 6, 7, 8, 9, 10]
    assert (await log.offset_before(Partition("orders", 0), NOON + timedelta(days=3))) == 0
