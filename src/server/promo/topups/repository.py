"""Rows of payments into budgets and of what is owed for them."""

from datetime import datetime

from callsheet.sql.promo_topups import Queries
from server.core.db import Record, Tx, load_queries
from server.core.errors import StaleVersion
from server.promo.domain.step import Step
from server.promo.domain.topup import Refusal, TopUp, TopUpCause, TopUpEvent, TopUpStatus
from server.promo.history.repository import History

_queries = load_queries("server.promo.topups", Queries)


class TopUpRepository:
    """Reads and writes payments on the caller's transaction, which holds their campaign."""

    def __init__(self, history: History) -> None:
        self._history = history

    async def insert(self, tx: Tx, topup: TopUp) -> bool:
        """Begins a payment with its history; False where an automatic one is under way already."""
        stored = await _queries.insert_topup(
            tx,
            topup_id=topup.topup_id,
            campaign_id=topup.campaign_id,
            payer_user_id=topup.payer_user_id,
            amount_cents=topup.amount_cents,
            cause=topup.cause,
            status=topup.status,
            now=topup.created_at,
        )
        if stored is None:
            return False
        by = topup.payer_user_id if topup.cause is TopUpCause.ADVERTISER else None
        step = Step(topup.topup_id, 1, TopUpEvent.BEGIN, None, topup.status, by, topup.created_at)
        await self._history.record(tx, step)
        return True

    async def get(self, tx: Tx, topup_id: str) -> TopUp | None:
        row = await _queries.get_topup(tx, topup_id=topup_id)
        return None if row is None else _topup(row)

    async def page(self, tx: Tx, campaign_id: str, before: str | None, limit: int) -> list[TopUp]:
        """A campaign's payments, newest first, older than the given id."""
        rows = await _queries.list_topups(tx, campaign_id=campaign_id, before=before, limit=limit)
        return [_topup(row) for row in rows]

    async def save(self, tx: Tx, before: TopUp, after: TopUp, event: TopUpEvent) -> None:
        """Writes a change and its history; StaleVersion where the payment is no longer what it was decided from."""
        saved = await _queries.save_topup(
            tx,
            topup_id=after.topup_id,
            expected_version=before.version,
            status=after.status,
            payment_intent_id=after.payment_intent_id,
            charge_id=after.charge_id,
            entry_id=after.entry_id,
            failure_code=after.refusal.code if after.refusal else None,
            decline_code=after.refusal.decline_code if after.refusal else None,
            version=after.version,
            now=after.updated_at,
        )
        if saved is None:
            raise StaleVersion(after.topup_id, after.version)
        step = Step(after.topup_id, after.version, event, before.status, after.status, None, after.updated_at)
        await self._history.record(tx, step)

    async def raise_receivable(
        self, tx: Tx, processor_ref: str, topup_id: str, *, taken_cents: int, returned_cents: int, now: datetime
    ) -> None:
        """Keeps what was taken back and what came again; a look that is older than another lowers nothing."""
        await _queries.raise_receivable(
            tx,
            processor_ref=processor_ref,
            topup_id=topup_id,
            taken_cents=taken_cents,
            returned_cents=returned_cents,
            now=now,
        )

    async def missing_of(self, tx: Tx, topup_id: str) -> int:
        """What was taken back of a payment and has not come again, whoever settled it."""
        return _cents(await _queries.missing_of(tx, topup_id=topup_id))

    async def owed_by(self, tx: Tx, campaign_id: str) -> int:
        """What a campaign's advertiser owes still."""
        return _cents(await _queries.owed_by(tx, campaign_id=campaign_id))

    async def refunds_of(self, tx: Tx, topup_id: str) -> int:
        return _cents(await _queries.refunds_of(tx, topup_id=topup_id))


def _cents(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError("a sum of cents is an integer")
    return value


def _topup(row: Record) -> TopUp:
    return TopUp(
        topup_id=row["topup_id"],
        campaign_id=row["campaign_id"],
        payer_user_id=row["payer_user_id"],
        amount_cents=row["amount_cents"],
        cause=TopUpCause(row["cause"]),
        status=TopUpStatus(row["status"]),
        version=row["version"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        payment_intent_id=row["payment_intent_id"],
        charge_id=row["charge_id"],
        entry_id=row["entry_id"],
        refusal=Refusal(row["failure_code"], row["decline_code"]) if row["failure_code"] else None,
    )
