"""Transfers, their reversals, debts and payees, read and written. Whoever writes holds the order's row."""

from dataclasses import dataclass
from datetime import datetime

from callsheet.sql.booking_money import Queries
from server.booking.money import rows
from server.booking.money.moves import Debt, MoveStatus, Transfer, TransferReversal
from server.core.db import Tx, load_queries

_queries = load_queries("server.booking.money", Queries)


@dataclass(frozen=True, slots=True)
class Payee:
    """How a provider is paid."""

    account_id: str
    enabled: bool
    time_zone: str


@dataclass(frozen=True, slots=True)
class MonthEarnings:
    """What a provider was paid in one month and one currency."""

    month: str
    currency: str
    transferred_cents: int
    reversed_cents: int
    transfers: int


class PayoutRepository:
    """What goes out to providers, and what they owe."""

    async def transfers(self, tx: Tx, order_id: str) -> list[Transfer]:
        return [rows.transfer(row) for row in await _queries.transfers_of(tx, order_id=order_id)]

    async def order_of_transfer(self, tx: Tx, transfer_id: str) -> str | None:
        row = await _queries.transfer_order(tx, transfer_id=transfer_id)
        return None if row is None else row["order_id"]

    async def insert_transfer(self, tx: Tx, transfer: Transfer, milestone_id: str, *, now: datetime) -> None:
        await _queries.insert_transfer(
            tx,
            transfer_id=transfer.transfer_id,
            order_id=transfer.order_id,
            payment_id=transfer.payment_id,
            milestone_id=milestone_id or None,
            provider_user_id=transfer.provider_user_id,
            amount_cents=transfer.amount_cents,
            currency=transfer.currency,
            now=now,
        )

    async def settle_transfer(
        self, tx: Tx, transfer_id: str, status: MoveStatus, processor_id: str, reason: str, *, now: datetime
    ) -> bool:
        """Writes what came of a transfer; whether that was news."""
        settled = await _queries.settle_transfer(
            tx,
            transfer_id=transfer_id,
            status=status,
            stripe_transfer_id=processor_id or None,
            failure_reason=reason or None,
            settled_at=now if status is MoveStatus.SUCCEEDED else None,
            now=now,
        )
        return settled is not None

    async def reversals(self, tx: Tx, order_id: str) -> list[TransferReversal]:
        return [rows.reversal(row) for row in await _queries.reversals_of(tx, order_id=order_id)]

    async def reversal(self, tx: Tx, reversal_id: str) -> tuple[TransferReversal, str, str, str] | None:
        """A reversal with its order, its provider and its currency."""
        row = await _queries.reversal(tx, reversal_id=reversal_id)
        return None if row is None else (rows.reversal(row), row["order_id"], row["provider_user_id"], row["currency"])

    async def insert_reversal(self, tx: Tx, reversal: TransferReversal, *, now: datetime) -> None:
        """Begins a reversal, and counts it with its transfer."""
        await _queries.insert_reversal(
            tx,
            reversal_id=reversal.reversal_id,
            transfer_id=reversal.transfer_id,
            amount_cents=reversal.amount_cents,
            debt_id=reversal.debt_id or None,
            now=now,
        )
        await _queries.add_reversed(tx, transfer_id=reversal.transfer_id, cents=reversal.amount_cents, now=now)

    async def settle_reversal(
        self, tx: Tx, reversal: TransferReversal, status: MoveStatus, processor_id: str, reason: str, *, now: datetime
    ) -> bool:
        """Writes what came of a reversal, and what of its transfer is with the provider again; whether it was news."""
        settled = await _queries.settle_reversal(
            tx,
            reversal_id=reversal.reversal_id,
            status=status,
            stripe_reversal_id=processor_id or None,
            failure_reason=reason or None,
            settled_at=now if status is MoveStatus.SUCCEEDED else None,
            now=now,
        )
        if settled is not None and status is MoveStatus.FAILED:
            await _queries.add_reversed(tx, transfer_id=reversal.transfer_id, cents=-reversal.amount_cents, now=now)
        return settled is not None

    async def debts(self, tx: Tx, order_id: str) -> list[Debt]:
        return [rows.debt(row) for row in await _queries.debts_of(tx, order_id=order_id)]

    async def open_debts(self, tx: Tx, provider_user_id: str, *, limit: int) -> list[str]:
        found = await _queries.open_debts_of_provider(tx, provider_user_id=provider_user_id, limit=limit)
        return [row["debt_id"] for row in found]

    async def order_of_debt(self, tx: Tx, debt_id: str) -> str | None:
        row = await _queries.debt_order(tx, debt_id=debt_id)
        return None if row is None else row["order_id"]

    async def insert_debt(self, tx: Tx, debt: Debt, cause_id: str, *, now: datetime) -> None:
        await _queries.insert_debt(
            tx,
            debt_id=debt.debt_id,
            provider_user_id=debt.provider_user_id,
            order_id=debt.order_id,
            cause_id=cause_id,
            amount_cents=debt.amount_cents,
            currency=debt.currency,
            now=now,
        )

    async def add_to_debt(
        self, tx: Tx, debt_id: str, *, paid_cents: int = 0, forgiven_cents: int = 0, now: datetime
    ) -> None:
        await _queries.add_to_debt(tx, debt_id=debt_id, paid_cents=paid_cents, forgiven_cents=forgiven_cents, now=now)

    async def newest_release(self, tx: Tx, order_id: str) -> str:
        """The milestone that was approved last; empty where there is none."""
        row = await _queries.newest_release(tx, order_id=order_id)
        return "" if row is None else row["milestone_id"]

    async def failures(self, tx: Tx, order_id: str) -> tuple[int, datetime | None]:
        """How often a payout of an order failed, and when it last did."""
        row = await _queries.failed_transfers(tx, order_id=order_id)
        return (0, None) if row is None else (row["failures"], row["last_at"])

    async def payee(self, tx: Tx, provider_user_id: str) -> Payee | None:
        row = await _queries.payee(tx, provider_user_id=provider_user_id)
        if row is None:
            return None
        return Payee(row["stripe_account_id"] or "", row["payouts_enabled"], row["time_zone"])

    async def earnings(
        self, tx: Tx, provider_user_id: str, time_zone: str, *, after: tuple[str, str] | None, limit: int
    ) -> list[MonthEarnings]:
        """A provider's months in that zone, the newest first, following one of them."""
        month, currency = after or (None, None)
        found = await _queries.earnings(
            tx,
            provider_user_id=provider_user_id,
            time_zone=time_zone,
            before_month=month,
            after_currency=currency,
            limit=limit,
        )
        return [
            MonthEarnings(
                row["month"], row["currency"], row["transferred_cents"], row["reversed_cents"], row["transfers"]
            )
            for row in found
        ]

    async def keep_account(self, tx: Tx, provider_user_id: str, account_id: str, *, now: datetime) -> str | None:
        """Keeps a provider's account; the one that stands, or none where there is no such provider."""
        row = await _queries.keep_account(tx, provider_user_id=provider_user_id, stripe_account_id=account_id, now=now)
        return None if row is None else row["stripe_account_id"]

    async def set_enabled(self, tx: Tx, account_id: str, *, enabled: bool, now: datetime) -> str | None:
        """Writes whether an account can be paid to; whose it is, where that was news."""
        row = await _queries.set_payouts_enabled(tx, stripe_account_id=account_id, payouts_enabled=enabled, now=now)
        return None if row is None else row["provider_user_id"]
