"""What staff decide about disputes, who has to agree, and what is paid on top or given back by agreement."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.booking.disputes.decisions import (
    AGENTS_APPROVE_UP_TO_CENTS,
    ApprovalRole,
    Decision,
    DecisionStatus,
    Result,
    Terms,
    approval_role,
    approved,
    check_terms,
    rejected,
)
from server.booking.disputes.domain import Dispute, DisputeStatus, Opener
from server.booking.disputes.errors import FourEyes
from server.booking.domain.order import Status
from server.booking.domain.terms import LocationKind
from server.booking.fulfilment.errors import ChangesExhausted, TooEarly
from server.booking.fulfilment.extras import charge_for, repriced
from server.booking.fulfilment.milestones import Milestone
from server.booking.fulfilment.standing import (
    check_changes,
    check_delivery,
    check_start,
    ends_by_itself,
    review_until,
)
from server.booking.refunds import captured, extended, refunded
from server.core.call import Actor, Role
from server.core.errors import FieldInvalid, IllegalTransition, RoleRequired
from tests.domain.booking_orders import NOW, an_order

BALANCE = captured(an_order().price)
MILESTONE = Milestone("mst_1", "ord_1", 1, "Selection", None, 10_000)


def decision(terms: Terms, status: DecisionStatus = DecisionStatus.PROPOSED) -> Decision:
    return Decision("dcs_1", "dsp_1", terms, "half came", approval_role(terms), "usr_agent", NOW, status)


def dispute(status: DisputeStatus = DisputeStatus.UNDER_REVIEW) -> Dispute:
    return Dispute("dsp_1", "ord_1", Opener.BUYER, "usr_buyer", "no_show", "", status, NOW, NOW)


def actor(user_id: str, *roles: Role) -> Actor:
    return Actor(user_id, frozenset(roles))


SMALL = Terms(Result.SPLIT, 5_000, 0, fee_refundable=False)
LARGE = Terms(Result.RESOLVED_BUYER, AGENTS_APPROVE_UP_TO_CENTS, 1, fee_refundable=True)


@pytest.mark.parametrize(
    ("terms", "fields"),
    [
        (Terms(Result.RESOLVED_BUYER, 10_001, 0, fee_refundable=True), {"refund_subtotal_cents"}),
        (Terms(Result.RESOLVED_BUYER, 10_000, 501, fee_refundable=True), {"refund_tip_cents"}),
        (Terms(Result.RESOLVED_BUYER, 0, 500, fee_refundable=True), {"refund_subtotal_cents"}),
        (Terms(Result.RESOLVED_PROVIDER, 1, 0, fee_refundable=True), {"result"}),
        (Terms(Result.RESOLVED_PROVIDER, 0, 1, fee_refundable=True), {"result"}),
        (Terms(Result.SPLIT, 10_000, 0, fee_refundable=True), {"refund_subtotal_cents"}),
        (Terms(Result.SPLIT, 0, 0, fee_refundable=True), {"refund_subtotal_cents"}),
    ],
)
def test_a_decision_that_cannot_be_carried_out_names_what_is_wrong(terms: Terms, fields: set[str]) -> None:
    with pytest.raises(FieldInvalid) as refused:
        check_terms(terms, BALANCE)
    assert {violation.field for violation in refused.value.violations} == fields


def test_what_was_given_back_before_cannot_be_decided_again() -> None:
    before, _ = refunded(BALANCE, 6_000, fee_refundable=True)
    check_terms(Terms(Result.RESOLVED_BUYER, 4_000, 500, fee_refundable=True), before)
    with pytest.raises(FieldInvalid):
        check_terms(Terms(Result.RESOLVED_BUYER, 4_001, 0, fee_refundable=True), before)


def test_the_amount_decides_who_has_to_agree() -> None:
    assert approval_role(SMALL) is ApprovalRole.AGENT
    assert approval_role(replace(LARGE, refund_tip_cents=0)) is ApprovalRole.AGENT
    assert approval_role(LARGE) is ApprovalRole.FINANCE


def test_another_person_approves_and_finance_what_is_large() -> None:
    for role in (Role.AGENT, Role.FINANCE):
        agreed = approved(decision(SMALL), dispute(), actor("usr_other", role), now=NOW)
        assert (agreed.status, agreed.decided_by) == (DecisionStatus.APPROVED, "usr_other")
    with pytest.raises(FourEyes):
        approved(decision(SMALL), dispute(), actor("usr_agent", Role.AGENT, Role.FINANCE), now=NOW)
    with pytest.raises(RoleRequired):
        approved(decision(LARGE), dispute(), actor("usr_other", Role.AGENT), now=NOW)
    assert approved(decision(LARGE), dispute(), actor("usr_other", Role.FINANCE), now=NOW).decided_at == NOW


@pytest.mark.parametrize("status", [DecisionStatus.APPROVED, DecisionStatus.REJECTED])
def test_only_what_waits_is_approved(status: DecisionStatus) -> None:
    with pytest.raises(IllegalTransition):
        approved(decision(SMALL, status), dispute(), actor("usr_other", Role.AGENT), now=NOW)


@pytest.mark.parametrize("status", sorted(set(DisputeStatus) - {DisputeStatus.UNDER_REVIEW}))
def test_a_decision_is_of_no_account_unless_its_dispute_is_reviewed(status: DisputeStatus) -> None:
    with pytest.raises(IllegalTransition):
        approved(decision(SMALL), dispute(status), actor("usr_other", Role.AGENT), now=NOW)


def test_whoever_replaces_a_proposal_is_remembered() -> None:
    assert rejected(decision(SMALL), "usr_agent", now=NOW).decided_by == "usr_agent"


def test_a_check_in_comes_once_and_not_long_before_the_start() -> None:
    order = an_order()
    check_start(order, now=order.start_ts - timedelta(hours=1))
    with pytest.raises(TooEarly) as early:
        check_start(order, now=order.start_ts - timedelta(hours=1, seconds=1))
    with pytest.raises(IllegalTransition):
        check_start(replace(order, checked_in_at=order.start_ts), now=order.start_ts)
    assert early.value.metadata["not_before"] == (order.start_ts - timedelta(hours=1)).isoformat()


def test_only_what_takes_place_nowhere_is_delivered_before_it_began() -> None:
    check_delivery(an_order(location_kind=LocationKind.REMOTE))
    check_delivery(an_order(Status.IN_PROGRESS))
    with pytest.raises(IllegalTransition):
        check_delivery(an_order())


def test_changes_are_asked_for_twice() -> None:
    check_changes(an_order(Status.DELIVERED, change_rounds=1))
    with pytest.raises(ChangesExhausted):
        check_changes(an_order(Status.DELIVERED, change_rounds=2))


@pytest.mark.parametrize(
    ("place", "milestones", "window"),
    [
        (LocationKind.BUYER, [], timedelta(hours=72)),
        (LocationKind.BUYER, [MILESTONE], timedelta(days=14)),
        (LocationKind.REMOTE, [], timedelta(days=14)),
    ],
)
def test_whatever_is_handed_over_takes_longer_to_look_at(
    place: LocationKind, milestones: list[Milestone], window: timedelta
) -> None:
    assert review_until(an_order(location_kind=place), milestones, now=NOW) == NOW + window


def test_only_a_day_on_site_ends_by_itself() -> None:
    assert ends_by_itself(an_order(), [])
    assert not ends_by_itself(an_order(), [MILESTONE])
    assert not ends_by_itself(an_order(location_kind=LocationKind.REMOTE), [])
    assert not ends_by_itself(an_order(change_rounds=1), [])


@given(st.integers(1, 1_000_000), st.integers(0, 10_000))
def test_what_is_paid_on_top_leaves_a_price_that_adds_up(more: int, returned: int) -> None:
    order = an_order()
    balance, _ = refunded(BALANCE, returned, fee_refundable=True)
    after = extended(balance, order.price.policy, subtotal_cents=more)
    price = repriced(order.price, after)
    parts = price.subtotal_cents + price.platform_fee_cents + price.tax_cents + price.tip_cents - price.credit_cents
    assert price.total_cents == parts == after.charged_cents
    assert price.total_cents - order.price.total_cents == charge_for(order, balance, more)
