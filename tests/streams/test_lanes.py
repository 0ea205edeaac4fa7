"""Lanes count clicks in the order of their rule time, whichever partition brings them and whenever."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from server.adapters.eventlog.codec import encode_heartbeat
from server.adapters.eventlog.columns import EventRow
from server.adapters.eventlog.port import Entry
from server.promo.domain.verdicts import Rule
from streams.clicks.arrived import Arrived, Known, arrive
from streams.clicks.lanes import LANES, Answer, Heard, Lane, turns_of
from streams.clicks.rules.book import DEFAULT_BOOK
from streams.engine.source import LogBatch
from tests.streams.events import Happening, record
from tests.streams.harness import IDS

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
A_SECOND = timedelta(seconds=1)
HAPPENING = Happening(IDS.new("pcmp"))


class Lanes:
    """All lanes over two partitions, and what they said."""

    def __init__(self) -> None:
        self.lanes = [Lane(number, 2) for number in range(LANES)]
        self.heard: list[int] = []
        self.answering: frozenset[int] = frozenset()
        self._read = [Known(0, DEFAULT_BOOK)] * 2
        self._offsets = [0, 0]

    def brings(self, partition: int, said: bytes) -> list[Answer]:
        """A record comes; what can be said then."""
        self._offsets[partition] += 1
        entries = (Entry(self._offsets[partition], said, NOW),)
        there = arrive(LogBatch(partition, "one", entries), self._read[partition])
        self._read[partition] = there.after
        return list(self._taken(there))

    def _taken(self, there: Arrived) -> Iterator[Answer]:
        turns = turns_of(there.partition, there.first, there.settled_ms, there.clicks)
        self.answering |= turns.answering
        for lane, turn in zip(self.lanes, turns.turns, strict=True):
            for said in lane.take([turn]):
                if isinstance(said, Heard):
                    self.heard.append(said.settled_ms)
                else:
                    yield said

    def restored(self) -> "Lanes":
        """As a process has them that starts from a snapshot."""
        self.lanes = [Lane(number, 2, lane.snapshot()) for number, lane in enumerate(self.lanes)]
        return self


def rules(answers: Sequence[Answer]) -> set[tuple[int, int, Rule]]:
    """Whose click is hit by which rule: its partition and offset."""
    return {
        (answer.partition, found.offset, hit.rule) for answer in answers for found in answer.found for hit in found.hits
    }


def somebody(at: datetime) -> EventRow:
    """A click of one and the same viewer."""
    return HAPPENING.click(at)._replace(token_viewer_hash="somebody".ljust(16))


@pytest.mark.parametrize("restarts", [False, True])
def test_a_click_waits_for_the_clock_of_every_partition(restarts: bool) -> None:
    """However far one of them is ahead: another one may still bring what came before."""
    lanes = Lanes()
    for partition, said in (
        (0, record([HAPPENING.click(NOW)])),
        (0, encode_heartbeat(NOW + timedelta(hours=1))),
        (1, encode_heartbeat(NOW)),
    ):
        assert lanes.brings(partition, said) == []
        if restarts:
            lanes.restored()
    answers = lanes.brings(1, encode_heartbeat(NOW + A_SECOND))
    assert {(answer.partition, answer.first) for answer in answers} == {(0, 1)}
    assert sorted(answer.lane for answer in answers) == sorted(lanes.answering)
    assert rules(answers) == set()
    assert lanes.brings(1, encode_heartbeat(NOW + 2 * A_SECOND)) == []


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("restarts", [False, True])
def test_the_later_click_is_the_second_one_whichever_is_read_first(first: int, restarts: bool) -> None:
    lanes = Lanes()
    said = [record([somebody(NOW)]), record([somebody(NOW + A_SECOND)])]
    answers: list[Answer] = []
    for partition in (first, 1 - first):
        answers += lanes.brings(partition, said[partition])
        if restarts:
            lanes.restored()
    for partition in (0, 1):
        answers += lanes.brings(partition, encode_heartbeat(NOW + timedelta(minutes=1)))
    assert {answer.partition for answer in answers} == {0, 1}
    assert rules(answers) == {(1, 1, Rule.DOUBLE_CLICK), (1, 1, Rule.SAME_LISTING)}


def test_the_lowest_clock_is_told_once_it_moves() -> None:
    lanes = Lanes()
    lanes.brings(0, encode_heartbeat(NOW))
    assert lanes.heard == []
    lanes.brings(1, encode_heartbeat(NOW + A_SECOND))
    lowest = int(NOW.timestamp() * 1000) - 250
    assert lanes.heard == [lowest, lowest]
    lanes.brings(1, encode_heartbeat(NOW + 2 * A_SECOND))
    assert lanes.heard == [lowest, lowest]
