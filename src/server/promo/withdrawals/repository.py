"""Rows of requests for what is left, and of their parts."""

from collections.abc import Sequence

from callsheet.sql.promo_withdrawals import Queries
from server.core.db import Record, Tx, load_queries
from server.core.errors import StaleVersion
from server.promo.domain.step import Step
from server.promo.domain.withdrawal import (
    PartStatus,
    Refundable,
    Withdrawal,
    WithdrawalEvent,
    WithdrawalPart,
    WithdrawalStatus,
)
from server.promo.errors import WithdrawalOpen
from server.promo.history.repository import History

_queries = load_queries("server.promo.withdrawals", Queries)


class WithdrawalRepository:
    """Reads and writes requests on the caller's transaction, which holds their campaign."""

    def __init__(self, history: History) -> None:
        self._history = history

    async def insert(self, tx: Tx, withdrawal: Withdrawal) -> None:
        """Stores a request with its parts; WithdrawalOpen where another one is not decided yet."""
        stored = await _queries.insert_withdrawal(
            tx,
            withdrawal_id=withdrawal.withdrawal_id,
            campaign_id=withdrawal.campaign_id,
            debit_id=withdrawal.debit_id,
            requested_by=withdrawal.requested_by,
            amount_cents=withdrawal.amount_cents,
            status=withdrawal.status,
            now=withdrawal.created_at,
        )
        if stored is None:
            raise WithdrawalOpen(withdrawal.campaign_id)
        await self._put_parts(tx, withdrawal)
        step = Step(
            withdrawal.withdrawal_id,
            1,
            WithdrawalEvent.REQUEST,
            None,
            withdrawal.status,
            withdrawal.requested_by,
            withdrawal.created_at,
        )
        await self._history.record(tx, step)

    async def save(self, tx: Tx, before: Withdrawal, after: Withdrawal, event: WithdrawalEvent) -> None:
        """Writes a change of a request and its parts; StaleVersion where it is not what it was decided from."""
        saved = await _queries.save_withdrawal(
            tx,
            withdrawal_id=after.withdrawal_id,
            expected_version=before.version,
            status=after.status,
            version=after.version,
            now=after.updated_at,
        )
        if saved is None:
            raise StaleVersion(after.withdrawal_id, after.version)
        await self._put_parts(tx, after)
        step = Step(after.withdrawal_id, after.version, event, before.status, after.status, None, after.updated_at)
        await self._history.record(tx, step)

    async def get(self, tx: Tx, withdrawal_id: str) -> Withdrawal | None:
        rows = await _queries.get_withdrawal(tx, withdrawal_id=withdrawal_id)
        return _withdrawal(rows) if rows else None

    async def refundable(self, tx: Tx, campaign_id: str) -> list[Refundable]:
        """The charges of which something has not gone back, the newest first."""
        rows = await _queries.refundable(tx, campaign_id=campaign_id)
        return [Refundable(row["topup_id"], row["charge_id"], row["left_cents"]) for row in rows]

    async def was_taken(self, tx: Tx, debit_id: str) -> bool | None:
        """Whether the stream took the money; None as long as it has not come to the request."""
        outcome = await _queries.outcome_of(tx, debit_id=debit_id)
        return None if outcome is None else outcome == "applied"

    async def _put_parts(self, tx: Tx, withdrawal: Withdrawal) -> None:
        parts = withdrawal.parts
        await _queries.put_parts(
            tx,
            withdrawal_id=withdrawal.withdrawal_id,
            topup_ids=[part.topup_id for part in parts],
            amounts=[part.amount_cents for part in parts],
            statuses=[part.status.value for part in parts],
            refund_ids=[part.refund_id for part in parts],
            failure_codes=[part.failure_code for part in parts],
            restored_entry_ids=[part.restored_entry_id for part in parts],
            now=withdrawal.updated_at,
        )


def _withdrawal(rows: Sequence[Record]) -> Withdrawal:
    first = rows[0]
    return Withdrawal(
        withdrawal_id=first["withdrawal_id"],
        campaign_id=first["campaign_id"],
        requested_by=first["requested_by"],
        amount_cents=first["asked_cents"],
        status=WithdrawalStatus(first["status"]),
        parts=tuple(_part(row) for row in rows),
        version=first["version"],
        created_at=first["created_at"],
        updated_at=first["updated_at"],
    )


def _part(row: Record) -> WithdrawalPart:
    return WithdrawalPart(
        topup_id=row["topup_id"],
        charge_id=row["charge_id"],
        amount_cents=row["amount_cents"],
        status=PartStatus(row["part_status"]),
        refund_id=row["refund_id"],
        failure_code=row["failure_code"],
        restored_entry_id=row["restored_entry_id"],
    )
