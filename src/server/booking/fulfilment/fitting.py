"""How milestones follow the price that was agreed."""

from server.booking.domain.order import Order
from server.booking.fulfilment.milestones import refitted
from server.booking.fulfilment.repository import MilestoneRepository
from server.core.db import Tx


class Fitting:
    """Fits milestones on a transaction that holds the order's row."""

    def __init__(self, repository: MilestoneRepository) -> None:
        self._repository = repository

    async def fit(self, tx: Tx, order: Order) -> None:
        """Makes the milestones share out the subtotal that was agreed, in the step that agrees to it."""
        milestones = await self._repository.of_order(tx, order.order_id)
        if milestones:
            fitted = refitted(milestones, order.price.subtotal_cents)
            await self._repository.save(tx, [new for old, new in zip(milestones, fitted, strict=True) if old != new])
