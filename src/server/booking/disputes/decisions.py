"""What staff decide about a dispute: proposed by one person, approved by another. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from server.booking.disputes.domain import Dispute, DisputeEvent, DisputeStatus
from server.booking.disputes.errors import FourEyes
from server.booking.refunds import Balance
from server.core.call import Actor, Role
from server.core.errors import FieldInvalid, IllegalTransition, RoleRequired, Violation

AGENTS_APPROVE_UP_TO_CENTS = 50_000
"""What agents may approve among themselves; what gives more of the subtotal back needs finance."""


class DecisionStatus(StrEnum):
    """Where a decision stands."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"


class Result(StrEnum):
    """For whom a dispute is decided."""

    RESOLVED_BUYER = "resolved_buyer"
    RESOLVED_PROVIDER = "resolved_provider"
    SPLIT = "split"


class ApprovalRole(StrEnum):
    """Who has to agree."""

    AGENT = "agent"
    FINANCE = "finance"


DECIDES: Mapping[Result, DisputeEvent] = MappingProxyType(
    {
        Result.RESOLVED_BUYER: DisputeEvent.DECIDE_FOR_BUYER,
        Result.RESOLVED_PROVIDER: DisputeEvent.DECIDE_FOR_PROVIDER,
        Result.SPLIT: DisputeEvent.DECIDE_SPLIT,
    }
)

_APPROVERS: Mapping[ApprovalRole, tuple[Role, ...]] = MappingProxyType(
    {ApprovalRole.AGENT: (Role.AGENT, Role.FINANCE), ApprovalRole.FINANCE: (Role.FINANCE,)}
)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a decision gives back to the buyer. All else of the order is the provider's."""

    result: Result
    refund_subtotal_cents: int
    refund_tip_cents: int
    fee_refundable: bool

    @property
    def gives_back(self) -> bool:
        """Whether anything goes back."""
        return self.refund_subtotal_cents > 0 or self.refund_tip_cents > 0


@dataclass(frozen=True, slots=True)
class Decision:
    """What one person proposes, and whether another one agrees."""

    decision_id: str
    dispute_id: str
    terms: Terms
    reason: str
    approval_role: ApprovalRole
    proposed_by: str
    created_at: datetime
    status: DecisionStatus = DecisionStatus.PROPOSED
    decided_by: str | None = None
    decided_at: datetime | None = None


def approval_role(terms: Terms) -> ApprovalRole:
    """By what the decision moves."""
    moved_cents = terms.refund_subtotal_cents + terms.refund_tip_cents
    return ApprovalRole.AGENT if moved_cents <= AGENTS_APPROVE_UP_TO_CENTS else ApprovalRole.FINANCE


def check_terms(terms: Terms, balance: Balance) -> None:
    """A decision gives back what is there, and says for whom it is."""
    left = balance.subtotal_cents - balance.subtotal_returned_cents
    tip_left = balance.tip_cents - balance.tip_returned_cents
    violations = []
    if terms.refund_subtotal_cents > left:
        violations.append(Violation("refund_subtotal_cents", f"must be at most {left}, what is left of the subtotal"))
    if terms.refund_tip_cents > tip_left:
        violations.append(Violation("refund_tip_cents", f"must be at most {tip_left}, what is left of the tip"))
    match terms.result:
        case Result.RESOLVED_PROVIDER if terms.refund_subtotal_cents or terms.refund_tip_cents:
            violations.append(Violation("result", "for the provider gives nothing back"))
        case Result.SPLIT if not 0 < terms.refund_subtotal_cents < left:
            violations.append(Violation("refund_subtotal_cents", "must leave both sides a part where it is split"))
        case Result.RESOLVED_BUYER if not terms.refund_subtotal_cents:
            violations.append(Violation("refund_subtotal_cents", "must be above 0 where it is decided for the buyer"))
        case _:
            pass
    if violations:
        raise FieldInvalid(*violations)


def approved(decision: Decision, dispute: Dispute, actor: Actor, *, now: datetime) -> Decision:
    """The decision, agreed to by somebody else who may."""
    if decision.status is not DecisionStatus.PROPOSED:
        raise IllegalTransition(decision.decision_id, decision.status, "approve")
    if dispute.status is not DisputeStatus.UNDER_REVIEW:
        raise IllegalTransition(dispute.dispute_id, dispute.status, DECIDES[decision.terms.result])
    if not actor.has(*_APPROVERS[decision.approval_role]):
        raise RoleRequired([role.value for role in _APPROVERS[decision.approval_role]])
    if actor.user_id == decision.proposed_by:
        raise FourEyes
    return replace(decision, status=DecisionStatus.APPROVED, decided_by=actor.user_id, decided_at=now)


def rejected(decision: Decision, by: str, *, now: datetime) -> Decision:
    """The decision, overtaken by another proposal or by the dispute's end."""
    return replace(decision, status=DecisionStatus.REJECTED, decided_by=by, decided_at=now)
