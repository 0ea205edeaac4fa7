"""What is to be paid out or taken back now, from what the rows say. Pure, and asked as often as one likes: what is
under way counts as done, so the answer to a second asking is nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from server.booking.money.moves import Debt, MoveStatus, Transfer
from server.booking.money.payment import Payment
from server.booking.refunds import Balance
from server.core.money import half_up


@dataclass(frozen=True, slots=True)
class Release:
    """What a provider may have already: approved milestones, and from an instant on everything."""

    subtotal_cents: int = 0
    whole_from: datetime | None = None

    def cap_cents(self, balance: Balance, now: datetime) -> int:
        """The most that may be with the provider now. The commission on milestones follows the cumulative formula, so
        that rounding each of them does not miss the total.
        """
        if self.whole_from is not None and self.whole_from <= now:
            return balance.payable_cents
        if not balance.subtotal_cents:
            return 0
        commission = half_up(balance.commission.amount_cents * self.subtotal_cents, balance.subtotal_cents)
        return min(balance.payable_cents, self.subtotal_cents - commission)


@dataclass(frozen=True, slots=True)
class Part:
    """An amount out of one charge, or back from one transfer."""

    source_id: str
    amount_cents: int


@dataclass(frozen=True, slots=True)
class Settlement:
    """What follows from where an order's money is."""

    transfers: tuple[Part, ...] = ()
    """By payment."""
    reversals: tuple[Part, ...] = ()
    """By transfer."""
    forgiven: tuple[Part, ...] = ()
    """By debt."""


def settlement(
    balance: Balance,
    release: Release,
    payments: Sequence[Payment],
    transfers: Sequence[Transfer],
    debts: Sequence[Debt],
    *,
    held_cents: int,
    disputed: bool,
    now: datetime,
) -> Settlement:
    """Pays out what is released, payable and not held, the oldest charge first; takes back what is too much, the newest
    transfer first, less what is booked as a debt already. While the order is disputed nothing goes out.
    """
    owing = sum(debt.open_cents for debt in debts)
    excess = balance.to_reverse_cents
    due = min(balance.transferable_cents(held_cents), release.cap_cents(balance, now) - balance.net_transferred_cents)
    room = {
        payment.payment_id: payment.captured_cents
        - sum(transfer.left_cents for transfer in transfers if transfer.payment_id == payment.payment_id)
        for payment in payments
        if payment.captured_cents
    }
    return Settlement(
        transfers=() if disputed else _spread(due, room),
        reversals=from_newest(transfers, excess - owing),
        forgiven=_spread(owing - excess, {debt.debt_id: debt.open_cents for debt in debts}),
    )


def from_newest(transfers: Sequence[Transfer], cents: int) -> tuple[Part, ...]:
    """An amount back from transfers that arrived, the newest first; what has not arrived yet cannot come back."""
    left = {
        transfer.transfer_id: transfer.left_cents
        for transfer in reversed(transfers)
        if transfer.status is MoveStatus.SUCCEEDED
    }
    return _spread(cents, left)


def _spread(amount_cents: int, room: dict[str, int]) -> tuple[Part, ...]:
    """An amount over places, as much as each of them takes."""
    parts = []
    for source_id, most in room.items():
        part = min(amount_cents, most)
        if part > 0:
            parts.append(Part(source_id, part))
            amount_cents -= part
    return tuple(parts)
