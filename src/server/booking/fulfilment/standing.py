"""Who may do what with a confirmed order, and when. Pure."""

from datetime import datetime, timedelta

from server.booking.book import side_of
from server.booking.domain.order import Event, Order, Status
from server.booking.domain.parties import By, Side
from server.booking.domain.terms import LocationKind
from server.booking.fulfilment.errors import ChangesExhausted, OtherSideOnly, TooEarly
from server.booking.fulfilment.milestones import Milestone
from server.core.call import Actor
from server.core.errors import IllegalTransition

CHECK_IN_WITHIN = timedelta(hours=1)
"""A check-in ends the buyer's right to cancel, so it cannot come long before the start."""

REVIEW_ON_SITE = timedelta(hours=72)
REVIEW_DELIVERABLES = timedelta(days=14)
MOST_CHANGE_ROUNDS = 2


def party(order: Order, actor: Actor, needed: Side) -> By:
    """The caller as that party. The other one is told so; for anybody else the order does not exist."""
    if side_of(order, actor) is not needed:
        raise OtherSideOnly(order.order_id, needed)
    return By.side(needed, actor.user_id)


def check_start(order: Order, *, now: datetime) -> None:
    """A check-in comes once, and at the place."""
    if order.checked_in_at is not None:
        raise IllegalTransition(order.order_id, order.status, Event.CHECK_IN)
    if now < order.start_ts - CHECK_IN_WITHIN:
        raise TooEarly(order.order_id, order.start_ts - CHECK_IN_WITHIN)


def check_delivery(order: Order) -> None:
    """Only what takes place nowhere can be delivered before it has begun."""
    if order.status is Status.CONFIRMED and order.location_kind is not LocationKind.REMOTE:
        raise IllegalTransition(order.order_id, order.status, Event.DELIVER)


def check_changes(order: Order) -> None:
    if order.status is Status.DELIVERED and order.change_rounds >= MOST_CHANGE_ROUNDS:
        raise ChangesExhausted(order.order_id, order.change_rounds)


def review_until(order: Order, milestones: list[Milestone], *, now: datetime) -> datetime:
    """How long a buyer looks at a delivery; their silence completes the order. Whatever is handed over as files or in
    parts takes longer to look at than a day on site.
    """
    deliverables = bool(milestones) or order.location_kind is LocationKind.REMOTE
    return now + (REVIEW_DELIVERABLES if deliverables else REVIEW_ON_SITE)


def ends_by_itself(order: Order, milestones: list[Milestone]) -> bool:
    """Whether nothing is left to be handed over once its time has passed."""
    return order.location_kind is not LocationKind.REMOTE and not milestones and not order.change_rounds
