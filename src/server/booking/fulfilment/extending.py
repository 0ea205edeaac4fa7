"""How what was paid on top becomes part of an order's price."""

from dataclasses import replace

from server.booking.book import OrderBook
from server.booking.domain.order import Event, Order
from server.booking.domain.parties import PROCESSOR
from server.booking.fulfilment.extras import repriced
from server.booking.fulfilment.milestones import Milestone
from server.booking.fulfilment.repository import AdjustmentRepository, MilestoneRepository
from server.booking.money.port import Extension, Purpose
from server.core.clock import Clock
from server.core.db import Tx
from server.core.ids import Ids

UNTITLED = "Adjustment"


class Extending:
    """Applies paid extras on money's transaction, which holds the order's row."""

    def __init__(
        self,
        book: OrderBook,
        milestones: MilestoneRepository,
        repository: AdjustmentRepository,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._book = book
        self._milestones = milestones
        self._repository = repository
        self._clock = clock
        self._ids = ids

    async def extended(self, tx: Tx, order: Order, extension: Extension) -> Order:
        """What was paid on top becomes part of the price: its line, and a milestone where the work is divided. An
        adjustment has its title; what a new time costs more has none of its own.
        """
        adjustment = await self._repository.of_payment(tx, extension.payment_id)
        after = await self._book.move(
            tx,
            order,
            Event.TIP_ADDED if extension.purpose is Purpose.TIP else Event.ADJUSTED,
            PROCESSOR,
            details={"payment_id": extension.payment_id, "total_cents": extension.balance.charged_cents},
            edit=lambda moved: replace(moved, price=repriced(moved.price, extension.balance)),
        )
        if adjustment is not None:
            await self._repository.applied(tx, adjustment.adjustment_id, self._clock.now())
        if extension.subtotal_cents:
            title = adjustment.title if adjustment else UNTITLED
            await self._repository.add_line(tx, order.order_id, title, extension.subtotal_cents)
            await self._extend_milestones(tx, order, title, extension.subtotal_cents)
        return after

    async def _extend_milestones(self, tx: Tx, order: Order, title: str, amount_cents: int) -> None:
        """More work is one milestone more, where the work is divided."""
        milestones = await self._milestones.of_order(tx, order.order_id)
        if milestones:
            further = Milestone(
                milestone_id=self._ids.new("mst"),
                order_id=order.order_id,
                position=milestones[-1].position + 1,
                title=title,
                due_ts=None,
                amount_cents=amount_cents,
            )
            await self._milestones.add(tx, [further])
