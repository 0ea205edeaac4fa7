"""From the check-in to the completion."""

from dataclasses import dataclass, replace

from server.booking.book import OrderBook
from server.booking.domain.order import Event, Order, Status, check_version
from server.booking.domain.parties import SYSTEM, By, Side
from server.booking.fulfilment.errors import MilestonesUnsettled
from server.booking.fulfilment.milestones import HANDED_OVER, SETTLED, Milestone, MilestoneStatus
from server.booking.fulfilment.repository import MilestoneRepository
from server.booking.fulfilment.standing import (
    check_changes,
    check_delivery,
    check_start,
    ends_by_itself,
    party,
    review_until,
)
from server.booking.fulfilment.timers import ORDER_COMPLETED
from server.booking.money.port import Money
from server.core.call import Actor
from server.core.clock import Clock
from server.core.crash import point
from server.core.db import Database, Guard, Tx
from server.core.jobs import Jobs, Postpone


@dataclass(frozen=True, slots=True)
class OrderStep:
    """A party takes an order one step on; version 0 means whatever is newest."""

    actor: Actor
    order_id: str
    note: str
    version: int


class Fulfilment:
    """What provider and buyer do with a confirmed order, and what the clock does for them."""

    def __init__(
        self,
        database: Database,
        book: OrderBook,
        milestones: MilestoneRepository,
        money: Money,
        jobs: Jobs,
        clock: Clock,
    ) -> None:
        self._database = database
        self._book = book
        self._milestones = milestones
        self._money = money
        self._jobs = jobs
        self._clock = clock

    async def start(self, command: OrderStep, once: Guard[Order] | None) -> Order:
        """The provider is there. Where the clock was faster, the check-in is kept all the same: it is evidence."""

        async def work(tx: Tx) -> Order:
            order, by = await self._step(tx, command, Side.PROVIDER)
            check_start(order, now=self._clock.now())
            return await self._book.move(
                tx,
                order,
                Event.CHECK_IN,
                by,
                reason=command.note,
                edit=lambda after: replace(after, checked_in_at=after.updated_at),
            )

        return await self._database.run(work, once=once)

    async def deliver(self, command: OrderStep, once: Guard[Order] | None) -> Order:
        """The provider has handed over everything; the buyer's time to look at it begins."""

        async def work(tx: Tx) -> Order:
            order, by = await self._step(tx, command, Side.PROVIDER)
            check_delivery(order)
            milestones = await self._milestones.of_order(tx, order.order_id)
            _check_milestones(order, milestones, HANDED_OVER)
            return await self._delivered(tx, order, Event.DELIVER, by, milestones, command.note)

        return await self._database.run(work, once=once)

    async def request_changes(self, command: OrderStep, once: Guard[Order] | None) -> Order:
        """The buyer sends a delivery back."""

        async def work(tx: Tx) -> Order:
            order, by = await self._step(tx, command, Side.BUYER)
            check_changes(order)
            return await self._book.move(
                tx,
                order,
                Event.REQUEST_CHANGES,
                by,
                reason=command.note,
                edit=lambda after: replace(after, change_rounds=after.change_rounds + 1, review_until=None),
            )

        return await self._database.run(work, once=once)

    async def complete(self, command: OrderStep, once: Guard[Order] | None) -> Order:
        """The buyer is content: the provider is paid what they have not got yet."""

        async def work(tx: Tx) -> Order:
            order, by = await self._step(tx, command, Side.BUYER)
            milestones = await self._milestones.of_order(tx, order.order_id)
            if order.status is Status.DELIVERED:
                _check_milestones(order, milestones, SETTLED)
            return await self._completed(tx, order, Event.COMPLETE, by)

        completed = await self._database.run(work, once=once)
        await point("booking.completed")
        return completed

    async def end_reached(self, order_id: str) -> None:
        """Delivers what leaves nothing to be handed over. Late, twice or after something else happened: no effect."""

        async def work(tx: Tx) -> None:
            order = await self._book.lock(tx, order_id)
            if order.status is not Status.IN_PROGRESS:
                return
            if order.end_ts > self._clock.now():
                raise Postpone(order.end_ts)
            milestones = await self._milestones.of_order(tx, order_id)
            if ends_by_itself(order, milestones):
                await self._delivered(tx, order, Event.END_REACHED, SYSTEM, milestones, "")

        await self._database.run(work)

    async def review_silent(self, order_id: str) -> None:
        """Completes what the buyer said nothing about. Milestones have silences of their own; the last one decides."""

        async def work(tx: Tx) -> None:
            order = await self._book.lock(tx, order_id)
            if order.status is not Status.DELIVERED or order.review_until is None:
                return
            milestones = await self._milestones.of_order(tx, order_id)
            waits = [order.review_until, *(item.review_until for item in milestones if _under_review(item))]
            until = max(at for at in waits if at is not None)
            if until > self._clock.now():
                raise Postpone(until)
            _check_milestones(order, milestones, SETTLED)
            await self._completed(tx, order, Event.REVIEW_SILENT, SYSTEM)

        await self._database.run(work)

    async def _step(self, tx: Tx, command: OrderStep, side: Side) -> tuple[Order, By]:
        order = await self._book.lock_for(tx, command.order_id, command.actor)
        by = party(order, command.actor, side)
        check_version(order, command.version)
        return order, by

    async def _delivered(
        self, tx: Tx, order: Order, event: Event, by: By, milestones: list[Milestone], note: str
    ) -> Order:
        until = review_until(order, milestones, now=self._clock.now())
        return await self._book.move(
            tx, order, event, by, reason=note, edit=lambda after: replace(after, review_until=until)
        )

    async def _completed(self, tx: Tx, order: Order, event: Event, by: By) -> Order:
        completed = await self._book.move(tx, order, event, by)
        await self._money.release(tx, completed)
        await self._jobs.enqueue(tx, ORDER_COMPLETED, key=order.order_id)
        return completed


def _under_review(milestone: Milestone) -> bool:
    return milestone.status not in SETTLED and milestone.review_until is not None


def _check_milestones(order: Order, milestones: list[Milestone], wanted: frozenset[MilestoneStatus]) -> None:
    missing = [item.milestone_id for item in milestones if item.status not in wanted]
    if missing:
        raise MilestonesUnsettled(order.order_id, missing)
