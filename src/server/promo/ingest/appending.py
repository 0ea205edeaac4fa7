"""Puts events of concurrent calls together into records, and appends them: one append at a time for each partition.

While an append is under way, what arrives waits, and goes with the next one. None begins before it is full or its first
arrival has waited ten milliseconds for others: a record of few events costs each of them several times as much, and the
log's disk is asked as seldom as can be.

What waits is bounded for the whole process. A call that finds no room is refused, a stream waits for it: what a slow
log makes long is the clients' queues and not ours.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import groupby
from typing import TypeAlias

import structlog

from server.adapters.eventlog.codec import Lists, encode_events
from server.adapters.eventlog.columns import MOST_EVENTS, EventRow
from server.adapters.eventlog.port import EventLog, Partition
from server.core.clock import Clock
from server.core.errors import Failure, Internal
from server.promo.domain.partitions import CLICK_LOG
from server.promo.ingest.errors import IngestBusy, LogBehind
from server.promo.ingest.metrics import IngestMetrics

LINGER_SECONDS = 0.01
MOST_AT_ONCE = 4 * MOST_EVENTS
MOST_WAITING = 10_000


@dataclass(frozen=True, slots=True)
class Group:
    """Events of one call for one partition, classified by the same lists."""

    rows: Sequence[EventRow]
    lists: Lists


Fate: TypeAlias = "asyncio.Future[Failure | None]"
"""What becomes of a group: nothing failed, or what did. As a value, so that nobody has to ask."""


@dataclass(slots=True)
class _Waiting:
    """A group, who waits for its fate, and since when by the loop's clock."""

    group: Group
    fate: Fate
    since: float


@dataclass(slots=True)
class _Lane:
    """What waits for one partition."""

    partition: Partition
    waiting: list[_Waiting] = field(default_factory=list)
    events: int = 0
    full: asyncio.Event = field(default_factory=asyncio.Event)
    working: "asyncio.Task[None] | None" = None


class Appender:
    """The one way from this process into the click log."""

    def __init__(
        self,
        log: EventLog,
        partitions: int,
        clock: Clock,
        metrics: IngestMetrics,
        *,
        most_waiting: int = MOST_WAITING,
    ) -> None:
        self._log = log
        self._clock = clock
        self._metrics = metrics
        self._lanes = [_Lane(Partition(CLICK_LOG, number)) for number in range(partitions)]
        self._most_waiting = most_waiting
        self._waiting = 0
        self._room = asyncio.Event()
        self._behind: frozenset[int] = frozenset()
        self._made = False
        self._logger = structlog.get_logger("ingest")

    @property
    def partitions(self) -> int:
        return len(self._lanes)

    def close_to(self, behind: frozenset[int]) -> None:
        """From now on, takes nothing for these partitions: their reader is too far behind."""
        self._behind = behind

    def admit(self, events: int) -> None:
        """Nothing, where there is room for so many; IngestBusy where there is none."""
        if self._is_full(events):
            raise IngestBusy

    async def await_room(self, events: int) -> None:
        """Returns when there is room for so many."""
        while self._is_full(events):
            self._room.clear()
            await self._room.wait()

    def check_readers(self, groups: Mapping[int, Group]) -> None:
        """LogBehind where one of these would wait for a reader that is too far behind."""
        for number in groups:
            if number in self._behind:
                raise LogBehind(number)

    def put(self, groups: Mapping[int, Group]) -> Mapping[int, Fate]:
        """Lets these groups wait for their appends. Whoever asked for room puts them before it awaits anything else, or
        others would have been promised the same room.
        """
        self._count(_size(groups))
        return {number: self._put(self._lanes[number], group) for number, group in groups.items()}

    def _is_full(self, events: int) -> bool:
        return self._waiting > 0 and self._waiting + events > self._most_waiting

    def _count(self, more: int) -> None:
        self._waiting += more
        self._metrics.waiting.set(self._waiting)

    def _put(self, lane: _Lane, group: Group) -> Fate:
        loop = asyncio.get_running_loop()
        fate: Fate = loop.create_future()
        lane.waiting.append(_Waiting(group, fate, loop.time()))
        lane.events += len(group.rows)
        if lane.events >= MOST_EVENTS:
            lane.full.set()
        if lane.working is None:
            lane.working = asyncio.create_task(self._work(lane))
        return fate

    async def _work(self, lane: _Lane) -> None:
        """Appends until nothing waits."""
        while lane.waiting:
            with suppress(TimeoutError):
                async with asyncio.timeout_at(lane.waiting[0].since + LINGER_SECONDS):
                    await lane.full.wait()
            taken = _taken(lane)
            failure = await self._append(lane.partition, taken)
            self._count(-sum(len(one.group.rows) for one in taken))
            self._room.set()
            for one in taken:
                if not one.fate.done():  # whoever waited was cancelled
                    one.fate.set_result(failure)
        lane.working = None

    async def _append(self, partition: Partition, taken: Sequence[_Waiting]) -> Failure | None:
        began = time.perf_counter()
        try:
            await self._make_log()
            await self._log.append(partition, self._records(taken))
        except Failure as failure:
            return failure.with_traceback(None)  # whose frames would keep the events for as long as somebody has it
        except Exception:
            self._logger.exception("events could not be appended", partition=str(partition))
            return Internal()
        self._metrics.append_seconds.observe(time.perf_counter() - began)
        return None

    async def _make_log(self) -> None:
        if not self._made:
            await self._log.ensure(CLICK_LOG, len(self._lanes))
            self._made = True

    def _records(self, taken: Sequence[_Waiting]) -> list[bytes]:
        """As few records as hold the events in their order; a record's events were classified by the same lists."""
        now = self._clock.now()
        records = []
        for lists, together in groupby(taken, key=lambda one: one.group.lists):
            rows = [row for one in together for row in one.group.rows]
            for start in range(0, len(rows), MOST_EVENTS):
                some = rows[start : start + MOST_EVENTS]
                records.append(encode_events(some, now, lists))
                self._metrics.record_events.observe(len(some))
        return records


async def settled(fates: Mapping[int, Fate]) -> dict[int, Failure | None]:
    """The fates of what was put, once all of them are known."""
    return dict(zip(fates, await asyncio.gather(*fates.values()), strict=True))


def _taken(lane: _Lane) -> list[_Waiting]:
    """The oldest groups, as many as go into one append."""
    events = count = 0
    for one in lane.waiting:
        if count and events + len(one.group.rows) > MOST_AT_ONCE:
            break
        events += len(one.group.rows)
        count += 1
    taken, lane.waiting = lane.waiting[:count], lane.waiting[count:]
    lane.events -= events
    if lane.events < MOST_EVENTS:
        lane.full.clear()
    return taken


def _size(groups: Mapping[int, Group]) -> int:
    return sum(len(group.rows) for group in groups.values())
