"""A new time for a confirmed order, which waits for the other side to agree."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from server.booking.domain.parties import Side
from server.booking.errors import NotYourTurn, OfferChanged, OfferExpired
from server.core.errors import IllegalTransition


class RescheduleStatus(StrEnum):
    """Where a proposal stands."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"


class RescheduleEvent(StrEnum):
    """What ends a proposal."""

    ACCEPT = "accept"
    DECLINE = "decline"
    EXPIRE = "expire"


RESCHEDULE_TRANSITIONS: Mapping[tuple[RescheduleStatus, RescheduleEvent], RescheduleStatus] = MappingProxyType(
    {
        (RescheduleStatus.PENDING, RescheduleEvent.ACCEPT): RescheduleStatus.ACCEPTED,
        (RescheduleStatus.PENDING, RescheduleEvent.DECLINE): RescheduleStatus.DECLINED,
        (RescheduleStatus.PENDING, RescheduleEvent.EXPIRE): RescheduleStatus.EXPIRED,
    }
)


@dataclass(frozen=True, slots=True)
class Reschedule:
    """A proposal to move a booking, with what the move changes of its price."""

    reschedule_id: str
    order_id: str
    proposed_side: Side
    status: RescheduleStatus
    start_ts: datetime
    end_ts: datetime
    busy_to: datetime
    subtotal_change_cents: int
    """More to be paid, or less than nothing to be given back."""
    total_cents: int
    """What the order would have cost in all at the new time."""
    payment_method_id: str
    """The buyer's card for what is more; empty lets them pay by the payment's client secret."""
    expires_at: datetime
    answered_at: datetime | None
    created_at: datetime


def check_reply(proposal: Reschedule, side: Side, *, now: datetime) -> None:
    """Refuses an answer by whoever proposed, and one that comes too late."""
    if proposal.status is RescheduleStatus.PENDING:
        if side is proposal.proposed_side:
            raise NotYourTurn(proposal.reschedule_id, proposal.proposed_side.other)
        if now >= proposal.expires_at:
            raise OfferExpired(proposal.reschedule_id, proposal.expires_at)


def check_agreed(proposal: Reschedule, side: Side, total_cents: int) -> None:
    """A buyer agrees to exactly the total that they were shown."""
    pending = proposal.status is RescheduleStatus.PENDING
    if pending and side is Side.BUYER and total_cents != proposal.total_cents:
        raise OfferChanged(proposal.reschedule_id, proposal.total_cents)


def replied(proposal: Reschedule, event: RescheduleEvent, *, now: datetime) -> Reschedule:
    """The proposal after its answer; IllegalTransition where it waits for none."""
    status = RESCHEDULE_TRANSITIONS.get((proposal.status, event))
    if status is None:
        raise IllegalTransition(proposal.reschedule_id, proposal.status, event)
    return replace(proposal, status=status, answered_at=now)
