"""A partition as a source: what is there already makes large batches, and what trickles in gathers for a moment."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from prometheus_client import CollectorRegistry

from devstack.roles import DatabaseUrls
from devstack.valkey import Valkey
from server.adapters.eventlog.codec import encode_heartbeat
from server.adapters.eventlog.port import Partition
from server.adapters.eventlog.valkey import ValkeyLog
from server.core import db
from server.core.clock import ManualClock
from streams.engine.background import Background, background
from streams.engine.backlog import Backlog
from streams.engine.positions import Positions
from streams.engine.rhythm import GATHERING, Rhythm
from streams.engine.source import LogPartition, Reading
from streams.engine.standing import Standing, StreamMetrics
from tests.streams.harness import PATIENCE_SECONDS, opened
from tests.streams.offsets import OffsetReader, Offsets

CLICKS = Partition("clicks", 0)


@dataclass(frozen=True, slots=True)
class Source:
    """A partition that is read, on a clock that stands still, and its log."""

    partition: "LogPartition[Offsets, None]"
    clock: ManualClock
    log: ValkeyLog
    beside: Background

    def append(self, *records: bytes) -> None:
        self.beside.complete(self.log.append(CLICKS, records))

    def next(self) -> tuple[int, ...]:
        """The next batch, however long the log takes to answer."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            for batch in self.partition.next_batch():
                return batch.offsets
            time.sleep(0.001)
        raise AssertionError("no batch came")


@pytest.fixture
def source(database: DatabaseUrls, valkey_log: Valkey) -> Iterator[Source]:
    clock = ManualClock(datetime(2026, 3, 1, 12, tzinfo=UTC))
    with ExitStack() as stack:
        beside = stack.enter_context(background())
        there = stack.enter_context(beside.entered(db.connect(database.stream_url, application="callsheet-test")))
        log = stack.enter_context(beside.entered(opened(valkey_log)))
        backlog = Backlog(1_000)
        reading = Reading(
            log=log,
            positions=Positions(there, clock),
            background=beside,
            clock=clock,
            standing=Standing(StreamMetrics(CollectorRegistry())),
            backlog=backlog,
            rhythm=Rhythm(backlog),
            heartbeat=encode_heartbeat,
            batch_bytes=1_000,
        )
        partition: LogPartition[Offsets, None] = LogPartition(reading, CLICKS, OffsetReader(), None)
        yield Source(partition, clock, log, beside)
        partition.close()


def test_what_comes_while_a_partition_has_caught_up_gathers_to_one_batch(source: Source) -> None:
    source.append(b"1", b"2")
    assert source.next() == (1, 2)
    source.append(b"3")
    source.append(b"4")
    assert list(source.partition.next_batch()) == []
    assert source.partition.next_awake() == source.clock.now() + GATHERING
    source.clock.advance(GATHERING)
    assert source.next() == (3, 4)


def test_whoever_read_late_waits_for_more_than_a_little(source: Source) -> None:
    """There would be next to nothing to read at the next moment: the one after it is farther away than any two are."""
    source.clock.advance(GATHERING * 2 / 3)
    source.append(b"1")
    assert source.next() == (1,)
    source.append(b"2")
    assert list(source.partition.next_batch()) == []
    assert source.partition.next_awake() == source.clock.now() + GATHERING * 4 / 3
    source.clock.advance(GATHERING * 4 / 3)
    assert source.next() == (2,)


def test_what_waits_in_the_log_is_read_without_a_pause(source: Source) -> None:
    source.append(*(b"%d" % number for number in range(1, 101)))
    offsets: list[int] = []
    while len(offsets) < 100:
        offsets += source.next()
    assert offsets == list(range(1, 101))
