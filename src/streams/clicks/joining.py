"""Joins a partition's batches with what the lanes say about their clicks, and lets them go in the log's order."""

import pickle
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from streams.clicks.arrived import Arrived
from streams.clicks.lanes import Answer, Found
from streams.clicks.rules.hits import Hits

Place: TypeAlias = tuple[int, int]
"""Offset, and row in the record."""


class Whole(NamedTuple):
    """A batch, and which lanes will answer for it."""

    arrived: Arrived
    answering: frozenset[int]


class Complete(NamedTuple):
    """A batch with every lane's hits."""

    arrived: Arrived
    hits: dict[Place, Hits]


@dataclass(slots=True)
class _Pending:
    """A batch that is here and the lanes that are not, or the other way round."""

    arrived: Arrived | None = None
    left: frozenset[int] = frozenset()
    answered: set[int] = field(default_factory=set)
    found: list[Found] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        return self.arrived is not None and self.left <= self.answered


class Joining:
    """One partition's join."""

    def __init__(self, kept: bytes | None = None) -> None:
        self._pending: dict[int, _Pending] = {}
        self._order: deque[int] = deque()
        self._again: deque[Complete] = deque()
        if kept is not None:
            # A snapshot from before ADR 129 ends here: nothing was on its way when it was taken.
            self._pending, self._order, *again = pickle.loads(kept)  # noqa: S301  our own recovery store
            for let_go in again:
                self._again.extend(let_go)

    def whole(self, whole: Whole) -> None:
        """A batch has come; batches of a partition come in its order."""
        first = whole.arrived.first
        pending = self._pending.setdefault(first, _Pending())
        pending.arrived, pending.left = whole
        self._order.append(first)

    def answer(self, answer: Answer) -> None:
        """A lane has said all about a batch; it may say so before the batch is here."""
        pending = self._pending.setdefault(answer.first, _Pending())
        pending.answered.add(answer.lane)
        pending.found += answer.found

    def complete(self) -> Iterator[Complete]:
        """The batches that wait for nothing any more, up to the first that does; those first that a snapshot knew to be
        on their way.
        """
        while self._again:
            yield self._again.popleft()
        while self._order and self._pending[self._order[0]].complete:
            pending = self._pending.pop(self._order.popleft())
            if pending.arrived is None:
                raise AssertionError("a batch without records is never complete")
            yield Complete(pending.arrived, _by_place(pending.found))

    def waiting(self) -> Iterator[Arrived]:
        """The batches that were not let go yet."""
        for complete in self._again:
            yield complete.arrived
        for first in self._order:
            arrived = self._pending[first].arrived
            if arrived is not None:
                yield arrived

    def snapshot(self, let_go: Sequence[Complete]) -> bytes:
        """What is here, and of what was let go that which nobody may rely on yet."""
        again = (*let_go, *self._again)
        return pickle.dumps((self._pending, self._order, again), protocol=pickle.HIGHEST_PROTOCOL)


def _by_place(found: list[Found]) -> dict[Place, Hits]:
    hits: dict[Place, Hits] = {}
    for offset, row, more in found:
        hits[offset, row] = hits.get((offset, row), ()) + more
    return hits
