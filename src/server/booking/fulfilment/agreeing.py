"""What is paid on top of an order or given back by agreement: tips and adjustments."""

from dataclasses import dataclass, replace
from datetime import timedelta

from server.booking.book import OrderBook, side_of
from server.booking.domain.order import Event, Order, Status, target
from server.booking.domain.parties import By, Side
from server.booking.errors import OfferChanged
from server.booking.fulfilment.errors import TooLate
from server.booking.fulfilment.extras import (
    Adjustment,
    AdjustmentKind,
    charge_for,
)
from server.booking.fulfilment.repository import AdjustmentRepository
from server.booking.fulfilment.standing import party
from server.booking.money.back_rows import RefundRepository
from server.booking.money.giving_back import split
from server.booking.money.port import Extra, Money, Purpose, RefundAsk, RefundCause
from server.core.call import Actor
from server.core.clock import Clock
from server.core.crash import point
from server.core.db import Database, Guard, Tx
from server.core.errors import FieldInvalid, Violation
from server.core.ids import Ids

TIPPED_WITHIN = timedelta(days=14)
"""So long after the completion a tip can still be added: until disputes end, after which nobody looks."""


@dataclass(frozen=True, slots=True)
class AddTip:
    """A buyer thanks the provider."""

    actor: Actor
    order_id: str
    tip_cents: int
    payment_method_id: str


@dataclass(frozen=True, slots=True)
class AddAdjustment:
    """A buyer pays for more, or a provider gives a part back."""

    actor: Actor
    order_id: str
    title: str
    amount_cents: int
    charge_cents: int
    payment_method_id: str


class Agreeing:
    """The operations on tips and adjustments."""

    def __init__(
        self,
        database: Database,
        book: OrderBook,
        repository: AdjustmentRepository,
        refunds: RefundRepository,
        money: Money,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._database = database
        self._book = book
        self._repository = repository
        self._refunds = refunds
        self._money = money
        self._clock = clock
        self._ids = ids

    async def tip(self, command: AddTip, once: Guard[Adjustment] | None) -> Adjustment:
        """Begins the payment of a tip; it is part of the price once it is paid."""

        async def work(tx: Tx) -> Adjustment:
            order = await self._book.lock_for(tx, command.order_id, command.actor)
            party(order, command.actor, Side.BUYER)
            self._check_tip(order)
            extra = Extra(purpose=Purpose.TIP, tip_cents=command.tip_cents, payment_method_id=command.payment_method_id)
            payment_id = await self._money.charge_extra(tx, order, extra)
            tip = self._new(command.actor, order, AdjustmentKind.TIP, "Tip", command.tip_cents)
            return await self._asked(tx, tip, payment_id, command.tip_cents)

        asked = await self._database.run(work, once=once)
        await point("booking.tip_asked")
        return asked

    async def adjust(self, command: AddAdjustment, once: Guard[Adjustment] | None) -> Adjustment:
        """Upwards by who pays, downwards by who is paid: nobody decides about the other's money."""

        async def work(tx: Tx) -> Adjustment:
            order = await self._book.lock_for(tx, command.order_id, command.actor)
            side = side_of(order, command.actor)
            target(order, Event.ADJUSTED)
            if side is Side.BUYER:
                return await self._charge(tx, order, command)
            return await self._give_back(tx, order, command)

        return await self._database.run(work, once=once)

    async def _charge(self, tx: Tx, order: Order, command: AddAdjustment) -> Adjustment:
        standing = await self._money.standing(tx, order.order_id)
        due = charge_for(order, standing.balance, command.amount_cents)
        if command.charge_cents != due:
            raise OfferChanged(order.order_id, due)
        extra = Extra(
            purpose=Purpose.ADJUSTMENT,
            subtotal_cents=command.amount_cents,
            payment_method_id=command.payment_method_id,
        )
        payment_id = await self._money.charge_extra(tx, order, extra)
        new = self._new(command.actor, order, AdjustmentKind.CHARGE, command.title, command.amount_cents)
        return await self._asked(tx, new, payment_id, due)

    async def _give_back(self, tx: Tx, order: Order, command: AddAdjustment) -> Adjustment:
        if command.charge_cents or command.payment_method_id:
            raise FieldInvalid(Violation("charge_cents", "is for buyers, who pay; a provider gives back"))
        new = self._new(command.actor, order, AdjustmentKind.REFUND, command.title, command.amount_cents)
        given = replace(new, applied_at=self._clock.now())
        moved = await self._book.move(
            tx,
            order,
            Event.ADJUSTED,
            By.side(Side.PROVIDER, command.actor.user_id),
            reason=command.title,
            details={"adjustment_id": new.adjustment_id, "amount_cents": -new.amount_cents},
        )
        ask = RefundAsk(cause=RefundCause.ADJUSTMENT, cause_id=new.adjustment_id, subtotal_cents=new.amount_cents)
        refunded = await self._money.refund(tx, moved, ask)
        await self._repository.insert(tx, given)
        shares = split(await self._refunds.lines_left(tx, order.order_id), new.amount_cents)
        await self._refunds.insert_lines(tx, order.order_id, refunded.refund_set_id, shares)
        return given

    def _new(self, actor: Actor, order: Order, kind: AdjustmentKind, title: str, amount_cents: int) -> Adjustment:
        return Adjustment(
            adjustment_id=self._ids.new("adj"),
            order_id=order.order_id,
            kind=kind,
            title=title,
            amount_cents=amount_cents,
            charge_cents=0,
            payment_id="",
            asked_by=actor.user_id,
            created_at=self._clock.now(),
        )

    async def _asked(self, tx: Tx, new: Adjustment, payment_id: str, charge_cents: int) -> Adjustment:
        asked = replace(new, payment_id=payment_id, charge_cents=charge_cents)
        await self._repository.insert(tx, asked)
        return asked

    def _check_tip(self, order: Order) -> None:
        target(order, Event.TIP_ADDED)
        if order.status is Status.COMPLETED and order.completed_at is not None:
            until = order.completed_at + TIPPED_WITHIN
            if self._clock.now() > until:
                raise TooLate(order.order_id, until)
