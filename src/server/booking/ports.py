"""What other slices may ask of booking inside their transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from server.booking.domain.order import Order
from server.core.db import Tx
from server.core.jobs import JobKind


class Orders(Protocol):
    """Reads orders; begins and commits nothing."""

    async def get(self, tx: Tx, order_id: str) -> Order | None: ...


@dataclass(frozen=True, slots=True)
class RefundShare:
    """What of an order's subtotal is to go back: an amount, a part in bips of the whole, or amounts by line. One of the
    three is given.
    """

    subtotal_cents: int | None = None
    bips: int | None = None
    lines: Mapping[str, int] = field(default_factory=dict)
    """Cents by the id of the line item."""


@dataclass(frozen=True, slots=True)
class RefundQuote:
    """What giving a share back comes to, by the order's own arithmetic. Cash is subtotal + fee + tax + tip."""

    currency: str
    cash_cents: int
    subtotal_cents: int
    platform_fee_cents: int
    platform_fee_tax_cents: int
    credit_cents: int
    commission_cents: int
    lines: Mapping[str, int]


class RefundOutcome(StrEnum):
    """Where a reserved refund stands. A succeeded one may still fail: the bank sent the money back."""

    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class RefundState:
    """What became of a reserved refund, which may be paid from several charges."""

    outcome: RefundOutcome
    processor_ref: str | None
    failure_reason: str | None


@dataclass(frozen=True, slots=True)
class Payable:
    """What an order still has to pay its provider. Holds are Support's and not taken off."""

    currency: str
    payable_cents: int
    net_transferred_cents: int


class OrderMoney(Protocol):
    """The money of an order, for Support. `payable` and `reserve` lock the order and its balance, so they come before
    the caller's locks on cases and holds; both answer NotFound where there is no such order.
    """

    async def quote(self, tx: Tx, order_id: str, share: RefundShare, *, fee_refundable: bool) -> RefundQuote:
        """What a refund would come to now; nothing is locked or stored. RefundExceedsPaid beyond what is left."""
        ...

    async def payable(self, tx: Tx, order_id: str) -> Payable:
        """What is payable, which stays true while the caller's transaction runs."""
        ...

    async def reserve(
        self, tx: Tx, order_id: str, share: RefundShare, *, fee_refundable: bool, cause_id: str, reply: JobKind
    ) -> tuple[str, RefundQuote]:
        """Takes the amounts off the guarded balance and stores the calls that pay them, and the reversals of what the
        provider has to give back; the id of the refund set. `reply` is enqueued, its key the set's id, whenever the
        set's outcome changes. RefundExceedsPaid, DisputeDecides while a dispute is open, ChargebackOpen while one on
        the charge is open that the processor does not let us refund.
        """
        ...

    async def outcome(self, tx: Tx, refund_set_id: str) -> RefundState:
        """Where a reserved refund stands, newest knowledge first."""
        ...
