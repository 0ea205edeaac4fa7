"""What calling an order off gives back, by policy, grace and fault, to the cent."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.booking.cancellation import CancellationPolicy
from server.booking.cancelling.decision import Band, Returned, band, cancellation, check_time
from server.booking.domain.order import Event, Status
from server.booking.fulfilment.errors import TooLate
from server.booking.fulfilment.milestones import Milestone, MilestoneStatus
from server.booking.refunds import Balance, captured, refunded, wholly_refunded
from tests.domain.booking_orders import NOW, an_order, starting_in

FLEXIBLE, STANDARD, STRICT = CancellationPolicy.FLEXIBLE, CancellationPolicy.STANDARD, CancellationPolicy.STRICT
BALANCE = captured(an_order().price)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("policy", "ahead", "wanted"),
    [
        (FLEXIBLE, timedelta(hours=24), Band.FULL),
        (FLEXIBLE, timedelta(hours=24) - SECOND, Band.NONE),
        (STANDARD, timedelta(days=7), Band.FULL),
        (STANDARD, timedelta(days=7) - SECOND, Band.HALF),
        (STANDARD, timedelta(hours=24), Band.HALF),
        (STANDARD, timedelta(hours=24) - SECOND, Band.NONE),
        (STRICT, timedelta(days=30), Band.FULL),
        (STRICT, timedelta(days=30) - SECOND, Band.HALF),
        (STRICT, timedelta(days=7), Band.HALF),
        (STRICT, timedelta(days=7) - SECOND, Band.NONE),
    ],
)
def test_each_policy_has_its_bands(policy: CancellationPolicy, ahead: timedelta, wanted: Band) -> None:
    assert band(starting_in(an_order(), ahead, policy), now=NOW) is wanted


@pytest.mark.parametrize(
    ("ahead", "since", "wanted"),
    [
        (timedelta(hours=49), timedelta(hours=24), Band.GRACE),
        (timedelta(hours=49), timedelta(hours=24) + SECOND, Band.NONE),
        (timedelta(hours=48), timedelta(hours=1), Band.NONE),
    ],
)
def test_within_a_day_a_buyer_may_change_their_mind_unless_the_booking_is_near(
    ahead: timedelta, since: timedelta, wanted: Band
) -> None:
    strict = starting_in(an_order(), ahead, STRICT)
    assert band(replace(strict, grace_until=NOW - since + timedelta(hours=24)), now=NOW) is wanted


def test_the_bands_are_instants_and_no_change_of_clocks_moves_them() -> None:
    # The clocks of Berlin change on 29 March 2026, three days before this start.
    order = starting_in(an_order(), timedelta(days=30))
    seven_days = order.start_ts - timedelta(days=7)
    assert band(order, now=seven_days) is Band.FULL
    assert band(order, now=seven_days + SECOND) is Band.HALF


def test_in_the_full_band_everything_goes_back_with_the_tip() -> None:
    decided = cancellation(an_order(), Event.CANCEL_BY_BUYER, BALANCE, [], now=NOW)
    assert decided.returned == Returned(10_000, 500, fee_refundable=True)
    assert decided.refund is not None
    assert decided.refund.cash_cents == 11_861
    assert decided.provider_keeps_cents == 0


def test_in_the_half_band_the_fee_stays_and_the_tip_goes_back() -> None:
    order = starting_in(an_order(), timedelta(days=3))
    decided = cancellation(order, Event.CANCEL_BY_BUYER, BALANCE, [], now=NOW)
    assert decided.band is Band.HALF
    assert decided.returned == Returned(5_000, 500, fee_refundable=False)
    assert decided.refund is not None
    assert (decided.refund.cash_cents, decided.refund.fee_cents, decided.refund.tax_cents) == (5_500, 0, 0)
    assert decided.provider_keeps_cents == 4_500


def test_in_the_last_band_nothing_goes_back_but_the_tip() -> None:
    order = starting_in(an_order(), timedelta(hours=3))
    decided = cancellation(order, Event.CANCEL_BY_BUYER, BALANCE, [], now=NOW)
    assert decided.returned == Returned(0, 500, fee_refundable=False)
    assert decided.provider_keeps_cents == 9_000
    without_tip = captured(replace(order.price, tip_cents=0, total_cents=11_361))
    assert cancellation(order, Event.CANCEL_BY_BUYER, without_tip, [], now=NOW).returned is None


@pytest.mark.parametrize("event", [Event.CANCEL_BY_PROVIDER, Event.CANCEL_BY_AGENT])
def test_a_provider_who_does_not_come_gives_back_what_was_forfeited_too(event: Event) -> None:
    forfeited, _ = refunded(BALANCE, 4_000, fee_refundable=False)
    decided = cancellation(starting_in(an_order(), timedelta(0)), event, forfeited, [], now=NOW)
    assert decided.band is Band.FAULT
    assert decided.returned is not None
    assert decided.returned.everything
    assert decided.refund is not None
    assert decided.refund.cash_cents == 11_861 - 4_000
    assert decided.provider_keeps_cents == 0


def test_what_the_buyer_has_approved_is_paid_whatever_the_policy_says() -> None:
    approved = Milestone("mst_1", "ord_1", 1, "Selection", None, 4_000, MilestoneStatus.APPROVED)
    opened = Milestone("mst_2", "ord_1", 2, "Retouched", None, 6_000)
    decided = cancellation(an_order(), Event.CANCEL_BY_BUYER, BALANCE, [approved, opened], now=NOW)
    assert decided.returned == Returned(6_000, 500, fee_refundable=True)
    assert decided.provider_keeps_cents == 3_600


def test_before_anything_was_captured_nothing_goes_back() -> None:
    decided = cancellation(an_order(Status.ACCEPTED), Event.CANCEL_BY_BUYER, Balance(), [], now=NOW)
    assert (decided.band, decided.charged, decided.returned, decided.refund) == (Band.UNPAID, False, None, None)


def test_a_buyer_cancels_before_the_start_and_not_after() -> None:
    begins_now = starting_in(an_order(), timedelta(0))
    check_time(starting_in(an_order(), SECOND), Event.CANCEL_BY_BUYER, now=NOW)
    check_time(begins_now, Event.CANCEL_BY_PROVIDER, now=NOW)
    with pytest.raises(TooLate) as refused:
        check_time(begins_now, Event.CANCEL_BY_BUYER, now=NOW)
    assert refused.value.metadata["until"] == begins_now.start_ts.isoformat()


@given(
    hours_ahead=st.integers(0, 24 * 40),
    policy=st.sampled_from(CancellationPolicy),
    grace_hours=st.integers(-48, 24),
    returned_before=st.integers(0, 10_000),
    refundable=st.booleans(),
    approved=st.integers(0, 10_000),
    event=st.sampled_from([Event.CANCEL_BY_BUYER, Event.CANCEL_BY_PROVIDER]),
)
def test_whatever_came_before_the_decision_is_one_that_money_can_carry_out(
    hours_ahead: int,
    policy: CancellationPolicy,
    grace_hours: int,
    returned_before: int,
    refundable: bool,
    approved: int,
    event: Event,
) -> None:
    order = starting_in(an_order(grace_until=NOW + timedelta(hours=grace_hours)), timedelta(hours=hours_ahead), policy)
    balance, _ = refunded(BALANCE, returned_before, fee_refundable=refundable)
    milestone = Milestone("mst_1", "ord_1", 1, "Work", None, approved, MilestoneStatus.APPROVED)
    decided = cancellation(order, event, balance, [milestone], now=NOW)
    wanted = decided.returned or Returned(0, 0, fee_refundable=False)

    if wanted.everything:
        after, refund = wholly_refunded(balance)
    else:
        after, refund = refunded(
            balance, wanted.subtotal_cents, fee_refundable=wanted.fee_refundable, tip_cents=wanted.tip_cents
        )
    assert after.remaining_cents() == after.explained_cents()
    assert after.payable_cents == decided.provider_keeps_cents
    if decided.returned is not None:
        assert refund == decided.refund
