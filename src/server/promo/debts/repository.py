"""Rows of debts and settlements, and what they mean."""

from callsheet.sql.promo_debts import Queries
from server.core.db import Record, Tx, load_queries
from server.promo.domain.debt import Collected, Debt, Settlement, SettlementEvent, SettlementMethod, SettlementStatus
from server.promo.domain.step import Step
from server.promo.history.repository import History

_queries = load_queries("server.promo.debts", Queries)


class DebtRepository:
    """Reads and writes on the caller's transaction, which holds the campaign where it writes."""

    def __init__(self, history: History) -> None:
        self._history = history

    async def get(self, tx: Tx, topup_id: str) -> Debt | None:
        """What is owed for a payment; None where there is no such payment."""
        row = await _queries.get_debt(tx, topup_id=topup_id)
        return None if row is None else _debt(row, await self._settlements(tx, [topup_id]))

    async def page(self, tx: Tx, campaign_id: str, after: str | None, limit: int) -> list[Debt]:
        """A campaign's debts, oldest payment first."""
        rows = await _queries.debts_of(tx, campaign_id=campaign_id, after=after, limit=limit)
        settlements = await self._settlements(tx, [row["topup_id"] for row in rows])
        return [_debt(row, settlements) for row in rows]

    async def settlement(self, tx: Tx, settlement_id: str) -> Settlement | None:
        row = await _queries.get_settlement(tx, settlement_id=settlement_id)
        return None if row is None else _settlement(row)

    async def collected(self, tx: Tx, adjustment_id: str) -> Collected | None:
        row = await _queries.collected_by(tx, adjustment_id=adjustment_id)
        if row is None:
            return None
        return Collected(row["adjustment_id"], row["campaign_id"], row["cash_cents"], row["settles"])

    async def insert(self, tx: Tx, settlement: Settlement) -> None:
        await _queries.insert_settlement(
            tx,
            settlement_id=settlement.settlement_id,
            topup_id=settlement.topup_id,
            method=settlement.method,
            amount_cents=settlement.amount_cents,
            adjustment_id=settlement.adjustment_id,
            reason=settlement.reason,
            status=settlement.status,
            proposed_by=settlement.proposed_by,
            now=settlement.proposed_at,
        )
        await self._history.record(
            tx,
            Step(
                settlement.settlement_id,
                settlement.version,
                SettlementEvent.PROPOSE,
                None,
                settlement.status,
                settlement.proposed_by,
                settlement.proposed_at,
            ),
        )

    async def approve(self, tx: Tx, before: Settlement, after: Settlement) -> None:
        if after.approved_at is None:
            raise AssertionError("what is approved was approved at some time")
        await _queries.approve_settlement(
            tx,
            settlement_id=after.settlement_id,
            status=after.status,
            version=after.version,
            approved_by=after.approved_by,
            now=after.approved_at,
        )
        await self._history.record(
            tx,
            Step(
                after.settlement_id,
                after.version,
                SettlementEvent.APPROVE,
                before.status,
                after.status,
                after.approved_by,
                after.approved_at,
            ),
        )

    async def _settlements(self, tx: Tx, topup_ids: list[str]) -> list[Settlement]:
        return [_settlement(row) for row in await _queries.settlements_of(tx, topup_ids=topup_ids)]


def _debt(row: Record, settlements: list[Settlement]) -> Debt:
    return Debt(
        topup_id=row["topup_id"],
        campaign_id=row["campaign_id"],
        taken_cents=row["taken_cents"],
        returned_cents=row["returned_cents"],
        settled_cents=row["settled_cents"],
        settlements=tuple(one for one in settlements if one.topup_id == row["topup_id"]),
    )


def _settlement(row: Record) -> Settlement:
    return Settlement(
        settlement_id=row["settlement_id"],
        topup_id=row["topup_id"],
        method=SettlementMethod(row["method"]),
        amount_cents=row["amount_cents"],
        reason=row["reason"],
        status=SettlementStatus(row["status"]),
        version=row["version"],
        proposed_by=row["proposed_by"],
        proposed_at=row["proposed_at"],
        adjustment_id=row["adjustment_id"],
        approved_by=row["approved_by"],
        approved_at=row["approved_at"],
    )
