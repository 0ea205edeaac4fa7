"""Money that goes back or goes out: what it is, and how the processor's word moves it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from server.booking.money.port import RefundCause


class RefundStatus(StrEnum):
    """Where money on its way to the buyer is."""

    RESERVED = "reserved"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    VOID = "void"


class RefundEvent(StrEnum):
    """What becomes of it."""

    ACCEPT = "accept"
    SUCCEED = "succeed"
    FAIL = "fail"
    RETRY = "retry"
    BANK_PAID = "bank_paid"


REFUND_TRANSITIONS: Mapping[tuple[RefundStatus, RefundEvent], RefundStatus] = MappingProxyType(
    {
        (RefundStatus.RESERVED, RefundEvent.ACCEPT): RefundStatus.PROCESSING,
        (RefundStatus.RESERVED, RefundEvent.SUCCEED): RefundStatus.SUCCEEDED,
        (RefundStatus.RESERVED, RefundEvent.FAIL): RefundStatus.FAILED,
        (RefundStatus.PROCESSING, RefundEvent.ACCEPT): RefundStatus.PROCESSING,
        (RefundStatus.PROCESSING, RefundEvent.SUCCEED): RefundStatus.SUCCEEDED,
        (RefundStatus.PROCESSING, RefundEvent.FAIL): RefundStatus.FAILED,
        # The card's bank may send it back long after it had arrived.
        (RefundStatus.SUCCEEDED, RefundEvent.FAIL): RefundStatus.FAILED,
        (RefundStatus.SUCCEEDED, RefundEvent.ACCEPT): RefundStatus.SUCCEEDED,
        (RefundStatus.SUCCEEDED, RefundEvent.SUCCEED): RefundStatus.SUCCEEDED,
        (RefundStatus.FAILED, RefundEvent.FAIL): RefundStatus.FAILED,
        (RefundStatus.FAILED, RefundEvent.RETRY): RefundStatus.RESERVED,
        (RefundStatus.FAILED, RefundEvent.BANK_PAID): RefundStatus.VOID,
    }
)
"""A failed refund is still owed. It is void once the bank has paid the buyer out of the same charge."""


class MoveStatus(StrEnum):
    """Where a transfer or a reversal is."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class MoveEvent(StrEnum):
    """What the processor answers."""

    SUCCEED = "succeed"
    FAIL = "fail"


MOVE_TRANSITIONS: Mapping[tuple[MoveStatus, MoveEvent], MoveStatus] = MappingProxyType(
    {
        (MoveStatus.PENDING, MoveEvent.SUCCEED): MoveStatus.SUCCEEDED,
        (MoveStatus.PENDING, MoveEvent.FAIL): MoveStatus.FAILED,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundPiece:
    """What of one refund is taken from one charge. Parts are cash, but for credit and commission."""

    refund_id: str
    refund_set_id: str
    order_id: str
    payment_id: str
    charge_id: str
    cause: RefundCause
    cause_id: str
    status: RefundStatus
    amount_cents: int
    subtotal_cents: int
    fee_cents: int
    tax_cents: int
    tip_cents: int
    credit_cents: int
    commission_cents: int
    fee_refundable: bool
    currency: str
    created_at: datetime
    attempts: int = 1
    processor_id: str = ""
    failure_reason: str = ""
    reply_kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """Money for the provider, out of one charge."""

    transfer_id: str
    order_id: str
    payment_id: str
    charge_id: str
    provider_user_id: str
    status: MoveStatus
    amount_cents: int
    reversed_cents: int
    currency: str
    created_at: datetime
    processor_id: str = ""
    settled_at: datetime | None = None

    @property
    def left_cents(self) -> int:
        """What of it the provider still has; nothing where it never went out."""
        return 0 if self.status is MoveStatus.FAILED else self.amount_cents - self.reversed_cents


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferReversal:
    """A part of a transfer that is taken back."""

    reversal_id: str
    transfer_id: str
    status: MoveStatus
    amount_cents: int
    created_at: datetime
    debt_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Debt:
    """What a provider could not give back when it was asked of them."""

    debt_id: str
    order_id: str
    provider_user_id: str
    amount_cents: int
    paid_cents: int
    forgiven_cents: int
    currency: str
    collecting_cents: int = 0
    """What is being taken of it right now."""

    @property
    def open_cents(self) -> int:
        return self.amount_cents - self.paid_cents - self.forgiven_cents - self.collecting_cents
