"""The money trail of an order, for its story: every payment, refund and payout, the calls and events behind them, and
what has to add up.
"""

from collections.abc import Iterable

from server.booking.money.checking import Checking, Money, sums
from server.booking.money.finding_rows import FindingRepository
from server.booking.story import Told
from server.core.db import Tx
from server.core.story import Entry
from server.payments.ports import History


class MoneyStory:
    """What money adds to an order's story."""

    def __init__(self, checking: Checking, findings: FindingRepository, history: History) -> None:
        self._checking = checking
        self._findings = findings
        self._history = history

    async def tell(self, tx: Tx, order_id: str) -> Told:
        money = await self._checking.read(tx, order_id)
        asked = [entry for owner_id in _owners(money) for entry in await self._history.entries(tx, owner_id)]
        return Told(
            entries=[*_moves(money), *asked, *await self._findings.entries(tx, order_id)],
            sums=sums(money) if money.balance.charged_cents else [],
        )


def _owners(money: Money) -> Iterable[str]:
    """What the processor's calls and events about the order belong to."""
    yield from (payment.payment_id for payment in money.payments)
    yield from (piece.refund_id for piece in money.refunds)
    yield from (transfer.transfer_id for transfer in money.transfers)
    yield from (reversal.reversal_id for reversal in money.reversals)


def _moves(money: Money) -> list[Entry]:
    """Every row that moves money, when it was written, and where it is now."""
    return [
        *(
            Entry(
                one.created_at,
                f"payment {one.purpose} {one.status}",
                f"{one.payment_id} · {one.captured_cents} of {one.amount_cents} {one.currency}"
                + (" · late" if one.late else ""),
            )
            for one in money.payments
        ),
        *(
            Entry(
                one.created_at,
                f"refund {one.cause} {one.status}",
                f"{one.refund_id} · {one.amount_cents} of {one.payment_id}"
                + (f" · {one.failure_reason}" if one.failure_reason else ""),
            )
            for one in money.refunds
        ),
        *(
            Entry(one.created_at, f"transfer {one.status}", f"{one.transfer_id} · {one.amount_cents} {one.currency}")
            for one in money.transfers
        ),
        *(
            Entry(
                one.created_at, f"reversal {one.status}", f"{one.reversal_id} · {one.amount_cents} of {one.transfer_id}"
            )
            for one in money.reversals
        ),
    ]
