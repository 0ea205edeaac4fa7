"""Looks at what nobody heard of: a lost webhook, a job that a person had to hold, an hour that the network was away."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import structlog

from server.adapters.stripe.failures import ProcessorFailure
from server.booking.money.back_rows import RefundRepository
from server.booking.money.beginning import Beginning
from server.booking.money.looking import Looking
from server.booking.money.moves import RefundStatus
from server.booking.money.repository import BalanceRepository, PaymentRepository
from server.booking.money.returning import Returning
from server.booking.money.timers import SETTLE
from server.core.clock import Clock
from server.core.db import Database, Tx
from server.core.errors import Failure
from server.core.jobs import Jobs
from server.payments.ports import Park

QUIET: Final = timedelta(hours=1)
AT_ONCE: Final = 100


class Sweeping:
    """The sweeper for strays. What it finds goes through the same steps as an answer or an event."""

    def __init__(
        self,
        database: Database,
        payments: PaymentRepository,
        refunds: RefundRepository,
        balances: BalanceRepository,
        beginning: Beginning,
        looking: Looking,
        returning: Returning,
        jobs: Jobs,
        clock: Clock,
    ) -> None:
        self._database = database
        self._payments = payments
        self._refunds = refunds
        self._balances = balances
        self._beginning = beginning
        self._looking = looking
        self._returning = returning
        self._jobs = jobs
        self._clock = clock
        self._log = structlog.get_logger("booking.money")

    async def sweep(self) -> None:
        """One round, the longest untouched first; what cannot be settled now is touched, and comes up again later."""
        before = self._clock.now() - QUIET
        async with self._database.read() as tx:
            payments = await self._payments.strays(tx, before=before, limit=AT_ONCE)
            refunds = await self._refunds.strays(tx, before=before, limit=AT_ONCE)
            due = await self._balances.to_settle(tx, now=self._clock.now(), limit=AT_ONCE)
        for payment_id in payments:
            await self._payment(payment_id)
        for refund_id in refunds:
            await self._refund(refund_id)
        await self._database.run(lambda tx: self._settle(tx, due))

    async def _settle(self, tx: Tx, order_ids: Sequence[str]) -> None:
        for order_id in order_ids:
            await self._jobs.enqueue(tx, SETTLE, key=order_id)

    async def _payment(self, payment_id: str) -> None:
        now = self._clock.now()
        await self._database.run(lambda tx: self._payments.touch(tx, payment_id, now=now))
        try:
            intent_id = await self._intent_of(payment_id)
            if intent_id:
                await self._looking.look_up(payment_id, intent_id)
            else:
                await self._beginning.begin(payment_id)
        except (Park, Failure, ProcessorFailure) as error:
            self._log.warning("a payment stays where it is", payment_id=payment_id, why=type(error).__name__)

    async def _refund(self, refund_id: str) -> None:
        now = self._clock.now()
        await self._database.run(lambda tx: self._refunds.touch(tx, refund_id, now=now))
        async with self._database.read() as tx:
            piece = await self._refunds.get(tx, refund_id)
        if piece is None or piece.status is RefundStatus.RESERVED or not piece.processor_id:
            # Its call is not settled: whoever sweeps calls makes it again.
            return
        try:
            await self._returning.look_up(refund_id, piece.processor_id)
        except (Park, Failure, ProcessorFailure) as error:
            self._log.warning("a refund stays where it is", refund_id=refund_id, why=type(error).__name__)

    async def _intent_of(self, payment_id: str) -> str:
        async with self._database.read() as tx:
            order_id = await self._payments.order_of(tx, payment_id)
            payments = await self._payments.of_order(tx, order_id) if order_id else []
        return next((payment.intent_id for payment in payments if payment.payment_id == payment_id), "")
