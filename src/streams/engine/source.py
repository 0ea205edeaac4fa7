"""Partitions of the event log as a Bytewax source. It never blocks the worker: reads run in the background."""

from collections.abc import Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from bytewax.inputs import FixedPartitionedSource, StatefulSourcePartition

from server.adapters.eventlog.errors import LogBroken
from server.adapters.eventlog.port import Entry, EventLog, Partition, Window
from server.core.clock import Clock
from server.core.errors import Failure
from streams.engine.background import Background
from streams.engine.errors import LogRecreated
from streams.engine.positions import Positions
from streams.engine.standing import Standing

AT_ONCE = 500
UNDER_WAY = timedelta(milliseconds=2)
NOTHING_NEW = timedelta(milliseconds=20)
AFTER_A_FAILURE = timedelta(milliseconds=500)
HALTED = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class LogBatch:
    """Records of one partition in order, and which life of its log they are from."""

    partition: int
    generation: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading needs."""

    log: EventLog
    positions: Positions
    background: Background
    clock: Clock
    standing: Standing


class LogSource(FixedPartitionedSource[LogBatch, int | None]):
    """All partitions of a log."""

    def __init__(self, reading: Reading, log: str, partitions: int) -> None:
        self._reading = reading
        self._log = log
        self._partitions = partitions

    def list_parts(self) -> list[str]:
        return [str(number) for number in range(self._partitions)]

    def build_part(self, step_id: str, for_part: str, resume_state: int | None) -> "LogPartition":
        return LogPartition(self._reading, Partition(self._log, int(for_part)), resume_state)


class LogPartition(StatefulSourcePartition[LogBatch, int | None]):
    """One partition, from where its writer is committed.

    A snapshot may be older than what is committed, which costs reading twice; were it newer, as after the database was
    restored, records would be skipped. So the older of the two is where reading starts.
    """

    def __init__(self, reading: Reading, partition: Partition, snapshot: int | None) -> None:
        self._reading = reading
        self._partition = partition
        self._snapshot = snapshot
        self._offset: int | None = None
        self._generation: str | None = None
        self._next: Future[Window] | None = None
        self._pause = timedelta(0)
        self._log = structlog.get_logger("source").bind(partition=str(partition))

    def next_batch(self) -> Iterable[LogBatch]:
        if self._reading.standing.stopping:
            raise StopIteration
        if self._next is None:
            self._next = self._reading.background.submit(self._read())
        if not self._next.done():
            self._pause = UNDER_WAY
            return []
        window = self._arrived(self._next)
        if window is None:
            return []
        if not window.entries:
            self._next = None
            self._pause = NOTHING_NEW
            return []
        self._offset = window.entries[-1].offset
        self._next = self._reading.background.submit(self._read())
        self._pause = timedelta(0)
        return [LogBatch(self._partition.number, window.generation, window.entries)]

    def next_awake(self) -> datetime:
        return self._reading.clock.now() + self._pause

    def snapshot(self) -> int | None:
        return self._snapshot if self._offset is None else self._offset

    def close(self) -> None:
        if self._next is not None:
            self._next.cancel()

    def _arrived(self, reading: Future[Window]) -> Window | None:
        """What was read; None where it failed: to be tried again soon, or for good."""
        try:
            return reading.result()
        except Failure as failure:
            self._log.warning("could not read", reason=failure.reason)
            self._next = None
            self._pause = AFTER_A_FAILURE
        except LogBroken as error:
            if self._pause != HALTED:
                self._log.error("halted", error=str(error))
                self._reading.standing.halt(str(self._partition), str(error))
            self._pause = HALTED
        return None

    async def _read(self) -> Window:
        if self._offset is None:
            committed = await self._reading.positions.read(self._partition)
            self._generation = committed.generation
            start = committed.last_offset
            self._offset = start if self._snapshot is None else min(self._snapshot, start)
        window = await self._reading.log.read(self._partition, after=self._offset, limit=AT_ONCE)
        if self._generation is not None and window.generation != self._generation:
            raise LogRecreated(self._partition, self._generation, window.generation)
        self._generation = window.generation or None
        return window
