"""One call for bookings that goes out to several providers, of whom one is awarded."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from server.booking.errors import InviteOver
from server.core.errors import IllegalTransition


class AwardMode(StrEnum):
    """Who of those that respond gets the booking."""

    FIRST_ACCEPT = "first_accept"
    BUYER_AWARDS = "buyer_awards"


class InviteStatus(StrEnum):
    """Where an invite stands."""

    OPEN = "open"
    AWARDED = "awarded"
    CLOSED = "closed"


class InviteEvent(StrEnum):
    """What ends an invite."""

    AWARD = "award"
    CLOSE = "close"


INVITE_TRANSITIONS: Mapping[tuple[InviteStatus, InviteEvent], InviteStatus] = MappingProxyType(
    {
        (InviteStatus.OPEN, InviteEvent.AWARD): InviteStatus.AWARDED,
        (InviteStatus.OPEN, InviteEvent.CLOSE): InviteStatus.CLOSED,
    }
)


class RecipientStatus(StrEnum):
    """Where one recipient of an invite stands."""

    NEW = "new"
    RESPONDED = "responded"
    AWARDED = "awarded"
    NOT_AWARDED = "not_awarded"


class RecipientEvent(StrEnum):
    """What happens to a recipient."""

    RESPOND = "respond"
    AWARD = "award"
    LEAVE_OUT = "leave_out"


RECIPIENT_TRANSITIONS: Mapping[tuple[RecipientStatus, RecipientEvent], RecipientStatus] = MappingProxyType(
    {
        (RecipientStatus.NEW, RecipientEvent.RESPOND): RecipientStatus.RESPONDED,
        (RecipientStatus.NEW, RecipientEvent.LEAVE_OUT): RecipientStatus.NOT_AWARDED,
        (RecipientStatus.RESPONDED, RecipientEvent.AWARD): RecipientStatus.AWARDED,
        (RecipientStatus.RESPONDED, RecipientEvent.LEAVE_OUT): RecipientStatus.NOT_AWARDED,
    }
)


@dataclass(frozen=True, slots=True)
class Invite:
    """A buyer's call for bookings."""

    invite_id: str
    buyer_user_id: str
    award_mode: AwardMode
    status: InviteStatus
    title: str
    message: str
    recipient_cap: int
    expires_at: datetime
    payment_method_id: str
    """The buyer's card, charged for whoever is awarded."""
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Recipient:
    """One of those an invite went to, and the order that is theirs."""

    invite_id: str
    recipient_user_id: str
    order_id: str
    status: RecipientStatus
    created_at: datetime
    responded_at: datetime | None
    decided_at: datetime | None
    total_cents: int
    """What they would cost the buyer in all."""


def check_open(invite: Invite, *, now: datetime) -> None:
    """Refuses an answer to an invite that has ended, even if no job has noticed yet that its time is over."""
    if invite.status is not InviteStatus.OPEN:
        raise InviteOver(invite.invite_id, invite.status)
    if now >= invite.expires_at:
        raise InviteOver(invite.invite_id, "expired")


def moved(invite: Invite, event: InviteEvent, *, now: datetime) -> Invite:
    """The invite after the event; IllegalTransition where it has ended already."""
    status = INVITE_TRANSITIONS.get((invite.status, event))
    if status is None:
        raise IllegalTransition(invite.invite_id, invite.status, event)
    return replace(invite, status=status, version=invite.version + 1, updated_at=now)


def recipient_moved(recipient: Recipient, event: RecipientEvent, *, now: datetime) -> Recipient:
    """The recipient after the event; IllegalTransition where they have no such step."""
    status = RECIPIENT_TRANSITIONS.get((recipient.status, event))
    if status is None:
        raise IllegalTransition(recipient.order_id, recipient.status, event)
    if event is RecipientEvent.RESPOND:
        return replace(recipient, status=status, responded_at=now)
    return replace(recipient, status=status, decided_at=now)
