"""The credit with which a buyer pays a part of the fee: taken when the order is submitted, given back with it."""

from typing import Final

from server.booking.domain.order import Order
from server.core.db import Tx
from server.growth.ports import Credit, CreditScope, EntryKind, Redemption, Reversal

REASON: Final = "order"


class OrderCredit:
    """Asks Growth, inside the transaction of the step that it belongs to."""

    def __init__(self, credit: Credit) -> None:
        self._credit = credit

    async def redeem(self, tx: Tx, order: Order) -> None:
        """Takes the credit that the price counts on, once an order."""
        if not order.price.credit_cents or await self._redeemed(tx, order) is not None:
            return
        redemption = Redemption(
            amount_cents=order.price.credit_cents,
            currency=order.price.currency.upper(),
            scope=CreditScope.BUYER_FEE_ONLY,
            reason=REASON,
            related_id=order.order_id,
        )
        await self._credit.redeem(tx, order.buyer_user_id, redemption)

    async def give_back(self, tx: Tx, order: Order, cents: int, cause_id: str) -> None:
        """Gives a part back; each cause does so once."""
        redeemed = await self._redeemed(tx, order) if cents else None
        if redeemed is not None:
            entry_id, _ = redeemed
            reversal = Reversal(entry_id=entry_id, amount_cents=cents, reason=REASON, related_id=cause_id)
            await self._credit.reverse(tx, order.buyer_user_id, reversal)

    async def give_back_surplus(self, tx: Tx, order: Order) -> None:
        """A counter-offer lowered what the order takes: the rest goes back when it is accepted."""
        redeemed = await self._redeemed(tx, order)
        if redeemed is not None:
            await self.give_back(tx, order, redeemed[1] - order.price.credit_cents, f"{order.order_id}:surplus")

    async def give_back_all(self, tx: Tx, order: Order) -> None:
        """The order came to nothing before anything was captured. After the acceptance no surplus is left to return."""
        redeemed = await self._redeemed(tx, order)
        if redeemed is not None:
            left = redeemed[1] if order.accepted_at is None else order.price.credit_cents
            await self.give_back(tx, order, left, f"{order.order_id}:ended")

    async def _redeemed(self, tx: Tx, order: Order) -> tuple[str, int] | None:
        entry = await self._credit.entry_about(tx, order.buyer_user_id, EntryKind.REDEEM, order.order_id)
        return None if entry is None else (entry.entry_id, entry.amount_cents)
