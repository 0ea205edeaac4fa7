"""Refunds of cases: every status with every event, who may approve what, and what is never tried again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from server.core.errors import IllegalTransition, RoleRequired
from server.support.errors import FourEyes, RefundRejected
from server.support.refunds.domain import (
    REJECTED,
    Amounts,
    ApprovalRole,
    Approver,
    Limits,
    Refund,
    RefundEvent,
    RefundStatus,
    Share,
    apply,
    approval_role,
    check_amount,
    check_approver,
)

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
AMOUNTS = Amounts("usd", 11_361, 10_000, 1_250, 111, 0)
LIMITS = Limits("rlm_1", "usd", 20_000, 5_000, NOW)

# Written down once more, as the design's table has it.
LEGAL = {
    ("proposed", "approve"): "processing",
    ("proposed", "reject"): "failed",
    ("processing", "succeed"): "succeeded",
    ("processing", "fail"): "failed",
    ("succeeded", "fail"): "failed",
    ("failed", "approve"): "processing",
}


def refund(status: RefundStatus = RefundStatus.PROPOSED) -> Refund:
    return Refund(
        refund_id="srf_1",
        case_id="sca_1",
        order_id="ord_1",
        status=status,
        share=Share(subtotal_cents=10_000),
        amounts=AMOUNTS,
        fee_refundable=True,
        reason="Nobody came.",
        proposed_by="usr_agent",
        created_at=NOW,
        updated_at=NOW,
    )


def agent(user_id: str) -> Approver:
    return Approver(user_id, finance=False)


def finance(user_id: str) -> Approver:
    return Approver(user_id, finance=True)


@pytest.mark.parametrize(("status", "event"), list(product(RefundStatus, RefundEvent)))
def test_every_pair_of_status_and_event(status: RefundStatus, event: RefundEvent) -> None:
    target = LEGAL.get((status, event))
    if target is None:
        with pytest.raises(IllegalTransition):
            apply(refund(status), event, now=LATER)
    else:
        moved = apply(refund(status), event, now=LATER)
        assert (moved.status, moved.updated_at) == (RefundStatus(target), LATER)


def test_a_rejected_refund_is_not_tried_again() -> None:
    rejected = replace(refund(RefundStatus.FAILED), failure_reason=REJECTED)
    with pytest.raises(RefundRejected):
        apply(rejected, RefundEvent.APPROVE, now=LATER)


def test_another_person_approves_than_the_one_who_proposed() -> None:
    with pytest.raises(FourEyes):
        check_approver(refund(), AMOUNTS, finance("usr_agent"), LIMITS)
    check_approver(refund(), AMOUNTS, agent("usr_other"), LIMITS)


@pytest.mark.parametrize(
    ("cash_cents", "credit_cents", "role"),
    [
        (20_000, 0, ApprovalRole.AGENT),
        (20_001, 0, ApprovalRole.FINANCE),
        (19_999, 1, ApprovalRole.AGENT),
        (19_999, 2, ApprovalRole.FINANCE),
    ],
)
def test_the_amount_decides_who_may_approve(cash_cents: int, credit_cents: int, role: ApprovalRole) -> None:
    amounts = replace(AMOUNTS, cash_cents=cash_cents, credit_cents=credit_cents)
    assert approval_role(amounts, LIMITS) is role
    check_approver(refund(), amounts, finance("usr_other"), LIMITS)
    if role is ApprovalRole.FINANCE:
        with pytest.raises(RoleRequired):
            check_approver(refund(), amounts, agent("usr_other"), LIMITS)
    else:
        check_approver(refund(), amounts, agent("usr_other"), LIMITS)


def test_without_limits_for_a_currency_finance_alone_decides() -> None:
    assert approval_role(AMOUNTS, None) is ApprovalRole.FINANCE
    with pytest.raises(RoleRequired):
        check_approver(refund(), AMOUNTS, agent("usr_other"), None)
    check_amount(1, finance("usr_other"), 0)
