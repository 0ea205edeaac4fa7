"""What the parties do with milestones, and the clock for them. Every step is one of the order's history too."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from server.booking.book import Details, OrderBook, visible
from server.booking.domain.order import TRANSITIONS, Event, Order, check_version
from server.booking.domain.parties import SYSTEM, By, Side
from server.booking.fulfilment.milestones import (
    Milestone,
    MilestoneEvent,
    MilestoneStatus,
    moved,
)
from server.booking.fulfilment.repository import MilestoneRepository
from server.booking.fulfilment.silence import Silences
from server.booking.fulfilment.standing import party
from server.booking.money.port import Money
from server.booking.repository import BookingRepository
from server.core.call import Actor
from server.core.clock import Clock
from server.core.crash import point
from server.core.db import Database, Guard, Tx
from server.core.errors import FieldInvalid, NotFound, Violation
from server.core.ids import Ids
from server.core.jobs import Postpone


@dataclass(frozen=True, slots=True)
class NewMilestone:
    """What a milestone is to be about."""

    title: str
    due_ts: datetime | None
    amount_cents: int


@dataclass(frozen=True, slots=True)
class SetMilestones:
    """A buyer divides the work."""

    actor: Actor
    order_id: str
    milestones: tuple[NewMilestone, ...]
    version: int


@dataclass(frozen=True, slots=True)
class MilestoneStep:
    """A party takes a milestone one step on."""

    actor: Actor
    milestone_id: str
    note: str


class MilestoneSteps:
    """The operations on milestones."""

    def __init__(
        self,
        database: Database,
        book: OrderBook,
        orders: BookingRepository,
        repository: MilestoneRepository,
        money: Money,
        silences: Silences,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._database = database
        self._book = book
        self._orders = orders
        self._repository = repository
        self._money = money
        self._silences = silences
        self._clock = clock
        self._ids = ids

    async def read(self, order_id: str, actor: Actor) -> list[Milestone]:
        """An order's milestones, for those who may see the order."""
        async with self._database.read() as tx:
            visible(await self._orders.get(tx, order_id), order_id, actor)
            return await self._repository.of_order(tx, order_id)

    async def set(self, command: SetMilestones, once: Guard[list[Milestone]] | None) -> list[Milestone]:
        """Divides the work anew, while nothing is agreed. A counter-offer keeps the proportions."""

        async def work(tx: Tx) -> list[Milestone]:
            order = await self._book.lock_for(tx, command.order_id, command.actor)
            by = party(order, command.actor, Side.BUYER)
            check_version(order, command.version)
            milestones = [self._new(order, position, new) for position, new in enumerate(command.milestones, start=1)]
            _check_sum(order, milestones)
            await self._book.move(tx, order, Event.MILESTONES_SET, by, details={"milestones": len(milestones)})
            await self._repository.replace(tx, order.order_id, milestones)
            return milestones

        return await self._database.run(work, once=once)

    async def deliver(self, command: MilestoneStep, once: Guard[Milestone] | None) -> Milestone:
        """The provider has done it; the buyer's time to look at it begins."""

        async def work(tx: Tx) -> Milestone:
            order, milestone, by = await self._step(tx, command, Side.PROVIDER)
            delivered = moved(milestone, MilestoneEvent.DELIVER, now=self._clock.now())
            await self._save(tx, order, Event.MILESTONE_DELIVERED, by, delivered, command.note)
            await self._silences.begin(tx, [delivered])
            return delivered

        return await self._database.run(work, once=once)

    async def reopen(self, command: MilestoneStep, once: Guard[Milestone] | None) -> Milestone:
        """The buyer sends it back."""

        async def work(tx: Tx) -> Milestone:
            order, milestone, by = await self._step(tx, command, Side.BUYER)
            reopened = moved(milestone, MilestoneEvent.REOPEN, now=self._clock.now())
            await self._save(tx, order, Event.MILESTONE_REOPENED, by, reopened, command.note)
            await self._silences.end(tx, reopened)
            return reopened

        return await self._database.run(work, once=once)

    async def approve(self, command: MilestoneStep, once: Guard[Milestone] | None) -> Milestone:
        """The buyer has it: its share is paid out."""

        async def work(tx: Tx) -> Milestone:
            order, milestone, by = await self._step(tx, command, Side.BUYER)
            return await self._approved(tx, order, milestone, MilestoneEvent.APPROVE, by)

        approved = await self._database.run(work, once=once)
        await point("booking.milestone_approved")
        return approved

    async def silent(self, milestone_id: str) -> None:
        """Approves what the buyer said nothing about. While the order is disputed silence means nothing: what ends the
        dispute begins the time anew.
        """

        async def work(tx: Tx) -> None:
            order_id = await self._repository.order_of(tx, milestone_id)
            if order_id is None:
                return
            order = await self._book.lock(tx, order_id)
            milestone = await self._find(tx, order_id, milestone_id)
            if milestone.status is not MilestoneStatus.DELIVERED or not _may_be_approved(order):
                return
            if milestone.review_until is not None and milestone.review_until > self._clock.now():
                raise Postpone(milestone.review_until)
            await self._approved(tx, order, milestone, MilestoneEvent.SILENCE, SYSTEM)

        await self._database.run(work)

    async def _approved(self, tx: Tx, order: Order, milestone: Milestone, event: MilestoneEvent, by: By) -> Milestone:
        approved = moved(milestone, event, now=self._clock.now())
        after = await self._save(tx, order, Event.MILESTONE_APPROVED, by, approved, "")
        await self._money.release_milestone(tx, after, approved.milestone_id, approved.amount_cents)
        return approved

    async def _step(self, tx: Tx, command: MilestoneStep, side: Side) -> tuple[Order, Milestone, By]:
        order_id = await self._repository.order_of(tx, command.milestone_id)
        if order_id is None:
            raise NotFound(command.milestone_id)
        order = await self._book.lock(tx, order_id)
        if command.actor.user_id not in order.parties():
            raise NotFound(command.milestone_id)
        by = party(order, command.actor, side)
        return order, await self._find(tx, order_id, command.milestone_id), by

    async def _find(self, tx: Tx, order_id: str, milestone_id: str) -> Milestone:
        milestones = await self._repository.of_order(tx, order_id)
        found = next((item for item in milestones if item.milestone_id == milestone_id), None)
        if found is None:
            raise NotFound(milestone_id)
        return found

    async def _save(self, tx: Tx, order: Order, event: Event, by: By, milestone: Milestone, note: str) -> Order:
        details: Details = {"milestone_id": milestone.milestone_id, "amount_cents": milestone.amount_cents}
        after = await self._book.move(tx, order, event, by, reason=note, details=details)
        await self._repository.save(tx, [milestone])
        return after

    def _new(self, order: Order, position: int, new: NewMilestone) -> Milestone:
        return Milestone(
            milestone_id=self._ids.new("mst"),
            order_id=order.order_id,
            position=position,
            title=new.title,
            due_ts=new.due_ts,
            amount_cents=new.amount_cents,
        )


def _check_sum(order: Order, milestones: Sequence[Milestone]) -> None:
    subtotal = order.price.subtotal_cents
    total = sum(milestone.amount_cents for milestone in milestones)
    if milestones and total != subtotal:
        raise FieldInvalid(Violation("milestones", f"add up to {total} and must make the subtotal of {subtotal}"))


def _may_be_approved(order: Order) -> bool:
    return (order.status, Event.MILESTONE_APPROVED) in TRANSITIONS
