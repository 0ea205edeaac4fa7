"""What Growth is told of orders that were completed, or that earned nobody anything after all."""

from server.booking.domain.order import Order, Status
from server.booking.fulfilment.repository import AdjustmentRepository
from server.booking.repository import BookingRepository
from server.core.db import Database, Tx
from server.growth.ports import CompletedOrder, Referrals
from server.payments.ports import Wallets


class Telling:
    """Tells Growth, from jobs. Late or twice: Growth has no second effect for one order."""

    def __init__(
        self,
        database: Database,
        orders: BookingRepository,
        payments: AdjustmentRepository,
        wallets: Wallets,
        referrals: Referrals,
    ) -> None:
        self._database = database
        self._orders = orders
        self._payments = payments
        self._wallets = wallets
        self._referrals = referrals

    async def completed(self, order_id: str) -> None:
        """Qualifies the invitations of the order's parties, unless somebody has disputed it by now."""

        async def work(tx: Tx) -> None:
            order = await self._orders.get(tx, order_id)
            if order is not None and order.status is Status.COMPLETED:
                await self._referrals.order_completed(tx, await self._told(tx, order))

        await self._database.run(work)

    async def reversed(self, order_id: str) -> None:
        """Takes back what the order has qualified."""
        await self._database.run(lambda tx: self._referrals.order_reversed(tx, order_id))

    async def _told(self, tx: Tx, order: Order) -> CompletedOrder:
        card = await self._payments.card_of(tx, order.order_id)
        return CompletedOrder(
            order_id=order.order_id,
            buyer_user_id=order.buyer_user_id,
            provider_user_id=order.provider_user_id,
            total_cents=order.price.total_cents,
            completed_at=order.completed_at or order.updated_at,
            payment_fingerprint=await self._wallets.fingerprint(tx, card) if card else "",
        )
