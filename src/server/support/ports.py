"""What other slices may ask of support inside their transaction. Nothing here begins or commits.

Each call locks cases and holds and may enqueue jobs, so it comes after the locks that stand before those in the lock
order, the order's among them, and before the caller's own jobs.
"""

from dataclasses import dataclass
from typing import Protocol

from server.core.db import Tx
from server.support.holds.domain import ReleaseReason

__all__ = ["Disputed", "Disputes", "Holds", "ReleaseReason"]


@dataclass(frozen=True, slots=True)
class Disputed:
    """An order that one of its parties disputes, and how much of its payout is to wait; nothing for 0 cents."""

    order_id: str
    buyer_user_id: str
    provider_user_id: str
    opened_by_user_id: str
    dispute_id: str
    subtype: str
    statement_md: str
    hold_cents: int


class Disputes(Protocol):
    """Cases about disputed orders."""

    async def open_or_join(self, tx: Tx, disputed: Disputed) -> str:
        """Opens the case of a dispute, or joins the one that is open about the order; its id. The hold is made in the
        same step. The caller has seen to it that so much is payable.
        """
        ...


class Holds(Protocol):
    """What is kept back of an order's payout."""

    async def held_cents(self, tx: Tx, order_id: str) -> int:
        """How much waits now; it stays true while the caller holds the order's row."""
        ...

    async def apply(self, tx: Tx, case_id: str, order_id: str, amount_cents: int, applied_by: str) -> str:
        """Keeps an amount back for a case; the hold's id. The caller has seen to it that so much is payable."""
        ...

    async def release(self, tx: Tx, order_id: str, reason: ReleaseReason) -> int:
        """Ends every hold on an order, and tells how many cents that sets free."""
        ...
