"""What a refund of a case is, and who may let it go. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from server.core.errors import IllegalTransition, RoleRequired
from server.support.errors import FourEyes, RefundRejected

REJECTED = "rejected"
"""The failure reason of a refund that somebody refused. It is not tried again."""


class RefundStatus(StrEnum):
    """Where a refund stands."""

    PROPOSED = "proposed"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class RefundEvent(StrEnum):
    """What happens to a refund."""

    APPROVE = "approve"
    REJECT = "reject"
    SUCCEED = "succeed"
    FAIL = "fail"


REFUND_TRANSITIONS: Mapping[tuple[RefundStatus, RefundEvent], RefundStatus] = MappingProxyType(
    {
        (RefundStatus.PROPOSED, RefundEvent.APPROVE): RefundStatus.PROCESSING,
        (RefundStatus.PROPOSED, RefundEvent.REJECT): RefundStatus.FAILED,
        (RefundStatus.PROCESSING, RefundEvent.SUCCEED): RefundStatus.SUCCEEDED,
        (RefundStatus.PROCESSING, RefundEvent.FAIL): RefundStatus.FAILED,
        # The bank can send money back that had arrived.
        (RefundStatus.SUCCEEDED, RefundEvent.FAIL): RefundStatus.FAILED,
        # Another attempt; a rejected one gets none.
        (RefundStatus.FAILED, RefundEvent.APPROVE): RefundStatus.PROCESSING,
    }
)


class ApprovalRole(StrEnum):
    """Who may let an amount go."""

    AGENT = "agent"
    FINANCE = "finance"


@dataclass(frozen=True, slots=True)
class Approver:
    """Somebody of the staff, who may be of finance."""

    user_id: str
    finance: bool


@dataclass(frozen=True, slots=True)
class Share:
    """What of an order's subtotal is asked for: an amount, bips of the whole, or cents by line. One of the three."""

    subtotal_cents: int | None = None
    bips: int | None = None
    lines: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Amounts:
    """What a share comes to. The cash includes the fee and tax parts."""

    currency: str
    cash_cents: int
    subtotal_cents: int
    platform_fee_cents: int
    platform_fee_tax_cents: int
    credit_cents: int

    @property
    def given_cents(self) -> int:
        """What the buyer gets in all, by which limits are measured."""
        return self.cash_cents + self.credit_cents


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """Money that a case gives back to the buyer of its order."""

    refund_id: str
    case_id: str
    order_id: str
    status: RefundStatus
    share: Share
    amounts: Amounts
    fee_refundable: bool
    reason: str
    proposed_by: str
    created_at: datetime
    updated_at: datetime
    approved_by: str | None = None
    rejected_by: str | None = None
    failure_reason: str | None = None
    refund_set_id: str | None = None
    processor_ref: str | None = None
    attempts: int = 0

    @property
    def rejected(self) -> bool:
        return self.failure_reason == REJECTED


@dataclass(frozen=True, slots=True)
class Limits:
    """What an agent may let go in one currency; beyond it finance does."""

    refund_limit_id: str
    currency: str
    agent_approves_cents: int
    agent_grants_cents: int
    created_at: datetime


def apply(refund: Refund, event: RefundEvent, *, now: datetime) -> Refund:
    """The refund after the event; IllegalTransition where the machine has no such step."""
    target = REFUND_TRANSITIONS.get((refund.status, event))
    if target is None:
        raise IllegalTransition(refund.refund_id, refund.status, event)
    if refund.rejected:
        raise RefundRejected(refund.refund_id)
    return replace(refund, status=target, updated_at=now)


def approval_role(amounts: Amounts, limits: Limits | None) -> ApprovalRole:
    """Who may approve such a refund: without limits for a currency finance alone."""
    limit = limits.agent_approves_cents if limits else 0
    return ApprovalRole.AGENT if amounts.given_cents <= limit else ApprovalRole.FINANCE


def check_approver(refund: Refund, amounts: Amounts, approver: Approver, limits: Limits | None) -> None:
    """Another person approves than the one who proposed, and the amount decides who may."""
    if approver.user_id == refund.proposed_by:
        raise FourEyes(refund.refund_id)
    check_amount(amounts.given_cents, approver, limits.agent_approves_cents if limits else 0)


def check_amount(cents: int, approver: Approver, agent_limit_cents: int) -> None:
    """Refuses an amount that is beyond what somebody may let go."""
    if cents > agent_limit_cents and not approver.finance:
        raise RoleRequired([ApprovalRole.FINANCE])
