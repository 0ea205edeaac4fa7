"""The `Money` that the steps of an order ask, in front of those who take, give back and pay out."""

from datetime import datetime

from server.booking.domain.order import Order
from server.booking.money.crediting import OrderCredit
from server.booking.money.giving_back import GivingBack, decided
from server.booking.money.port import Extra, RefundAsk, Refunded, Standing
from server.booking.money.repository import BalanceRepository
from server.booking.money.taking import Taking
from server.booking.money.timers import SETTLE
from server.booking.refunds import Refund
from server.core.clock import Clock
from server.core.db import Tx
from server.core.jobs import Jobs
from server.support.ports import Holds


class Purse:
    """The money of orders. Begins and commits nothing."""

    def __init__(
        self,
        taking: Taking,
        giving_back: GivingBack,
        credit: OrderCredit,
        balances: BalanceRepository,
        holds: Holds,
        jobs: Jobs,
        clock: Clock,
    ) -> None:
        self._taking = taking
        self._giving_back = giving_back
        self._credit = credit
        self._balances = balances
        self._holds = holds
        self._jobs = jobs
        self._clock = clock

    async def redeem(self, tx: Tx, order: Order) -> None:
        await self._credit.redeem(tx, order)

    async def promise_card(self, tx: Tx, order: Order, payment_method_id: str) -> None:
        await self._taking.promise_card(tx, order, payment_method_id)

    async def authorise(self, tx: Tx, order: Order) -> bool:
        return await self._taking.authorise(tx, order)

    async def collect(self, tx: Tx, order: Order) -> None:
        await self._taking.collect(tx, order)

    async def give_up(self, tx: Tx, order: Order) -> None:
        await self._taking.give_up(tx, order)

    async def charge_extra(self, tx: Tx, order: Order, extra: Extra) -> str:
        return await self._taking.charge_extra(tx, order, extra)

    async def refund(self, tx: Tx, order: Order, ask: RefundAsk) -> Refunded:
        return await self._giving_back.refund(tx, order, ask)

    async def preview(self, tx: Tx, order: Order, ask: RefundAsk) -> Refund:
        balance = (await self._balances.read(tx, order.order_id)).balance
        return decided(order.order_id, balance, ask)[1]

    async def release_milestone(self, tx: Tx, order: Order, milestone_id: str, amount_cents: int) -> None:
        await self._balances.lock(tx, order.order_id)
        now = self._clock.now()
        await self._balances.release_milestone(tx, order.order_id, milestone_id, amount_cents, now=now)
        await self._jobs.enqueue(tx, SETTLE, key=order.order_id)

    async def release(self, tx: Tx, order: Order, *, at: datetime | None = None) -> None:
        now = self._clock.now()
        await self._balances.lock(tx, order.order_id)
        await self._balances.release_whole(tx, order.order_id, at or now, now=now)
        await self._jobs.enqueue(tx, SETTLE, key=order.order_id, run_at=at)

    async def look_again(self, tx: Tx, order_id: str) -> None:
        await self._jobs.enqueue(tx, SETTLE, key=order_id)

    async def standing(self, tx: Tx, order_id: str) -> Standing:
        balance = (await self._balances.lock(tx, order_id)).balance
        return Standing(balance, await self._holds.held_cents(tx, order_id))
