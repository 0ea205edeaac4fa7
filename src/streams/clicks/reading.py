"""Reads a partition: records become a batch, and its clicks what the lanes count."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from streams.clicks.arrived import Known, arrive
from streams.clicks.in_force import InForce
from streams.clicks.joining import Whole
from streams.clicks.lanes import Turn, turns_of
from streams.clicks.rules.book import DEFAULT_BOOK
from streams.engine.backlog import Backlog
from streams.engine.positions import Position
from streams.engine.source import LogBatch


@dataclass(frozen=True, slots=True)
class Forked:
    """A batch, and what it brings to each lane."""

    whole: Whole
    turns: tuple[Turn, ...]

    @property
    def events(self) -> int:
        return self.whole.arrived.events


class ClickReader:
    """Reads one partition of the click log in its order."""

    def __init__(self, number: int, backlog: Backlog, recall: Callable[[int], Awaitable[InForce]]) -> None:
        self._number = number
        self._backlog = backlog
        self._recall = recall
        self._known: Known | None = None

    async def open(self, committed: Position, kept: Known | None) -> None:
        if kept is None and committed.last_offset:
            in_force = await self._recall(self._number)
            kept = Known(committed.clock_us, in_force.book)
        self._known = kept or Known(0, DEFAULT_BOOK)

    def read(self, batch: LogBatch) -> Forked:
        arrived = arrive(batch, self.snapshot())
        self._known = arrived.after
        self._backlog.clock(self._number, arrived.settled_ms)
        counting = turns_of(arrived.partition, arrived.first, arrived.settled_ms, arrived.clicks)
        return Forked(Whole(arrived, counting.answering), counting.turns)

    def snapshot(self) -> Known:
        if self._known is None:
            raise AssertionError("a reader is opened before it reads")
        return self._known
