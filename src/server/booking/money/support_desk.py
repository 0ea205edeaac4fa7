"""What Support may ask of an order's money: the `OrderMoney` of Booking's ports."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from server.booking.book import OrderBook
from server.booking.domain.order import TRANSITIONS, Event, Order, Status
from server.booking.domain.parties import SYSTEM
from server.booking.money.back_rows import LineLeft, RefundRepository
from server.booking.money.errors import DisputeDecides, RefundExceedsPaid
from server.booking.money.giving_back import GivingBack, decided, split
from server.booking.money.moves import RefundPiece, RefundStatus
from server.booking.money.port import RefundAsk, RefundCause
from server.booking.money.repository import BalanceRepository
from server.booking.money.timers import SETTLE
from server.booking.ports import Orders, Payable, RefundOutcome, RefundQuote, RefundShare, RefundState
from server.booking.refunds import Balance, Refund
from server.core.clock import Clock
from server.core.db import Tx
from server.core.errors import FieldInvalid, NotFound, Violation
from server.core.jobs import JobKind, Jobs
from server.core.money import bips_of


class SupportDesk:
    """Quotes, reserves and settles the refunds of Support."""

    def __init__(
        self,
        book: OrderBook,
        orders: Orders,
        balances: BalanceRepository,
        refunds: RefundRepository,
        giving_back: GivingBack,
        jobs: Jobs,
        clock: Clock,
    ) -> None:
        self._book = book
        self._orders = orders
        self._balances = balances
        self._refunds = refunds
        self._giving_back = giving_back
        self._jobs = jobs
        self._clock = clock

    async def quote(self, tx: Tx, order_id: str, share: RefundShare, *, fee_refundable: bool) -> RefundQuote:
        order = await self._orders.get(tx, order_id)
        if order is None:
            raise NotFound(order_id)
        if order.status is Status.DISPUTED:
            raise DisputeDecides(order_id)
        balance = (await self._balances.read(tx, order_id)).balance
        left = await self._refunds.lines_left(tx, order_id)
        ask = self._asked(order, balance, share, left, fee_refundable=fee_refundable, cause_id="")
        return _quote(order, decided(order_id, balance, ask)[1], left, _lines(share, left, ask))

    async def payable(self, tx: Tx, order_id: str) -> Payable:
        order = await self._book.lock(tx, order_id)
        balance = (await self._balances.lock(tx, order_id)).balance
        return Payable(order.price.currency, balance.payable_cents, balance.net_transferred_cents)

    async def reserve(
        self, tx: Tx, order_id: str, share: RefundShare, *, fee_refundable: bool, cause_id: str, reply: JobKind
    ) -> tuple[str, RefundQuote]:
        """Everything before the start ends the booking, by the fault of whoever does not get the fee."""
        order = await self._book.lock(tx, order_id)
        if order.status is Status.DISPUTED:
            raise DisputeDecides(order_id)
        balance = (await self._balances.read(tx, order_id)).balance
        left = await self._refunds.lines_left(tx, order_id)
        ask = self._asked(order, balance, share, left, fee_refundable=fee_refundable, cause_id=cause_id)
        decided(order_id, balance, ask)
        lines = _lines(share, left, ask)
        event = self._ends(order, balance, ask) or Event.REFUNDED
        order = await self._book.move(tx, order, event, SYSTEM, details={"cause_id": cause_id})
        made = await self._giving_back.refund(tx, order, ask, lines=lines, reply=reply)
        return made.refund_set_id, _quote(order, made.refund, left, lines)

    async def look_again(self, tx: Tx, order_id: str) -> None:
        await self._jobs.enqueue(tx, SETTLE, key=order_id)

    async def outcome(self, tx: Tx, refund_set_id: str) -> RefundState:
        pieces = await self._refunds.of_set(tx, refund_set_id)
        if not pieces:
            raise NotFound(refund_set_id)
        return RefundState(_outcome(pieces), pieces[0].processor_id or None, _reason(pieces))

    def _asked(
        self,
        order: Order,
        balance: Balance,
        share: RefundShare,
        left: Sequence[LineLeft],
        *,
        fee_refundable: bool,
        cause_id: str,
    ) -> RefundAsk:
        """What the share comes to; with a booking that ends by it, the tip goes back too."""
        ask = RefundAsk(
            cause=RefundCause.SUPPORT,
            cause_id=cause_id,
            subtotal_cents=_subtotal(order.order_id, balance, share, left),
            fee_refundable=fee_refundable,
        )
        tip = balance.tip_cents - balance.tip_returned_cents if self._ends(order, balance, ask) else 0
        return replace(ask, tip_cents=tip)

    def _ends(self, order: Order, balance: Balance, ask: RefundAsk) -> Event | None:
        """By which event the booking ends, if it does: all of it goes back before it has begun."""
        event = Event.REFUNDED_FOR_PROVIDER if ask.fee_refundable else Event.REFUNDED_FOR_BUYER
        whole = ask.subtotal_cents == balance.subtotal_cents - balance.subtotal_returned_cents
        before = self._clock.now() < order.start_ts and (order.status, event) in TRANSITIONS
        return event if whole and before else None


def _subtotal(order_id: str, balance: Balance, share: RefundShare, left: Sequence[LineLeft]) -> int:
    """The share in cents. Lines are named one by one, and give no more than is left of them."""
    if share.subtotal_cents is not None:
        return share.subtotal_cents
    if share.bips is not None:
        return bips_of(balance.subtotal_cents, share.bips)
    known = {line.line_id: line.left_cents for line in left}
    unknown = [line_id for line_id in share.lines if line_id not in known]
    if unknown:
        raise FieldInvalid(Violation("lines", f"{unknown[0]} is no line of the order"))
    if any(cents > known[line_id] for line_id, cents in share.lines.items()):
        raise RefundExceedsPaid(order_id, sum(known.values()))
    return sum(share.lines.values())


def _lines(share: RefundShare, left: Sequence[LineLeft], ask: RefundAsk) -> Mapping[int, int]:
    """What each line gives, by its place."""
    if share.lines:
        return {line.position: share.lines.get(line.line_id, 0) for line in left}
    return split(left, ask.subtotal_cents) if ask.subtotal_cents else {}


def _quote(order: Order, refund: Refund, left: Sequence[LineLeft], cents: Mapping[int, int]) -> RefundQuote:
    return RefundQuote(
        currency=order.price.currency,
        cash_cents=refund.cash_cents,
        subtotal_cents=refund.subtotal_cents,
        platform_fee_cents=refund.fee_cents,
        platform_fee_tax_cents=refund.tax_cents,
        credit_cents=refund.credit_cents,
        commission_cents=refund.commission_cents,
        lines={line.line_id: cents[line.position] for line in left if cents.get(line.position)},
    )


def _outcome(pieces: Sequence[RefundPiece]) -> RefundOutcome:
    statuses = {piece.status for piece in pieces}
    if statuses & {RefundStatus.FAILED, RefundStatus.VOID}:
        return RefundOutcome.FAILED
    if statuses == {RefundStatus.SUCCEEDED}:
        return RefundOutcome.SUCCEEDED
    return RefundOutcome.PROCESSING


def _reason(pieces: Sequence[RefundPiece]) -> str | None:
    return next((piece.failure_reason for piece in pieces if piece.failure_reason), None)
