"""Programmes and invitations, and the steps an invitation may take. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from zoneinfo import ZoneInfo

from server.core.errors import IllegalTransition
from server.core.money import bips_of
from server.growth.credit.domain import CreditScope
from server.growth.errors import InviteExpired, InviteNotForYou

ACCEPTED_WITHIN = timedelta(days=30)
HOLD = timedelta(days=14)
BUYER, PROVIDER = "buyer", "provider"


class ProgramKind(StrEnum):
    """Who invites whom."""

    PROVIDER_INVITES_PROVIDER = "provider_invites_provider"
    BUYER_INVITES_BUYER = "buyer_invites_buyer"
    CROSS_SIDE = "cross_side"


class InviteStatus(StrEnum):
    """Where an invitation stands."""

    SENT = "sent"
    ACCEPTED = "accepted"
    QUALIFIED = "qualified"
    HELD = "held"
    AWARDED = "awarded"
    REJECTED = "rejected"
    CLAWED_BACK = "clawed_back"


class InviteEvent(StrEnum):
    """What moves an invitation."""

    ACCEPT = "accept"
    QUALIFY = "qualify"
    HOLD = "hold"
    AWARD = "award"
    REJECT = "reject"
    CLAW_BACK = "claw_back"


TRANSITIONS: Mapping[tuple[InviteStatus, InviteEvent], InviteStatus] = MappingProxyType(
    {
        (InviteStatus.SENT, InviteEvent.ACCEPT): InviteStatus.ACCEPTED,
        (InviteStatus.ACCEPTED, InviteEvent.QUALIFY): InviteStatus.QUALIFIED,
        (InviteStatus.QUALIFIED, InviteEvent.HOLD): InviteStatus.HELD,
        (InviteStatus.HELD, InviteEvent.AWARD): InviteStatus.AWARDED,
        (InviteStatus.HELD, InviteEvent.REJECT): InviteStatus.REJECTED,
        (InviteStatus.AWARDED, InviteEvent.CLAW_BACK): InviteStatus.CLAWED_BACK,
    }
)


@dataclass(frozen=True, slots=True)
class Program:
    """What bringing somebody is worth, and on which terms."""

    program_id: str
    kind: ProgramKind
    reward_fixed_cents: int
    reward_bips: int
    credit_scope: CreditScope
    monthly_cap: int
    min_order_cents: int
    credit_valid_days: int | None
    active: bool
    created_at: datetime

    def reward_cents(self, order_cents: int) -> int:
        return self.reward_fixed_cents + bips_of(order_cents, self.reward_bips)

    def expiry(self, now: datetime) -> datetime | None:
        return None if self.credit_valid_days is None else now + timedelta(days=self.credit_valid_days)


@dataclass(frozen=True, slots=True)
class Invite:
    """One person invites another, known by the keyed hash of a mailbox until they sign up."""

    invite_id: str
    program_id: str
    inviter_user_id: str
    invitee_user_id: str | None
    invitee_mailbox: str
    source: str
    status: InviteStatus
    qualified_order_id: str | None
    qualified_cents: int | None
    held_until: datetime | None
    in_review: bool
    other_mailbox: bool
    """Whether the invitee signed up with another mailbox than was invited."""
    decision_reason: str | None
    created_at: datetime
    accepted_at: datetime | None
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class CompletedOrder:
    """What Booking tells of an order that was completed."""

    order_id: str
    buyer_user_id: str
    provider_user_id: str
    total_cents: int
    completed_at: datetime
    payment_fingerprint: str = ""

    @property
    def parties(self) -> frozenset[str]:
        return frozenset({self.buyer_user_id, self.provider_user_id})


def moved(invite: Invite, event: InviteEvent) -> Invite:
    """The invitation after the event; IllegalTransition where there is no such step."""
    target = TRANSITIONS.get((invite.status, event))
    if target is None:
        raise IllegalTransition(invite.invite_id, invite.status, event)
    return replace(invite, status=target)


def check_inviter(kind: ProgramKind, inviter: frozenset[str]) -> None:
    """Whether somebody of these kinds may invite."""
    needed = {ProgramKind.PROVIDER_INVITES_PROVIDER: PROVIDER, ProgramKind.BUYER_INVITES_BUYER: BUYER}.get(kind)
    if needed is not None and needed not in inviter:
        raise InviteNotForYou(kind)


def check_sides(kind: ProgramKind, inviter: frozenset[str], invitee: frozenset[str]) -> None:
    """Whether the two are who the programme is for."""
    check_inviter(kind, inviter)
    if kind is ProgramKind.CROSS_SIDE:
        fits = any(one != other for one in inviter for other in invitee)
    else:
        fits = (PROVIDER if kind is ProgramKind.PROVIDER_INVITES_PROVIDER else BUYER) in invitee
    if not fits:
        raise InviteNotForYou(kind)


def accepted(invite: Invite, invitee_user_id: str, *, now: datetime) -> Invite:
    """The invitation, taken by somebody."""
    after = moved(invite, InviteEvent.ACCEPT)
    if now >= invite.created_at + ACCEPTED_WITHIN:
        raise InviteExpired(invite.invite_id)
    return replace(after, invitee_user_id=invitee_user_id, accepted_at=now)


def qualifies(invite: Invite, program: Program, order: CompletedOrder) -> bool:
    """The invitee took part, the sum suffices, and the inviter is not on the other side."""
    return (
        invite.status is InviteStatus.ACCEPTED
        and invite.invitee_user_id in order.parties
        and invite.inviter_user_id not in order.parties
        and order.total_cents >= program.min_order_cents
    )


def held(invite: Invite, order: CompletedOrder) -> Invite:
    """The invitation after its order: qualified, and waiting for refunds and disputes to show."""
    after = moved(moved(invite, InviteEvent.QUALIFY), InviteEvent.HOLD)
    return replace(
        after,
        qualified_order_id=order.order_id,
        qualified_cents=order.total_cents,
        held_until=order.completed_at + HOLD,
    )


def decided(invite: Invite, event: InviteEvent, reason: str, *, now: datetime) -> Invite:
    """The invitation at its end, or at its second one."""
    return replace(moved(invite, event), in_review=False, decision_reason=reason, decided_at=now)


def month_of(time_zone: str, now: datetime) -> date:
    """The first day of the month that it is over there."""
    return now.astimezone(ZoneInfo(time_zone)).date().replace(day=1)
