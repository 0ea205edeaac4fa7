"""One partition as the dataflow reads it: while its log is away, and once it is back."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
import redis
from prometheus_client import CollectorRegistry, generate_latest

from devstack.roles import DatabaseUrls
from devstack.valkey import Valkey
from server.adapters.eventlog.codec import encode_heartbeat
from server.adapters.eventlog.port import Partition
from server.adapters.eventlog.valkey import ValkeyLog
from server.core import db
from server.core.clock import ManualClock
from server.core.db import Database, Tx
from streams.engine.background import Background, background
from streams.engine.backlog import Backlog
from streams.engine.positions import Position, Positions
from streams.engine.rhythm import GATHERING, Rhythm
from streams.engine.source import LogPartition, Reading
from streams.engine.standing import Standing, StreamMetrics
from tests.streams.harness import PATIENCE_SECONDS, opened
from tests.streams.offsets import OffsetReader, Offsets

CLICKS = Partition("clicks", 0)
KEYS = ("log:{clicks:0}", "log:{clicks:0}:description")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Source:
    """A log's partition, and its source. The clock goes on by hand, so it appends no heartbeat of its own."""

    log: ValkeyLog
    server: Valkey
    beside: Background
    registry: CollectorRegistry
    database: Database
    reading: Reading
    clock: ManualClock

    def append(self, *records: bytes) -> None:
        self.beside.complete(self.log.append(CLICKS, records))

    def opened(self) -> "LogPartition[Offsets, None]":
        return LogPartition(self.reading, CLICKS, OffsetReader(), None)

    def looks(self, partition: "LogPartition[Offsets, None]", enough: Callable[[list[int]], bool]) -> list[int]:
        """The offsets that it gave until there were enough of them, or of something else."""
        self.clock.advance(GATHERING)
        deadline = time.monotonic() + PATIENCE_SECONDS
        offsets: list[int] = []
        while not enough(offsets):
            assert time.monotonic() < deadline, f"only {offsets} came"
            offsets += [offset for item in partition.next_batch() for offset in item.offsets]
            time.sleep(0.001)
        return offsets

    def is_stopped(self, offsets: list[int]) -> bool:
        return self.reading.standing.checks() == {"clicks/0": False}

    def metric(self, name: str) -> bool:
        return f'{name}{{partition="clicks/0"}} 1.0' in generate_latest(self.registry).decode()

    @contextmanager
    def taken_away(self) -> Iterator[None]:
        with redis.Redis(port=self.server.port) as client:
            for key in KEYS:
                client.rename(key, f"kept {key}")
            yield
            for key in KEYS:
                client.rename(f"kept {key}", key)

    def commit(self, upto: int) -> None:
        """As its writer would have done before."""
        self.beside.complete(self._commit(upto))

    async def _commit(self, upto: int) -> None:
        positions = self.reading.positions
        held = await positions.take(CLICKS)
        generation = (await self.log.read(CLICKS, after=0, limit=1)).generation

        async def work(tx: Tx) -> None:
            await positions.advance(tx, CLICKS, held, Position(held.fence, upto, generation, 0))

        await self.database.run(work)


@pytest.fixture
def source(database: DatabaseUrls, valkey_log: Valkey) -> Iterator[Source]:
    clock, registry, backlog = ManualClock(NOON), CollectorRegistry(), Backlog(1_000)
    with (
        background() as beside,
        beside.entered(db.connect(database.stream_url, application="test")) as pool,
        beside.entered(opened(valkey_log)) as log,
    ):
        reading = Reading(
            log=log,
            positions=Positions(pool, clock),
            background=beside,
            clock=clock,
            standing=Standing(StreamMetrics(registry)),
            backlog=backlog,
            rhythm=Rhythm(backlog),
            heartbeat=encode_heartbeat,
            batch_bytes=1_000,
        )
        yield Source(log, valkey_log, beside, registry, pool, reading, clock)


def test_a_partition_that_vanished_is_said_and_goes_on_once_it_is_back(source: Source) -> None:
    source.append(b"a", b"b")
    partition = source.opened()
    assert source.looks(partition, lambda offsets: len(offsets) == 2) == [1, 2]
    with source.taken_away():
        assert source.looks(partition, source.is_stopped) == []
        assert source.metric("callsheet_stream_away")
    source.append(b"c")
    assert source.looks(partition, bool) == [3]
    assert source.reading.standing.checks() == {}
    assert not source.metric("callsheet_stream_away")
    partition.close()


def test_a_start_without_the_partition_waits_for_it(source: Source) -> None:
    """Nothing else would tell it from a log that nobody has written to yet."""
    source.append(b"a", b"b")
    source.commit(2)
    partition = source.opened()
    with source.taken_away():
        assert source.looks(partition, source.is_stopped) == []
    assert source.looks(partition, lambda offsets: len(offsets) == 2) == [1, 2]
    partition.close()


def test_another_log_in_its_place_stops_it_for_good(source: Source) -> None:
    source.append(b"a", b"b")
    partition = source.opened()
    source.looks(partition, lambda offsets: len(offsets) == 2)
    with source.taken_away():
        source.append(b"x", b"y", b"z")
        assert source.looks(partition, lambda _: source.metric("callsheet_stream_halted")) == []
    assert list(partition.next_batch()) == []
    assert source.is_stopped([])
    assert not source.metric("callsheet_stream_away")
    partition.close()
