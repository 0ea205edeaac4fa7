"""The log is trimmed behind its readers, and never so far that a restart would miss a record."""

import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from devstack.valkey import Valkey
from server.adapters.eventlog.port import Partition
from server.adapters.eventlog.valkey import ValkeyLog
from server.core.clock import ManualClock
from streams.engine.run import RECOVERY_PARTITIONS, recovery
from streams.engine.trimming import Trimmer, recovered_at
from tests.adapters.eventlog.contract import records
from tests.streams.harness import opened

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
CLICKS = Partition("clicks", 0)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON)


@pytest.fixture
async def log(valkey_log: Valkey) -> AsyncIterator[ValkeyLog]:
    async with opened(valkey_log) as log:
        await log.append(CLICKS, [b"1", b"2", b"3", b"4", b"5"])
        yield log


@pytest.fixture
def trimmer(log: ValkeyLog, clock: ManualClock) -> Trimmer:
    return Trimmer(log, CLICKS, clock)


async def test_what_was_committed_two_minutes_ago_goes(log: ValkeyLog, trimmer: Trimmer, clock: ManualClock) -> None:
    await trimmer.look(3, clock.now())
    clock.advance(timedelta(minutes=1))
    await trimmer.look(5, clock.now())
    assert len(await records(log, CLICKS)) == 5
    clock.advance(timedelta(minutes=1))
    await trimmer.look(5, clock.now())
    assert [offset for offset, _ in await records(log, CLICKS, after=3)] == [4, 5]
    clock.advance(timedelta(minutes=1))
    await trimmer.look(5, clock.now())
    assert await records(log, CLICKS, after=5) == []


async def test_nothing_goes_while_no_snapshot_is_taken(log: ValkeyLog, trimmer: Trimmer, clock: ManualClock) -> None:
    await trimmer.look(5, clock.now())
    for _ in range(5):
        clock.advance(timedelta(minutes=1))
        await trimmer.look(5, NOON)
        await trimmer.look(5, None)
    assert len(await records(log, CLICKS)) == 5
    await trimmer.look(5, clock.now())
    assert len(await records(log, CLICKS)) == 5
    clock.advance(timedelta(minutes=2))
    await trimmer.look(5, clock.now())
    assert await records(log, CLICKS, after=5) == []


def test_the_recovery_store_tells_when_it_was_written(tmp_path: Path) -> None:
    store = tmp_path / "stream"
    assert recovered_at(store) is None
    recovery(store)
    recovery(store)
    files = sorted(store.glob("part-*.sqlite3"))
    assert len(files) == RECOVERY_PARTITIONS
    for number, file in enumerate(files):
        os.utime(file, (NOON.timestamp(), NOON.timestamp() + number))
    assert recovered_at(store) == NOON + timedelta(seconds=len(files) - 1)
