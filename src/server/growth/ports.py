"""What other slices may ask of growth inside their transaction. Nothing here begins or commits."""

from collections.abc import Mapping
from typing import Final, Protocol

from server.core.db import Tx
from server.growth.credit.domain import Books, CreditScope, Entry, EntryKind
from server.growth.credit.ledger import Award, Redemption, Reversal
from server.growth.errors import CreditCurrencyMismatch, CreditInsufficient, CreditScopeMismatch
from server.growth.referrals.domain import CompletedOrder

__all__ = [
    "CREDIT_REFUSED",
    "Award",
    "CompletedOrder",
    "Credit",
    "CreditScope",
    "Entry",
    "EntryKind",
    "Posts",
    "Redemption",
    "Referrals",
    "Reversal",
    "Tidings",
]

CREDIT_REFUSED: Final = (CreditInsufficient, CreditScopeMismatch, CreditCurrencyMismatch)
"""Why a person's credit does not pay for something: for that person's eyes, whoever else's call it was."""


class Referrals(Protocol):
    """Referrals as Booking feeds them, from a job of its own after an order was completed or taken back. Told twice,
    neither has a second effect.
    """

    async def order_completed(self, tx: Tx, order: CompletedOrder) -> None:
        """Qualifies the invitations of the order's parties and holds them for two weeks."""
        ...

    async def order_reversed(self, tx: Tx, order_id: str) -> None:
        """Ends what the order had qualified, and takes back what was awarded for it."""
        ...


class Credit(Protocol):
    """Credit as Booking and Support use it. Each call locks the person's credit account, so it comes after the locks
    that stand before it in the lock order, the order's among them.
    """

    async def award(self, tx: Tx, user_id: str, award: Award) -> Entry:
        """Gives credit. AlreadyExists where the same cause has given some before."""
        ...

    async def redeem(self, tx: Tx, user_id: str, redemption: Redemption) -> Entry:
        """Pays with credit, all of it or nothing. CreditInsufficient, CreditScopeMismatch, CreditCurrencyMismatch, or
        AlreadyExists where this was paid for before.
        """
        ...

    async def reverse(self, tx: Tx, user_id: str, reversal: Reversal) -> Entry:
        """Gives part of a redemption back; the caller computes how much is due in all and asks for what is new.
        CreditReversalExceeded beyond the whole, AlreadyExists where the same cause has reversed before.
        """
        ...

    async def claw_back(self, tx: Tx, user_id: str, entry_id: str, reason: str) -> Books:
        """Takes an award back, once; what is spent of it becomes a debt."""
        ...

    async def entry_about(self, tx: Tx, user_id: str, kind: EntryKind, related_id: str) -> Entry | None:
        """The entry of a kind that a cause has made, such as the redeem of an order."""
        ...


class Posts(Protocol):
    """Posts as the cases of Support see them."""

    async def author(self, tx: Tx, feed_id: str) -> str:
        """Whose post it is, which nobody else changes until the transaction ends. NotFound where there is none."""
        ...

    async def hide(self, tx: Tx, feed_id: str, case_id: str) -> None:
        """Shows the post to nobody, whatever its author does. NotFound where there is none."""
        ...

    async def show(self, tx: Tx, feed_id: str) -> None:
        """Leaves the post to its author again."""
        ...


class Tidings(Protocol):
    """What people are told in the app, and which mail they want."""

    async def tell(self, tx: Tx, user_id: str, kind: str, related_id: str, payload: Mapping[str, object]) -> None:
        """Shows somebody one thing; the same kind about the same thing is shown once."""
        ...

    async def wants_mail(self, tx: Tx, user_id: str, topic: str) -> bool:
        """Whether somebody has not unsubscribed from a kind of mail."""
        ...

    def unsubscribe_link(self, user_id: str, topic: str) -> str:
        """The link that ends a kind of mail for whoever it was issued to."""
        ...
