"""A payment's first call to the processor. The payer is made known to it first, which no transaction could wait for."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from server.adapters.stripe.objects import PaymentIntent
from server.adapters.stripe.port import PaymentProcessor
from server.adapters.stripe.requests import CaptureMethod, CreatePaymentIntent
from server.booking.book import OrderBook
from server.booking.domain.order import Order
from server.booking.money.payment import Payment, PaymentStatus
from server.booking.money.repository import PaymentRepository
from server.booking.money.taking import owner_of
from server.booking.money.timers import ANSWERED
from server.booking.ports import Orders
from server.core.clock import Clock
from server.core.crash import point
from server.core.db import Database, Tx
from server.core.errors import NotFound
from server.payments.ports import CallBook, Performer, StoredCall, Wallets

INLINE: Final = timedelta(seconds=30)
"""How long the job waits for whoever makes the call at once."""


class Beginning:
    """Begins payments, from a job or for a buyer who waits."""

    def __init__(
        self,
        database: Database,
        book: OrderBook,
        orders: Orders,
        payments: PaymentRepository,
        wallets: Wallets,
        calls: CallBook,
        performer: Performer,
        processor: PaymentProcessor,
        clock: Clock,
    ) -> None:
        self._database = database
        self._book = book
        self._orders = orders
        self._payments = payments
        self._wallets = wallets
        self._calls = calls
        self._performer = performer
        self._processor = processor
        self._clock = clock

    async def begin(self, payment_id: str) -> str:
        """Makes the payment known to the processor, once; its id there, empty where there is none. Late, twice, or when
        nobody wants it any more: no effect.
        """
        buyer = await self._buyer(payment_id)
        payer = await self._wallets.payer(buyer)

        async def store(tx: Tx) -> StoredCall | None:
            order, payment = await self._locked(tx, payment_id)
            if payment.status is not PaymentStatus.PENDING or payment.intent_id:
                return None
            if payment.given_up_at is not None:
                if await self._calls.of_owner(tx, owner_of(payment)):
                    # The processor may have it by now: what becomes of it is for the answer to say.
                    return None
                never = replace(payment, status=PaymentStatus.CANCELLED)
                await self._payments.save(tx, payment, never, now=self._clock.now())
                return None
            return await self._calls.store(
                tx,
                _request(order, payment, payer.customer_id),
                key=f"pay:{payment.order_id}:{payment.sequence}",
                owner=owner_of(payment),
                reply=ANSWERED,
                after=INLINE,
            )

        call = await self._database.run(store)
        if call is None:
            return ""
        await point("booking.payment_begun")
        settled, result = await self._performer.perform(call.call_id)
        if isinstance(result, PaymentIntent):
            return result.id
        return (settled.failure.payment_intent_id or "") if settled.failure else ""

    async def intent(self, payment: Payment) -> PaymentIntent | None:
        """The payment as the processor holds it, with the secret that its buyer's device needs; begun where it was not.
        None where the processor knows of none.
        """
        intent_id = payment.intent_id or await self.begin(payment.payment_id)
        return await self._processor.payment_intent(intent_id) if intent_id else None

    async def _buyer(self, payment_id: str) -> str:
        async with self._database.read() as tx:
            order_id = await self._payments.order_of(tx, payment_id)
            order = None if order_id is None else await self._orders.get(tx, order_id)
        if order is None:
            raise NotFound(payment_id)
        return order.buyer_user_id

    async def _locked(self, tx: Tx, payment_id: str) -> tuple[Order, Payment]:
        order_id = await self._payments.order_of(tx, payment_id)
        if order_id is None:
            raise NotFound(payment_id)
        order = await self._book.lock(tx, order_id)
        payments = await self._payments.of_order(tx, order_id)
        return order, next(payment for payment in payments if payment.payment_id == payment_id)


def _request(order: Order, payment: Payment, customer_id: str) -> CreatePaymentIntent:
    """In person the money is only promised until the order is accepted; without its holder a card is charged at once,
    and so is whatever is paid on top of an order that was captured.
    """
    manual = payment.principal and not payment.off_session
    return CreatePaymentIntent(
        amount_cents=payment.amount_cents,
        currency=payment.currency,
        customer_id=customer_id,
        payment_method_id=payment.payment_method_id or None,
        capture=CaptureMethod.MANUAL if manual else CaptureMethod.AUTOMATIC,
        confirm=payment.off_session,
        off_session=payment.off_session,
        transfer_group=order.order_id,
        metadata={"order_id": order.order_id, "payment_id": payment.payment_id},
    )
