"""The stories of a payment into a budget, and of a request for what is left."""

from callsheet.sql.promo_telling import Queries
from server.core.db import Record, Tx, load_queries
from server.core.story import Entry, Story, Sum, job_entries
from server.payments.ports import History
from server.promo.domain.topup import TopUp
from server.promo.domain.withdrawal import Withdrawal, WithdrawalStatus
from server.promo.topups.repository import TopUpRepository
from server.promo.withdrawals.repository import WithdrawalRepository

_queries = load_queries("server.promo.telling", Queries)


class TopUpTeller:
    """Tells a payment's steps, its calls and events at the processor, and what was taken back of it."""

    def __init__(self, topups: TopUpRepository, processor: History) -> None:
        self._topups = topups
        self._processor = processor

    async def tell(self, tx: Tx, identifier: str) -> Story | None:
        topup = await self._topups.get(tx, identifier)
        if topup is None:
            return None
        return Story(
            title=f"payment {topup.topup_id}: {topup.status}",
            facts=_facts_of_topup(topup),
            entries=[
                *await _steps(tx, identifier),
                *[_taken(row) for row in await _queries.receivables_of(tx, topup_id=identifier)],
                *[_settled(row) for row in await _queries.settlements_of(tx, topup_id=identifier)],
                *await self._processor.entries(tx, identifier),
                *await job_entries(tx, identifier),
            ],
            sums=await self._sums(tx, identifier),
        )

    async def _sums(self, tx: Tx, topup_id: str) -> list[Sum]:
        row = await _queries.sums_of_topup(tx, topup_id=topup_id)
        if row is None or not row["booked"]:
            return []
        return [Sum("what was paid = its entry", row["paid_cents"], row["booked_cents"])]


class WithdrawalTeller:
    """Tells a request's steps, what the click stream made of it, and what became of each refund."""

    def __init__(self, withdrawals: WithdrawalRepository, processor: History) -> None:
        self._withdrawals = withdrawals
        self._processor = processor

    async def tell(self, tx: Tx, identifier: str) -> Story | None:
        withdrawal = await self._withdrawals.get(tx, identifier)
        if withdrawal is None:
            return None
        debit = await _queries.debit_of(tx, debit_id=withdrawal.debit_id)
        return Story(
            title=f"withdrawal {withdrawal.withdrawal_id}: {withdrawal.status}",
            facts=_facts_of_withdrawal(withdrawal),
            entries=[
                *await _steps(tx, identifier),
                *([_decided(debit)] if debit else []),
                *await self._processor.entries(tx, identifier),
                *await job_entries(tx, identifier),
            ],
            sums=_sums_of_withdrawal(withdrawal, debit),
        )


async def _steps(tx: Tx, subject_id: str) -> list[Entry]:
    return [
        Entry(
            row["created_at"],
            f"{row['event']}: {row['from_status'] or '–'} → {row['to_status']}",
            row["actor_user_id"] or "",
        )
        for row in await _queries.history_of(tx, subject_id=subject_id)
    ]


def _facts_of_topup(topup: TopUp) -> list[tuple[str, str]]:
    refusal = topup.refusal
    return [
        ("campaign", topup.campaign_id),
        ("payer", topup.payer_user_id),
        ("amount", f"{topup.amount_cents}, {topup.cause}"),
        ("processor", " · ".join(part for part in (topup.payment_intent_id, topup.charge_id) if part) or "–"),
        ("entry", topup.entry_id or "–"),
        ("refused", " · ".join(part for part in (refusal.code, refusal.decline_code) if part) if refusal else "–"),
        ("version", f"{topup.version}"),
    ]


def _facts_of_withdrawal(withdrawal: Withdrawal) -> list[tuple[str, str]]:
    parts = [
        (
            "part",
            f"{part.amount_cents} to {part.charge_id} of {part.topup_id}: {part.status}"
            + "".join(f" · {told}" for told in (part.refund_id, part.failure_code, part.restored_entry_id) if told),
        )
        for part in withdrawal.parts
    ]
    return [
        ("campaign", withdrawal.campaign_id),
        ("asked by", withdrawal.requested_by),
        ("amount", f"{withdrawal.amount_cents}"),
        *parts,
        ("version", f"{withdrawal.version}"),
    ]


def _taken(row: Record) -> Entry:
    what = f"taken back -{row['taken_cents']}"
    return Entry(row["updated_at"], what + f", of it again +{row['returned_cents']}", row["processor_ref"])


def _settled(row: Record) -> Entry:
    return Entry(
        row["at"],
        f"settlement {row['method']} {row['status']} {row['amount_cents']}",
        f"{row['settlement_id']} · {row['reason']}",
    )


def _decided(row: Record) -> Entry:
    place = f"log {row['log_partition']}:{row['log_offset']}"
    return Entry(row["decided_at"], f"the stream: {row['outcome']}", " · ".join(filter(None, (row["entry_id"], place))))


def _sums_of_withdrawal(withdrawal: Withdrawal, debit: Record | None) -> list[Sum]:
    shared = Sum("parts = what was asked", sum(part.amount_cents for part in withdrawal.parts), withdrawal.amount_cents)
    refunds = withdrawal.status in (WithdrawalStatus.REFUNDING, WithdrawalStatus.COMPLETED)
    if debit is None or not refunds:
        return [shared]
    return [shared, Sum("taken by the stream = what was asked", debit["taken_cents"], withdrawal.amount_cents)]
