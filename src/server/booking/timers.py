"""The kinds of Booking's jobs, apart from their handlers, so that use cases can enqueue what handlers run."""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType

from server.booking.domain.order import Order, Status
from server.core.jobs import JobKind

DRAFT_EXPIRY = JobKind("booking.draft_expiry", "ends a draft that nobody submitted within a day")
PAY_BY = JobKind("booking.pay_by", "declines an accepted order that was not paid in time, and frees its slot")
REQUEST_EXPIRY = JobKind("booking.request_expiry", "declines an order whose offer nobody answered in time")
AUTO_ACCEPT = JobKind("booking.auto_accept", "accepts a request that one of its provider's rules matches")
SLOT_GIVEN_AWAY = JobKind(
    "booking.slot_given_away", "declines the requests that overlap a confirmed or a moved booking"
)
INVITE_CLOSE = JobKind("booking.invite_close", "closes an invite whose time is over")
INVITE_SETTLE = JobKind("booking.invite_settle", "declines the orders of an ended invite that was not awarded to them")
RESCHEDULE_EXPIRY = JobKind("booking.reschedule_expiry", "ends a new time that nobody agreed to in time")
START = JobKind("booking.start", "begins a confirmed booking at its start")
END = JobKind("booking.end", "delivers a booking at its end, where nothing is to be handed over")
REVIEW = JobKind("booking.review", "completes a delivered order about which the buyer said nothing in time")

_TIMERS: Mapping[Status, tuple[JobKind, Callable[[Order], datetime | None]]] = MappingProxyType(
    {
        Status.ACCEPTED: (PAY_BY, lambda order: order.pay_by),
        Status.CONFIRMED: (START, lambda order: order.start_ts),
        Status.IN_PROGRESS: (END, lambda order: order.end_ts),
        Status.DELIVERED: (REVIEW, lambda order: order.review_until),
    }
)
"""What an order waits for in a status, and until when."""


def timer_of(order: Order) -> tuple[JobKind, datetime] | None:
    """The timer that runs while an order is where it is; its job is keyed by the order."""
    kind, until = _TIMERS.get(order.status, (None, None))
    at = until(order) if until else None
    return (kind, at) if kind and at else None
