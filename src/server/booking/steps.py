"""What an order does when its money tells it something, inside money's transaction."""

from dataclasses import replace
from datetime import datetime, timedelta

from server.booking.book import OrderBook
from server.booking.chat.repository import ChatRepository
from server.booking.domain.order import Event, Order, Status
from server.booking.domain.parties import PROCESSOR
from server.booking.fulfilment.extending import Extending
from server.booking.money.port import Extension
from server.booking.negotiation.desk import OfferDesk
from server.booking.timers import SLOT_GIVEN_AWAY
from server.core.db import Tx
from server.core.ids import Ids
from server.core.jobs import Jobs

GRACE = timedelta(hours=24)


class PaidSteps:
    """The steps that follow from payments. Each is told again without a second effect."""

    def __init__(
        self,
        book: OrderBook,
        chats: ChatRepository,
        desk: OfferDesk,
        extending: Extending,
        jobs: Jobs,
        ids: Ids,
    ) -> None:
        self._book = book
        self._chats = chats
        self._desk = desk
        self._extending = extending
        self._jobs = jobs
        self._ids = ids

    async def authorised(self, tx: Tx, order: Order, capture_before: datetime | None) -> Order:
        """A request is shown to its provider; anything else stays where it is."""
        if order.status is not Status.PENDING_ACCEPT:
            return order
        return await self._desk.show(tx, order, capture_before)

    async def captured(self, tx: Tx, order: Order) -> Order:
        """An accepted order is confirmed: its parties can write to each other, and see where it takes place."""
        if order.status is not Status.ACCEPTED:
            return order
        thread, now = self._ids.new("cth"), self._book.now()
        await self._chats.open(tx, thread, order.order_id, now)
        confirmed = await self._book.move(
            tx,
            order,
            Event.PAID,
            PROCESSOR,
            edit=lambda order: replace(order, grace_until=(order.confirmed_at or now) + GRACE, chat_thread_id=thread),
        )
        await self._jobs.enqueue(tx, SLOT_GIVEN_AWAY, key=order.order_id)
        return confirmed

    async def extended(self, tx: Tx, order: Order, extension: Extension) -> Order:
        """The order's price grows by a tip or an adjustment that was paid."""
        return await self._extending.extended(tx, order, extension)
