"""What a join keeps: batches that wait for their lanes, and those that were let go too lately to be relied on."""

import pickle
from collections import deque
from datetime import UTC, datetime

from server.adapters.eventlog.codec import encode_heartbeat
from server.adapters.eventlog.port import Entry
from streams.clicks.arrived import Known, arrive
from streams.clicks.joining import Joining, Whole
from streams.clicks.lanes import Answer
from streams.clicks.rules.book import DEFAULT_BOOK
from streams.engine.source import LogBatch

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def batch(offset: int, *lanes: int) -> Whole:
    """One record, and the lanes that have to answer."""
    entry = Entry(offset, encode_heartbeat(NOW), NOW)
    return Whole(arrive(LogBatch(0, "one", (entry,)), Known(0, DEFAULT_BOOK)), frozenset(lanes))


def let_go(joining: Joining) -> list[int]:
    return [complete.arrived.first for complete in joining.complete()]


def test_whoever_begins_from_a_snapshot_lets_go_first_what_had_been_let_go() -> None:
    joining = Joining()
    for whole in (batch(1), batch(2), batch(3, 5), batch(4)):
        joining.whole(whole)
    first, second = joining.complete()
    kept = joining.snapshot([first, second])
    again = Joining(kept)
    assert [arrived.first for arrived in again.waiting()] == [1, 2, 3, 4]
    assert let_go(again) == [1, 2]
    again.answer(Answer(5, 0, 3, ()))
    assert let_go(again) == [3, 4]
    assert list(Joining(again.snapshot([])).waiting()) == []


def test_a_snapshot_that_knows_of_nothing_let_go_is_read() -> None:
    """They were taken while nothing was on its way."""
    assert list(Joining(pickle.dumps(({}, deque()))).waiting()) == []
