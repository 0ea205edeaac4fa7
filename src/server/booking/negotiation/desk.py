"""What every step about an offer needs: whose it is, when its provider sees it, what ends it."""

from dataclasses import replace
from datetime import datetime

from server.booking.book import OrderBook, side_of
from server.booking.domain.order import Event, Order
from server.booking.domain.parties import PROCESSOR, Side
from server.booking.domain.request import Request, shown
from server.booking.negotiation.repository import RequestRepository
from server.booking.timers import AUTO_ACCEPT, REQUEST_EXPIRY
from server.core.call import Actor
from server.core.db import Tx
from server.core.errors import NotFound
from server.core.jobs import Jobs


class OfferDesk:
    """Offers inside somebody's transaction. It begins and commits nothing."""

    def __init__(self, book: OrderBook, requests: RequestRepository, jobs: Jobs) -> None:
        self._book = book
        self._requests = requests
        self._jobs = jobs

    async def place(self, tx: Tx, request: Request) -> None:
        """Stores an offer and the timer that ends it."""
        await self._requests.insert(tx, request)
        await self._jobs.enqueue(tx, REQUEST_EXPIRY, key=request.order_id, run_at=request.expires_at)
        if request.shown_at is not None and request.round == 0:
            await self._jobs.enqueue(tx, AUTO_ACCEPT, key=request.order_id)

    async def locked(self, tx: Tx, request_id: str, actor: Actor) -> tuple[Order, Request, Side]:
        """An offer with its order, whose row and provider's time are held, and the side on which the caller is; for
        anybody else it does not exist.
        """
        found = await self._requests.get(tx, request_id)
        if found is None or actor.user_id not in (found.buyer_user_id, found.provider_user_id):
            raise NotFound(request_id)
        order = await self._book.lock_slot(tx, found.order_id)
        request = await self._requests.get(tx, request_id)
        side = Side.BUYER if actor.user_id == found.buyer_user_id else Side.PROVIDER
        if request is None or not request.visible_to(side):
            raise NotFound(request_id)
        side_of(order, actor)
        return order, request, side

    async def show(self, tx: Tx, order: Order, capture_before: datetime | None) -> Order:
        """Lets the provider see a request that money stands behind now; one that they see already stays as it is."""
        request = await self._requests.pending(tx, order.order_id)
        if request is None or request.shown_at is not None:
            return order
        now = self._book.now()
        visible = shown(request, order.start_ts, capture_before, now=now)
        moved = await self._book.move(
            tx, order, Event.REQUEST_SHOWN, PROCESSOR, edit=lambda order: replace(order, shown_at=now)
        )
        await self._requests.show(tx, visible)
        await self._jobs.enqueue(tx, REQUEST_EXPIRY, key=order.order_id, run_at=visible.expires_at)
        await self._jobs.enqueue(tx, AUTO_ACCEPT, key=order.order_id)
        return moved
