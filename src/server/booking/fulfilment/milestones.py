"""What a milestone is, which steps it may take, and how milestones share out a subtotal. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from server.core.errors import IllegalTransition
from server.core.money import largest_remainder

SILENCE_APPROVES_AFTER = timedelta(days=14)
MOST_MILESTONES = 20


class MilestoneStatus(StrEnum):
    """Where a milestone stands."""

    OPEN = "open"
    DELIVERED = "delivered"
    APPROVED = "approved"
    DISPUTED = "disputed"
    REFUNDED = "refunded"


class MilestoneEvent(StrEnum):
    """What moves a milestone."""

    DELIVER = "deliver"
    REOPEN = "reopen"
    APPROVE = "approve"
    SILENCE = "silence"
    DISPUTE = "dispute"
    RESUME_OPEN = "resume_open"
    RESUME_DELIVERED = "resume_delivered"
    SETTLE_FOR_PROVIDER = "settle_for_provider"
    SETTLE_FOR_BUYER = "settle_for_buyer"
    CANCEL = "cancel"


MILESTONE_TRANSITIONS: Mapping[tuple[MilestoneStatus, MilestoneEvent], MilestoneStatus] = MappingProxyType(
    {
        (MilestoneStatus.OPEN, MilestoneEvent.DELIVER): MilestoneStatus.DELIVERED,
        (MilestoneStatus.OPEN, MilestoneEvent.DISPUTE): MilestoneStatus.DISPUTED,
        (MilestoneStatus.OPEN, MilestoneEvent.SETTLE_FOR_PROVIDER): MilestoneStatus.APPROVED,
        (MilestoneStatus.OPEN, MilestoneEvent.SETTLE_FOR_BUYER): MilestoneStatus.REFUNDED,
        (MilestoneStatus.OPEN, MilestoneEvent.CANCEL): MilestoneStatus.REFUNDED,
        (MilestoneStatus.DELIVERED, MilestoneEvent.REOPEN): MilestoneStatus.OPEN,
        (MilestoneStatus.DELIVERED, MilestoneEvent.APPROVE): MilestoneStatus.APPROVED,
        (MilestoneStatus.DELIVERED, MilestoneEvent.SILENCE): MilestoneStatus.APPROVED,
        (MilestoneStatus.DELIVERED, MilestoneEvent.DISPUTE): MilestoneStatus.DISPUTED,
        (MilestoneStatus.DELIVERED, MilestoneEvent.SETTLE_FOR_PROVIDER): MilestoneStatus.APPROVED,
        (MilestoneStatus.DELIVERED, MilestoneEvent.SETTLE_FOR_BUYER): MilestoneStatus.REFUNDED,
        (MilestoneStatus.DELIVERED, MilestoneEvent.CANCEL): MilestoneStatus.REFUNDED,
        (MilestoneStatus.DISPUTED, MilestoneEvent.RESUME_OPEN): MilestoneStatus.OPEN,
        (MilestoneStatus.DISPUTED, MilestoneEvent.RESUME_DELIVERED): MilestoneStatus.DELIVERED,
        (MilestoneStatus.DISPUTED, MilestoneEvent.SETTLE_FOR_PROVIDER): MilestoneStatus.APPROVED,
        (MilestoneStatus.DISPUTED, MilestoneEvent.SETTLE_FOR_BUYER): MilestoneStatus.REFUNDED,
    }
)

SETTLED = frozenset({MilestoneStatus.APPROVED, MilestoneStatus.REFUNDED})
"""Where nothing more happens to a milestone."""

HANDED_OVER = SETTLED | {MilestoneStatus.DELIVERED}
"""Where the provider has nothing more to do for it."""


@dataclass(frozen=True, slots=True)
class Milestone:
    """A part of an order's work, and the part of its subtotal that it brings."""

    milestone_id: str
    order_id: str
    position: int
    title: str
    due_ts: datetime | None
    amount_cents: int
    status: MilestoneStatus = MilestoneStatus.OPEN
    delivered_at: datetime | None = None
    review_until: datetime | None = None
    """Until then the buyer looks at it; their silence approves it."""
    settled_at: datetime | None = None


def moved(milestone: Milestone, event: MilestoneEvent, *, now: datetime) -> Milestone:
    """The milestone after the event; IllegalTransition where it has no such step."""
    target = MILESTONE_TRANSITIONS.get((milestone.status, event))
    if target is None:
        raise IllegalTransition(milestone.milestone_id, milestone.status, event)
    after = replace(milestone, status=target, settled_at=now if target in SETTLED else None)
    match event:
        case MilestoneEvent.DELIVER:
            return replace(after, delivered_at=now, review_until=now + SILENCE_APPROVES_AFTER)
        case MilestoneEvent.REOPEN:
            return replace(after, delivered_at=None, review_until=None)
        case MilestoneEvent.RESUME_DELIVERED:
            return reviewed_anew(after, now=now)
        case _:
            return after


def resumed(milestone: Milestone, *, now: datetime) -> Milestone:
    """A disputed milestone back where it was before the dispute."""
    was_delivered = milestone.delivered_at is not None
    event = MilestoneEvent.RESUME_DELIVERED if was_delivered else MilestoneEvent.RESUME_OPEN
    return moved(milestone, event, now=now)


def reviewed_anew(milestone: Milestone, *, now: datetime) -> Milestone:
    """A delivered milestone with its whole time for review: while an order is disputed nobody can approve."""
    return replace(milestone, review_until=now + SILENCE_APPROVES_AFTER)


def settled_all(milestones: Sequence[Milestone], event: MilestoneEvent, *, now: datetime) -> list[Milestone]:
    """Those that were unsettled, after an end of the order that settles them all."""
    return [moved(milestone, event, now=now) for milestone in milestones if milestone.status not in SETTLED]


def approved_cents(milestones: Sequence[Milestone]) -> int:
    """What of the subtotal is approved."""
    return sum(item.amount_cents for item in milestones if item.status is MilestoneStatus.APPROVED)


def refitted(milestones: Sequence[Milestone], subtotal_cents: int) -> list[Milestone]:
    """The milestones in their proportions, made to share out another subtotal to the cent."""
    weights = [milestone.amount_cents for milestone in milestones]
    if sum(weights) == subtotal_cents:
        return list(milestones)
    shares = largest_remainder(subtotal_cents, weights)
    return [replace(item, amount_cents=share) for item, share in zip(milestones, shares, strict=True)]
