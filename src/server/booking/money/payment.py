"""One payment, and how what the processor holds moves it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from server.adapters.stripe.objects import PaymentIntent, PaymentIntentStatus
from server.booking.money.port import Purpose


class PaymentStatus(StrEnum):
    """Where a payment stands."""

    PENDING = "pending"
    REQUIRES_ACTION = "requires_action"
    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    CANCELLED = "cancelled"
    FAILED = "failed"


class PaymentEvent(StrEnum):
    """What the processor has come to. Each stands for where its object is, however many events led there."""

    REQUIRE_ACTION = "require_action"
    AUTHORIZE = "authorize"
    CAPTURE = "capture"
    CANCEL = "cancel"
    FAIL = "fail"


_OPEN = (PaymentStatus.PENDING, PaymentStatus.REQUIRES_ACTION, PaymentStatus.FAILED)

PAYMENT_TRANSITIONS: Mapping[tuple[PaymentStatus, PaymentEvent], PaymentStatus] = MappingProxyType(
    {
        **{(status, PaymentEvent.REQUIRE_ACTION): PaymentStatus.REQUIRES_ACTION for status in _OPEN},
        **{(status, PaymentEvent.FAIL): PaymentStatus.FAILED for status in _OPEN},
        **{(status, PaymentEvent.AUTHORIZE): PaymentStatus.AUTHORIZED for status in (*_OPEN, PaymentStatus.AUTHORIZED)},
        **{(status, PaymentEvent.CAPTURE): PaymentStatus.CAPTURED for status in (*_OPEN, PaymentStatus.AUTHORIZED)},
        **{(status, PaymentEvent.CANCEL): PaymentStatus.CANCELLED for status in (*_OPEN, PaymentStatus.AUTHORIZED)},
        # Somebody looked at the object before it got where the payment is already: late news change nothing.
        (PaymentStatus.AUTHORIZED, PaymentEvent.REQUIRE_ACTION): PaymentStatus.AUTHORIZED,
        (PaymentStatus.AUTHORIZED, PaymentEvent.FAIL): PaymentStatus.AUTHORIZED,
        **{
            (status, event): status
            for status in (PaymentStatus.CAPTURED, PaymentStatus.CANCELLED)
            for event in (PaymentEvent.REQUIRE_ACTION, PaymentEvent.AUTHORIZE, PaymentEvent.FAIL)
        },
        (PaymentStatus.CAPTURED, PaymentEvent.CAPTURE): PaymentStatus.CAPTURED,
        (PaymentStatus.CANCELLED, PaymentEvent.CANCEL): PaymentStatus.CANCELLED,
    }
)
"""Captured and cancelled are ends, at the processor as here: what would lead from one to the other is not in it."""

_TOLD: Mapping[PaymentIntentStatus, PaymentEvent] = MappingProxyType(
    {
        PaymentIntentStatus.REQUIRES_ACTION: PaymentEvent.REQUIRE_ACTION,
        PaymentIntentStatus.REQUIRES_CAPTURE: PaymentEvent.AUTHORIZE,
        PaymentIntentStatus.SUCCEEDED: PaymentEvent.CAPTURE,
        PaymentIntentStatus.CANCELED: PaymentEvent.CANCEL,
    }
)
_NOTHING_YET = frozenset({PaymentIntentStatus.REQUIRES_CONFIRMATION, PaymentIntentStatus.PROCESSING})


class UnknownStatus(Exception):
    """The processor invented a status: whoever asked parks what they have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """One attempt of a buyer to pay for an order, or for more of it."""

    payment_id: str
    order_id: str
    sequence: int
    purpose: Purpose
    status: PaymentStatus
    amount_cents: int
    currency: str
    created_at: datetime
    payment_method_id: str = ""
    """Of a card that is charged without its holder; empty where the buyer confirms the payment."""
    subtotal_cents: int = 0
    tip_cents: int = 0
    captured_cents: int = 0
    refunded_cents: int = 0
    withdrawn_cents: int = 0
    reinstated_cents: int = 0
    intent_id: str = ""
    charge_id: str = ""
    capture_before: datetime | None = None
    failure_code: str = ""
    given_up_at: datetime | None = None
    late: bool = False

    @property
    def principal(self) -> bool:
        return self.purpose is Purpose.PRINCIPAL

    @property
    def off_session(self) -> bool:
        return bool(self.payment_method_id)

    @property
    def ended(self) -> bool:
        return self.status in (PaymentStatus.CAPTURED, PaymentStatus.CANCELLED)

    @property
    def wanted(self) -> bool:
        """Whether it may still become money that somebody waits for."""
        return not self.ended and self.given_up_at is None and not self.hopeless

    @property
    def hopeless(self) -> bool:
        """Whether the processor refused even to begin it: there is nothing that the buyer could confirm."""
        return self.status is PaymentStatus.FAILED and not self.intent_id

    @property
    def left_cents(self) -> int:
        """What of the charge can go back to the card: neither refunded nor taken by the bank."""
        return max(0, self.captured_cents - self.refunded_cents - self.withdrawn_cents + self.reinstated_cents)


def told(intent: PaymentIntent) -> PaymentEvent | None:
    """What the processor's object stands for; none while nothing has come of it. UnknownStatus for a new word."""
    if intent.status is PaymentIntentStatus.REQUIRES_PAYMENT_METHOD:
        return PaymentEvent.FAIL if intent.last_error is not None else None
    if intent.status in _NOTHING_YET:
        return None
    event = _TOLD.get(intent.status)
    if event is None:
        raise UnknownStatus(intent.raw_status)
    return event
