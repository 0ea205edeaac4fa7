"""The clocks of a case follow from its history, and from nothing else."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.support.cases.domain import Event, Status
from server.support.cases.history import Step, marks
from server.support.cases.standing import Standing
from server.support.sla import snapshot
from server.support.sla.calendar import Weekday
from server.support.sla.clocks import Clock, Deadlines, Mark, Moment, Promise, Targets, deadlines
from tests.domain.test_support_calendar import NEW_YORK, OFFICE, calendar

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
TARGETS = Targets(first_response=4 * HOUR, next_response=6 * HOUR, resolution=24 * HOUR)
PROMISE = Promise(TARGETS, OFFICE)


def history(*steps: tuple[float, Moment]) -> list[Mark]:
    """A case that starts, and what happens that many hours later."""
    return [Mark(START, Moment.STARTED), *(Mark(START + hours * HOUR, moment) for hours, moment in steps)]


def test_a_new_case_waits_for_a_first_answer_and_for_a_decision() -> None:
    due = deadlines(history(), PROMISE)
    assert due == Deadlines(
        first_response=datetime(2026, 3, 2, 13, tzinfo=UTC), resolution=datetime(2026, 3, 4, 17, tzinfo=UTC)
    )


def test_an_answer_meets_the_first_deadline_and_a_question_starts_the_next() -> None:
    answered = deadlines(history((1, Moment.ANSWERED)), PROMISE)
    asked = deadlines(history((1, Moment.ANSWERED), (2, Moment.ASKED), (3, Moment.ASKED)), PROMISE)
    again = deadlines(history((1, Moment.ANSWERED), (2, Moment.ASKED), (3, Moment.ANSWERED)), PROMISE)
    assert (answered.first_response, answered.next_response) == (None, None)
    assert asked.next_response == OFFICE.after(START + 2 * HOUR, TARGETS.next_response)
    assert again.next_response is None


def test_questions_before_the_first_answer_are_covered_by_it() -> None:
    due = deadlines(history((1, Moment.ASKED)), PROMISE)
    assert [clock for clock, _ in due.pending()] == [Clock.FIRST_RESPONSE, Clock.RESOLUTION]


def test_a_pause_moves_the_decision_by_the_working_time_it_takes() -> None:
    paused = deadlines(history((1, Moment.ANSWERED), (2, Moment.PAUSED)), PROMISE)
    resumed = deadlines(history((1, Moment.ANSWERED), (2, Moment.PAUSED), (26, Moment.RUNNING)), PROMISE)
    assert (paused.resolution, paused.paused_at) == (None, START + 2 * HOUR)
    assert resumed.resolution == OFFICE.after(START, TARGETS.resolution + 8 * HOUR)


def test_nothing_is_due_in_a_case_that_is_over() -> None:
    ended = deadlines(history((1, Moment.ENDED)), PROMISE)
    assert list(ended.pending()) == []


def test_a_decision_that_fails_takes_up_the_old_clock() -> None:
    reversed_ = deadlines(history((1, Moment.ANSWERED), (2, Moment.ENDED), (26, Moment.RUNNING)), PROMISE)
    assert reversed_.resolution == OFFICE.after(START, TARGETS.resolution + 8 * HOUR)


def test_a_new_cycle_forgets_the_old_one() -> None:
    steps = [*history((1, Moment.ANSWERED), (2, Moment.ENDED)), Mark(START + 48 * HOUR, Moment.STARTED)]
    due = deadlines(steps, PROMISE)
    assert due.first_response == OFFICE.after(START + 48 * HOUR, TARGETS.first_response)


def test_overdue_and_next_divide_what_is_pending() -> None:
    due = deadlines(history(), PROMISE)
    assert due.first_response is not None
    assert due.overdue(due.first_response - HOUR) == []
    assert due.overdue(due.first_response) == [(Clock.FIRST_RESPONSE, due.first_response)]
    assert due.next_after(due.first_response) == due.resolution


ALWAYS = Promise(TARGETS, calendar(NEW_YORK, "00:00-00:00", tuple(Weekday)))
SUMMER = datetime(2026, 3, 7, 12, tzinfo=UTC)


@st.composite
def histories(draw: st.DrawFn) -> list[Mark]:
    """A history of one cycle, across the nights in which New York's and Berlin's clocks change."""
    at = SUMMER + timedelta(minutes=draw(st.integers(0, 60 * 24 * 25)))
    found = [Mark(at, Moment.STARTED)]
    for _ in range(draw(st.integers(0, 12))):
        at += timedelta(minutes=draw(st.integers(0, 60 * 30)))
        found.append(Mark(at, draw(st.sampled_from([Moment.ASKED, Moment.ANSWERED, Moment.PAUSED, Moment.RUNNING]))))
    return found


@given(histories(), st.sampled_from([PROMISE, ALWAYS]))
def test_a_deadline_never_moves_back(steps: list[Mark], promise: Promise) -> None:
    """What happens later leaves each clock's deadline where it was, or moves it on."""
    seen: dict[Clock, datetime] = {}
    for end in range(1, len(steps) + 1):
        for clock, due in deadlines(steps[:end], promise).pending():
            assert due >= seen.get(clock, due)
            seen[clock] = due


@given(histories(), st.randoms(use_true_random=False))
def test_the_order_of_recomputation_does_not_matter(steps: list[Mark], shuffle: random.Random) -> None:
    """Neither what was computed before nor a promise that was stored and read again changes a deadline."""
    ends = list(range(1, len(steps) + 1))
    in_order = {end: deadlines(steps[:end], PROMISE) for end in ends}
    shuffle.shuffle(ends)
    stored = snapshot.load(snapshot.dump(PROMISE))
    assert {end: deadlines(steps[:end], stored) for end in ends} == in_order


@given(histories(), st.sampled_from([PROMISE, ALWAYS]))
def test_a_decision_is_due_when_its_target_was_worked(steps: list[Mark], promise: Promise) -> None:
    due = deadlines(steps, promise).resolution
    if due is not None:
        assert _worked(steps, due, promise) == promise.targets.resolution


def _worked(steps: Sequence[Mark], until: datetime, promise: Promise) -> timedelta:
    """Working time in which the case ran, counted span by span."""
    total, running = timedelta(0), True
    ends = [*(step.at for step in steps[1:]), until]
    for step, end in zip(steps, ends, strict=True):
        running = {Moment.PAUSED: False, Moment.RUNNING: True}.get(step.moment, running)
        if running and step.at < until:
            total += promise.working_time.between(step.at, min(end, until))
    return total


@pytest.mark.parametrize(
    ("event", "status", "standing", "wanted"),
    [
        (Event.MESSAGE_POSTED, Status.OPEN, Standing.STAFF, [Moment.ANSWERED]),
        (Event.MESSAGE_POSTED, Status.OPEN, Standing.CUSTOMER, [Moment.ASKED]),
        (Event.MESSAGE_POSTED, Status.OPEN, Standing.SELLER, []),
        (Event.MESSAGE_POSTED, Status.OPEN, Standing.SYSTEM, []),
        (Event.AWAIT_CUSTOMER, Status.AWAITING_CUSTOMER, Standing.STAFF, [Moment.ANSWERED, Moment.PAUSED]),
        (Event.AWAIT_SELLER, Status.AWAITING_SELLER, Standing.STAFF, [Moment.ANSWERED, Moment.RUNNING]),
        (Event.INVESTIGATE, Status.INVESTIGATING, Standing.STAFF, [Moment.RUNNING]),
        (Event.DENY, Status.DENIED, Standing.STAFF, [Moment.ENDED]),
        (Event.CLOSE, Status.CLOSED, Standing.STAFF, [Moment.ENDED]),
        (Event.MERGED_IN, Status.OPEN, Standing.STAFF, []),
    ],
)
def test_what_a_step_means_to_the_clocks(
    event: Event, status: Status, standing: Standing, wanted: list[Moment]
) -> None:
    opened = Step(Event.OPEN, Status.OPEN, Standing.CUSTOMER, START)
    found = list(marks([opened, Step(event, status, standing, START + HOUR)]))
    assert [mark.moment for mark in found[2:]] == wanted


def test_a_promise_survives_being_stored() -> None:
    assert snapshot.load(snapshot.dump(ALWAYS)) == ALWAYS
