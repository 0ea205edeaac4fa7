"""A new time is proposed and answered."""

from dataclasses import dataclass
from datetime import datetime

from server.booking.book import OrderBook, side_of
from server.booking.domain.order import Event, Order, Status, check_version, target
from server.booking.domain.parties import SYSTEM, By, Side
from server.booking.domain.request import answer_by
from server.booking.domain.reschedule import (
    Reschedule,
    RescheduleEvent,
    RescheduleStatus,
    check_agreed,
    check_reply,
    replied,
)
from server.booking.money.back_rows import RefundRepository
from server.booking.money.giving_back import split
from server.booking.money.port import Extra, Money, Purpose, RefundAsk, RefundCause
from server.booking.providers.hours import Window
from server.booking.repricing import check_times, moved_to, price_with, retimed
from server.booking.rescheduling.repository import RescheduleRepository
from server.booking.timers import RESCHEDULE_EXPIRY, SLOT_GIVEN_AWAY
from server.core.call import Actor
from server.core.crash import point
from server.core.db import Database, Guard, Tx
from server.core.errors import NotFound
from server.core.ids import Ids
from server.core.jobs import Jobs


@dataclass(frozen=True, slots=True)
class Propose:
    """A party wants the booking at another time; a buyer may name the card for what that costs more."""

    actor: Actor
    order_id: str
    times: Window
    payment_method_id: str
    version: int


@dataclass(frozen=True, slots=True)
class Reply:
    """The other party agrees, a buyer to exactly this total, or does not."""

    actor: Actor
    reschedule_id: str
    accept: bool
    total_cents: int
    payment_method_id: str


@dataclass(frozen=True, slots=True)
class Replied:
    """An order and the proposal that was answered."""

    order: Order
    proposal: Reschedule


class Rescheduling:
    """Moves bookings that are paid already."""

    def __init__(
        self,
        database: Database,
        rows: RescheduleRepository,
        book: OrderBook,
        refunds: RefundRepository,
        money: Money,
        ids: Ids,
        jobs: Jobs,
    ) -> None:
        self._database = database
        self._rows = rows
        self._book = book
        self._refunds = refunds
        self._money = money
        self._ids = ids
        self._jobs = jobs

    async def propose(self, command: Propose, once: Guard[Reschedule] | None) -> Reschedule:
        """Stores a proposal, priced by the order's own terms. Nothing moves before the other side agrees."""

        async def work(tx: Tx) -> Reschedule:
            order = await self._book.lock_for(tx, command.order_id, command.actor)
            side = side_of(order, command.actor)
            check_version(order, command.version)
            target(order, Event.RESCHEDULE_PROPOSED)
            now = self._book.now()
            check_times(command.times.start, command.times.end, now=now)
            proposal = self._proposal(order, side, command, now)
            await self._book.move(
                tx,
                order,
                Event.RESCHEDULE_PROPOSED,
                By.side(side, command.actor.user_id),
                details={"reschedule_id": proposal.reschedule_id, "total_cents": proposal.total_cents},
            )
            await self._rows.insert(tx, proposal)
            await self._jobs.enqueue(tx, RESCHEDULE_EXPIRY, key=proposal.reschedule_id, run_at=proposal.expires_at)
            return proposal

        return await self._database.run(work, once=once)

    async def reply(self, command: Reply, once: Guard[Replied] | None) -> Replied:
        """Agreeing gives the old slot up and takes the new one in one step; what is more is charged, what is less is
        given back.
        """

        async def work(tx: Tx) -> Replied:
            order, proposal, side = await self._locked(tx, command.reschedule_id, command.actor)
            now = self._book.now()
            check_reply(proposal, side, now=now)
            by = By.side(side, command.actor.user_id)
            if not command.accept:
                ended = await self._end(tx, order, proposal, RescheduleEvent.DECLINE, by)
                return Replied(order, ended)
            check_agreed(proposal, side, command.total_cents)
            accepted = replied(proposal, RescheduleEvent.ACCEPT, now=now)
            moved = await self._book.move(
                tx,
                order,
                Event.RESCHEDULED,
                by,
                details={"reschedule_id": proposal.reschedule_id},
                edit=lambda order: moved_to(order, proposal.start_ts, proposal.end_ts),
            )
            await self._rows.save_answer(tx, accepted)
            await self._jobs.enqueue(tx, SLOT_GIVEN_AWAY, key=moved.order_id)
            card = command.payment_method_id if side is Side.BUYER else proposal.payment_method_id
            await self._settle(tx, moved, proposal, card)
            return Replied(moved, accepted)

        answered = await self._database.run(work, once=once)
        await point("booking.rescheduled")
        return answered

    async def expire(self, reschedule_id: str) -> datetime | None:
        """Ends a proposal that nobody agreed to in time; where it is too early, until when to wait."""

        async def work(tx: Tx) -> datetime | None:
            found = await self._rows.get(tx, reschedule_id)
            if found is None:
                return None
            order = await self._book.lock(tx, found.order_id)
            proposal = await self._rows.get(tx, reschedule_id)
            if proposal is None or proposal.status is not RescheduleStatus.PENDING:
                return None
            if self._book.now() < proposal.expires_at:
                return proposal.expires_at
            await self._end(tx, order, proposal, RescheduleEvent.EXPIRE, SYSTEM)
            return None

        return await self._database.run(work)

    async def _locked(self, tx: Tx, reschedule_id: str, actor: Actor) -> tuple[Order, Reschedule, Side]:
        """A proposal with its order, whose row and provider's time are held; for strangers it does not exist."""
        found = await self._rows.get(tx, reschedule_id)
        if found is None:
            raise NotFound(reschedule_id)
        order = await self._book.lock_slot(tx, found.order_id)
        if actor.user_id not in order.parties():
            raise NotFound(reschedule_id)
        proposal = await self._rows.get(tx, reschedule_id)
        return order, proposal or found, side_of(order, actor)

    async def _end(self, tx: Tx, order: Order, proposal: Reschedule, event: RescheduleEvent, by: By) -> Reschedule:
        """Ends a proposal; an order that is not confirmed any more has no use for the news."""
        ended = replied(proposal, event, now=self._book.now())
        if order.status is Status.CONFIRMED:
            await self._book.move(
                tx, order, Event.RESCHEDULE_ENDED, by, details={"reschedule_id": proposal.reschedule_id}
            )
        await self._rows.save_answer(tx, ended)
        return ended

    async def _settle(self, tx: Tx, order: Order, proposal: Reschedule, card: str) -> None:
        """What the new time costs more or less is an adjustment of the order, as any other is."""
        change = proposal.subtotal_change_cents
        if change > 0:
            extra = Extra(purpose=Purpose.ADJUSTMENT, subtotal_cents=change, payment_method_id=card)
            await self._money.charge_extra(tx, order, extra)
        elif change < 0:
            ask = RefundAsk(cause=RefundCause.ADJUSTMENT, cause_id=proposal.reschedule_id, subtotal_cents=-change)
            refunded = await self._money.refund(tx, order, ask)
            shares = split(await self._refunds.lines_left(tx, order.order_id), -change)
            await self._refunds.insert_lines(tx, order.order_id, refunded.refund_set_id, shares)

    def _proposal(self, order: Order, side: Side, command: Propose, now: datetime) -> Reschedule:
        start, end = command.times.start, command.times.end
        price = price_with(order, retimed(order, start, end))
        moved = moved_to(order, start, end)
        return Reschedule(
            reschedule_id=self._ids.new("rsc"),
            order_id=order.order_id,
            proposed_side=side,
            status=RescheduleStatus.PENDING,
            start_ts=start,
            end_ts=end,
            busy_to=moved.busy_to,
            subtotal_change_cents=price.subtotal_cents - order.price.subtotal_cents,
            total_cents=price.total_cents,
            payment_method_id=command.payment_method_id if side is Side.BUYER else "",
            expires_at=answer_by(min(order.start_ts, start), None, now=now),
            answered_at=None,
            created_at=now,
        )
