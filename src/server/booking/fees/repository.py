"""Rows of fee policies and what they mean."""

from callsheet.sql.booking_fees import Queries
from server.booking.cancellation import CancellationPolicy
from server.booking.fees.domain import FeeDecision
from server.booking.pricing import FeePolicy
from server.core.db import Record, Tx, load_queries
from server.core.errors import AlreadyExists

_queries = load_queries("server.booking.fees", Queries)


class FeeRepository:
    """Reads and writes fee policies on the caller's transaction."""

    async def insert(self, tx: Tx, decision: FeeDecision) -> None:
        """Stores a policy; AlreadyExists where the city has one from that moment on."""
        policy = decision.policy
        stored = await _queries.insert_fee_policy(
            tx,
            fee_policy_id=policy.fee_policy_id,
            city=decision.city or None,
            effective_from=decision.effective_from,
            currency=decision.currency,
            fee_bips=policy.fee_bips,
            fee_min_cents=policy.fee_min_cents,
            fee_max_cents=policy.fee_max_cents,
            tax_bips=policy.tax_bips,
            credit_shrinks_tax=policy.credit_shrinks_tax,
            commission_bips=policy.commission_bips,
            cancellation_policy=decision.cancellation_policy,
            created_by=decision.created_by,
            now=decision.created_at,
        )
        if stored is None:
            raise AlreadyExists("a fee policy of that city from that moment on")

    async def page(self, tx: Tx, city: str, *, before: str | None, limit: int) -> list[FeeDecision]:
        """Policies, the newest decision first, older than the given id."""
        rows = await _queries.list_fee_policies(tx, city=city or None, before=before, limit=limit)
        return [_decision(row) for row in rows]


def fee_policy(row: Record) -> FeePolicy:
    """The terms of a policy from any row that has its columns."""
    return FeePolicy(
        fee_policy_id=row["fee_policy_id"],
        fee_bips=row["fee_bips"],
        fee_min_cents=row["fee_min_cents"],
        fee_max_cents=row["fee_max_cents"],
        tax_bips=row["tax_bips"],
        credit_shrinks_tax=row["credit_shrinks_tax"],
        commission_bips=row["commission_bips"],
    )


def _decision(row: Record) -> FeeDecision:
    cancellation = row["cancellation_policy"]
    return FeeDecision(
        policy=fee_policy(row),
        city=row["city"] or "",
        currency=row["currency"],
        effective_from=row["effective_from"],
        cancellation_policy=CancellationPolicy(cancellation) if cancellation else None,
        created_by=row["created_by"],
        created_at=row["created_at"],
    )
