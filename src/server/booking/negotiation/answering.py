"""Offers are answered: agreed to, refused, countered, accepted by a rule, or left until their time is over."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from server.booking.book import OrderBook
from server.booking.domain.order import NEGOTIATED, Event, Order
from server.booking.domain.parties import SYSTEM, By, Side
from server.booking.domain.request import (
    Request,
    RequestEvent,
    RequestStatus,
    answer_by,
    answered,
    check_answer,
    check_consent,
    check_counter,
)
from server.booking.errors import NotBookable, OfferExpired, SlotTaken
from server.booking.money.port import Money
from server.booking.negotiation.acceptance import Acceptance
from server.booking.negotiation.desk import OfferDesk
from server.booking.negotiation.repository import RequestRepository
from server.booking.pricing import LineItem
from server.booking.providers.hours import Window
from server.booking.repricing import agreed, check_times, price_with, retimed
from server.core.call import Actor
from server.core.crash import point
from server.core.db import Database, Guard, Tx
from server.core.ids import Ids


@dataclass(frozen=True, slots=True)
class AcceptOffer:
    """Somebody agrees to an offer; a buyer to exactly this total."""

    actor: Actor
    request_id: str
    total_cents: int


@dataclass(frozen=True, slots=True)
class DeclineOffer:
    """Somebody refuses an offer."""

    actor: Actor
    request_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class CounterOffer:
    """Somebody offers other lines or another time instead; no lines keep the order's, for its time or the new one."""

    actor: Actor
    request_id: str
    lines: Sequence[LineItem]
    times: Window | None
    message: str


class OfferAnswers:
    """Answers offers."""

    def __init__(
        self,
        database: Database,
        book: OrderBook,
        requests: RequestRepository,
        desk: OfferDesk,
        acceptance: Acceptance,
        money: Money,
        ids: Ids,
    ) -> None:
        self._database = database
        self._book = book
        self._requests = requests
        self._desk = desk
        self._acceptance = acceptance
        self._money = money
        self._ids = ids

    async def accept(self, command: AcceptOffer, once: Guard[Order] | None) -> Order:
        """The order is agreed on as the offer has it, and holds its slot."""

        async def work(tx: Tx) -> Order:
            order, request, side = await self._desk.locked(tx, command.request_id, command.actor)
            check_answer(request, side, now=self._book.now())
            check_consent(request, command.total_cents)
            return await self._accept(tx, order, request, Event.ACCEPT, By.side(side, command.actor.user_id))

        accepted = await self._database.run(work, once=once)
        await point("booking.accepted")
        return accepted

    async def decline(self, command: DeclineOffer, once: Guard[Order] | None) -> Order:
        """The order ends. Either side may end it at any time, whosever turn it is."""

        async def work(tx: Tx) -> Order:
            order, request, side = await self._desk.locked(tx, command.request_id, command.actor)
            refused = answered(request, RequestEvent.DECLINE, command.reason, now=self._book.now())
            await self._requests.save_answer(tx, refused)
            event = Event.DECLINE if side is Side.PROVIDER else Event.CANCEL_BY_BUYER
            return await self._end(tx, order, event, By.side(side, command.actor.user_id), command.reason)

        return await self._database.run(work, once=once)

    async def counter(self, command: CounterOffer, once: Guard[Request] | None) -> Request:
        """A new offer supersedes the one that waits; the order's own price stays until somebody agrees."""

        async def work(tx: Tx) -> Request:
            order, request, side = await self._desk.locked(tx, command.request_id, command.actor)
            now = self._book.now()
            check_answer(request, side, now=now)
            check_counter(request)
            superseded = answered(request, RequestEvent.COUNTER, now=now)
            offer = self._superseding(order, request, command, side, now)
            moved = await self._book.move(
                tx,
                order,
                Event.COUNTER,
                By.side(side, command.actor.user_id),
                details={"round": offer.round, "total_cents": offer.total_cents},
            )
            await self._requests.save_answer(tx, superseded)
            await self._desk.place(tx, replace(offer, order_id=moved.order_id))
            return offer

        countered = await self._database.run(work, once=once)
        await point("booking.countered")
        return countered

    async def auto_accept(self, order_id: str) -> None:
        """Accepts a request that one of its provider's rules matches. Where it was answered meanwhile, the time is
        taken or the provider cannot be booked like that, it waits for the provider as any other does.
        """

        async def work(tx: Tx) -> None:
            order = await self._book.lock_slot(tx, order_id)
            request = await self._requests.pending(tx, order_id)
            if request is None or request.round > 0 or request.shown_at is None:
                return
            check_answer(request, Side.PROVIDER, now=self._book.now())
            await self._acceptance.check_unasked(tx, order, instantly=False)
            await self._accept(tx, order, request, Event.AUTO_ACCEPT, SYSTEM)

        try:
            await self._database.run(work)
        except (NotBookable, OfferExpired, SlotTaken):
            return

    async def expire(self, order_id: str) -> datetime | None:
        """Declines an order whose offer nobody answered in time; where it is too early, until when to wait."""

        async def work(tx: Tx) -> datetime | None:
            order = await self._book.lock(tx, order_id)
            request = await self._requests.pending(tx, order_id)
            if request is None:
                return None
            if self._book.now() < request.expires_at:
                return request.expires_at
            reason = "not answered in time" if request.shown_at else "never paid for"
            await self._end(tx, order, Event.REQUEST_EXPIRED, SYSTEM, reason)
            return None

        return await self._database.run(work)

    async def give_slot_away(self, order_id: str) -> None:
        """Declines what still waits for the time that a confirmed order has, each in a transaction of its own."""
        async with self._database.read() as tx:
            order = await self._book.read(tx, order_id)
            waiting = await self._requests.overlapping(tx, order) if order.holds_slot else []
        for overlapping in waiting:
            await self._database.run(partial(self._lose, order_id=overlapping))

    async def _lose(self, tx: Tx, order_id: str) -> None:
        order = await self._book.lock(tx, order_id)
        if order.status in NEGOTIATED:
            await self._end(tx, order, Event.SLOT_GIVEN_AWAY, SYSTEM, "the time was given to another booking")

    async def _accept(self, tx: Tx, order: Order, request: Request, event: Event, by: By) -> Order:
        accepted = answered(request, RequestEvent.ACCEPT, now=self._book.now())
        await self._requests.save_answer(tx, accepted)
        return await self._acceptance.accept(tx, order, event, by, edit=lambda order: agreed(order, request))

    async def _end(self, tx: Tx, order: Order, event: Event, by: By, reason: str) -> Order:
        ended = await self._book.move(
            tx, order, event, by, reason=reason, edit=lambda order: replace(order, closed_reason=reason)
        )
        await self._money.give_up(tx, ended)
        return ended

    def _superseding(self, order: Order, request: Request, command: CounterOffer, side: Side, now: datetime) -> Request:
        times = command.times or _times_of(request)
        start, end = (times.start, times.end) if times else (order.start_ts, order.end_ts)
        if times is not None:
            check_times(start, end, now=now)
        lines = tuple(command.lines) or (retimed(order, start, end) if times else request.lines or order.line_items)
        return replace(
            request,
            request_id=self._ids.new("req"),
            status=RequestStatus.PENDING,
            message=command.message,
            offered_by=side,
            round=request.round + 1,
            supersedes_request_id=request.request_id,
            total_cents=price_with(order, lines).total_cents,
            lines=lines,
            start_ts=times.start if times else None,
            end_ts=times.end if times else None,
            shown_at=now,
            expires_at=answer_by(start, request.capture_before, now=now),
            answered_at=None,
            answer_reason="",
            created_at=now,
        )


def _times_of(request: Request) -> Window | None:
    """A counter-offer that says nothing of the time keeps that of the offer which it answers."""
    if request.start_ts is None or request.end_ts is None:
        return None
    return Window(request.start_ts, request.end_ts)
