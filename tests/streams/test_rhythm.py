"""Partitions are read at the same moments, and less often while their batches are written slowly."""

from datetime import UTC, datetime, timedelta

import pytest

from streams.engine.backlog import Backlog
from streams.engine.rhythm import GATHERING, Rhythm

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
"""A moment that is never left out."""

BETWEEN = NOON + GATHERING
MILLISECOND = timedelta(milliseconds=1)


@pytest.fixture
def backlog() -> Backlog:
    backlog = Backlog(1_000)
    backlog.commits(0)
    backlog.read(0, 10)
    return backlog


def test_the_next_moment_is_the_same_for_everybody(backlog: Backlog) -> None:
    rhythm = Rhythm(backlog)
    for passed in (timedelta(0), MILLISECOND, GATHERING - MILLISECOND):
        assert rhythm.next(NOON, NOON + passed) == BETWEEN
    assert rhythm.next(NOON, BETWEEN) == NOON + 2 * GATHERING


def test_whoever_asked_late_waits_for_the_next_but_one(backlog: Backlog) -> None:
    rhythm = Rhythm(backlog)
    assert rhythm.next(NOON + GATHERING / 2 - MILLISECOND, NOON + GATHERING / 2) == BETWEEN
    assert rhythm.next(NOON + GATHERING / 2, NOON + GATHERING / 2) == NOON + 2 * GATHERING


def test_what_was_handed_over_a_moment_ago_holds_nobody_up(backlog: Backlog) -> None:
    backlog.handed_over(0, NOON)
    assert not Rhythm(backlog).is_left_out(BETWEEN)


def test_a_batch_that_takes_longer_than_a_moment_stretches_the_next(backlog: Backlog) -> None:
    backlog.handed_over(0, NOON - MILLISECOND)
    rhythm = Rhythm(backlog)
    assert rhythm.is_left_out(BETWEEN)
    assert not rhythm.is_left_out(NOON + 2 * GATHERING)
    assert rhythm.is_left_out(BETWEEN + 2 * GATHERING)
    backlog.settled(0, 10)
    assert not rhythm.is_left_out(BETWEEN + 4 * GATHERING)


def test_whoever_asks_first_decides_for_all(backlog: Backlog) -> None:
    """Whether batches are being written may change between two partitions' questions."""
    backlog.handed_over(0, NOON - MILLISECOND)
    rhythm = Rhythm(backlog)
    assert rhythm.is_left_out(BETWEEN)
    backlog.settled(0, 10)
    assert rhythm.is_left_out(BETWEEN)
