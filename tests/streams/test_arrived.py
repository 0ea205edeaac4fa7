"""What arrives is read the same way at once, in pieces and after a snapshot, and nothing in it stops the reader."""

import pickle
from datetime import UTC, datetime, timedelta

import pytest

from server.adapters.eventlog.codec import encode_heartbeat
from server.adapters.eventlog.port import Entry
from streams.clicks.arrived import COLUMNS_INVALID, Arrived, Known, arrive
from streams.clicks.clock import SLACK_US
from streams.clicks.rules.book import DEFAULT_BOOK
from streams.engine.source import LogBatch
from tests.streams.events import Happening, microseconds, record
from tests.streams.harness import IDS

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HAPPENING = Happening(IDS.new("pcmp"))


def arrived(*records: bytes, clock_us: int = 0) -> Arrived:
    entries = tuple(Entry(offset, said, NOW) for offset, said in enumerate(records, start=1))
    return arrive(LogBatch(0, "one", entries), Known(clock_us, DEFAULT_BOOK))


def rule_times(there: Arrived) -> list[int]:
    assert there.columns is not None
    return [microseconds(at) for at in there.columns["rule_ts"].to_pylist()]


def test_the_clock_runs_back_by_a_moment_at_most() -> None:
    """An event that is late counts a quarter of a second before the newest, and a heartbeat moves the clock for it."""
    late = HAPPENING.impression(NOW - timedelta(minutes=5))
    there = arrived(
        record([HAPPENING.impression(NOW), late]), encode_heartbeat(NOW + timedelta(seconds=2)), record([late])
    )
    newest = microseconds(NOW)
    assert rule_times(there) == [newest, newest - SLACK_US, newest + 2_000_000 - SLACK_US]
    assert there.after.clock_us == newest + 2_000_000


def test_a_piece_is_read_as_the_whole_is() -> None:
    """Places, rule times and rows of clicks do not depend on where a batch begins."""
    records = [record([HAPPENING.impression(NOW), HAPPENING.click(NOW + timedelta(seconds=n))]) for n in range(4)]
    whole = arrived(*records)
    piece = whole.between(1, 3)
    assert (piece.first, piece.last, piece.events) == (2, 3, 4)
    assert [clicked.row for clicked in piece.clicks] == [1, 3]
    assert rule_times(piece) == rule_times(whole)[2:6]
    left = whole.without(frozenset({0, 3}))
    assert [clicked.row for clicked in left.clicks] == [0, 3, 5]
    assert left.events == 6


def test_a_batch_is_pickled_as_the_logs_bytes() -> None:
    there = arrived(record([HAPPENING.click(NOW), HAPPENING.impression(NOW)]), clock_us=5)
    again = pickle.loads(pickle.dumps(there))  # noqa: S301  our own
    assert (again.clicks, again.after, again.settled_ms) == (there.clicks, there.after, there.settled_ms)
    assert again.columns == there.columns


@pytest.mark.parametrize("event_id", ["", "pevt_short", "pevt_" + "0" * 27])
def test_columns_that_nobody_should_have_written_are_set_aside(event_id: str) -> None:
    damaged = HAPPENING.click(NOW)._replace(event_id=event_id)
    there = arrived(record([HAPPENING.click(NOW), damaged]), record([HAPPENING.click(NOW)]))
    assert [(unread.offset, unread.reason) for unread in there.unreadable] == [(1, COLUMNS_INVALID)]
    assert there.events == 1
