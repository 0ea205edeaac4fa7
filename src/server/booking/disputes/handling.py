"""What parties and staff do with a dispute until it is decided."""

from dataclasses import dataclass

from server.booking.book import OrderBook
from server.booking.disputes.domain import (
    MOST_STATEMENTS,
    Dispute,
    DisputeEvent,
    Statement,
    moved,
    withdrawn,
)
from server.booking.disputes.ending import Ending
from server.booking.disputes.errors import OwnDispute
from server.booking.disputes.opening import opener_of
from server.booking.disputes.repository import DisputeRepository
from server.booking.domain.order import Event, Order
from server.booking.domain.parties import ActorKind, By
from server.booking.errors import LimitReached
from server.booking.fulfilment.errors import OtherSideOnly
from server.core.call import Actor
from server.core.clock import Clock
from server.core.db import Database, Guard, Tx
from server.core.errors import NotFound
from server.core.ids import Ids


@dataclass(frozen=True, slots=True)
class SubmitStatement:
    """Somebody adds to a dispute."""

    actor: Actor
    dispute_id: str
    body: str


@dataclass(frozen=True, slots=True)
class DisputeStep:
    """Somebody takes a dispute one step on."""

    actor: Actor
    dispute_id: str


class DisputeHandling:
    """The operations on open disputes."""

    def __init__(
        self,
        database: Database,
        book: OrderBook,
        repository: DisputeRepository,
        ending: Ending,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._database = database
        self._book = book
        self._repository = repository
        self._ending = ending
        self._clock = clock
        self._ids = ids

    async def state(self, command: SubmitStatement, once: Guard[Dispute] | None) -> Dispute:
        """Adds what a party or an agent has to say; it stays as it was said."""

        async def work(tx: Tx) -> Dispute:
            order, dispute = await self.locked(tx, command.dispute_id, command.actor)
            now = self._clock.now()
            after = moved(dispute, DisputeEvent.STATE, now=now)
            if await self._repository.count_statements(tx, dispute.dispute_id) >= MOST_STATEMENTS:
                raise LimitReached("statements about a dispute", MOST_STATEMENTS)
            statement = Statement(
                statement_id=self._ids.new("dst"),
                dispute_id=dispute.dispute_id,
                author_user_id=command.actor.user_id,
                author=opener_of(order, command.actor),
                body=command.body,
                created_at=now,
            )
            await self._repository.save(tx, dispute, after)
            await self._repository.say(tx, statement)
            return after

        return await self._database.run(work, once=once)

    async def start_review(self, command: DisputeStep, once: Guard[Dispute] | None) -> Dispute:
        """An agent who is no party of the order looks at it."""

        async def work(tx: Tx) -> Dispute:
            order, dispute = await self.locked(tx, command.dispute_id, command.actor)
            not_its_own(order, dispute, command.actor)
            after = moved(dispute, DisputeEvent.START_REVIEW, now=self._clock.now())
            await self._repository.save(tx, dispute, after)
            return after

        return await self._database.run(work, once=once)

    async def withdraw(self, command: DisputeStep, once: Guard[Dispute] | None) -> Dispute:
        """Its opener gives it up: it ends against them, and the order is where it was, its slot still its own."""

        async def work(tx: Tx) -> Dispute:
            order, dispute = await self.locked(tx, command.dispute_id, command.actor)
            opener = opener_of(order, command.actor)
            if opener is not dispute.opened_by:
                raise OtherSideOnly(dispute.dispute_id, dispute.opened_by)
            after = withdrawn(dispute, now=self._clock.now())
            by = By(ActorKind(opener.value), command.actor.user_id)
            details = {"dispute_id": dispute.dispute_id}
            await self._ending.back(tx, order, Event.DISPUTE_WITHDRAWN, by, details)
            await self._ending.overtake(tx, dispute, command.actor.user_id)
            await self._repository.save(tx, dispute, after)
            await self._ending.follow(tx, after)
            return after

        return await self._database.run(work, once=once)

    async def locked(self, tx: Tx, dispute_id: str, actor: Actor) -> tuple[Order, Dispute]:
        """A dispute whose order is held; for somebody who may not see the order there is none."""
        order_id = await self._repository.order_of(tx, dispute_id)
        if order_id is None:
            raise NotFound(dispute_id)
        order = await self._book.lock(tx, order_id)
        dispute = await self._repository.get(tx, dispute_id)
        if dispute is None or not (actor.sees_everybody or actor.user_id in order.parties()):
            raise NotFound(dispute_id)
        return order, dispute


def not_its_own(order: Order, dispute: Dispute, actor: Actor) -> None:
    """Nobody handles a dispute about an order of their own."""
    if actor.user_id in order.parties():
        raise OwnDispute(dispute.dispute_id)
