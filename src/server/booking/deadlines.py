"""What the clock does to orders that nobody moves. Late, twice, or after the order became something else: no effect."""

from dataclasses import replace
from datetime import datetime

from server.booking.book import OrderBook
from server.booking.domain.order import STALE_DRAFT_AFTER, Event, Status
from server.booking.domain.parties import SYSTEM
from server.booking.money.port import Money
from server.core.db import Database, Tx


class Deadlines:
    """Ends what was not done in time, and begins what is due."""

    def __init__(self, database: Database, book: OrderBook, money: Money) -> None:
        self._database = database
        self._book = book
        self._money = money

    async def draft(self, order_id: str) -> datetime | None:
        """Ends a draft that nobody submitted within a day."""
        return await self._end(order_id, Status.INITIATED, Event.DRAFT_EXPIRED, "not submitted within a day")

    async def pay_by(self, order_id: str) -> datetime | None:
        """Declines an accepted order that was not paid in time; its slot is free again."""
        return await self._end(order_id, Status.ACCEPTED, Event.PAY_BY_PASSED, "not paid in time")

    async def start(self, order_id: str) -> datetime | None:
        """Begins a confirmed order whose provider did not check in."""

        async def work(tx: Tx) -> datetime | None:
            order = await self._book.lock(tx, order_id)
            if order.status is not Status.CONFIRMED:
                return None
            if self._book.now() < order.start_ts:
                return order.start_ts
            await self._book.move(tx, order, Event.START_REACHED, SYSTEM)
            return None

        return await self._database.run(work)

    async def _end(self, order_id: str, status: Status, event: Event, reason: str) -> datetime | None:
        async def work(tx: Tx) -> datetime | None:
            order = await self._book.lock(tx, order_id)
            if order.status is not status:
                return None
            due = order.pay_by or order.created_at + STALE_DRAFT_AFTER
            if self._book.now() < due:
                return due
            ended = await self._book.move(
                tx, order, event, SYSTEM, reason=reason, edit=lambda order: replace(order, closed_reason=reason)
            )
            await self._money.give_up(tx, ended)
            return None

        return await self._database.run(work)
