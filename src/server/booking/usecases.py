"""What can be done with orders: open a transaction, load and lock, decide, save, store effects."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

from server.booking.book import OrderBook, visible
from server.booking.domain.order import Event, Order, OrderEvent, Status, check_version
from server.booking.domain.parties import ActorKind, By, Side
from server.booking.domain.terms import Terms
from server.booking.errors import QuoteChanged
from server.booking.pricing import Quote
from server.booking.quoting import draft, quote
from server.booking.repository import BookingRepository
from server.core.call import Actor
from server.core.clock import Clock
from server.core.db import Database, Guard, Tx
from server.core.errors import NotFound
from server.core.ids import Ids
from server.core.notify import Wakeups, wait
from server.core.pagination import Listing, Page, PageTokens, page_size
from server.promo.ports import Attribution

EVENTS_CHANNEL = "callsheet_order_events"
EVENTS_AT_ONCE = 100
LOOK_EVERY_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class CreateOrder:
    """A buyer asks for a booking, at the quoted price where a hash is given."""

    actor: Actor
    terms: Terms
    quote_hash: str
    click_token: str = ""
    """Of the sponsored listing that led the buyer here."""


@dataclass(frozen=True, slots=True)
class CancelOrder:
    """A buyer ends an order."""

    actor: Actor
    order_id: str
    reason: str
    version: int


@dataclass(frozen=True, slots=True)
class ListOrders:
    """A page of the caller's orders."""

    actor: Actor
    side: Side
    page_size: int
    page_token: str
    statuses: frozenset[Status]


@dataclass(frozen=True, slots=True)
class ListOrderEvents:
    """A page of an order's history."""

    actor: Actor
    order_id: str
    page_size: int
    page_token: str


@dataclass(frozen=True, slots=True)
class WatchOrder:
    """Somebody follows an order, from a sequence on."""

    actor: Actor
    order_id: str
    after_sequence: int


class BookingUseCases:
    """The operations of the booking slice."""

    def __init__(
        self,
        database: Database,
        repository: BookingRepository,
        book: OrderBook,
        clock: Clock,
        ids: Ids,
        pages: PageTokens,
        wakeups: Wakeups,
        attribution: Attribution,
    ) -> None:
        self._database = database
        self._repository = repository
        self._book = book
        self._clock = clock
        self._ids = ids
        self._pages = pages
        self._wakeups = wakeups
        self._attribution = attribution

    async def quote(self, terms: Terms) -> Quote:
        """A price, and nothing stored."""
        now = self._clock.now()
        async with self._database.read() as tx:
            offer = await self._repository.offer(tx, terms, now=now)
        return quote(terms, offer, now=now)

    async def create(self, command: CreateOrder, once: Guard[Order] | None) -> Order:
        """Stores a draft and the timer that ends it."""
        buyer = command.actor.user_id

        async def work(tx: Tx) -> Order:
            now = self._clock.now()
            offer = await self._repository.offer(tx, command.terms, now=now)
            agreed = quote(command.terms, offer, now=now)
            if command.quote_hash not in ("", agreed.quote_hash):
                raise QuoteChanged(agreed.price.total_cents, agreed.quote_hash)
            order = draft(self._ids.new("ord"), buyer, command.terms, offer, agreed, now=now)
            await self._book.add(tx, [order], By(ActorKind.BUYER, buyer))
            if command.click_token:
                await self._attribution.ordered(tx, order.order_id, command.click_token)
            return order

        return await self._database.run(work, once=once)

    async def get(self, order_id: str, actor: Actor) -> Order:
        """An order, for its parties, staff and services; for anybody else it does not exist."""
        async with self._database.read() as tx:
            return visible(await self._repository.get(tx, order_id), order_id, actor)

    async def list(self, command: ListOrders) -> Page[Order]:
        """The caller's own orders, newest first."""
        filters = {"side": command.side.value, "statuses": sorted(command.statuses)}
        listing = Listing("ListOrders", command.actor.user_id, filters)
        position = self._pages.position(listing, command.page_token, length=1)
        size = page_size(command.page_size)
        async with self._database.read() as tx:
            orders = await self._repository.page(
                tx,
                command.actor.user_id,
                command.side,
                command.statuses,
                before=position[0] if position else None,
                limit=size + 1,
            )
        return self._pages.page(listing, orders, size, lambda order: (order.order_id,))

    async def list_events(self, command: ListOrderEvents) -> Page[OrderEvent]:
        """An order's history, oldest first."""
        listing = Listing("ListOrderEvents", command.actor.user_id, {"order_id": command.order_id})
        position = self._pages.position(listing, command.page_token, length=1)
        size = page_size(command.page_size)
        async with self._database.read() as tx:
            visible(await self._repository.get(tx, command.order_id), command.order_id, command.actor)
            after = int(position[0]) if position else 0
            events = await self._repository.events_after(tx, command.order_id, after, size + 1)
        return self._pages.page(listing, events, size, lambda event: (str(event.sequence),))

    async def cancel(self, command: CancelOrder, once: Guard[Order] | None) -> Order:
        """Ends the buyer's order."""

        async def work(tx: Tx) -> Order:
            order = await self._book.lock_for(tx, command.order_id, command.actor)
            if command.actor.user_id != order.buyer_user_id:
                raise NotFound(command.order_id)
            check_version(order, command.version)
            by = By(ActorKind.BUYER, command.actor.user_id)
            return await self._book.move(
                tx,
                order,
                Event.CANCEL_BY_BUYER,
                by,
                reason=command.reason,
                edit=lambda ended: replace(ended, closed_reason=command.reason),
            )

        return await self._database.run(work, once=once)

    async def watch(self, command: WatchOrder) -> AsyncIterator[OrderEvent]:
        """The history after a sequence, then every event as it is committed, until the caller goes."""
        await self.get(command.order_id, command.actor)
        seen = command.after_sequence
        async with self._wakeups.on(f"{EVENTS_CHANNEL}:{command.order_id}") as woken:
            while True:
                async with self._database.read() as tx:
                    events = await self._repository.events_after(tx, command.order_id, seen, EVENTS_AT_ONCE)
                for event in events:
                    seen = event.sequence
                    yield event
                if len(events) < EVENTS_AT_ONCE:
                    await wait(woken, LOOK_EVERY_SECONDS)
