"""What card banks take and bring back. The sums come from the processor's own object, so that no event is counted twice
and none that is missing is missed.
"""

from dataclasses import replace
from typing import Final

from server.adapters.stripe.objects import Dispute, DisputeStatus
from server.adapters.stripe.port import PaymentProcessor
from server.booking.book import OrderBook
from server.booking.money.back_rows import Chargeback, RefundRepository
from server.booking.money.port import ChargebackSteps, Standing
from server.booking.money.repository import BalanceRepository, PaymentRepository
from server.booking.money.returning import Returning
from server.booking.money.timers import SETTLE
from server.core.clock import Clock
from server.core.crash import point
from server.core.db import Database, Tx
from server.core.jobs import Jobs
from server.payments.ports import Park
from server.support.ports import Holds

CLOSED: Final = frozenset(
    {DisputeStatus.WON, DisputeStatus.LOST, DisputeStatus.WARNING_CLOSED, DisputeStatus.PREVENTED}
)


class Banks:
    """Chargebacks and inquiries, as far as money is concerned."""

    def __init__(
        self,
        database: Database,
        book: OrderBook,
        payments: PaymentRepository,
        balances: BalanceRepository,
        refunds: RefundRepository,
        returning: Returning,
        steps: ChargebackSteps,
        holds: Holds,
        processor: PaymentProcessor,
        jobs: Jobs,
        clock: Clock,
    ) -> None:
        self._database = database
        self._book = book
        self._payments = payments
        self._balances = balances
        self._refunds = refunds
        self._returning = returning
        self._steps = steps
        self._holds = holds
        self._processor = processor
        self._jobs = jobs
        self._clock = clock

    async def look_up(self, payment_id: str, dispute_id: str) -> None:
        """Asks the processor about a complaint, and books what it moved. A status that nobody knows is booked as far as
        its sums go, and then parked for a person.
        """
        dispute = await self._processor.dispute(dispute_id)
        await self._database.run(lambda tx: self._book_it(tx, payment_id, dispute))
        await point("booking.chargeback_booked")
        if dispute.status is DisputeStatus.UNRECOGNISED:
            raise Park(f"dispute status {dispute.raw_status}")

    async def warned(self, payment_id: str, warning_id: str) -> None:
        """Passes on that the bank believes a charge to be fraudulent, while a refund may still avert a dispute."""
        warning = await self._processor.early_fraud_warning(warning_id)
        if not warning.actionable:
            return

        async def work(tx: Tx) -> None:
            order_id = await self._payments.order_of(tx, payment_id)
            if order_id is None:
                raise Park(f"{payment_id} is not known here")
            await self._steps.warned(tx, await self._book.lock(tx, order_id), warning)

        await self._database.run(work)

    async def _book_it(self, tx: Tx, payment_id: str, dispute: Dispute) -> None:
        order_id = await self._payments.order_of(tx, payment_id)
        if order_id is None:
            raise Park(f"{payment_id} is not known here")
        order = await self._book.lock(tx, order_id)
        payments = await self._payments.of_order(tx, order_id)
        if not any(payment.payment_id == payment_id and payment.captured_cents for payment in payments):
            raise Park(f"{payment_id} was not captured yet")
        order = await self._steps.seen(tx, order, dispute)
        balance = (await self._balances.lock(tx, order_id)).balance
        before, now = await self._refunds.chargeback(tx, dispute.id), self._clock.now()
        told = _told(dispute, payment_id)
        withdrawn = max(0, told.withdrawn_cents - (before.withdrawn_cents if before else 0))
        reinstated = max(0, told.reinstated_cents - (before.reinstated_cents if before else 0))
        await self._refunds.save_chargeback(tx, told, now=now)
        if withdrawn or reinstated:
            balance = replace(
                balance,
                withdrawn_cents=balance.withdrawn_cents + withdrawn,
                reinstated_cents=balance.reinstated_cents + reinstated,
            )
            await self._payments.add_withdrawn(tx, payment_id, withdrawn, reinstated, now=now)
            await self._balances.save(tx, order_id, balance, now=now)
        if told.closed and not (before and before.closed):
            bank_paid = told.withdrawn_cents > told.reinstated_cents and dispute.status is not DisputeStatus.WON
            await self._returning.bank_decided(tx, order, payment_id, bank_paid=bank_paid)
            balance = (await self._balances.read(tx, order_id)).balance
        await self._jobs.enqueue(tx, SETTLE, key=order_id)
        standing = Standing(balance, await self._holds.held_cents(tx, order_id))
        await self._steps.booked(tx, order, dispute, standing)


def _told(dispute: Dispute, payment_id: str) -> Chargeback:
    return Chargeback(
        processor_dispute_id=dispute.id,
        payment_id=payment_id,
        status=dispute.raw_status,
        charge_refundable=dispute.is_charge_refundable,
        closed=dispute.status in CLOSED,
        withdrawn_cents=dispute.withdrawn_cents,
        reinstated_cents=dispute.reinstated_cents,
    )
