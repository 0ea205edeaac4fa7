"""The daily reconciliation: adds up an order's money three ways, and names each cent that is not where it should be.

By the design's identity, what is left of the charges is with the provider, with the platform, or lost. By the rows, the
balance is the fold of payments, refunds and transfers. By the processor, each of them is there with the very amount.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import structlog

from server.adapters.stripe.objects import Charge
from server.adapters.stripe.objects import Refund as ProcessorRefund
from server.adapters.stripe.objects import RefundStatus as ProcessorStatus
from server.adapters.stripe.objects import Transfer as ProcessorTransfer
from server.adapters.stripe.port import PaymentProcessor
from server.booking.money.back_rows import RefundRepository
from server.booking.money.finding_rows import FindingRepository
from server.booking.money.moves import MoveStatus, RefundPiece, RefundStatus, Transfer, TransferReversal
from server.booking.money.out_rows import PayoutRepository
from server.booking.money.payment import Payment
from server.booking.money.repository import BalanceRepository, PaymentRepository
from server.booking.money.timers import RECONCILE
from server.booking.refunds import Balance
from server.core.clock import Clock
from server.core.db import Database, Tx
from server.core.ids import Ids
from server.core.jobs import Jobs
from server.core.story import Sum

AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Money:
    """Everything that an order's money consists of, as our rows have it."""

    order_id: str
    balance: Balance
    payments: Sequence[Payment]
    refunds: Sequence[RefundPiece]
    transfers: Sequence[Transfer]
    reversals: Sequence[TransferReversal]


def sums(money: Money) -> list[Sum]:
    """What has to add up within our own rows."""
    balance, payments = money.balance, money.payments
    standing = [piece for piece in money.refunds if piece.status is not RefundStatus.VOID]
    gone = [transfer for transfer in money.transfers if transfer.status is not MoveStatus.FAILED]
    parts = balance.subtotal_cents + balance.fee.amount_cents + balance.tax.amount_cents + balance.tip_cents
    return [
        Sum("charged = captured", balance.charged_cents, _total(one.captured_cents for one in payments)),
        Sum("charged = subtotal + fee + tax + tip", balance.charged_cents, parts),
        Sum("refunded = refunds", balance.refunded_cents, _total(one.amount_cents for one in standing)),
        Sum("withdrawn = taken by banks", balance.withdrawn_cents, _total(one.withdrawn_cents for one in payments)),
        Sum("reinstated = brought back", balance.reinstated_cents, _total(one.reinstated_cents for one in payments)),
        Sum("transferred = transfers", balance.transferred_cents, _total(one.amount_cents for one in gone)),
        Sum("reversed = reversals", balance.reversed_cents, _total(one.reversed_cents for one in gone)),
        Sum("left of the charges = provider + platform - loss", balance.explained_cents(), balance.remaining_cents()),
    ]


def at_processor(
    money: Money,
    charges: Sequence[Charge],
    refunds: Sequence[ProcessorRefund],
    transfers: Sequence[ProcessorTransfer],
) -> list[Sum]:
    """What has to be the same at the processor; what has not got there yet is left out."""
    captured = {payment.charge_id: payment.captured_cents for payment in money.payments}
    returned = {piece.processor_id: _sent(piece) for piece in money.refunds}
    here = {transfer.processor_id: transfer for transfer in money.transfers}
    return [
        *(Sum(f"captured of {one.id}", captured[one.id], one.amount_captured_cents) for one in charges),
        *(Sum(f"sent back by {one.id}", returned[one.id], _arrived(one)) for one in refunds),
        *(Sum(f"transferred by {one.id}", here[one.id].amount_cents, one.amount_cents) for one in transfers),
        *(Sum(f"reversed of {one.id}", _reversed(money, here[one.id]), one.amount_reversed_cents) for one in transfers),
    ]


def _sent(piece: RefundPiece) -> int:
    return piece.amount_cents if piece.status in (RefundStatus.SUCCEEDED, RefundStatus.PROCESSING) else 0


def _arrived(refund: ProcessorRefund) -> int:
    return refund.amount_cents if refund.status in (ProcessorStatus.SUCCEEDED, ProcessorStatus.PENDING) else 0


def _reversed(money: Money, transfer: Transfer) -> int:
    return _total(
        one.amount_cents
        for one in money.reversals
        if one.transfer_id == transfer.transfer_id and one.status is MoveStatus.SUCCEEDED
    )


def _total(cents: Iterable[int]) -> int:
    return sum(cents)


class Checking:
    """Reconciles order by order, a page a job."""

    def __init__(
        self,
        database: Database,
        payments: PaymentRepository,
        balances: BalanceRepository,
        refunds: RefundRepository,
        payouts: PayoutRepository,
        findings: FindingRepository,
        processor: PaymentProcessor,
        jobs: Jobs,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._database = database
        self._payments = payments
        self._balances = balances
        self._refunds = refunds
        self._payouts = payouts
        self._findings = findings
        self._processor = processor
        self._jobs = jobs
        self._clock = clock
        self._ids = ids
        self._log = structlog.get_logger("booking.money")

    async def check_page(self, run: str, after: str) -> None:
        """Reconciles the orders after an id, and has another job go on where there are more."""
        async with self._database.read() as tx:
            orders = await self._findings.orders_after(tx, after, limit=AT_ONCE)
        for order_id in orders:
            await self.check(order_id)
        if len(orders) == AT_ONCE:
            await self._database.run(
                lambda tx: self._jobs.enqueue(
                    tx, RECONCILE, key=f"{run}:{orders[-1]}", payload={"run": run, "after": orders[-1]}
                )
            )

    async def check(self, order_id: str) -> list[Sum]:
        """Adds an order up, writes what is missing, and raises an alert for each; what was missing."""
        money = await self.money(order_id)
        charges = [await self._processor.charge(one.charge_id) for one in money.payments if one.captured_cents]
        returned = [await self._processor.refund(one.processor_id) for one in money.refunds if one.processor_id]
        moved = [await self._processor.transfer(one.processor_id) for one in money.transfers if one.processor_id]
        # Whatever moved while the processor was asked is looked at tomorrow.
        if await self.money(order_id) != money:
            return []
        missing = [one for one in (*sums(money), *at_processor(money, charges, returned, moved)) if not one.holds]
        await self._database.run(lambda tx: self._write(tx, order_id, missing))
        for one in missing:
            self._log.error("a cent is missing", order_id=order_id, name=one.name, cents=one.cents - one.expected_cents)
        return missing

    async def money(self, order_id: str) -> Money:
        """An order's money at one instant."""
        async with self._database.snapshot() as tx:
            return await self.read(tx, order_id)

    async def read(self, tx: Tx, order_id: str) -> Money:
        return Money(
            order_id=order_id,
            balance=(await self._balances.read(tx, order_id)).balance,
            payments=await self._payments.of_order(tx, order_id),
            refunds=await self._refunds.of_order(tx, order_id),
            transfers=await self._payouts.transfers(tx, order_id),
            reversals=await self._payouts.reversals(tx, order_id),
        )

    async def _write(self, tx: Tx, order_id: str, missing: Sequence[Sum]) -> None:
        now = self._clock.now()
        for one in missing:
            await self._findings.insert(tx, self._ids.new("fnd"), order_id, one, now=now)
