"""Payments into budgets and what is taken back out of them: every step of the machines, and how money is shared out."""

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.errors import IllegalTransition
from server.promo.domain.advertiser import (
    ADVERTISER_TRANSITIONS,
    Advertiser,
    AdvertiserEvent,
    AdvertiserStatus,
    Wishes,
    moved_by_staff,
    revised,
)
from server.promo.domain.debt import Debt, Settlement, SettlementMethod, SettlementStatus, approve
from server.promo.domain.notice import Notice, NoticeKind, sentence
from server.promo.domain.topup import (
    TOPUP_TRANSITIONS,
    PaymentSeen,
    Refusal,
    TopUp,
    TopUpCause,
    TopUpEvent,
    TopUpStatus,
    seen,
)
from server.promo.domain.withdrawal import (
    PART_TRANSITIONS,
    WITHDRAWAL_TRANSITIONS,
    PartEvent,
    PartStatus,
    Refundable,
    Withdrawal,
    WithdrawalEvent,
    WithdrawalPart,
    WithdrawalStatus,
    moved,
    part_moved,
    parts,
    with_part,
)
from server.promo.errors import SecondPersonNeeded, SettlementExceedsDebt

NOW = datetime(2026, 5, 1, tzinfo=UTC)
TOPUP = TopUp(
    topup_id="ptop_1",
    campaign_id="pcmp_1",
    payer_user_id="usr_1",
    amount_cents=500,
    cause=TopUpCause.ADVERTISER,
    status=TopUpStatus.PENDING,
    version=1,
    created_at=NOW,
    updated_at=NOW,
)


@pytest.mark.parametrize(("status", "event"), [*product(TopUpStatus, TopUpEvent)])
def test_every_look_at_a_payment_is_a_step_or_nothing_new(status: TopUpStatus, event: TopUpEvent) -> None:
    payment = PaymentSeen(event, "pi_1", "ch_1", Refusal("card_declined", "lost_card"))
    after = seen(replace(TOPUP, status=status), payment, now=NOW)
    target = TOPUP_TRANSITIONS.get((status, event))
    assert (after.status if after else None) == target
    if after is not None:
        assert after.version == 2
        assert (after.charge_id is not None) == (after.status is TopUpStatus.PAID)
        assert (after.refusal is not None) == (after.status is TopUpStatus.FAILED)


@pytest.mark.parametrize("event", TopUpEvent)
def test_money_that_came_is_never_forgotten(event: TopUpEvent) -> None:
    """Whatever is heard of a paid payment afterwards, only its bank can take it back."""
    after = seen(replace(TOPUP, status=TopUpStatus.PAID), PaymentSeen(event, "pi_1"), now=NOW)
    assert after is None or after.status is TopUpStatus.CHARGED_BACK


@pytest.mark.parametrize(("status", "event"), [*product(WithdrawalStatus, WithdrawalEvent)])
def test_every_pair_of_a_withdrawal_is_a_step_or_nothing_new(status: WithdrawalStatus, event: WithdrawalEvent) -> None:
    after = moved(withdrawal(status), event, now=NOW)
    assert (after.status if after else None) == WITHDRAWAL_TRANSITIONS.get((status, event))


@pytest.mark.parametrize(("status", "event"), [*product(PartStatus, PartEvent)])
def test_every_pair_of_a_part_is_a_step_or_nothing_new(status: PartStatus, event: PartEvent) -> None:
    after = part_moved(WithdrawalPart("ptop_1", "ch_1", 5, status), event)
    assert (after.status if after else None) == PART_TRANSITIONS.get((status, event))


def withdrawal(status: WithdrawalStatus, *statuses: PartStatus) -> Withdrawal:
    shared = tuple(WithdrawalPart(f"ptop_{n}", f"ch_{n}", 5, one) for n, one in enumerate(statuses))
    return Withdrawal("pwdr_1", "pcmp_1", "usr_1", 5 * len(shared), status, shared, 1, NOW, NOW)


def test_a_withdrawal_is_complete_once_nothing_is_under_way() -> None:
    under_way = withdrawal(WithdrawalStatus.REFUNDING, PartStatus.PENDING, PartStatus.PENDING)
    first, event = with_part(under_way, replace(under_way.parts[0], status=PartStatus.SUCCEEDED), now=NOW)
    assert (first.status, event) == (WithdrawalStatus.REFUNDING, WithdrawalEvent.END_PART)
    last, event = with_part(first, replace(first.parts[1], status=PartStatus.FAILED), now=NOW)
    assert (last.status, event) == (WithdrawalStatus.COMPLETED, WithdrawalEvent.COMPLETE)
    # It arrived, and came back weeks later.
    late, event = with_part(last, replace(last.parts[0], status=PartStatus.FAILED), now=NOW)
    assert (late.status, event, late.version) == (WithdrawalStatus.COMPLETED, WithdrawalEvent.COMPLETE, 4)


@given(st.lists(st.integers(1, 10_000), max_size=8), st.data())
def test_what_is_shared_out_is_what_is_asked_and_within_each_charge(lefts: list[int], data: st.DataObject) -> None:
    charges = [Refundable(f"ptop_{n}", f"ch_{n}", left) for n, left in enumerate(lefts)]
    amount = data.draw(st.integers(0, sum(lefts)))
    shared = list(parts(charges, amount))
    assert sum(part.amount_cents for part in shared) == amount
    assert all(0 < part.amount_cents <= lefts[int(part.topup_id.removeprefix("ptop_"))] for part in shared)
    # The newest first: only the last of them may be taken in part.
    assert all(part.amount_cents == lefts[n] for n, part in enumerate(shared[:-1]))


@pytest.mark.parametrize(("status", "wished"), [*product(AdvertiserStatus, AdvertiserStatus)])
def test_an_advertiser_pauses_and_goes_on_and_nothing_else(status: AdvertiserStatus, wished: AdvertiserStatus) -> None:
    before = Advertiser("padv_1", "usr_1", status, 1, NOW, NOW)
    events = {
        AdvertiserStatus.PAUSED: AdvertiserEvent.PAUSE,
        AdvertiserStatus.ACTIVE: AdvertiserEvent.RESUME,
    }
    legal = (status, events.get(wished)) in ADVERTISER_TRANSITIONS or status is wished
    if not legal:
        with pytest.raises(IllegalTransition):
            revised(before, Wishes(wished, None), now=NOW)
        return
    after, _ = revised(before, Wishes(wished, None), now=NOW)
    assert (after.status, after.version) == (wished, 2)


@pytest.mark.parametrize(
    ("status", "event"),
    list(product(AdvertiserStatus, [AdvertiserEvent.SUSPEND, AdvertiserEvent.LIFT_SUSPENSION])),
)
def test_staff_suspend_whom_is_not_suspended_and_lift_whom_is(status: AdvertiserStatus, event: AdvertiserEvent) -> None:
    suspends = event is AdvertiserEvent.SUSPEND
    before = Advertiser("padv_1", "usr_1", status, 1, NOW, NOW)
    if suspends is (status is AdvertiserStatus.SUSPENDED):
        with pytest.raises(IllegalTransition):
            moved_by_staff(before, event, now=NOW, reason="Stolen cards.")
        return
    after = moved_by_staff(before, event, now=NOW, reason="Stolen cards.")
    ends = (AdvertiserStatus.SUSPENDED, "Stolen cards.") if suspends else (AdvertiserStatus.PAUSED, "")
    assert (after.status, after.suspended_reason, after.version) == (*ends, 2)


def settlement(status: SettlementStatus, cents: int = 3_000) -> Settlement:
    method = SettlementMethod.WRITTEN_OFF
    return Settlement("pdst_1", "ptop_1", method, cents, "Gone.", status, 1, "usr_finance", NOW)


@pytest.mark.parametrize("status", SettlementStatus)
def test_a_settlement_is_approved_once_by_somebody_else_for_what_is_owed(status: SettlementStatus) -> None:
    debt = Debt("ptop_1", "pcmp_1", 5_000, 1_000, 500)
    if status is SettlementStatus.APPROVED:
        with pytest.raises(IllegalTransition):
            approve(settlement(status), debt, "usr_second", now=NOW)
        return
    approved = approve(settlement(status), debt, "usr_second", now=NOW)
    assert (approved.status, approved.approved_by, approved.version) == (SettlementStatus.APPROVED, "usr_second", 2)
    with pytest.raises(SecondPersonNeeded):
        approve(settlement(status), debt, "usr_finance", now=NOW)
    with pytest.raises(SettlementExceedsDebt):
        approve(settlement(status, 3_501), debt, "usr_second", now=NOW)


def test_nothing_is_owed_where_a_bank_brought_back_what_was_settled() -> None:
    assert Debt("ptop_1", "pcmp_1", 5_000, 5_000, 5_000).owed_cents == 0


@pytest.mark.parametrize("kind", NoticeKind)
def test_every_notice_has_its_words(kind: NoticeKind) -> None:
    payload: dict[str, str | int] = {
        "balance_cents": 1_205,
        "spent_today_cents": 1,
        "spent_cents": 2,
        "failure_code": "card_declined",
        "decline_code": "",
        "owed_cents": 5_000,
        "amount_cents": 99,
        "clicks": 3,
    }
    notice = Notice("pntc_1", "pcmp_1", "Spring", "usr_1", kind, date(2026, 5, 1).isoformat(), payload, NOW)
    text = sentence(notice)
    assert text.startswith("“Spring” ")
    assert "{" not in text
