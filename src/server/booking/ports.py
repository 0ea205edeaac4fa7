"""What other slices may ask of booking inside their transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
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
        """What a refund would come to now; nothing is locked or stored. It refuses what `reserve` would refuse."""
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

    async def look_again(self, tx: Tx, order_id: str) -> None:
        """Has what the provider may get looked at again, because a hold on the order ended; it only enqueues a job."""
        ...


@dataclass(frozen=True, slots=True)
class Said:
    """What a party wrote to the other."""

    at: datetime
    author: str
    """`buyer` or `provider`."""
    text: str


@dataclass(frozen=True, slots=True)
class Happened:
    """A step of an order's history."""

    at: datetime
    event: str
    actor: str
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """What is on record about an order, as far as it proves what was agreed and done. No address and no name."""

    order_id: str
    lines: Sequence[str]
    total_cents: int
    currency: str
    start_ts: datetime
    end_ts: datetime
    time_zone: str
    license_tier: str
    cancellation_policy: str
    full_refund_until: datetime
    half_refund_until: datetime
    confirmed_at: datetime | None
    checked_in_at: datetime | None
    delivered_at: datetime | None
    completed_at: datetime | None
    steps: Sequence[Happened]
    said: Sequence[Said]


class Dossiers(Protocol):
    """Reads what is on record; begins and commits nothing."""

    async def dossier(self, tx: Tx, order_id: str) -> Dossier | None: ...
