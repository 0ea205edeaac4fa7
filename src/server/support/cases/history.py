"""What a case's history means to its clocks."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from server.support.cases.domain import DECIDED, Event, Status
from server.support.cases.standing import Standing
from server.support.sla.clocks import Mark, Moment

_STARTS = frozenset({Event.OPEN, Event.REOPEN})
_MESSAGES = frozenset({Event.MESSAGE_POSTED, Event.AWAIT_CUSTOMER, Event.AWAIT_SELLER, Event.CUSTOMER_REPLIED})
"""Steps that come with a public message."""


@dataclass(frozen=True, slots=True)
class Step:
    """As much of an event as clocks look at."""

    event: Event
    to_status: Status
    standing: Standing
    at: datetime


def marks(history: Iterable[Step]) -> Iterator[Mark]:
    """The history as clocks read it: who spoke, and whether the case then waits, runs or is over."""
    before: Status | None = None
    for step in history:
        if step.event in _STARTS:
            yield Mark(step.at, Moment.STARTED)
        elif step.event in _MESSAGES and step.standing in _SPOKEN:
            yield Mark(step.at, _SPOKEN[step.standing])
        if step.to_status is not before:
            yield Mark(step.at, _running(step.to_status))
        before = step.to_status


_SPOKEN = {Standing.STAFF: Moment.ANSWERED, Standing.CUSTOMER: Moment.ASKED}


def _running(status: Status) -> Moment:
    if status is Status.AWAITING_CUSTOMER:
        return Moment.PAUSED
    return Moment.ENDED if status is Status.CLOSED or status in DECIDED else Moment.RUNNING
