"""A partition that is far ahead waits for the others; the one that is behind all of them never does."""

from datetime import UTC, datetime, timedelta

import pytest

from streams.engine.backlog import Backlog

AHEAD, BEHIND = 0, 1
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MOMENT = timedelta(milliseconds=1)


@pytest.fixture
def backlog() -> Backlog:
    """Two partitions that this process commits; a hundred events may be under way, clocks are at 1,000 at least."""
    backlog = Backlog(100)
    for partition, clock in ((AHEAD, 5_000), (BEHIND, 1_000)):
        backlog.commits(partition)
        backlog.clock(partition, clock)
        backlog.read(partition, 101)
    backlog.lowest(1_000)
    return backlog


def test_who_is_ahead_waits_until_the_others_have_come_as_far(backlog: Backlog) -> None:
    assert backlog.too_far(AHEAD)
    assert not backlog.too_far(BEHIND)
    backlog.lowest(5_000)
    assert not backlog.too_far(AHEAD)


def test_who_is_ahead_goes_on_once_enough_is_committed(backlog: Backlog) -> None:
    backlog.handed_over(AHEAD, NOON)
    backlog.settled(AHEAD, 1)
    assert not backlog.too_far(AHEAD)


def test_clocks_that_are_heard_of_late_do_not_go_back(backlog: Backlog) -> None:
    backlog.lowest(5_000)
    backlog.lowest(1_000)
    assert not backlog.too_far(AHEAD)


def test_what_somebody_else_commits_is_not_counted(backlog: Backlog) -> None:
    backlog.read(2, 1_000)
    backlog.clock(2, 9_000)
    assert not backlog.too_far(2)


def test_the_oldest_batch_in_writing_tells_since_when(backlog: Backlog) -> None:
    assert not backlog.has_been_writing_since(NOON + MOMENT)
    backlog.handed_over(AHEAD, NOON)
    backlog.handed_over(BEHIND, NOON + MOMENT)
    backlog.handed_over(AHEAD, NOON + 2 * MOMENT)
    assert not backlog.has_been_writing_since(NOON)
    assert backlog.has_been_writing_since(NOON + MOMENT)
    backlog.settled(AHEAD, 1)
    assert not backlog.has_been_writing_since(NOON + MOMENT)
    assert backlog.has_been_writing_since(NOON + 2 * MOMENT)
    backlog.settled(BEHIND, 1)
    backlog.settled(AHEAD, 1)
    assert not backlog.has_been_writing_since(NOON + timedelta(days=1))
