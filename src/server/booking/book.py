"""Orders under change: locked in the lock order, moved by the table, and written with everything that belongs to it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol, TypeAlias

from server.booking.domain.order import (
    CLOSED,
    NEGOTIATED,
    STALE_DRAFT_AFTER,
    Event,
    Order,
    OrderEvent,
    apply,
    step,
)
from server.booking.domain.parties import SYSTEM, By, Side
from server.booking.repository import BookingRepository
from server.booking.timers import DRAFT_EXPIRY, timer_of
from server.core.call import Actor
from server.core.clock import Clock
from server.core.db import Tx
from server.core.errors import NotFound
from server.core.jobs import Jobs

Edit: TypeAlias = Callable[[Order], Order]
Details: TypeAlias = Mapping[str, str | int]


class Announcements(Protocol):
    """Tells other services what happened, from the transaction in which it does."""

    async def changed(self, tx: Tx, changes: Sequence[tuple[Order, OrderEvent]]) -> None: ...


class OrderBook:
    """What every change of an order goes through. It begins and commits nothing."""

    def __init__(self, repository: BookingRepository, feed: Announcements, jobs: Jobs, clock: Clock) -> None:
        self._repository = repository
        self._feed = feed
        self._jobs = jobs
        self._clock = clock

    def now(self) -> datetime:
        return self._clock.now()

    async def add(self, tx: Tx, orders: Sequence[Order], by: By) -> None:
        """Stores new drafts with their first events and their timers, in as many statements for many as for one."""
        await self._repository.insert(tx, orders)
        await self._remember(tx, [(order, step(None, order, Event.CREATE, by)) for order in orders])
        await self._jobs.enqueue_all(
            tx, DRAFT_EXPIRY, {order.order_id: {} for order in orders}, run_at=self._clock.now() + STALE_DRAFT_AFTER
        )

    async def send_out(self, tx: Tx, drafts: Sequence[Order], by: By) -> list[Order]:
        """Stores new orders that go out to their providers at once, as an invite's do: what two steps would make of
        them, with both in their histories.
        """
        now = self._clock.now()
        sent = [replace(apply(draft, Event.SEND_INVITE, now=now), shown_at=now) for draft in drafts]
        await self._repository.insert(tx, sent)
        steps = [
            (after, event)
            for draft, after in zip(drafts, sent, strict=True)
            for event in (step(None, draft, Event.CREATE, by), step(draft, after, Event.SEND_INVITE, SYSTEM))
        ]
        await self._remember(tx, steps)
        return sent

    async def read(self, tx: Tx, order_id: str) -> Order:
        """The order as it is, which others may change at once; NotFound where there is none."""
        order = await self._repository.get(tx, order_id)
        if order is None:
            raise NotFound(order_id)
        return order

    async def lock(self, tx: Tx, order_id: str) -> Order:
        """The order, which nobody else changes until the transaction ends; NotFound where there is none."""
        order = await self._repository.lock(tx, order_id)
        if order is None:
            raise NotFound(order_id)
        return order

    async def lock_for(self, tx: Tx, order_id: str, actor: Actor) -> Order:
        """The same for somebody who may see it; for anybody else it does not exist."""
        return visible(await self._repository.lock(tx, order_id), order_id, actor)

    async def lock_slot(self, tx: Tx, order_id: str) -> Order:
        """The order and, before it, its provider's time: for every step after which it may hold another slot."""
        provider = await self._repository.provider_of(tx, order_id)
        if provider is None:
            raise NotFound(order_id)
        await self._repository.lock_provider(tx, provider)
        return await self.lock(tx, order_id)

    async def move(
        self,
        tx: Tx,
        order: Order,
        event: Event,
        by: By,
        *,
        reason: str = "",
        details: Details | None = None,
        edit: Edit | None = None,
    ) -> Order:
        """Takes a locked order one step on: by the table, then by `edit`, which sets what the step brings with it.

        Writes the order, its history, the outgoing event and the timer of the new status; those of the old one run out
        and find that they have nothing to do. What waited for an answer about a closed order ends with it. A step that
        takes a slot asks for `lock_slot` first, and fails with SlotTaken where somebody else has the time.
        """
        moved = apply(order, event, now=self._clock.now())
        if edit is not None:
            moved = edit(moved)
        if moved.holds_slot and _slot(moved) != _slot(order):
            await self._repository.check_slot(tx, moved)
        await self._repository.save(tx, order, moved)
        await self._remember(tx, [(moved, step(order, moved, event, by, reason, details))])
        if order.status in NEGOTIATED and moved.status in CLOSED:
            await self._repository.end_offers(tx, moved)
        timer = timer_of(moved)
        if timer is not None and timer != timer_of(order):
            kind, at = timer
            await self._jobs.enqueue(tx, kind, key=moved.order_id, run_at=at)
        return moved

    async def _remember(self, tx: Tx, changes: Sequence[tuple[Order, OrderEvent]]) -> None:
        """The history's row and the outgoing event belong to every change."""
        await self._repository.record(tx, [event for _, event in changes])
        await self._feed.changed(tx, changes)


def _slot(order: Order) -> tuple[bool, datetime, datetime]:
    return order.holds_slot, order.busy_from, order.busy_to


def visible(order: Order | None, order_id: str, actor: Actor) -> Order:
    """An order, for its parties, staff and services; for anybody else it does not exist, and neither does it for its
    provider before it was shown to them.
    """
    if order is None or not (actor.sees_everybody or actor.user_id in order.audience()):
        raise NotFound(order_id)
    return order


def side_of(order: Order, actor: Actor) -> Side:
    """Which party of the order the caller is; for somebody who is none it does not exist."""
    if actor.user_id == order.buyer_user_id:
        return Side.BUYER
    if actor.user_id in order.audience():
        return Side.PROVIDER
    raise NotFound(order.order_id)
