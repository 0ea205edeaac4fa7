"""Partitions of the event log as a Bytewax source. It never blocks the worker: reads run in the background."""

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeAlias, TypeVar

import structlog
from bytewax.inputs import FixedPartitionedSource, StatefulSourcePartition

from server.adapters.eventlog.errors import LogBroken, LogGone, RecordsTrimmed
from server.adapters.eventlog.port import Entry, EventLog, Partition, Window
from server.core.clock import Clock
from server.core.errors import Failure
from streams.engine.background import Background
from streams.engine.backlog import Backlog
from streams.engine.errors import LogRecreated
from streams.engine.positions import UNTOUCHED, Position, Positions
from streams.engine.rhythm import FARTHEST, Rhythm
from streams.engine.standing import Standing

AT_FIRST = 32
AT_MOST = 500
"""Records to ask for: how many make a batch of a good size is learnt from those that came before."""

UNDER_WAY = timedelta(milliseconds=1)
NOTHING_NEW = timedelta(milliseconds=25)
TOO_FAR = timedelta(milliseconds=5)
AFTER_A_FAILURE = timedelta(milliseconds=500)
HALTED = timedelta(seconds=1)
IDLE = timedelta(milliseconds=250)
"""A partition without a record for so long gets a heartbeat, so that nobody waits for its clock."""


@dataclass(frozen=True, slots=True)
class LogBatch:
    """Records of one partition in order, and which life of its log they are from."""

    partition: int
    generation: str
    entries: tuple[Entry, ...]


class Sized(Protocol):
    """What a reader makes; its size is counted as long as it is under way."""

    @property
    def events(self) -> int: ...


Item = TypeVar("Item", bound=Sized)
Item_co = TypeVar("Item_co", bound=Sized, covariant=True)
Kept = TypeVar("Kept")


class Reader(Protocol[Item_co, Kept]):
    """Makes of a partition's records what the dataflow works on, in their order."""

    async def open(self, committed: Position, kept: Kept | None) -> None:
        """Called first, once: with what a snapshot kept, or with nothing, to begin behind that position."""

    def read(self, batch: LogBatch) -> Item_co:
        """What the records say."""

    def snapshot(self) -> Kept:
        """What is needed to go on behind what was read last."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading needs."""

    log: EventLog
    positions: Positions
    background: Background
    clock: Clock
    standing: Standing
    backlog: Backlog
    rhythm: Rhythm
    heartbeat: Callable[[datetime], bytes]
    """The record that says only that time has passed."""
    batch_bytes: int
    """How much of the log a batch holds where there is more than enough to read."""


SourceState: TypeAlias = tuple[int, Kept]


class LogSource(FixedPartitionedSource[Item, "SourceState[Kept] | None"], Generic[Item, Kept]):
    """All partitions of a log, each with a reader of its own."""

    def __init__(
        self, reading: Reading, log: str, partitions: int, reader: Callable[[int], Reader[Item, Kept]]
    ) -> None:
        self._reading = reading
        self._log = log
        self._partitions = partitions
        self._reader = reader

    def list_parts(self) -> list[str]:
        return [str(number) for number in range(self._partitions)]

    def build_part(
        self, step_id: str, for_part: str, resume_state: "SourceState[Kept] | None"
    ) -> "LogPartition[Item, Kept]":
        number = int(for_part)
        return LogPartition(self._reading, Partition(self._log, number), self._reader(number), resume_state)


class LogPartition(StatefulSourcePartition[Item, "SourceState[Kept] | None"], Generic[Item, Kept]):
    """One partition, from where its snapshot was taken; else from the beginning, and where that was trimmed, from what
    is committed.

    What lies between a snapshot and what is committed is read again for those who count; what lies between what is
    committed and the snapshot is in the snapshot of whoever had it.
    """

    def __init__(
        self,
        reading: Reading,
        partition: Partition,
        reader: Reader[Item, Kept],
        snapshot: "SourceState[Kept] | None",
    ) -> None:
        self._reading = reading
        self._partition = partition
        self._reader = reader
        self._resumed = snapshot
        self._offset: int | None = None
        self._fetched = 0
        self._generation: str | None = None
        self._limit = AT_FIRST
        self._read_ahead: deque[Entry] = deque()
        self._next: Future[Window] | None = None
        self._beat: Future[None] | None = None
        self._heard = reading.clock.now()
        self._asked = self._heard
        self._gathered: datetime | None = None
        self._pause = timedelta(0)
        self._log = structlog.get_logger("source").bind(partition=str(partition))

    def next_batch(self) -> Iterable[Item]:
        if self._reading.standing.stopping:
            raise StopIteration
        if self._reading.standing.is_halted(str(self._partition)):
            # What is read now would never be written, and a snapshot would be past it.
            self._pause = HALTED
            return []
        if self._reading.backlog.too_far(self._partition.number):
            self._pause = TOO_FAR
            return []
        if not self._read_ahead and not self._more():
            return []
        return [self._item()]

    def next_awake(self) -> datetime:
        return self._reading.clock.now() + self._pause

    def snapshot(self) -> "SourceState[Kept] | None":
        return self._resumed if self._offset is None else (self._offset, self._reader.snapshot())

    def close(self) -> None:
        for under_way in (self._next, self._beat):
            if under_way is not None:
                under_way.cancel()

    def _more(self) -> bool:
        """Whether records are there that were not there before."""
        if self._next is None:
            if self._gathers():
                return False
            self._next = self._ask()
        if not self._next.done():
            self._pause = UNDER_WAY
            return False
        window = self._arrived(self._next)
        self._next = None
        if window is None:
            return False
        if not window.entries:
            self._pause = NOTHING_NEW
            self._keep_beating()
            return False
        self._read_ahead.extend(window.entries)
        self._fetched = window.entries[-1].offset
        size = sum(len(entry.record) for entry in window.entries)
        self._limit = min(2 * self._limit, AT_MOST, 1 + self._reading.batch_bytes * len(window.entries) // size)
        if window.newest > self._fetched:
            # The next records are fetched while these are worked on.
            self._next = self._ask()
        else:
            self._gathered = self._reading.rhythm.next(self._asked, self._reading.clock.now())
        return True

    def _ask(self) -> Future[Window]:
        self._asked = self._reading.clock.now()
        return self._reading.background.submit(self._read())

    def _gathers(self) -> bool:
        """Whether records should gather a while longer before they are read."""
        now, rhythm = self._reading.clock.now(), self._reading.rhythm
        if self._gathered is not None and self._gathered <= now and rhythm.is_left_out(self._gathered):
            self._gathered = rhythm.next(self._asked, now)
        # Farther away than that only where the clock was set back, which must not hold anybody up.
        if self._gathered is not None and now < self._gathered <= now + FARTHEST:
            self._pause = self._gathered - now
            return True
        self._gathered = None
        return False

    def _item(self) -> Item:
        """As many records as make a batch."""
        entries = [self._read_ahead.popleft()]
        size = len(entries[0].record)
        while self._read_ahead and size < self._reading.batch_bytes:
            entries.append(self._read_ahead.popleft())
            size += len(entries[-1].record)
        self._offset = entries[-1].offset
        self._heard = self._reading.clock.now()
        self._pause = timedelta(0)
        item = self._reader.read(LogBatch(self._partition.number, self._generation or "", tuple(entries)))
        self._reading.backlog.read(self._partition.number, item.events)
        return item

    def _arrived(self, reading: Future[Window]) -> Window | None:
        """What was read; None where it failed: to be tried again soon, or for good."""
        try:
            window = reading.result()
        except Failure as failure:
            self._wait_for_it(failure.reason)
        except LogGone as error:
            # Nobody may go on without it, and nothing of it is lost as long as nobody writes to another one.
            self._wait_for_it(str(error))
        except LogBroken as error:
            self._log.error("halted", error=str(error))
            self._reading.standing.halt(str(self._partition), str(error))
            self._pause = HALTED
        else:
            self._reading.standing.there(str(self._partition))
            return window
        return None

    def _wait_for_it(self, reason: str) -> None:
        self._log.warning("could not read", reason=reason)
        self._reading.standing.away(str(self._partition))
        self._pause = AFTER_A_FAILURE

    def _keep_beating(self) -> None:
        now = self._reading.clock.now()
        if now - self._heard >= IDLE and (self._beat is None or self._beat.done()):
            self._heard = now
            self._beat = self._reading.background.submit(self._append_heartbeat(now))

    async def _append_heartbeat(self, now: datetime) -> None:
        try:
            await self._reading.log.append(self._partition, [self._reading.heartbeat(now)])
        except Failure as failure:
            self._log.warning("no heartbeat", reason=failure.reason)

    async def _start(self) -> int:
        """Opens the reader, and says behind which offset it begins."""
        committed = await self._reading.positions.read(self._partition)
        self._generation = committed.generation
        if self._resumed is not None:
            offset, kept = self._resumed
            await self._reader.open(committed, kept)
            return offset
        # Said first, where it is not there: nothing may be taken for a log that nobody has written to.
        await self._reading.log.read(self._partition, after=committed.last_offset, limit=1)
        begins = UNTOUCHED if await self._is_whole() else committed
        await self._reader.open(begins, None)
        return begins.last_offset

    async def _is_whole(self) -> bool:
        """Whether the log still has its first record: then those who count can count from there."""
        try:
            await self._reading.log.read(self._partition, after=0, limit=1)
        except RecordsTrimmed:
            return False
        return True

    async def _read(self) -> Window:
        if self._offset is None:
            self._offset = self._fetched = await self._start()
        window = await self._reading.log.read(self._partition, after=self._fetched, limit=self._limit)
        if self._generation is not None and window.generation != self._generation:
            raise LogRecreated(self._partition, self._generation, window.generation)
        self._generation = window.generation or None
        return window
