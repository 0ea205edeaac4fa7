"""Payments and balances, read and written. Whoever writes holds the order's row."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from callsheet.sql.booking_money import Queries
from server.booking.money import rows
from server.booking.money.payment import Payment, PaymentStatus
from server.booking.money.settlement import Release
from server.booking.refunds import Balance
from server.core.db import Tx, load_queries
from server.core.errors import StaleVersion

_queries = load_queries("server.booking.money", Queries)


@dataclass(frozen=True, slots=True)
class Books:
    """An order's balance and what of it is released; `opened` once something was captured."""

    balance: Balance
    release: Release
    opened: bool

    def with_captured(self, first: Balance) -> Balance:
        """The order's own price on top of what came late before, and went back."""
        late = self.balance
        return replace(
            first,
            charged_cents=first.charged_cents + late.charged_cents,
            refunded_cents=late.refunded_cents,
            tip_cents=first.tip_cents + late.tip_cents,
            tip_returned_cents=late.tip_returned_cents,
            withdrawn_cents=late.withdrawn_cents,
            reinstated_cents=late.reinstated_cents,
        )


class PaymentRepository:
    """What buyers pay."""

    async def of_order(self, tx: Tx, order_id: str) -> list[Payment]:
        return [rows.payment(row) for row in await _queries.payments_of(tx, order_id=order_id)]

    async def order_of(self, tx: Tx, payment_id: str) -> str | None:
        row = await _queries.payment_order(tx, payment_id=payment_id)
        return None if row is None else row["order_id"]

    async def insert(self, tx: Tx, payment: Payment, *, now: datetime) -> None:
        await _queries.insert_payment(
            tx,
            payment_id=payment.payment_id,
            order_id=payment.order_id,
            sequence=payment.sequence,
            purpose=payment.purpose,
            amount_cents=payment.amount_cents,
            subtotal_cents=payment.subtotal_cents,
            tip_cents=payment.tip_cents,
            currency=payment.currency,
            payment_method_id=payment.payment_method_id or None,
            now=now,
        )

    async def save(self, tx: Tx, before: Payment, after: Payment, *, now: datetime) -> None:
        """Writes a step; StaleVersion where the payment is no longer where it was decided from."""
        saved = await _queries.save_payment(
            tx,
            payment_id=after.payment_id,
            expected=before.status,
            status=after.status,
            captured_cents=after.captured_cents,
            stripe_payment_intent_id=after.intent_id or None,
            stripe_charge_id=after.charge_id or None,
            capture_before=after.capture_before,
            failure_code=after.failure_code or None,
            given_up_at=after.given_up_at,
            late=after.late,
            captured_at=now if after.status is PaymentStatus.CAPTURED else None,
            now=now,
        )
        if saved is None:
            raise StaleVersion(after.payment_id, 0)

    async def add_refunded(self, tx: Tx, payment_id: str, cents: int, *, now: datetime) -> None:
        await _queries.add_refunded(tx, payment_id=payment_id, cents=cents, now=now)

    async def add_withdrawn(self, tx: Tx, payment_id: str, withdrawn: int, reinstated: int, *, now: datetime) -> None:
        await _queries.add_withdrawn(
            tx, payment_id=payment_id, withdrawn_cents=withdrawn, reinstated_cents=reinstated, now=now
        )

    async def name_principal(self, tx: Tx, payment: Payment) -> None:
        await _queries.name_principal(tx, order_id=payment.order_id, stripe_payment_intent_id=payment.intent_id)

    async def keep_promise(self, tx: Tx, order_id: str, payment_method_id: str, *, now: datetime) -> None:
        await _queries.keep_promise(tx, order_id=order_id, payment_method_id=payment_method_id, now=now)

    async def promise(self, tx: Tx, order_id: str) -> str:
        """The card that an order is to be charged to; empty where none was promised."""
        row = await _queries.promise_of(tx, order_id=order_id)
        return "" if row is None else row["payment_method_id"]

    async def strays(self, tx: Tx, *, before: datetime, limit: int) -> list[str]:
        return [row["payment_id"] for row in await _queries.stray_payments(tx, before=before, limit=limit)]

    async def touch(self, tx: Tx, payment_id: str, *, now: datetime) -> None:
        await _queries.touch_payment(tx, payment_id=payment_id, now=now)


class BalanceRepository:
    """The guarded row behind everything that goes back or goes out."""

    async def read(self, tx: Tx, order_id: str) -> Books:
        row = await _queries.balance_of(tx, order_id=order_id)
        return Books(rows.balance(row), rows.release(row), row is not None)

    async def lock(self, tx: Tx, order_id: str) -> Books:
        row = await _queries.lock_balance(tx, order_id=order_id)
        return Books(rows.balance(row), rows.release(row), row is not None)

    async def open(self, tx: Tx, order_id: str, *, now: datetime) -> None:
        await _queries.insert_balance(tx, order_id=order_id, now=now)

    async def save(self, tx: Tx, order_id: str, balance: Balance, *, now: datetime) -> None:
        await _queries.save_balance(
            tx,
            order_id=order_id,
            charged_cents=balance.charged_cents,
            refunded_cents=balance.refunded_cents,
            subtotal_cents=balance.subtotal_cents,
            subtotal_returned_cents=balance.subtotal_returned_cents,
            fee_cents=balance.fee.amount_cents,
            fee_returned_cents=balance.fee.returned_cents,
            fee_forfeited_cents=balance.fee.forfeited_cents,
            credit_cents=balance.credit.amount_cents,
            credit_returned_cents=balance.credit.returned_cents,
            credit_forfeited_cents=balance.credit.forfeited_cents,
            tax_cents=balance.tax.amount_cents,
            tax_returned_cents=balance.tax.returned_cents,
            tax_forfeited_cents=balance.tax.forfeited_cents,
            commission_cents=balance.commission.amount_cents,
            commission_returned_cents=balance.commission.returned_cents,
            tip_cents=balance.tip_cents,
            tip_returned_cents=balance.tip_returned_cents,
            withdrawn_cents=balance.withdrawn_cents,
            reinstated_cents=balance.reinstated_cents,
            transferred_cents=balance.transferred_cents,
            reversed_cents=balance.reversed_cents,
            now=now,
        )

    async def release_milestone(self, tx: Tx, order_id: str, milestone_id: str, cents: int, *, now: datetime) -> None:
        await _queries.release_subtotal(tx, order_id=order_id, milestone_id=milestone_id, amount_cents=cents, now=now)

    async def release_whole(self, tx: Tx, order_id: str, at: datetime, *, now: datetime) -> None:
        await _queries.release_whole(tx, order_id=order_id, at=at, now=now)

    async def owing_to(self, tx: Tx, provider_user_id: str) -> Sequence[str]:
        return [row["order_id"] for row in await _queries.owing_to(tx, provider_user_id=provider_user_id)]

    async def to_settle(self, tx: Tx, *, now: datetime, limit: int) -> Sequence[str]:
        return [row["order_id"] for row in await _queries.orders_to_settle(tx, now=now, limit=limit)]
