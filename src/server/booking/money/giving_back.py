"""Giving back: what goes to the cards, newest payment first, what credit goes with it, and what the lines keep."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from server.adapters.stripe.requests import CreateRefund
from server.booking.domain.order import Order
from server.booking.fulfilment.timers import ORDER_REVERSED
from server.booking.money.back_rows import LineLeft, RefundRepository
from server.booking.money.balances import late
from server.booking.money.crediting import OrderCredit
from server.booking.money.errors import ChargebackOpen, RefundExceedsPaid
from server.booking.money.moves import RefundPiece, RefundStatus
from server.booking.money.payment import Payment
from server.booking.money.port import RefundAsk, RefundCause, Refunded
from server.booking.money.repository import BalanceRepository, PaymentRepository
from server.booking.money.timers import ANSWERED, SETTLE
from server.booking.refunds import Balance, Refund, over_charges, over_lines, refunded, wholly_refunded
from server.core.clock import Clock
from server.core.db import Tx
from server.core.ids import Ids
from server.core.jobs import JobKind, Jobs
from server.payments.ports import CallBook, Owner, SliceName

REFUND: Final = "refund"


def decided(order_id: str, balance: Balance, ask: RefundAsk) -> tuple[Balance, Refund]:
    """What an ask comes to, and the balance after it. RefundExceedsPaid where that is more than there is."""
    try:
        if ask.whole:
            return wholly_refunded(balance)
        return refunded(balance, ask.subtotal_cents, fee_refundable=ask.fee_refundable, tip_cents=ask.tip_cents)
    except ValueError as error:
        raise RefundExceedsPaid(order_id, balance.refundable_cents) from error


class GivingBack:
    """Refunds on their way. The caller holds the order's row."""

    def __init__(
        self,
        refunds: RefundRepository,
        payments: PaymentRepository,
        balances: BalanceRepository,
        credit: OrderCredit,
        calls: CallBook,
        jobs: Jobs,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._refunds = refunds
        self._payments = payments
        self._balances = balances
        self._credit = credit
        self._calls = calls
        self._jobs = jobs
        self._clock = clock
        self._ids = ids

    async def refund(
        self,
        tx: Tx,
        order: Order,
        ask: RefundAsk,
        *,
        lines: Mapping[int, int] | None = None,
        reply: JobKind | None = None,
    ) -> Refunded:
        """Reserves what goes back and stores the calls that send it; a cause that has given back already gives its own
        answer again.
        """
        balance = (await self._balances.lock(tx, order.order_id)).balance
        before = await self._refunds.of_cause(tx, order.order_id, ask.cause, ask.cause_id)
        if before:
            return Refunded(before[0].refund_set_id, total(before))
        after, refund = decided(order.order_id, balance, ask)
        charges = await self._charges(tx, order, refund.cash_cents)
        await self._balances.save(tx, order.order_id, after, now=self._clock.now())
        await self._tell_if_undone(tx, order, after)
        return await self._reserve(tx, order, ask.cause, ask.cause_id, refund, charges, lines=lines, reply=reply)

    async def return_late(self, tx: Tx, order: Order, payment: Payment) -> None:
        """Sends a payment back that came when nobody waited for it."""
        cents, now = payment.captured_cents, self._clock.now()
        books = await self._balances.lock(tx, order.order_id)
        if not books.opened:
            await self._balances.open(tx, order.order_id, now=now)
        after, refund = refunded(late(books.balance, cents), 0, fee_refundable=True, tip_cents=cents)
        await self._balances.save(tx, order.order_id, after, now=now)
        await self._reserve(tx, order, RefundCause.LATE_PAYMENT, payment.payment_id, refund, [payment])

    async def book(self, tx: Tx, order: Order, piece: RefundPiece, after: Balance) -> None:
        """Writes a refund that was made at the processor itself: there is nothing left to send."""
        now = self._clock.now()
        await self._balances.save(tx, order.order_id, after, now=now)
        await self._tell_if_undone(tx, order, after)
        await self._refunds.insert(tx, [piece], now=now)
        await self._payments.add_refunded(tx, piece.payment_id, piece.amount_cents, now=now)
        await self._from_lines(tx, order, piece.refund_set_id, piece.subtotal_cents)
        await self.settle_later(tx, order.order_id)

    async def _tell_if_undone(self, tx: Tx, order: Order, after: Balance) -> None:
        """A completed order that went back whole has earned nobody anything."""
        if order.completed_at is not None and after.subtotal_returned_cents == after.subtotal_cents:
            await self._jobs.enqueue(tx, ORDER_REVERSED, key=order.order_id)

    async def settle_later(self, tx: Tx, order_id: str) -> None:
        """What the provider may have has changed."""
        await self._jobs.enqueue(tx, SETTLE, key=order_id)

    async def send(self, tx: Tx, piece: RefundPiece) -> None:
        """Stores the call that sends a piece back; each attempt is a call of its own."""
        await self._calls.store(
            tx,
            CreateRefund(
                charge_id=piece.charge_id,
                amount_cents=piece.amount_cents,
                metadata={"order_id": piece.order_id, "refund_id": piece.refund_id},
            ),
            key=f"refund:{piece.refund_id}:{piece.attempts}",
            owner=Owner(SliceName.BOOKING, REFUND, piece.refund_id),
            reply=ANSWERED,
        )

    async def _charges(self, tx: Tx, order: Order, cash_cents: int) -> list[Payment]:
        """The charges that can give so much, the newest first: not those of which a bank decides right now."""
        captured = [one for one in await self._payments.of_order(tx, order.order_id) if one.captured_cents]
        blocked = {
            chargeback.payment_id
            for chargeback in await self._refunds.chargebacks(tx, order.order_id)
            if chargeback.blocks_refunds
        }
        open_ones = [payment for payment in reversed(captured) if payment.payment_id not in blocked]
        if cash_cents > sum(payment.left_cents for payment in open_ones):
            raise ChargebackOpen(order.order_id)
        return [payment for payment in open_ones if payment.left_cents] or open_ones[:1]

    async def _reserve(
        self,
        tx: Tx,
        order: Order,
        cause: RefundCause,
        cause_id: str,
        refund: Refund,
        charges: Sequence[Payment],
        *,
        lines: Mapping[int, int] | None = None,
        reply: JobKind | None = None,
    ) -> Refunded:
        if not (refund.cash_cents or refund.credit_cents):
            return Refunded("", refund)
        set_id, now = self._ids.new("rfs"), self._clock.now()
        shares = over_charges(refund, [payment.left_cents for payment in charges])
        pieces = [
            replace(
                piece_of(share, order, payment, set_id, self._ids.new("rfd"), now),
                cause=cause,
                cause_id=cause_id,
                reply_kind=reply.name if reply else "",
            )
            for share, payment in zip(shares, charges, strict=True)
            if share.cash_cents or share.credit_cents
        ]
        await self._refunds.insert(tx, pieces, now=now)
        for piece in pieces:
            await self._payments.add_refunded(tx, piece.payment_id, piece.amount_cents, now=now)
        if cause is not RefundCause.ADJUSTMENT:
            # Whoever adjusts a price writes its lines anew.
            await self._from_lines(tx, order, set_id, refund.subtotal_cents, lines)
        await self._credit.give_back(tx, order, refund.credit_cents, set_id)
        for piece in pieces:
            if piece.amount_cents:
                await self.send(tx, piece)
        await self.settle_later(tx, order.order_id)
        return Refunded(set_id, refund)

    async def _from_lines(
        self, tx: Tx, order: Order, set_id: str, subtotal_cents: int, lines: Mapping[int, int] | None = None
    ) -> None:
        """Takes the refund off the lines that were named, or off all of them alike."""
        if subtotal_cents and lines is None:
            lines = split(await self._refunds.lines_left(tx, order.order_id), subtotal_cents)
        if lines:
            await self._refunds.insert_lines(tx, order.order_id, set_id, lines)


def split(lines: Sequence[LineLeft], subtotal_cents: int) -> dict[int, int]:
    """What of each line goes back, by its place."""
    shares = over_lines(subtotal_cents, [line.left_cents for line in lines])
    return {line.position: cents for line, cents in zip(lines, shares, strict=True)}


def total(pieces: Sequence[RefundPiece]) -> Refund:
    """What all pieces of a refund give back together."""
    return Refund(
        subtotal_cents=sum(piece.subtotal_cents for piece in pieces),
        fee_cents=sum(piece.fee_cents for piece in pieces),
        tax_cents=sum(piece.tax_cents for piece in pieces),
        tip_cents=sum(piece.tip_cents for piece in pieces),
        credit_cents=sum(piece.credit_cents for piece in pieces),
        commission_cents=sum(piece.commission_cents for piece in pieces),
        fee_refundable=pieces[0].fee_refundable,
    )


def piece_of(share: Refund, order: Order, payment: Payment, set_id: str, refund_id: str, now: datetime) -> RefundPiece:
    """What of a refund comes out of one charge; a piece without cash is done at once."""
    return RefundPiece(
        refund_id=refund_id,
        refund_set_id=set_id,
        order_id=order.order_id,
        payment_id=payment.payment_id,
        charge_id=payment.charge_id,
        cause=RefundCause.PROCESSOR,
        cause_id=refund_id,
        status=RefundStatus.RESERVED if share.cash_cents else RefundStatus.SUCCEEDED,
        amount_cents=share.cash_cents,
        subtotal_cents=share.subtotal_cents,
        fee_cents=share.fee_cents,
        tax_cents=share.tax_cents,
        tip_cents=share.tip_cents,
        credit_cents=share.credit_cents,
        commission_cents=share.commission_cents,
        fee_refundable=share.fee_refundable,
        currency=payment.currency,
        created_at=now,
    )
