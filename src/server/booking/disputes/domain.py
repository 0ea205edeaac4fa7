"""What a dispute is and which steps it may take. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from server.core.errors import IllegalTransition

OPENED_WITHIN = timedelta(days=14)
"""So long after its completion an order can still be disputed."""

MOST_STATEMENTS = 40


class DisputeStatus(StrEnum):
    """Where a dispute stands."""

    OPEN = "open"
    AWAITING_EVIDENCE = "awaiting_evidence"
    UNDER_REVIEW = "under_review"
    RESOLVED_BUYER = "resolved_buyer"
    RESOLVED_PROVIDER = "resolved_provider"
    SPLIT = "split"
    CHARGEBACK = "chargeback"


class DisputeEvent(StrEnum):
    """What moves a dispute."""

    STATE = "state"
    START_REVIEW = "start_review"
    DECIDE_FOR_BUYER = "decide_for_buyer"
    DECIDE_FOR_PROVIDER = "decide_for_provider"
    DECIDE_SPLIT = "decide_split"
    WITHDRAW_BY_BUYER = "withdraw_by_buyer"
    WITHDRAW_BY_PROVIDER = "withdraw_by_provider"
    WITHDRAW_BY_AGENT = "withdraw_by_agent"
    CHARGED_BACK = "charged_back"
    CHARGEBACK_WON = "chargeback_won"
    CHARGEBACK_LOST = "chargeback_lost"


class Opener(StrEnum):
    """In which capacity somebody opened a dispute."""

    BUYER = "buyer"
    PROVIDER = "provider"
    AGENT = "agent"
    PROCESSOR = "processor"


class Outcome(StrEnum):
    """How a dispute came to its end."""

    DECIDED = "decided"
    WITHDRAWN = "withdrawn"
    CHARGEBACK_WON = "chargeback_won"
    CHARGEBACK_LOST = "chargeback_lost"


_BETWEEN_PEOPLE = (DisputeStatus.OPEN, DisputeStatus.AWAITING_EVIDENCE, DisputeStatus.UNDER_REVIEW)


def _while_open(event: DisputeEvent, target: DisputeStatus) -> dict[tuple[DisputeStatus, DisputeEvent], DisputeStatus]:
    return {(status, event): target for status in _BETWEEN_PEOPLE}


DISPUTE_TRANSITIONS: Mapping[tuple[DisputeStatus, DisputeEvent], DisputeStatus] = MappingProxyType(
    {
        (DisputeStatus.OPEN, DisputeEvent.STATE): DisputeStatus.AWAITING_EVIDENCE,
        (DisputeStatus.AWAITING_EVIDENCE, DisputeEvent.STATE): DisputeStatus.AWAITING_EVIDENCE,
        (DisputeStatus.UNDER_REVIEW, DisputeEvent.STATE): DisputeStatus.UNDER_REVIEW,
        (DisputeStatus.OPEN, DisputeEvent.START_REVIEW): DisputeStatus.UNDER_REVIEW,
        (DisputeStatus.AWAITING_EVIDENCE, DisputeEvent.START_REVIEW): DisputeStatus.UNDER_REVIEW,
        (DisputeStatus.UNDER_REVIEW, DisputeEvent.DECIDE_FOR_BUYER): DisputeStatus.RESOLVED_BUYER,
        (DisputeStatus.UNDER_REVIEW, DisputeEvent.DECIDE_FOR_PROVIDER): DisputeStatus.RESOLVED_PROVIDER,
        (DisputeStatus.UNDER_REVIEW, DisputeEvent.DECIDE_SPLIT): DisputeStatus.SPLIT,
        **_while_open(DisputeEvent.WITHDRAW_BY_BUYER, DisputeStatus.RESOLVED_PROVIDER),
        **_while_open(DisputeEvent.WITHDRAW_BY_PROVIDER, DisputeStatus.RESOLVED_BUYER),
        **_while_open(DisputeEvent.WITHDRAW_BY_AGENT, DisputeStatus.RESOLVED_PROVIDER),
        **_while_open(DisputeEvent.CHARGED_BACK, DisputeStatus.CHARGEBACK),
        (DisputeStatus.CHARGEBACK, DisputeEvent.CHARGEBACK_WON): DisputeStatus.RESOLVED_PROVIDER,
        (DisputeStatus.CHARGEBACK, DisputeEvent.CHARGEBACK_LOST): DisputeStatus.RESOLVED_BUYER,
    }
)

OPEN = frozenset({*_BETWEEN_PEOPLE, DisputeStatus.CHARGEBACK})
"""While a dispute stands here its order is disputed."""

_OUTCOMES: Mapping[DisputeEvent, Outcome] = MappingProxyType(
    {
        DisputeEvent.DECIDE_FOR_BUYER: Outcome.DECIDED,
        DisputeEvent.DECIDE_FOR_PROVIDER: Outcome.DECIDED,
        DisputeEvent.DECIDE_SPLIT: Outcome.DECIDED,
        DisputeEvent.WITHDRAW_BY_BUYER: Outcome.WITHDRAWN,
        DisputeEvent.WITHDRAW_BY_PROVIDER: Outcome.WITHDRAWN,
        DisputeEvent.WITHDRAW_BY_AGENT: Outcome.WITHDRAWN,
        DisputeEvent.CHARGEBACK_WON: Outcome.CHARGEBACK_WON,
        DisputeEvent.CHARGEBACK_LOST: Outcome.CHARGEBACK_LOST,
    }
)

WITHDRAWALS: Mapping[Opener, DisputeEvent] = MappingProxyType(
    {
        Opener.BUYER: DisputeEvent.WITHDRAW_BY_BUYER,
        Opener.PROVIDER: DisputeEvent.WITHDRAW_BY_PROVIDER,
        Opener.AGENT: DisputeEvent.WITHDRAW_BY_AGENT,
    }
)
"""Who gives in loses; what the processor opened only the processor ends."""


@dataclass(frozen=True, slots=True)
class Dispute:
    """A disagreement about one order, or about one milestone of it."""

    dispute_id: str
    order_id: str
    opened_by: Opener
    opened_by_user_id: str | None
    reason: str
    description: str
    status: DisputeStatus
    created_at: datetime
    updated_at: datetime
    version: int = 1
    milestone_id: str | None = None
    case_id: str | None = None
    processor_dispute_id: str | None = None
    outcome: Outcome | None = None
    resolved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """What somebody says about a dispute. Statements are evidence: they are never edited."""

    statement_id: str
    dispute_id: str
    author_user_id: str
    author: Opener
    body: str
    created_at: datetime


def moved(dispute: Dispute, event: DisputeEvent, *, now: datetime) -> Dispute:
    """The dispute after the event; IllegalTransition where it has no such step."""
    target = DISPUTE_TRANSITIONS.get((dispute.status, event))
    if target is None:
        raise IllegalTransition(dispute.dispute_id, dispute.status, event)
    outcome = _OUTCOMES.get(event)
    return replace(
        dispute,
        status=target,
        version=dispute.version + 1,
        updated_at=now,
        outcome=outcome,
        resolved_at=now if outcome else None,
    )


def withdrawn(dispute: Dispute, *, now: datetime) -> Dispute:
    """The dispute after its opener gave it up."""
    event = WITHDRAWALS.get(dispute.opened_by)
    if event is None:
        raise IllegalTransition(dispute.dispute_id, dispute.status, "withdraw")
    return moved(dispute, event, now=now)
