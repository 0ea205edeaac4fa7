"""What becomes of a refund at the processor: it arrives, it fails and is owed still, or the bank was faster."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import structlog

from server.adapters.stripe.objects import Refund
from server.adapters.stripe.objects import RefundStatus as ProcessorStatus
from server.adapters.stripe.port import PaymentProcessor
from server.booking.book import OrderBook
from server.booking.domain.order import Order
from server.booking.money.back_rows import RefundRepository
from server.booking.money.balances import refunded_elsewhere, voided
from server.booking.money.giving_back import GivingBack, piece_of
from server.booking.money.moves import REFUND_TRANSITIONS, RefundEvent, RefundPiece, RefundStatus
from server.booking.money.repository import BalanceRepository, PaymentRepository
from server.core.clock import Clock
from server.core.crash import point
from server.core.db import Database, Tx
from server.core.ids import Ids
from server.core.jobs import JobKind, Jobs
from server.payments.ports import Park

DISPUTED_CODE = "charge_disputed"
"""The processor's word for: the bank decides about this charge."""

_TOLD: Mapping[ProcessorStatus, RefundEvent] = MappingProxyType(
    {
        ProcessorStatus.PENDING: RefundEvent.ACCEPT,
        ProcessorStatus.REQUIRES_ACTION: RefundEvent.ACCEPT,
        ProcessorStatus.SUCCEEDED: RefundEvent.SUCCEED,
        ProcessorStatus.FAILED: RefundEvent.FAIL,
        ProcessorStatus.CANCELED: RefundEvent.FAIL,
    }
)


class Returning:
    """Moves refunds."""

    def __init__(
        self,
        database: Database,
        book: OrderBook,
        refunds: RefundRepository,
        payments: PaymentRepository,
        balances: BalanceRepository,
        giving_back: GivingBack,
        processor: PaymentProcessor,
        jobs: Jobs,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._database = database
        self._book = book
        self._refunds = refunds
        self._payments = payments
        self._balances = balances
        self._giving_back = giving_back
        self._processor = processor
        self._jobs = jobs
        self._clock = clock
        self._ids = ids
        self._log = structlog.get_logger("booking.money")

    async def look_up(self, refund_id: str, processor_id: str) -> None:
        """Asks the processor where a refund is, and moves it there."""
        await self.look(refund_id, await self._processor.refund(processor_id))

    async def look(self, refund_id: str, found: Refund) -> None:
        """Moves a refund to where the processor has it. Park for a word that nobody knows, and where the machine has no
        such step.
        """
        event = _TOLD.get(found.status)
        if event is None:
            raise Park(f"refund status {found.raw_status}")
        await self._database.run(
            lambda tx: self._move(tx, refund_id, event, processor_id=found.id, reason=found.failure_reason or "")
        )
        await point("booking.refund_moved")

    async def refuse(self, refund_id: str, code: str) -> None:
        """The processor would not even begin the refund."""
        await self._database.run(lambda tx: self._move(tx, refund_id, RefundEvent.FAIL, processor_id="", reason=code))

    async def retry(self, tx: Tx, order: Order, refund_set_id: str) -> None:
        """Sends the failed pieces of a refund again; the caller holds the order."""
        for piece in await self._refunds.of_set(tx, refund_set_id):
            if piece.order_id == order.order_id and piece.status is RefundStatus.FAILED:
                await self._again(tx, piece)

    async def found_elsewhere(self, payment_id: str, processor_id: str) -> None:
        """A refund that no call of ours made: it is booked as the processor has it, once."""
        found = await self._processor.refund(processor_id)
        if found.status not in (ProcessorStatus.SUCCEEDED, ProcessorStatus.PENDING):
            return
        await self._database.run(lambda tx: self._book_elsewhere(tx, payment_id, found))

    async def _book_elsewhere(self, tx: Tx, payment_id: str, found: Refund) -> None:
        order_id = await self._payments.order_of(tx, payment_id)
        if order_id is None:
            raise Park(f"{payment_id} is not known here")
        order = await self._book.lock(tx, order_id)
        payments = await self._payments.of_order(tx, order_id)
        payment = next(one for one in payments if one.payment_id == payment_id)
        if any(piece.processor_id == found.id for piece in await self._refunds.of_order(tx, order_id)):
            return
        balance = (await self._balances.lock(tx, order_id)).balance
        try:
            after, share = refunded_elsewhere(balance, found.amount_cents)
        except ValueError as error:
            raise Park(f"{found.id} gives back more than is left") from error
        piece = piece_of(share, order, payment, self._ids.new("rfs"), self._ids.new("rfd"), self._clock.now())
        made = replace(piece, cause_id=found.id, processor_id=found.id, status=RefundStatus.SUCCEEDED)
        await self._giving_back.book(tx, order, made, after)
        self._log.error("refunded past us", order_id=order_id, refund_id=made.refund_id, processor_id=found.id)

    async def bank_decided(self, tx: Tx, order: Order, payment_id: str, *, bank_paid: bool) -> None:
        """A complaint about a charge ended. What we owed out of it the bank has paid, or we send it now."""
        for piece in await self._refunds.of_order(tx, order.order_id):
            if piece.payment_id != payment_id or piece.status is not RefundStatus.FAILED:
                continue
            if piece.failure_reason == DISPUTED_CODE and bank_paid:
                await self._void(tx, piece)
            elif piece.failure_reason == DISPUTED_CODE:
                await self._again(tx, piece)

    async def _move(self, tx: Tx, refund_id: str, event: RefundEvent, *, processor_id: str, reason: str) -> None:
        known = await self._refunds.get(tx, refund_id)
        if known is None:
            raise Park(f"{refund_id} is not known here")
        await self._book.lock(tx, known.order_id)
        before = await self._refunds.get(tx, refund_id)
        if before is None or _of_another_attempt(before, processor_id):
            return
        target = REFUND_TRANSITIONS.get((before.status, event))
        if target is None:
            raise Park(f"{refund_id} is {before.status}: {event} is not possible from there")
        failure = reason or "unknown" if target is RefundStatus.FAILED else ""
        after = replace(before, status=target, processor_id=processor_id or before.processor_id, failure_reason=failure)
        if after == before:
            return
        await self._save(tx, before, after)
        if target is RefundStatus.FAILED:
            self._log.error("a refund failed", order_id=before.order_id, refund_id=refund_id, code=failure)

    async def _again(self, tx: Tx, piece: RefundPiece) -> None:
        after = replace(
            piece,
            status=REFUND_TRANSITIONS[piece.status, RefundEvent.RETRY],
            attempts=piece.attempts + 1,
            failure_reason="",
        )
        await self._save(tx, piece, after)
        await self._giving_back.send(tx, after)

    async def _void(self, tx: Tx, piece: RefundPiece) -> None:
        now = self._clock.now()
        balance = (await self._balances.lock(tx, piece.order_id)).balance
        after = voided(
            balance,
            subtotal=piece.subtotal_cents,
            fee=piece.fee_cents,
            tax=piece.tax_cents,
            tip=piece.tip_cents,
            commission=piece.commission_cents,
        )
        await self._balances.save(tx, piece.order_id, after, now=now)
        await self._payments.add_refunded(tx, piece.payment_id, -piece.amount_cents, now=now)
        await self._save(tx, piece, replace(piece, status=REFUND_TRANSITIONS[piece.status, RefundEvent.BANK_PAID]))

    async def _save(self, tx: Tx, before: RefundPiece, after: RefundPiece) -> None:
        """Writes a step, and tells whoever waits for the outcome of its set."""
        now = self._clock.now()
        settled_at = now if after.status is RefundStatus.SUCCEEDED else None
        await self._refunds.save(tx, before, after, settled_at=settled_at, now=now)
        if after.reply_kind:
            reply = JobKind(after.reply_kind, "hears what became of a refund")
            await self._jobs.enqueue(tx, reply, key=after.refund_set_id)


def _of_another_attempt(piece: RefundPiece, processor_id: str) -> bool:
    """Whether the news are about an attempt that another one has followed: before the new one is known its object is
    the old one's, and afterwards the old one is somebody else's.
    """
    if not processor_id or not piece.processor_id:
        return False
    if piece.status is RefundStatus.RESERVED:
        return processor_id == piece.processor_id
    return processor_id != piece.processor_id
