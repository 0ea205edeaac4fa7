"""Counts clicks of all partitions in one order: by rule time, and then by event id.

A lane holds some of the buckets that clicks are counted in. It lets a click wait until the clock of every partition has
passed the click's rule time, since until then one that comes before it may still arrive. So what a rule finds depends
on what the log holds, and not on which partition happened to be read first.
"""

import heapq
import pickle
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from streams.clicks.arrived import Clicked
from streams.clicks.rules.hits import Hits
from streams.clicks.state.arrivals import Arrival, all_buckets, arrivals
from streams.clicks.state.buckets import Bucket, BucketSnapshot

LANES = 8
"""Fixed, because the recovery store knows what a lane holds by its number."""

_LANE_OF: Mapping[str, int] = {bucket: place % LANES for place, bucket in enumerate(all_buckets())}
_NEVER = -1


class Turn(NamedTuple):
    """What a batch brings to a lane: its clicks for the lane's buckets, and how far its partition's clock is."""

    lane: int
    partition: int
    first: int
    settled_ms: int
    arrivals: tuple[tuple[str, Arrival], ...]


class Found(NamedTuple):
    """Hits of a click, by its place in its batch's partition."""

    offset: int
    row: int
    hits: Hits


class Answer(NamedTuple):
    """All that a lane has to say about a batch's clicks."""

    lane: int
    partition: int
    first: int
    found: tuple[Found, ...]


class Heard(NamedTuple):
    """How far the clocks of all partitions have got."""

    partition: int
    settled_ms: int


Said: TypeAlias = Answer | Heard


@dataclass(frozen=True, slots=True)
class Turns:
    """A batch's turns, one for every lane, and the lanes that will answer."""

    turns: tuple[Turn, ...]
    answering: frozenset[int]


def turns_of(partition: int, first: int, settled_ms: int, clicks: Iterable[Clicked]) -> Turns:
    """Who counts which of the clicks."""
    lanes: list[list[tuple[str, Arrival]]] = [[] for _ in range(LANES)]
    for clicked in clicks:
        for bucket, arrival in arrivals(clicked.click, clicked.book):
            lanes[_LANE_OF[bucket]].append((bucket, arrival))
    return Turns(
        tuple(Turn(number, partition, first, settled_ms, tuple(lane)) for number, lane in enumerate(lanes)),
        frozenset(number for number, lane in enumerate(lanes) if lane),
    )


class _Waiting(NamedTuple):
    """A click that waits for the clocks; compared by its arrival's order."""

    arrival: Arrival
    bucket: str
    batch: tuple[int, int]


@dataclass(slots=True)
class _Open:
    """A batch whose clicks are not all counted yet."""

    left: int
    found: list[Found] = field(default_factory=list)


class _Kept(NamedTuple):
    """What a lane is in a snapshot."""

    settled: dict[int, int]
    waiting: list[_Waiting]
    open: dict[tuple[int, int], tuple[int, list[Found]]]
    buckets: dict[str, BucketSnapshot]


class Lane:
    """One lane, over all partitions."""

    def __init__(self, number: int, partitions: int, kept: bytes | None = None) -> None:
        self._number = number
        self._settled = dict.fromkeys(range(partitions), _NEVER)
        self._lowest = _NEVER
        self._waiting: list[_Waiting] = []
        self._open: dict[tuple[int, int], _Open] = {}
        self._buckets: dict[str, Bucket] = {}
        if kept is not None:
            self._restore(pickle.loads(kept))  # noqa: S301  our own recovery store

    def take(self, turns: Sequence[Turn]) -> Iterator[Said]:
        """What can be said once these turns are here."""
        for turn in turns:
            self._settled[turn.partition] = max(self._settled[turn.partition], turn.settled_ms)
            if turn.arrivals:
                batch = (turn.partition, turn.first)
                self._open[batch] = _Open(len(turn.arrivals))
                for bucket, arrival in turn.arrivals:
                    heapq.heappush(self._waiting, _Waiting(arrival, bucket, batch))
        lowest = min(self._settled.values())
        if lowest > self._lowest:
            self._lowest = lowest
            yield from self._counted()
            if self._number == 0:
                yield from (Heard(partition, lowest) for partition in self._settled)

    def snapshot(self) -> bytes:
        kept = _Kept(
            self._settled,
            self._waiting,
            {batch: (there.left, there.found) for batch, there in self._open.items()},
            {name: bucket.snapshot() for name, bucket in self._buckets.items()},
        )
        return pickle.dumps(kept, protocol=pickle.HIGHEST_PROTOCOL)

    @property
    def size_bytes(self) -> int:
        """What its counts occupy in memory."""
        return sum(bucket.size_bytes for bucket in self._buckets.values())

    def _counted(self) -> Iterator[Answer]:
        while self._waiting and self._waiting[0].arrival.rule_ms < self._lowest:
            arrival, bucket, batch = heapq.heappop(self._waiting)
            there = self._open[batch]
            for place, hits in self._bucket(bucket).observe((arrival,)):
                if hits:
                    there.found.append(Found(place.offset, place.row, hits))
            there.left -= 1
            if not there.left:
                del self._open[batch]
                yield Answer(self._number, *batch, tuple(there.found))

    def _bucket(self, name: str) -> Bucket:
        bucket = self._buckets.get(name)
        if bucket is None:
            bucket = self._buckets[name] = Bucket(name)
        return bucket

    def _restore(self, kept: _Kept) -> None:
        self._settled.update(kept.settled)
        self._lowest = min(self._settled.values())
        self._waiting = kept.waiting
        self._open = {batch: _Open(left, found) for batch, (left, found) in kept.open.items()}
        self._buckets = {name: Bucket(name, snapshot) for name, snapshot in kept.buckets.items()}
