"""What follows from where a payment is at the processor: an answer, an event and the sweeper all come here, in whatever
order, and the table lets none of them lead back.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TypeAlias

from server.adapters.stripe.objects import PaymentIntent
from server.adapters.stripe.port import PaymentProcessor
from server.booking.book import OrderBook
from server.booking.domain.order import TRANSITIONS, Event, Order, Status
from server.booking.money.giving_back import GivingBack
from server.booking.money.payment import (
    PAYMENT_TRANSITIONS,
    Payment,
    PaymentEvent,
    PaymentStatus,
    UnknownStatus,
    told,
)
from server.booking.money.port import Extension, OrderSteps, Purpose
from server.booking.money.repository import BalanceRepository, PaymentRepository
from server.booking.money.taking import Taking
from server.booking.refunds import captured, extended
from server.core.clock import Clock
from server.core.crash import point
from server.core.db import Database, Tx
from server.payments.ports import Park

OPEN = frozenset({Status.INITIATED, Status.PENDING_ACCEPT, Status.COUNTERED, Status.ACCEPTED})
"""Where an order may still want its total authorised."""
GROWS_BY = MappingProxyType({Purpose.TIP: Event.TIP_ADDED, Purpose.ADJUSTMENT: Event.ADJUSTED})
"""What an order remembers of an extra; where its machine has no such step, the extra came late."""


@dataclass(frozen=True, slots=True)
class Look:
    """A payment that has just got somewhere, among the others of its order."""

    order: Order
    payment: Payment
    payments: Sequence[Payment]
    intent: PaymentIntent


Step: TypeAlias = Callable[[Tx, Look], Awaitable[None]]


class Looking:
    """Moves payments, and with them their orders."""

    def __init__(
        self,
        database: Database,
        book: OrderBook,
        payments: PaymentRepository,
        balances: BalanceRepository,
        taking: Taking,
        giving_back: GivingBack,
        steps: OrderSteps,
        processor: PaymentProcessor,
        clock: Clock,
    ) -> None:
        self._database = database
        self._book = book
        self._payments = payments
        self._balances = balances
        self._taking = taking
        self._giving_back = giving_back
        self._steps = steps
        self._processor = processor
        self._clock = clock
        self._after: Mapping[PaymentStatus, Step] = MappingProxyType(
            {
                PaymentStatus.AUTHORIZED: self._authorized,
                PaymentStatus.CAPTURED: self._captured,
                PaymentStatus.CANCELLED: self._cancelled,
            }
        )

    async def look_up(self, payment_id: str, intent_id: str) -> None:
        """Asks the processor where a payment is, and moves it there."""
        await self.look(payment_id, await self._processor.payment_intent(intent_id))

    async def look(self, payment_id: str, intent: PaymentIntent) -> None:
        """Moves a payment to where the processor has it. Park where the machine has no such step, or the processor a
        word that nobody knows.
        """
        try:
            event = told(intent)
        except UnknownStatus as error:
            raise Park(f"payment status {error}") from error
        await self._database.run(lambda tx: self._look(tx, payment_id, intent, event))
        await point("booking.payment_moved")

    async def refuse(self, payment_id: str, code: str) -> None:
        """The processor would not even begin the payment: there is nothing that its buyer could confirm."""

        async def work(tx: Tx) -> None:
            _, payments = await self._locked(tx, payment_id)
            payment = _one(payments, payment_id)
            target = PAYMENT_TRANSITIONS.get((payment.status, PaymentEvent.FAIL))
            if target is PaymentStatus.FAILED and not payment.intent_id:
                after = replace(payment, status=target, failure_code=code)
                await self._payments.save(tx, payment, after, now=self._clock.now())

        await self._database.run(work)

    async def _look(self, tx: Tx, payment_id: str, intent: PaymentIntent, event: PaymentEvent | None) -> None:
        order, payments = await self._locked(tx, payment_id)
        before = _one(payments, payment_id)
        target = before.status if event is None else PAYMENT_TRANSITIONS.get((before.status, event))
        if target is None:
            raise Park(f"{payment_id} is {before.status}: {event} is not possible from there")
        after = _seen(before, intent, target)
        if after == before:
            return
        await self._payments.save(tx, before, after, now=self._clock.now())
        others = [after if payment is before else payment for payment in payments]
        if after.given_up_at is not None and not after.ended:
            await self._taking.cancel(tx, after)
        elif target is not before.status and target in self._after:
            await self._after[target](tx, Look(order, after, others, intent))

    async def _authorized(self, tx: Tx, look: Look) -> None:
        order, payment = look.order, look.payment
        if order.status not in OPEN:
            await self._taking.end(tx, payment)
            return
        if payment.amount_cents < order.price.total_cents:
            return
        await self._taking.end_others(tx, look.payments, payment)
        order = await self._steps.authorised(tx, order, payment.capture_before)
        if order.status is Status.ACCEPTED:
            await self._taking.capture(tx, payment, order.price.total_cents)

    async def _captured(self, tx: Tx, look: Look) -> None:
        if look.payment.principal and _pays(look):
            await self._confirm(tx, look)
        elif _grows(look):
            await self._extend(tx, look)
        else:
            late = replace(look.payment, late=True)
            await self._payments.save(tx, look.payment, late, now=self._clock.now())
            await self._giving_back.return_late(tx, look.order, late)

    async def _confirm(self, tx: Tx, look: Look) -> None:
        """The order's total is in: the order moves, and its balance begins."""
        order, now = look.order, self._clock.now()
        await self._payments.name_principal(tx, look.payment)
        await self._steps.captured(tx, replace(order, payment_intent_id=look.payment.intent_id))
        await self._taking.end_others(tx, look.payments, look.payment)
        books = await self._balances.lock(tx, order.order_id)
        if not books.opened:
            await self._balances.open(tx, order.order_id, now=now)
        await self._balances.save(tx, order.order_id, books.with_captured(captured(order.price)), now=now)

    async def _extend(self, tx: Tx, look: Look) -> None:
        """A tip or an adjustment is in. Whoever changes a balance holds the order, so it is read first, the order
        moves, and then it is locked, as the lock order asks.
        """
        order, payment = look.order, look.payment
        before = (await self._balances.read(tx, order.order_id)).balance
        after = extended(before, order.price.policy, subtotal_cents=payment.subtotal_cents, tip_cents=payment.tip_cents)
        extension = Extension(payment.payment_id, payment.purpose, payment.subtotal_cents, payment.tip_cents, after)
        await self._steps.extended(tx, order, extension)
        await self._balances.lock(tx, order.order_id)
        await self._balances.save(tx, order.order_id, after, now=self._clock.now())
        await self._giving_back.settle_later(tx, order.order_id)

    async def _cancelled(self, tx: Tx, look: Look) -> None:
        """An authorisation that somebody still wanted lapsed: an order that was accepted asks anew."""
        order, payment = look.order, look.payment
        if payment.given_up_at is None and payment.principal and order.status is Status.ACCEPTED:
            await self._taking.collect(tx, order)

    async def _locked(self, tx: Tx, payment_id: str) -> tuple[Order, list[Payment]]:
        order_id = await self._payments.order_of(tx, payment_id)
        if order_id is None:
            raise Park(f"{payment_id} is not known here")
        order = await self._book.lock(tx, order_id)
        return order, await self._payments.of_order(tx, order_id)


def _one(payments: Sequence[Payment], payment_id: str) -> Payment:
    return next(payment for payment in payments if payment.payment_id == payment_id)


def _seen(payment: Payment, intent: PaymentIntent, target: PaymentStatus) -> Payment:
    """The payment with what the processor knows of it. What a later status says, an earlier one does not take back."""
    charge = intent.latest_charge
    seen = replace(payment, status=target, intent_id=payment.intent_id or intent.id)
    match target:
        case PaymentStatus.AUTHORIZED if charge is not None and target is not payment.status:
            return replace(seen, charge_id=charge.id, capture_before=charge.capture_before, failure_code="")
        case PaymentStatus.CAPTURED if charge is not None and target is not payment.status:
            return replace(seen, charge_id=charge.id, captured_cents=intent.amount_received_cents, failure_code="")
        case PaymentStatus.FAILED if intent.last_error is not None:
            return replace(seen, failure_code=intent.last_error.decline_code or intent.last_error.code)
        case _:
            return seen


def _pays(look: Look) -> bool:
    """Whether exactly this payment is what the order waits for: its whole total, in its currency, and the first one."""
    order, payment = look.order, look.payment
    return (
        order.status is Status.ACCEPTED
        and payment.given_up_at is None
        and payment.captured_cents == order.price.total_cents
        and look.intent.currency == order.price.currency
        and not any(
            other.principal and other.status is PaymentStatus.CAPTURED and not other.late
            for other in look.payments
            if other.payment_id != payment.payment_id
        )
    )


def _grows(look: Look) -> bool:
    """Whether the order still takes the extra that was paid."""
    event = GROWS_BY.get(look.payment.purpose)
    return event is not None and look.payment.given_up_at is None and (look.order.status, event) in TRANSITIONS
