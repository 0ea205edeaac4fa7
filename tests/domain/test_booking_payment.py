"""The machines of a booking's money: every status and every event, and what the processor's words stand for."""

from dataclasses import replace
from itertools import product

import pytest

from server.adapters.stripe.objects import PaymentError, PaymentIntent, PaymentIntentStatus
from server.booking.money.moves import (
    MOVE_TRANSITIONS,
    REFUND_TRANSITIONS,
    MoveEvent,
    MoveStatus,
    RefundEvent,
    RefundStatus,
)
from server.booking.money.payment import PAYMENT_TRANSITIONS, PaymentEvent, PaymentStatus, UnknownStatus, told

P, E = PaymentStatus, PaymentEvent
AHEAD = {E.REQUIRE_ACTION: P.REQUIRES_ACTION, E.FAIL: P.FAILED, E.AUTHORIZE: P.AUTHORIZED}
ENDS = {E.CAPTURE: P.CAPTURED, E.CANCEL: P.CANCELLED}
PAYMENTS = {
    **{(status, event): to for status in (P.PENDING, P.REQUIRES_ACTION, P.FAILED) for event, to in AHEAD.items()},
    **{(P.AUTHORIZED, event): P.AUTHORIZED for event in AHEAD},
    **{(status, event): to for status in set(P) - set(ENDS.values()) for event, to in ENDS.items()},
    **{(status, event): status for status in ENDS.values() for event in AHEAD},
    (P.CAPTURED, E.CAPTURE): P.CAPTURED,
    (P.CANCELLED, E.CANCEL): P.CANCELLED,
}
R, F = RefundStatus, RefundEvent
REFUNDS = {
    (R.RESERVED, F.ACCEPT): R.PROCESSING,
    (R.RESERVED, F.SUCCEED): R.SUCCEEDED,
    (R.RESERVED, F.FAIL): R.FAILED,
    (R.PROCESSING, F.ACCEPT): R.PROCESSING,
    (R.PROCESSING, F.SUCCEED): R.SUCCEEDED,
    (R.PROCESSING, F.FAIL): R.FAILED,
    (R.SUCCEEDED, F.ACCEPT): R.SUCCEEDED,
    (R.SUCCEEDED, F.SUCCEED): R.SUCCEEDED,
    (R.SUCCEEDED, F.FAIL): R.FAILED,
    (R.FAILED, F.FAIL): R.FAILED,
    (R.FAILED, F.RETRY): R.RESERVED,
    (R.FAILED, F.BANK_PAID): R.VOID,
}
MOVES = {
    (MoveStatus.PENDING, MoveEvent.SUCCEED): MoveStatus.SUCCEEDED,
    (MoveStatus.PENDING, MoveEvent.FAIL): MoveStatus.FAILED,
}
INTENT = PaymentIntent(
    id="pi_1",
    status=PaymentIntentStatus.REQUIRES_PAYMENT_METHOD,
    raw_status="requires_payment_method",
    amount_cents=1_000,
    amount_capturable_cents=0,
    amount_received_cents=0,
    currency="usd",
    customer_id=None,
    payment_method_id=None,
    latest_charge=None,
    next_action=None,
    last_error=None,
    transfer_group=None,
    metadata={},
)


@pytest.mark.parametrize(("status", "event"), list(product(PaymentStatus, PaymentEvent)))
def test_each_status_of_a_payment_takes_each_event_as_the_design_says(
    status: PaymentStatus, event: PaymentEvent
) -> None:
    assert PAYMENT_TRANSITIONS.get((status, event)) == PAYMENTS.get((status, event))


@pytest.mark.parametrize(("status", "event"), list(product(RefundStatus, RefundEvent)))
def test_each_status_of_a_refund_takes_each_event_as_the_design_says(status: RefundStatus, event: RefundEvent) -> None:
    assert REFUND_TRANSITIONS.get((status, event)) == REFUNDS.get((status, event))


@pytest.mark.parametrize(("status", "event"), list(product(MoveStatus, MoveEvent)))
def test_each_status_of_a_transfer_takes_each_event_as_the_design_says(status: MoveStatus, event: MoveEvent) -> None:
    assert MOVE_TRANSITIONS.get((status, event)) == MOVES.get((status, event))


@pytest.mark.parametrize(
    ("status", "event"),
    [
        (PaymentIntentStatus.REQUIRES_PAYMENT_METHOD, None),
        (PaymentIntentStatus.REQUIRES_CONFIRMATION, None),
        (PaymentIntentStatus.PROCESSING, None),
        (PaymentIntentStatus.REQUIRES_ACTION, PaymentEvent.REQUIRE_ACTION),
        (PaymentIntentStatus.REQUIRES_CAPTURE, PaymentEvent.AUTHORIZE),
        (PaymentIntentStatus.SUCCEEDED, PaymentEvent.CAPTURE),
        (PaymentIntentStatus.CANCELED, PaymentEvent.CANCEL),
    ],
)
def test_a_word_of_the_processor_stands_for_an_event(status: PaymentIntentStatus, event: PaymentEvent | None) -> None:
    assert told(replace(INTENT, status=status)) is event


def test_a_payment_without_a_method_has_failed_once_something_went_wrong() -> None:
    assert told(replace(INTENT, last_error=PaymentError(code="card_declined", decline_code=None))) is PaymentEvent.FAIL


def test_a_word_that_nobody_knows_stands_for_nothing() -> None:
    with pytest.raises(UnknownStatus, match="in_limbo"):
        told(replace(INTENT, status=PaymentIntentStatus.UNRECOGNISED, raw_status="in_limbo"))
