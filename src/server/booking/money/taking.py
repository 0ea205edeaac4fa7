"""Taking what an order costs: begun, authorised, captured, given up. Decides from the rows; the processor is asked by
stored calls.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from server.adapters.stripe.requests import CancelPaymentIntent, CapturePaymentIntent
from server.booking.domain.order import Order
from server.booking.money.crediting import OrderCredit
from server.booking.money.errors import CardUnusable, ExtraPending
from server.booking.money.payment import Payment, PaymentStatus
from server.booking.money.port import Extra, Purpose
from server.booking.money.repository import BalanceRepository, PaymentRepository
from server.booking.money.timers import ANSWERED, BEGIN_PAYMENT
from server.booking.refunds import extended
from server.core.clock import Clock
from server.core.db import Tx
from server.core.ids import Ids
from server.core.jobs import Jobs
from server.payments.ports import CallBook, Owner, SliceName, Wallets

PAYMENT: Final = "payment"


def owner_of(payment: Payment) -> Owner:
    """What the processor's objects about a payment belong to."""
    return Owner(SliceName.BOOKING, PAYMENT, payment.payment_id)


class Taking:
    """Payments under way. The caller holds the order's row."""

    def __init__(
        self,
        payments: PaymentRepository,
        balances: BalanceRepository,
        credit: OrderCredit,
        wallets: Wallets,
        calls: CallBook,
        jobs: Jobs,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._payments = payments
        self._balances = balances
        self._credit = credit
        self._wallets = wallets
        self._calls = calls
        self._jobs = jobs
        self._clock = clock
        self._ids = ids

    async def promise_card(self, tx: Tx, order: Order, payment_method_id: str) -> None:
        await self._check_card(tx, order, payment_method_id)
        await self._payments.keep_promise(tx, order.order_id, payment_method_id, now=self._clock.now())

    async def authorise(self, tx: Tx, order: Order) -> bool:
        if await self._payments.promise(tx, order.order_id):
            return True
        payments = await self._payments.of_order(tx, order.order_id)
        if covering(payments, order.price.total_cents) is not None:
            return True
        if not under_way(payments, order.price.total_cents):
            await self._begin(tx, order, payments)
        return False

    async def collect(self, tx: Tx, order: Order) -> None:
        payments = await self._payments.of_order(tx, order.order_id)
        standing = covering(payments, order.price.total_cents)
        if standing is None and not under_way(payments, order.price.total_cents):
            await self._begin(tx, order, payments, await self._unspent_promise(tx, payments, order))
        if standing is not None:
            await self.capture(tx, standing, order.price.total_cents)
            await self.end_others(tx, payments, standing)
        await self._credit.give_back_surplus(tx, order)

    async def give_up(self, tx: Tx, order: Order) -> None:
        payments = await self._payments.of_order(tx, order.order_id)
        for payment in payments:
            await self.end(tx, payment)
        if not any(payment.status is PaymentStatus.CAPTURED for payment in payments):
            await self._credit.give_back_all(tx, order)

    async def charge_extra(self, tx: Tx, order: Order, extra: Extra) -> str:
        payments = await self._payments.of_order(tx, order.order_id)
        pending = [one for one in payments if one.wanted and one.purpose is Purpose.ADJUSTMENT]
        if pending and extra.purpose is Purpose.ADJUSTMENT:
            raise ExtraPending(order.order_id, pending[0].payment_id)
        if extra.payment_method_id:
            await self._check_card(tx, order, extra.payment_method_id)
        before = (await self._balances.read(tx, order.order_id)).balance
        after = extended(before, order.price.policy, subtotal_cents=extra.subtotal_cents, tip_cents=extra.tip_cents)
        payment = replace(
            self._new(order, payments, extra.payment_method_id),
            purpose=extra.purpose,
            amount_cents=after.charged_cents - before.charged_cents,
            subtotal_cents=extra.subtotal_cents,
            tip_cents=extra.tip_cents,
        )
        await self._store(tx, payment)
        return payment.payment_id

    async def capture(self, tx: Tx, payment: Payment, cents: int) -> None:
        """Takes that much of what is authorised; the rest is released."""
        await self._calls.store(
            tx,
            CapturePaymentIntent(payment_intent_id=payment.intent_id, amount_cents=cents),
            key=f"capture:{payment.payment_id}",
            owner=owner_of(payment),
            reply=ANSWERED,
        )

    async def end_others(self, tx: Tx, payments: Sequence[Payment], standing: Payment) -> None:
        """One payment stands for the order: whatever else was begun for it ends."""
        for payment in payments:
            if payment.principal and payment.payment_id != standing.payment_id:
                await self.end(tx, payment)

    async def end(self, tx: Tx, payment: Payment) -> None:
        """Nobody waits for the payment any more. It is over when the processor says so; one that it does not know yet
        is cancelled as soon as it does.
        """
        if not payment.wanted:
            return
        await self._payments.save(tx, payment, replace(payment, given_up_at=self._clock.now()), now=self._clock.now())
        if payment.intent_id:
            await self.cancel(tx, payment)

    async def cancel(self, tx: Tx, payment: Payment) -> None:
        await self._calls.store(
            tx,
            CancelPaymentIntent(payment_intent_id=payment.intent_id),
            key=f"cancel:{payment.payment_id}",
            owner=owner_of(payment),
            reply=ANSWERED,
        )

    async def _unspent_promise(self, tx: Tx, payments: Sequence[Payment], order: Order) -> str:
        """The promised card, which is charged once: whoever was declined comes back and pays in person."""
        promised = await self._payments.promise(tx, order.order_id)
        return "" if any(payment.payment_method_id == promised for payment in payments) else promised

    async def _begin(self, tx: Tx, order: Order, payments: Sequence[Payment], payment_method_id: str = "") -> None:
        await self._store(tx, self._new(order, payments, payment_method_id))

    def _new(self, order: Order, payments: Sequence[Payment], payment_method_id: str) -> Payment:
        return Payment(
            payment_id=self._ids.new("pay"),
            order_id=order.order_id,
            sequence=len(payments) + 1,
            purpose=Purpose.PRINCIPAL,
            status=PaymentStatus.PENDING,
            amount_cents=order.price.total_cents,
            currency=order.price.currency,
            created_at=self._clock.now(),
            payment_method_id=payment_method_id,
        )

    async def _store(self, tx: Tx, payment: Payment) -> None:
        await self._payments.insert(tx, payment, now=self._clock.now())
        await self._jobs.enqueue(tx, BEGIN_PAYMENT, key=payment.payment_id)

    async def _check_card(self, tx: Tx, order: Order, payment_method_id: str) -> None:
        cards = await self._wallets.cards(tx, order.buyer_user_id)
        if payment_method_id not in {card.payment_method_id for card in cards}:
            raise CardUnusable(payment_method_id)


def covering(payments: Sequence[Payment], total_cents: int) -> Payment | None:
    """The newest authorisation out of which the whole total can be captured."""
    standing = [
        payment
        for payment in payments
        if payment.principal
        and payment.wanted
        and payment.status is PaymentStatus.AUTHORIZED
        and payment.amount_cents >= total_cents
    ]
    return standing[-1] if standing else None


def under_way(payments: Sequence[Payment], total_cents: int) -> bool:
    """Whether a payment of exactly that total waits for its buyer, or for the processor."""
    return any(
        payment.principal
        and payment.wanted
        and payment.status is not PaymentStatus.AUTHORIZED
        and payment.amount_cents == total_cents
        for payment in payments
    )
