"""The three clocks of a case, as a function of its history and of the promise it was opened with.

First response: until staff first answer in public. Next response: from the customer's oldest unanswered message on.
Resolution: until a decision, standing still while the customer is awaited. Nothing is remembered between two
computations, so what is stored can only ever be a copy of what the history says.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from server.support.sla.calendar import WorkingTime


class Clock(StrEnum):
    """What is due."""

    FIRST_RESPONSE = "first_response"
    NEXT_RESPONSE = "next_response"
    RESOLUTION = "resolution"


class Moment(StrEnum):
    """What a step of a case's history means to its clocks."""

    STARTED = "started"
    ANSWERED = "answered"
    ASKED = "asked"
    PAUSED = "paused"
    RUNNING = "running"
    ENDED = "ended"


_STOPS = frozenset({Moment.PAUSED, Moment.ENDED})


@dataclass(frozen=True, slots=True)
class Mark:
    """A step of the history that clocks look at."""

    at: datetime
    moment: Moment


@dataclass(frozen=True, slots=True)
class Targets:
    """How much working time each clock has."""

    first_response: timedelta
    next_response: timedelta
    resolution: timedelta


@dataclass(frozen=True, slots=True)
class Promise:
    """Targets and the calendar they are counted by, as they stood when the case's cycle began."""

    targets: Targets
    working_time: WorkingTime


@dataclass(frozen=True, slots=True)
class Deadlines:
    """When what is pending is due; None where nothing is, or where the clock stands still."""

    first_response: datetime | None = None
    next_response: datetime | None = None
    resolution: datetime | None = None
    paused_at: datetime | None = None

    def pending(self) -> Iterator[tuple[Clock, datetime]]:
        """What is due, and when."""
        for clock, due in (
            (Clock.FIRST_RESPONSE, self.first_response),
            (Clock.NEXT_RESPONSE, self.next_response),
            (Clock.RESOLUTION, self.resolution),
        ):
            if due is not None:
                yield clock, due

    def overdue(self, now: datetime) -> list[tuple[Clock, datetime]]:
        """What should have happened by now."""
        return [(clock, due) for clock, due in self.pending() if due <= now]

    def next_after(self, now: datetime) -> datetime | None:
        """When the next of the pending deadlines passes."""
        return min((due for _, due in self.pending() if due > now), default=None)


def deadlines(history: Sequence[Mark], promise: Promise) -> Deadlines:
    """The clocks of the newest cycle of a history, which is in order of time and begins a cycle with STARTED."""
    cycle = _newest_cycle(history)
    if not cycle:
        return Deadlines()
    stopped = _stopped(cycle)
    if stopped is not None and stopped.moment is Moment.ENDED:
        return Deadlines(paused_at=stopped.at)
    targets, working = promise.targets, promise.working_time
    answered = any(mark.moment is Moment.ANSWERED for mark in cycle)
    asked = _oldest_unanswered(cycle) if answered else None
    return Deadlines(
        first_response=None if answered else working.after(cycle[0].at, targets.first_response),
        next_response=None if asked is None else working.after(asked, targets.next_response),
        resolution=None if stopped else _used_up(_running(cycle), targets.resolution, working),
        paused_at=stopped.at if stopped else None,
    )


def _newest_cycle(history: Sequence[Mark]) -> Sequence[Mark]:
    starts = [index for index, mark in enumerate(history) if mark.moment is Moment.STARTED]
    return history[starts[-1] :] if starts else ()


def _oldest_unanswered(cycle: Iterable[Mark]) -> datetime | None:
    asked: datetime | None = None
    for mark in cycle:
        if mark.moment is Moment.ANSWERED:
            asked = None
        elif mark.moment is Moment.ASKED and asked is None:
            asked = mark.at
    return asked


def _stopped(cycle: Iterable[Mark]) -> Mark | None:
    """What the resolution clock stands still by; None while it runs."""
    stopped: Mark | None = None
    for mark in cycle:
        if mark.moment in _STOPS:
            stopped = mark
        elif mark.moment is Moment.RUNNING:
            stopped = None
    return stopped


def _running(cycle: Sequence[Mark]) -> Iterator[tuple[datetime, datetime | None]]:
    """The spans in which the resolution clock runs; the last one is open unless the clock stands still."""
    since: datetime | None = cycle[0].at
    for mark in cycle:
        if mark.moment in _STOPS and since is not None:
            yield since, mark.at
            since = None
        elif mark.moment is Moment.RUNNING and since is None:
            since = mark.at
    if since is not None:
        yield since, None


def _used_up(
    spans: Iterable[tuple[datetime, datetime | None]], target: timedelta, working: WorkingTime
) -> datetime | None:
    """The instant at which the spans together make up the target; None where they never do."""
    left = target
    for begin, end in spans:
        worked = left if end is None else working.between(begin, end)
        if left <= worked:
            return working.after(begin, left)
        left -= worked
    return None
