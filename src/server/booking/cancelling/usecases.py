"""Calling an order off, and telling beforehand what that would mean."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from server.booking.book import OrderBook, visible
from server.booking.cancelling.decision import (
    KEPT_IS_PAID_AFTER,
    Cancellation,
    Returned,
    cancellation,
    check_time,
)
from server.booking.cancelling.repository import StrikeRepository
from server.booking.domain.order import Event, Order, Status, check_version, target
from server.booking.domain.parties import ActorKind, By
from server.booking.domain.request import RequestEvent, answered
from server.booking.fulfilment.milestones import Milestone, MilestoneEvent, settled_all
from server.booking.fulfilment.repository import MilestoneRepository
from server.booking.money.port import Money, RefundAsk, RefundCause
from server.booking.negotiation.repository import RequestRepository
from server.booking.repository import BookingRepository
from server.core.call import Actor, Role
from server.core.clock import Clock
from server.core.crash import point
from server.core.db import Database, Guard, Tx
from server.core.errors import FieldInvalid, NotFound, Violation

_KINDS = MappingProxyType(
    {
        Event.CANCEL_BY_BUYER: ActorKind.BUYER,
        Event.CANCEL_BY_PROVIDER: ActorKind.PROVIDER,
        Event.CANCEL_BY_AGENT: ActorKind.AGENT,
    }
)


@dataclass(frozen=True, slots=True)
class CancelOrder:
    """Somebody calls an order off; version 0 means whatever is newest."""

    actor: Actor
    order_id: str
    reason: str
    version: int


@dataclass(frozen=True, slots=True)
class Cancelled:
    """An order that was called off, or would be, and what that means."""

    order: Order
    cancellation: Cancellation


class Cancelling:
    """The operations of cancelling."""

    def __init__(
        self,
        database: Database,
        book: OrderBook,
        orders: BookingRepository,
        requests: RequestRepository,
        milestones: MilestoneRepository,
        strikes: StrikeRepository,
        money: Money,
        clock: Clock,
    ) -> None:
        self._database = database
        self._book = book
        self._orders = orders
        self._requests = requests
        self._milestones = milestones
        self._strikes = strikes
        self._money = money
        self._clock = clock

    async def preview(self, order_id: str, actor: Actor) -> Cancelled:
        """What cancelling would do now, by the very function that decides when it is done."""
        async with self._database.read() as tx:
            order = visible(await self._orders.get(tx, order_id), order_id, actor)
            event = self._event(order, actor)
            milestones = await self._milestones.of_order(tx, order.order_id)
            return Cancelled(order, await self._decide(tx, order, event, milestones))

    async def cancel(self, command: CancelOrder, once: Guard[Cancelled] | None) -> Cancelled:
        """Ends the order; its money goes where the decision says."""

        async def work(tx: Tx) -> Cancelled:
            order = await self._book.lock_for(tx, command.order_id, command.actor)
            event = self._event(order, command.actor)
            check_version(order, command.version)
            _check_reason(event, command.reason)
            ended = await self._book.move(
                tx,
                order,
                event,
                By(_KINDS[event], command.actor.user_id),
                reason=command.reason,
                edit=lambda after: replace(after, closed_reason=command.reason),
            )
            await self._expire_offer(tx, ended)
            milestones = await self._milestones.of_order(tx, order.order_id)
            decided = await self._decide(tx, order, event, milestones)
            await self._settle(tx, order, ended, milestones, decided)
            return Cancelled(ended, decided)

        cancelled = await self._database.run(work, once=once)
        await point("booking.cancelled")
        return cancelled

    async def _expire_offer(self, tx: Tx, ended: Order) -> None:
        """Nobody is asked any more."""
        request = await self._requests.pending(tx, ended.order_id)
        if request is not None:
            expired = answered(request, RequestEvent.EXPIRE, "the order was cancelled", now=self._clock.now())
            await self._requests.save_answer(tx, expired)

    async def _decide(self, tx: Tx, order: Order, event: Event, milestones: Sequence[Milestone]) -> Cancellation:
        standing = await self._money.standing(tx, order.order_id)
        return cancellation(order, event, standing.balance, milestones, now=self._clock.now())

    async def _settle(
        self, tx: Tx, order: Order, ended: Order, milestones: Sequence[Milestone], decided: Cancellation
    ) -> None:
        """What the end of the order does to milestones, money and the provider's standing."""
        now = self._clock.now()
        if ended.status is Status.CANCELLED_PROVIDER:
            await self._strikes.add(tx, order.provider_user_id, now)
        await self._milestones.save(tx, settled_all(milestones, MilestoneEvent.CANCEL, now=now))
        if not decided.charged:
            await self._money.give_up(tx, ended)
        if decided.returned is not None:
            await self._money.refund(tx, ended, _ask(order, decided.returned))
        if decided.charged and decided.provider_keeps_cents:
            await self._money.release(tx, ended, at=now + KEPT_IS_PAID_AFTER)

    def _event(self, order: Order, actor: Actor) -> Event:
        """In which capacity the caller cancels; IllegalTransition where nobody in it can."""
        if actor.user_id == order.buyer_user_id:
            event = Event.CANCEL_BY_BUYER
        elif actor.user_id == order.provider_user_id:
            event = Event.CANCEL_BY_PROVIDER
        elif actor.has(Role.AGENT):
            event = Event.CANCEL_BY_AGENT
        else:
            raise NotFound(order.order_id)
        target(order, event)
        check_time(order, event, now=self._clock.now())
        return event


def _check_reason(event: Event, reason: str) -> None:
    if event is not Event.CANCEL_BY_BUYER and not reason:
        raise FieldInvalid(Violation("reason", "must be given where it is not the buyer who cancels"))


def _ask(order: Order, returned: Returned) -> RefundAsk:
    return RefundAsk(
        cause=RefundCause.CANCELLATION,
        cause_id=order.order_id,
        subtotal_cents=returned.subtotal_cents,
        tip_cents=returned.tip_cents,
        fee_refundable=returned.fee_refundable,
        whole=returned.everything,
    )
