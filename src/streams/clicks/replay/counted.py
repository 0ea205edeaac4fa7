"""Counts the clicks of all partitions in the one order in which rules count, page by page."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from streams.clicks.arrived import Clicked
from streams.clicks.joining import Place
from streams.clicks.lanes import LANES, Answer, Lane, turns_of
from streams.clicks.replay.stored import Stored
from streams.clicks.rules.hits import Hits

APART_MS = 250
"""Within a partition, rule times go back by no more."""

THE_END_MS = 1 << 62


@dataclass(slots=True)
class Page:
    """Clicks of a partition in its order, and their hits as far as they are known."""

    partition: int
    number: int
    clicks: Sequence[tuple[Stored, Clicked]]
    waiting_for: frozenset[int]
    answered: set[int] = field(default_factory=set)
    hits: dict[Place, Hits] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        return self.waiting_for <= self.answered

    def answer(self, answer: Answer) -> None:
        self.answered.add(answer.lane)
        for found in answer.found:
            place = (found.offset, found.row)
            self.hits[place] = self.hits.get(place, ()) + found.hits


class Counting:
    """All lanes, and the pages that wait for them."""

    def __init__(self, partitions: Sequence[int]) -> None:
        self._places = {partition: place for place, partition in enumerate(partitions)}
        self._lanes = [Lane(number, len(partitions)) for number in range(LANES)]
        self._pages: Mapping[int, deque[Page]] = {place: deque() for place in self._places.values()}
        self._highest = dict.fromkeys(partitions, 0)
        self._numbers = 0

    def behind(self) -> int:
        """The partition that all others wait for."""
        return min(self._highest, key=lambda partition: self._highest[partition])

    def add(self, partition: int, clicks: Sequence[tuple[Stored, Clicked]]) -> Iterator[Page]:
        """The partition's next clicks; every page that is complete now, in the order of its partition."""
        place, self._numbers = self._places[partition], self._numbers + 1
        highest = max((stored.click.rule_ms for stored, _ in clicks), default=0)
        self._highest[partition] = max(self._highest[partition], highest)
        settled = self._highest[partition] - APART_MS
        turns = turns_of(place, self._numbers, settled, [clicked for _, clicked in clicks])
        self._pages[place].append(Page(partition, self._numbers, clicks, turns.answering))
        yield from self._moved([lane.take([turn]) for lane, turn in zip(self._lanes, turns.turns, strict=True)])

    def end(self, partition: int) -> Iterator[Page]:
        """The partition has no more clicks; nobody waits for it any longer."""
        self._highest[partition] = THE_END_MS
        turns = turns_of(self._places[partition], 0, THE_END_MS, ()).turns
        yield from self._moved([lane.take([turn]) for lane, turn in zip(self._lanes, turns, strict=True)])

    @property
    def ended(self) -> bool:
        return all(highest == THE_END_MS for highest in self._highest.values())

    def _moved(self, said: Sequence[Iterator[object]]) -> Iterator[Page]:
        for lane in said:
            for answer in lane:
                if isinstance(answer, Answer):
                    self._page(answer.partition, answer.first).answer(answer)
        for waiting in self._pages.values():
            while waiting and waiting[0].complete:
                yield waiting.popleft()

    def _page(self, place: int, number: int) -> Page:
        return next(page for page in self._pages[place] if page.number == number)
