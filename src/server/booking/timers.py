"""The kinds of Booking's jobs, apart from their handlers, so that use cases can enqueue what handlers run."""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType

from server.booking.domain.order import STALE_DRAFT_AFTER, Order, Status
from server.core.jobs import JobKind

DRAFT_EXPIRY = JobKind("booking.draft_expiry", "ends a draft that nobody submitted within a day")
PAY_BY = JobKind("booking.pay_by", "declines an accepted order that was not paid in time, and frees its slot")
START = JobKind("booking.start", "begins a confirmed booking at its start")

_TIMERS: Mapping[Status, tuple[JobKind, Callable[[Order], datetime | None]]] = MappingProxyType(
    {
        Status.INITIATED: (DRAFT_EXPIRY, lambda order: order.created_at + STALE_DRAFT_AFTER),
        Status.ACCEPTED: (PAY_BY, lambda order: order.pay_by),
        Status.CONFIRMED: (START, lambda order: order.start_ts),
    }
)
"""What an order waits for in a status, and until when."""


def timer_of(order: Order) -> tuple[JobKind, datetime] | None:
    """The timer that runs while an order is where it is; its job is keyed by the order."""
    kind, until = _TIMERS.get(order.status, (None, None))
    at = until(order) if until else None
    return (kind, at) if kind and at else None
