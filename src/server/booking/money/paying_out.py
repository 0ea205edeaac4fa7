"""Paying providers: transfers of what is released, reversals of what is too much, debts where a balance is short.

Everything here follows from the rows and is asked again after whatever changes them, so it needs no memory of its own:
what a killed worker left undone is found to be due again, and what it left under way counts as done.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

import structlog

from server.adapters.stripe.objects import Transfer as ProcessorTransfer
from server.adapters.stripe.requests import CreateTransfer, ReverseTransfer
from server.booking.book import OrderBook
from server.booking.domain.order import Order, Status
from server.booking.money.moves import Debt, MoveStatus, Transfer, TransferReversal
from server.booking.money.out_rows import Payee, PayoutRepository
from server.booking.money.payment import Payment
from server.booking.money.repository import BalanceRepository, Books, PaymentRepository
from server.booking.money.settlement import Part, from_newest, settlement
from server.booking.money.timers import ANSWERED, COLLECT_DEBT, SETTLE
from server.booking.refunds import Balance
from server.core.clock import Clock
from server.core.crash import point
from server.core.db import Database, Tx
from server.core.ids import Ids
from server.core.jobs import Jobs
from server.payments.ports import CallBook, Owner, Park, SliceName
from server.support.ports import Holds

TRANSFER: Final = "transfer"
REVERSAL: Final = "reversal"
FIRST_PAUSE: Final = timedelta(minutes=1)
LONGEST_PAUSE: Final = timedelta(days=1)
DEBTS_AT_ONCE: Final = 20


class PayingOut:
    """The payouts of orders, each in a transaction of its own."""

    def __init__(
        self,
        database: Database,
        book: OrderBook,
        payments: PaymentRepository,
        balances: BalanceRepository,
        payouts: PayoutRepository,
        holds: Holds,
        calls: CallBook,
        jobs: Jobs,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._database = database
        self._book = book
        self._payments = payments
        self._balances = balances
        self._payouts = payouts
        self._holds = holds
        self._calls = calls
        self._jobs = jobs
        self._clock = clock
        self._ids = ids
        self._log = structlog.get_logger("booking.money")

    async def settle(self, order_id: str) -> None:
        """Begins whatever an order has to pay out or to take back. Twice, or late: what is then still due."""
        await self._database.run(lambda tx: self._settle(tx, order_id))
        await point("booking.payout_settled")

    async def _settle(self, tx: Tx, order_id: str) -> None:
        order = await self._book.lock(tx, order_id)
        payments = await self._payments.of_order(tx, order_id)
        books = await self._balances.lock(tx, order_id)
        if not books.opened:
            return
        now = self._clock.now()
        transfers = await self._payouts.transfers(tx, order_id)
        debts = await self._payouts.debts(tx, order_id)
        due = settlement(
            books.balance,
            books.release,
            payments,
            transfers,
            debts,
            held_cents=await self._holds.held_cents(tx, order_id),
            disputed=order.status is Status.DISPUTED,
            now=now,
        )
        sent = await self._send(tx, order, payments, due.transfers)
        back = await self._take_back(tx, transfers, due.reversals)
        for part in due.forgiven:
            await self._payouts.add_to_debt(tx, part.source_id, forgiven_cents=part.amount_cents, now=now)
        await self._count(tx, order_id, books.balance, sent, back)
        await self._wake(tx, order_id, books)

    async def _send(self, tx: Tx, order: Order, payments: Sequence[Payment], parts: Sequence[Part]) -> int:
        payee = await self._payouts.payee(tx, order.provider_user_id)
        if not parts or payee is None or not payee.enabled or await self._pauses(tx, order.order_id):
            return 0
        milestone = await self._payouts.newest_release(tx, order.order_id)
        of = {payment.payment_id: payment for payment in payments}
        for part in parts:
            await self._transfer(tx, order, of[part.source_id], part.amount_cents, payee, milestone)
        return sum(part.amount_cents for part in parts)

    async def _transfer(
        self, tx: Tx, order: Order, payment: Payment, cents: int, payee: Payee, milestone_id: str
    ) -> None:
        transfer = Transfer(
            transfer_id=self._ids.new("trf"),
            order_id=order.order_id,
            payment_id=payment.payment_id,
            charge_id=payment.charge_id,
            provider_user_id=order.provider_user_id,
            status=MoveStatus.PENDING,
            amount_cents=cents,
            reversed_cents=0,
            currency=payment.currency,
            created_at=self._clock.now(),
        )
        await self._payouts.insert_transfer(tx, transfer, milestone_id, now=self._clock.now())
        await self._calls.store(
            tx,
            CreateTransfer(
                amount_cents=cents,
                currency=payment.currency,
                account_id=payee.account_id,
                source_charge_id=payment.charge_id,
                transfer_group=order.order_id,
                metadata={"order_id": order.order_id, "transfer_id": transfer.transfer_id},
            ),
            key=f"transfer:{transfer.transfer_id}",
            owner=Owner(SliceName.BOOKING, TRANSFER, transfer.transfer_id),
            reply=ANSWERED,
        )

    async def _take_back(self, tx: Tx, transfers: Sequence[Transfer], parts: Sequence[Part], debt_id: str = "") -> int:
        of = {transfer.transfer_id: transfer for transfer in transfers}
        for part in parts:
            reversal = TransferReversal(
                reversal_id=self._ids.new("trv"),
                transfer_id=part.source_id,
                status=MoveStatus.PENDING,
                amount_cents=part.amount_cents,
                created_at=self._clock.now(),
                debt_id=debt_id,
            )
            await self._payouts.insert_reversal(tx, reversal, now=self._clock.now())
            await self._calls.store(
                tx,
                ReverseTransfer(
                    transfer_id=of[part.source_id].processor_id,
                    amount_cents=part.amount_cents,
                    metadata={"reversal_id": reversal.reversal_id},
                ),
                key=f"reverse:{reversal.reversal_id}",
                owner=Owner(SliceName.BOOKING, REVERSAL, reversal.reversal_id),
                reply=ANSWERED,
            )
        return sum(part.amount_cents for part in parts)

    async def _pauses(self, tx: Tx, order_id: str) -> bool:
        """Whether payouts of the order failed lately: each failure makes the next attempt wait twice as long, a day at
        most.
        """
        failures, last_at = await self._payouts.failures(tx, order_id)
        if last_at is None:
            return False
        again = last_at + min(FIRST_PAUSE * (1 << min(failures, 16)), LONGEST_PAUSE)
        if again <= self._clock.now():
            return False
        await self._jobs.enqueue(tx, SETTLE, key=order_id, run_at=again)
        return True

    async def _count(self, tx: Tx, order_id: str, balance: Balance, sent: int, back: int) -> None:
        if sent or back:
            await self._balances.save(tx, order_id, moved(balance, sent, back), now=self._clock.now())

    async def _wake(self, tx: Tx, order_id: str, books: Books) -> None:
        """What is released at a later instant is looked at again then."""
        later = books.release.whole_from
        if later is not None and later > self._clock.now():
            await self._jobs.enqueue(tx, SETTLE, key=order_id, run_at=later)

    async def transfer_answered(self, tx: Tx, transfer_id: str, processor_id: str, failure: str) -> None:
        """Writes what came of a transfer. Where it failed the provider has not got it, and it is due again; where it
        arrived, what they owe can be taken from it.
        """
        order_id = await self._payouts.order_of_transfer(tx, transfer_id)
        if order_id is None:
            return
        await self._book.lock(tx, order_id)
        transfers = await self._payouts.transfers(tx, order_id)
        transfer = next(one for one in transfers if one.transfer_id == transfer_id)
        status = MoveStatus.FAILED if failure else MoveStatus.SUCCEEDED
        balance = (await self._balances.lock(tx, order_id)).balance
        now = self._clock.now()
        if not await self._payouts.settle_transfer(tx, transfer_id, status, processor_id, failure, now=now):
            return
        if failure:
            self._log.error("a payout failed", order_id=order_id, transfer_id=transfer_id, code=failure)
            await self._balances.save(tx, order_id, moved(balance, -transfer.amount_cents, 0), now=now)
        for debt_id in await self._payouts.open_debts(tx, transfer.provider_user_id, limit=DEBTS_AT_ONCE):
            await self._jobs.enqueue(tx, COLLECT_DEBT, key=debt_id)
        await self._jobs.enqueue(tx, SETTLE, key=order_id)

    async def arrived(self, transfer_id: str, found: ProcessorTransfer) -> None:
        """An event tells that a transfer was made, perhaps before its call's answer does. Park where more of it was
        taken back than we ever asked for: somebody did that at the processor itself.
        """

        async def work(tx: Tx) -> int:
            await self.transfer_answered(tx, transfer_id, found.id, "")
            order_id = await self._payouts.order_of_transfer(tx, transfer_id)
            transfers = await self._payouts.transfers(tx, order_id) if order_id else []
            return sum(one.reversed_cents for one in transfers if one.transfer_id == transfer_id)

        if found.amount_reversed_cents > await self._database.run(work):
            raise Park("taken back past us")

    async def reversal_answered(self, tx: Tx, reversal_id: str, processor_id: str, failure: str) -> None:
        """Writes what came of a reversal. What the provider could not give back they owe from now on."""
        found = await self._payouts.reversal(tx, reversal_id)
        if found is None:
            return
        reversal, order_id, provider, currency = found
        await self._book.lock(tx, order_id)
        balance = (await self._balances.lock(tx, order_id)).balance
        status, now = (MoveStatus.FAILED if failure else MoveStatus.SUCCEEDED), self._clock.now()
        if not await self._payouts.settle_reversal(tx, reversal, status, processor_id, failure, now=now):
            return
        if failure:
            await self._balances.save(tx, order_id, moved(balance, 0, -reversal.amount_cents), now=now)
        if failure and not reversal.debt_id:
            debt = Debt(
                debt_id=self._ids.new("pdt"),
                order_id=order_id,
                provider_user_id=provider,
                amount_cents=reversal.amount_cents,
                paid_cents=0,
                forgiven_cents=0,
                currency=currency,
            )
            await self._payouts.insert_debt(tx, debt, reversal_id, now=now)
        elif reversal.debt_id and not failure:
            await self._payouts.add_to_debt(tx, reversal.debt_id, paid_cents=reversal.amount_cents, now=now)
        await self._jobs.enqueue(tx, SETTLE, key=order_id)

    async def collect(self, debt_id: str) -> None:
        """Takes what is still owed of a debt back from the transfers of its order, now that the provider has money."""

        async def work(tx: Tx) -> None:
            order_id = await self._payouts.order_of_debt(tx, debt_id)
            if order_id is None:
                return
            await self._book.lock(tx, order_id)
            balance = (await self._balances.lock(tx, order_id)).balance
            transfers = await self._payouts.transfers(tx, order_id)
            debt = next(one for one in await self._payouts.debts(tx, order_id) if one.debt_id == debt_id)
            owed = min(debt.open_cents, balance.to_reverse_cents)
            back = await self._take_back(tx, transfers, from_newest(transfers, owed), debt_id)
            await self._count(tx, order_id, balance, 0, back)

        await self._database.run(work)


def moved(balance: Balance, sent: int, back: int) -> Balance:
    """The balance after so much went out, and so much came back; less than nothing where it did not after all."""
    return replace(
        balance, transferred_cents=balance.transferred_cents + sent, reversed_cents=balance.reversed_cents + back
    )
