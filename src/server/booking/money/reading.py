"""What buyers and providers see of their money. Every figure is read from the rows that moved it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from server.adapters.stripe.objects import NextAction
from server.booking.book import visible
from server.booking.domain.order import Order
from server.booking.money.back_rows import RefundRepository
from server.booking.money.beginning import Beginning
from server.booking.money.errors import NothingToPay
from server.booking.money.giving_back import total
from server.booking.money.moves import RefundPiece, RefundStatus
from server.booking.money.out_rows import MonthEarnings, PayoutRepository
from server.booking.money.payment import Payment
from server.booking.money.repository import BalanceRepository, PaymentRepository
from server.booking.ports import Orders
from server.booking.refunds import Balance, Refund
from server.core.call import Actor
from server.core.db import Database, Tx
from server.core.errors import NotFound
from server.core.pagination import Listing, Page, PageTokens, page_size

_BEHIND = (
    RefundStatus.FAILED,
    RefundStatus.RESERVED,
    RefundStatus.PROCESSING,
    RefundStatus.VOID,
    RefundStatus.SUCCEEDED,
)
"""From the piece that keeps a refund from being done to the one that is done."""


@dataclass(frozen=True, slots=True)
class GetPayment:
    """A buyer wants to pay."""

    actor: Actor
    order_id: str
    payment_id: str


@dataclass(frozen=True, slots=True)
class ListEarnings:
    """A page of a provider's months."""

    actor: Actor
    page_size: int
    page_token: str


@dataclass(frozen=True, slots=True)
class PaymentView:
    """A payment, and what its buyer's device needs to make it."""

    payment: Payment
    client_secret: str
    next_action: NextAction | None


@dataclass(frozen=True, slots=True)
class ReceiptRefund:
    """Something that went back."""

    refund_set_id: str
    refund: Refund
    status: RefundStatus
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a buyer was charged and given back. What came late went back whole, and stands among the payments alone."""

    order: Order
    balance: Balance
    payments: Sequence[Payment]
    refunds: Sequence[ReceiptRefund]

    @property
    def late_cents(self) -> int:
        return sum(payment.captured_cents for payment in self.payments if payment.late)

    @property
    def late_returned_cents(self) -> int:
        return sum(payment.refunded_cents for payment in self.payments if payment.late)


@dataclass(frozen=True, slots=True)
class Earnings:
    """A page of months, and the zone they are counted in."""

    page: Page[MonthEarnings]
    time_zone: str


class MoneyReading:
    """Reads payments, receipts and earnings."""

    def __init__(
        self,
        database: Database,
        orders: Orders,
        payments: PaymentRepository,
        balances: BalanceRepository,
        refunds: RefundRepository,
        payouts: PayoutRepository,
        beginning: Beginning,
        pages: PageTokens,
    ) -> None:
        self._database = database
        self._orders = orders
        self._payments = payments
        self._balances = balances
        self._refunds = refunds
        self._payouts = payouts
        self._beginning = beginning
        self._pages = pages

    async def payment(self, command: GetPayment) -> PaymentView:
        """The payment that a buyer can make, or the one they name, as the processor has it now."""
        async with self._database.read() as tx:
            await self._owned(tx, command.order_id, command.actor)
            payments = await self._payments.of_order(tx, command.order_id)
        payment = _chosen(payments, command)
        if not payment.wanted:
            return PaymentView(payment, "", None)
        intent = await self._beginning.intent(payment)
        if intent is None:
            return PaymentView(payment, "", None)
        return PaymentView(payment, intent.client_secret, intent.next_action)

    async def receipt(self, order_id: str, actor: Actor) -> Receipt:
        """What the order's buyer paid, at one instant."""
        async with self._database.snapshot() as tx:
            order = await self._owned(tx, order_id, actor)
            payments = await self._payments.of_order(tx, order_id)
            return Receipt(
                order=order,
                balance=(await self._balances.read(tx, order_id)).balance,
                payments=[payment for payment in payments if payment.captured_cents],
                refunds=_sets(await self._refunds.of_order(tx, order_id)),
            )

    async def earnings(self, command: ListEarnings) -> Earnings:
        """What a provider was paid, the newest month first."""
        provider = command.actor.user_id
        listing = Listing("GetEarnings", provider, {})
        position = self._pages.position(listing, command.page_token, length=2)
        size = page_size(command.page_size)
        async with self._database.read() as tx:
            payee = await self._payouts.payee(tx, provider)
            if payee is None:
                raise NotFound(provider)
            months = await self._payouts.earnings(
                tx, provider, payee.time_zone, after=(position[0], position[1]) if position else None, limit=size + 1
            )
        page = self._pages.page(listing, months, size, lambda month: (month.month, month.currency))
        return Earnings(page, payee.time_zone)

    async def _owned(self, tx: Tx, order_id: str, actor: Actor) -> Order:
        """An order, for its buyer and for staff: what the buyer pays is not the provider's to see."""
        order = visible(await self._orders.get(tx, order_id), order_id, actor)
        if not actor.sees_everybody and actor.user_id != order.buyer_user_id:
            raise NotFound(order_id)
        return order


def _chosen(payments: Sequence[Payment], command: GetPayment) -> Payment:
    if command.payment_id:
        named = [payment for payment in payments if payment.payment_id == command.payment_id]
        if not named:
            raise NotFound(command.payment_id)
        return named[0]
    if not payments:
        raise NothingToPay(command.order_id)
    open_ones = [payment for payment in payments if payment.wanted]
    return (open_ones or payments)[-1]


def _sets(pieces: Sequence[RefundPiece]) -> list[ReceiptRefund]:
    """Refunds, each once however many charges it is taken from."""
    sets: dict[str, list[RefundPiece]] = {}
    for piece in pieces:
        sets.setdefault(piece.refund_set_id, []).append(piece)
    return [
        ReceiptRefund(
            set_id,
            total(of_set),
            min((piece.status for piece in of_set), key=_BEHIND.index),
            of_set[0].created_at,
        )
        for set_id, of_set in sets.items()
    ]
