"""What other slices may ask of support inside their transaction. Nothing here begins or commits.

Each call locks cases and holds and may enqueue jobs, so it comes after the locks that stand before those in the lock
order, the order's among them, and before the caller's own jobs.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from server.core.db import Tx
from server.support.holds.domain import ReleaseReason

__all__ = [
    "Chargeback",
    "Chargebacks",
    "DisputeEnded",
    "Disputed",
    "Disputes",
    "FraudWarning",
    "Holds",
    "ReleaseReason",
]


@dataclass(frozen=True, slots=True)
class Disputed:
    """An order that one of its parties disputes, or staff for them, and how much of its payout is to wait; nothing for
    0 cents.
    """

    order_id: str
    buyer_user_id: str
    provider_user_id: str
    opened_by_user_id: str
    dispute_id: str
    subtype: str
    statement_md: str
    hold_cents: int


@dataclass(frozen=True, slots=True)
class DisputeEnded:
    """A dispute that is over, and whether anything goes back to the buyer. What goes back has arrived."""

    case_id: str
    dispute_id: str
    granted: bool
    outcome: str


class Disputes(Protocol):
    """Cases about disputed orders."""

    async def open_or_join(self, tx: Tx, disputed: Disputed) -> str:
        """Opens the case of a dispute, or joins the one that is open about the order; its id. The hold is made in the
        same step. The caller has seen to it that so much is payable.
        """
        ...

    async def ended(self, tx: Tx, dispute: DisputeEnded) -> None:
        """Brings the case of a dispute to where its outcome belongs. A case that is decided or closed stays so."""
        ...


class Holds(Protocol):
    """What is kept back of an order's payout."""

    async def held_cents(self, tx: Tx, order_id: str) -> int:
        """How much waits now; it stays true while the caller holds the order's row."""
        ...

    async def apply(self, tx: Tx, case_id: str, order_id: str, amount_cents: int, applied_by: str) -> str:
        """Keeps an amount back for a case; the hold's id. The caller has seen to it that so much is payable."""
        ...

    async def release(self, tx: Tx, order_id: str, reason: ReleaseReason, *, case_id: str | None = None) -> int:
        """Ends every hold on an order, or those of one case, and tells how many cents that sets free."""
        ...


@dataclass(frozen=True, slots=True)
class Chargeback:
    """A complaint at the card's bank as the processor tells it now. An inquiry moved no money yet."""

    processor_dispute_id: str
    order_id: str
    buyer_user_id: str
    provider_user_id: str
    charge_id: str
    amount_cents: int
    currency: str
    reason: str
    status: str
    """The processor's own word: unknown ones will come."""
    charge_refundable: bool
    due_by: datetime | None
    withdrawn_cents: int
    reinstated_cents: int


@dataclass(frozen=True, slots=True)
class FraudWarning:
    """The card's bank believes a charge of an order to be fraudulent, and no dispute has come yet."""

    warning_id: str
    order_id: str
    buyer_user_id: str
    provider_user_id: str
    charge_id: str
    fraud_type: str


class Chargebacks(Protocol):
    """Cases about what card banks say. Booking tells of it in the transaction in which its own money moves."""

    async def told(self, tx: Tx, chargeback: Chargeback) -> str:
        """Opens the case of a chargeback or an inquiry when it is first told of, and brings it up to date later:
        status, deadline, sums, and its end. The case's id. Told twice, it has no second effect.
        """
        ...

    async def warned(self, tx: Tx, warning: FraudWarning) -> str:
        """Opens a payment case that offers a refund before a dispute comes, or joins the one that is open."""
        ...
