"""What can be done with orders: open a transaction, load and lock, decide, save, store effects."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

from server.booking.domain import (
    STALE_DRAFT_AFTER,
    ActorKind,
    By,
    Event,
    Order,
    OrderEvent,
    Side,
    Status,
    Terms,
    apply,
    check_version,
    step,
)
from server.booking.errors import QuoteChanged
from server.booking.pricing import Quote
from server.booking.quoting import draft, quote
from server.booking.repository import BookingRepository
from server.booking.timers import DRAFT_EXPIRY
from server.core.call import Actor
from server.core.clock import Clock
from server.core.db import Database, Guard, Tx
from server.core.errors import NotFound
from server.core.ids import Ids
from server.core.jobs import Jobs
from server.core.notify import Wakeups, wait
from server.core.pagination import Listing, Page, PageTokens, page_size

EVENTS_CHANNEL = "callsheet_order_events"
EVENTS_AT_ONCE = 100
LOOK_EVERY_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class CreateOrder:
    """A buyer asks for a booking, at the quoted price where a hash is given."""

    actor: Actor
    terms: Terms
    quote_hash: str


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


class Announcements(Protocol):
    """Tells other services what happened, from the transaction in which it does."""

    async def changed(self, tx: Tx, order: Order, event: OrderEvent) -> None: ...


class BookingUseCases:
    """The operations of the booking slice."""

    def __init__(
        self,
        database: Database,
        repository: BookingRepository,
        clock: Clock,
        ids: Ids,
        jobs: Jobs,
        feed: Announcements,
        pages: PageTokens,
        wakeups: Wakeups,
    ) -> None:
        self._database = database
        self._repository = repository
        self._clock = clock
        self._ids = ids
        self._jobs = jobs
        self._feed = feed
        self._pages = pages
        self._wakeups = wakeups

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
            await self._repository.insert(tx, order)
            await self._remember(tx, order, step(None, order, Event.CREATE, By(ActorKind.BUYER, buyer)))
            await self._jobs.enqueue(tx, DRAFT_EXPIRY, key=order.order_id, run_at=now + STALE_DRAFT_AFTER)
            return order

        return await self._database.run(work, once=once)

    async def get(self, order_id: str, actor: Actor) -> Order:
        """An order, for its parties, staff and services; for anybody else it does not exist."""
        async with self._database.read() as tx:
            return _visible(await self._repository.get(tx, order_id), order_id, actor)

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
            _visible(await self._repository.get(tx, command.order_id), command.order_id, command.actor)
            after = int(position[0]) if position else 0
            events = await self._repository.events_after(tx, command.order_id, after, size + 1)
        return self._pages.page(listing, events, size, lambda event: (str(event.sequence),))

    async def cancel(self, command: CancelOrder, once: Guard[Order] | None) -> Order:
        """Ends the buyer's order."""

        async def work(tx: Tx) -> Order:
            order = _visible(await self._repository.lock(tx, command.order_id), command.order_id, command.actor)
            if command.actor.user_id != order.buyer_user_id:
                raise NotFound(command.order_id)
            check_version(order, command.version)
            by = By(ActorKind.BUYER, command.actor.user_id)
            ended = await self._move(tx, order, Event.CANCEL_BY_BUYER, by, command.reason)
            await self._jobs.cancel(tx, DRAFT_EXPIRY, key=order.order_id)
            return ended

        return await self._database.run(work, once=once)

    async def expire_draft(self, order_id: str) -> None:
        """Ends a draft that is older than a day. Late, twice, or after the draft became something else: no effect."""

        async def work(tx: Tx) -> None:
            order = await self._repository.lock(tx, order_id)
            if order is not None and order.status is Status.INITIATED:
                await self._move(tx, order, Event.DRAFT_EXPIRED, By(ActorKind.SYSTEM), "not submitted within a day")

        await self._database.run(work)

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

    async def _move(self, tx: Tx, order: Order, event: Event, by: By, reason: str) -> Order:
        moved = apply(order, event, now=self._clock.now())
        await self._repository.save_status(tx, order, moved, reason)
        await self._remember(tx, moved, step(order, moved, event, by, reason))
        return moved

    async def _remember(self, tx: Tx, order: Order, event: OrderEvent) -> None:
        """The history's row and the outgoing event belong to every change."""
        await self._repository.record(tx, event)
        await self._feed.changed(tx, order, event)


def _visible(order: Order | None, order_id: str, actor: Actor) -> Order:
    if order is None or not (actor.sees_everybody or actor.user_id in order.parties()):
        raise NotFound(order_id)
    return order
