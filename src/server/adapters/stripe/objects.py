"""What the processor holds, in Callsheet's types.

A status is one of those we know or `UNRECOGNISED`, with the processor's own word beside it: the processor invents
statuses, and a new one must not bring anything down.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeAlias, TypeVar

T = TypeVar("T")


class _Tolerant(StrEnum):
    """An enum whose `UNRECOGNISED` stands for every word that it does not know."""

    @classmethod
    def _missing_(cls, value: object) -> "_Tolerant":
        return cls("unrecognised")


class PaymentIntentStatus(_Tolerant):
    """Where a payment stands."""

    REQUIRES_PAYMENT_METHOD = "requires_payment_method"
    REQUIRES_CONFIRMATION = "requires_confirmation"
    REQUIRES_ACTION = "requires_action"
    PROCESSING = "processing"
    REQUIRES_CAPTURE = "requires_capture"
    SUCCEEDED = "succeeded"
    CANCELED = "canceled"
    UNRECOGNISED = "unrecognised"


class SetupIntentStatus(_Tolerant):
    """Where the saving of a card stands."""

    REQUIRES_PAYMENT_METHOD = "requires_payment_method"
    REQUIRES_CONFIRMATION = "requires_confirmation"
    REQUIRES_ACTION = "requires_action"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    CANCELED = "canceled"
    UNRECOGNISED = "unrecognised"


class RefundStatus(_Tolerant):
    """Where money on its way back is. A succeeded refund may still fail."""

    PENDING = "pending"
    REQUIRES_ACTION = "requires_action"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"
    UNRECOGNISED = "unrecognised"


class DisputeStatus(_Tolerant):
    """Where a complaint stands. Inquiries (`warning_…`) moved no money."""

    WARNING_NEEDS_RESPONSE = "warning_needs_response"
    WARNING_UNDER_REVIEW = "warning_under_review"
    WARNING_CLOSED = "warning_closed"
    NEEDS_RESPONSE = "needs_response"
    UNDER_REVIEW = "under_review"
    WON = "won"
    LOST = "lost"
    PREVENTED = "prevented"
    UNRECOGNISED = "unrecognised"


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """A payer."""

    id: str
    deleted: bool
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What a person recognises a card by; `fingerprint` is equal for equal numbers."""

    brand: str
    last4: str
    exp_month: int
    exp_year: int
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentMethod:
    """A way to pay; `card` is missing where it is something else."""

    id: str
    customer_id: str | None
    card: Card | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NextAction:
    """What the payer's device has to do: follow `redirect_url`, or let the processor's own SDK ask."""

    type: str
    redirect_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentError:
    """Why the last attempt failed."""

    code: str
    decline_code: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupIntent:
    """A card on its way to being saved. The client secret is for the payer's device and is never stored."""

    id: str
    status: SetupIntentStatus
    raw_status: str
    customer_id: str | None
    payment_method_id: str | None
    next_action: NextAction | None
    last_error: PaymentError | None
    metadata: Mapping[str, str]
    client_secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """What a card was asked for. `capture_before` is when an authorisation lapses."""

    id: str
    amount_cents: int
    amount_captured_cents: int
    amount_refunded_cents: int
    currency: str
    captured: bool
    refunded: bool
    disputed: bool
    status: str
    failure_code: str | None
    payment_intent_id: str | None
    customer_id: str | None
    payment_method_id: str | None
    transfer_group: str | None
    balance_transaction_id: str | None
    capture_before: datetime | None
    card: Card | None
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentIntent:
    """One payment. The client secret is for the payer's device and is never stored."""

    id: str
    status: PaymentIntentStatus
    raw_status: str
    amount_cents: int
    amount_capturable_cents: int
    amount_received_cents: int
    currency: str
    customer_id: str | None
    payment_method_id: str | None
    latest_charge: Charge | None
    next_action: NextAction | None
    last_error: PaymentError | None
    transfer_group: str | None
    metadata: Mapping[str, str]
    client_secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """Money on its way back to a card."""

    id: str
    status: RefundStatus
    raw_status: str
    amount_cents: int
    currency: str
    charge_id: str | None
    payment_intent_id: str | None
    failure_reason: str | None
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Somebody who is paid out."""

    id: str
    payouts_enabled: bool
    charges_enabled: bool
    details_submitted: bool
    transfers_active: bool
    disabled_reason: str | None
    currently_due: tuple[str, ...]
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLink:
    """Where to send somebody for onboarding. The address is a credential and is never stored."""

    expires_at: datetime
    url: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """Money moved to a connected account."""

    id: str
    amount_cents: int
    amount_reversed_cents: int
    reversed: bool
    currency: str
    account_id: str | None
    source_charge_id: str | None
    transfer_group: str | None
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferReversal:
    """A part of a transfer that came back."""

    id: str
    amount_cents: int
    currency: str
    transfer_id: str
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """A complaint to the card's bank. The two sums are what the bank took and what it gave back, fees aside."""

    id: str
    status: DisputeStatus
    raw_status: str
    reason: str
    amount_cents: int
    currency: str
    charge_id: str
    payment_intent_id: str | None
    is_charge_refundable: bool
    due_by: datetime | None
    has_evidence: bool
    submission_count: int
    withdrawn_cents: int
    reinstated_cents: int
    metadata: Mapping[str, str]

    @property
    def is_inquiry(self) -> bool:
        """An inquiry asks before any money moves."""
        return self.raw_status.startswith("warning_")


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlyFraudWarning:
    """The card's bank believes a charge to be fraudulent; `actionable` while a refund may still avert a dispute."""

    id: str
    actionable: bool
    fraud_type: str
    charge_id: str
    payment_intent_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceTransaction:
    """One movement of a balance. `kind` is the processor's word: charge, refund, transfer, adjustment and more."""

    id: str
    kind: str
    amount_cents: int
    fee_cents: int
    net_cents: int
    currency: str
    source_id: str | None
    created_at: datetime
    available_at: datetime
    pending: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """Cents by currency."""

    available_cents: Mapping[str, int]
    pending_cents: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """A part of a list, the newest first; `more` tells whether another follows after the last."""

    items: tuple[T, ...]
    more: bool


Result: TypeAlias = (
    Customer
    | PaymentMethod
    | SetupIntent
    | PaymentIntent
    | Refund
    | Account
    | AccountLink
    | Transfer
    | TransferReversal
    | Dispute
)
"""What a request that changes something leads to."""
