"""Rows of refunds and limits, and what they mean."""

import json
from typing import cast

from callsheet.sql.support_refunds import Queries
from server.core.db import Record, Tx, load_queries
from server.core.errors import IllegalTransition
from server.support.refunds.domain import Amounts, Limits, Refund, RefundEvent, RefundStatus, Share

_queries = load_queries("server.support.refunds", Queries)


class RefundRepository:
    """Reads and writes refunds on the caller's transaction."""

    async def insert(self, tx: Tx, refund: Refund) -> None:
        amounts = refund.amounts
        await _queries.insert_refund(
            tx,
            refund_id=refund.refund_id,
            case_id=refund.case_id,
            order_id=refund.order_id,
            share=_dumped(refund.share),
            currency=amounts.currency,
            amount_cents=amounts.cash_cents,
            subtotal_cents=amounts.subtotal_cents,
            platform_fee_cents=amounts.platform_fee_cents,
            platform_fee_tax_cents=amounts.platform_fee_tax_cents,
            credit_cents=amounts.credit_cents,
            fee_refundable=refund.fee_refundable,
            reason=refund.reason,
            proposed_by=refund.proposed_by,
            now=refund.created_at,
        )

    async def get(self, tx: Tx, refund_id: str) -> Refund | None:
        return _maybe(await _queries.get_refund(tx, refund_id=refund_id))

    async def of_set(self, tx: Tx, refund_set_id: str) -> Refund | None:
        return _maybe(await _queries.refund_of_set(tx, refund_set_id=refund_set_id))

    async def lock(self, tx: Tx, refund_id: str) -> Refund | None:
        """Reads a refund and keeps others from moving it; its case is locked before."""
        return _maybe(await _queries.lock_refund(tx, refund_id=refund_id))

    async def save(self, tx: Tx, before: Refund, after: Refund, event: RefundEvent) -> None:
        """Writes a step; IllegalTransition where somebody else was faster."""
        amounts = after.amounts
        row = await _queries.save_refund(
            tx,
            refund_id=after.refund_id,
            expected_status=before.status,
            status=after.status,
            currency=amounts.currency,
            amount_cents=amounts.cash_cents,
            subtotal_cents=amounts.subtotal_cents,
            platform_fee_cents=amounts.platform_fee_cents,
            platform_fee_tax_cents=amounts.platform_fee_tax_cents,
            credit_cents=amounts.credit_cents,
            approved_by=after.approved_by,
            rejected_by=after.rejected_by,
            failure_reason=after.failure_reason,
            refund_set_id=after.refund_set_id,
            processor_ref=after.processor_ref,
            attempts=after.attempts,
            now=after.updated_at,
        )
        if row is None:
            raise IllegalTransition(before.refund_id, before.status, event)

    async def page(self, tx: Tx, case_id: str, after: str | None, limit: int) -> list[Refund]:
        """A case's refunds, oldest first."""
        return [_refund(row) for row in await _queries.refunds_of_case(tx, case_id=case_id, after=after, limit=limit)]

    async def waiting(self, tx: Tx, case_id: str) -> list[Refund]:
        """What of a case's refunds waits for somebody or for the processor."""
        return [_refund(row) for row in await _queries.open_refunds_of_case(tx, case_id=case_id)]


class LimitRepository:
    """Reads and writes what agents may let go."""

    async def insert(self, tx: Tx, limits: Limits, created_by: str) -> None:
        await _queries.insert_limits(
            tx,
            refund_limit_id=limits.refund_limit_id,
            currency=limits.currency,
            agent_approves_cents=limits.agent_approves_cents,
            agent_grants_cents=limits.agent_grants_cents,
            created_by=created_by,
            now=limits.created_at,
        )

    async def in_force(self, tx: Tx, currency: str) -> Limits | None:
        row = await _queries.limits_in_force(tx, currency=currency)
        return None if row is None else _limits(row)

    async def page(self, tx: Tx, after: str | None, limit: int) -> list[Limits]:
        """What is in force, currency by currency."""
        return [_limits(row) for row in await _queries.limits_of_all_currencies(tx, after=after, limit=limit)]


def _dumped(share: Share) -> str:
    return json.dumps({"subtotal_cents": share.subtotal_cents, "bips": share.bips, "lines": dict(share.lines)})


def _maybe(row: Record | None) -> Refund | None:
    return None if row is None else _refund(row)


def _refund(row: Record) -> Refund:
    asked = cast("dict[str, object]", json.loads(row["share"]))
    return Refund(
        refund_id=row["refund_id"],
        case_id=row["case_id"],
        order_id=row["leg_id"],
        status=RefundStatus(row["status"]),
        share=Share(
            cast("int | None", asked["subtotal_cents"]),
            cast("int | None", asked["bips"]),
            cast("dict[str, int]", asked["lines"]),
        ),
        amounts=Amounts(
            currency=row["currency"],
            cash_cents=row["amount_cents"],
            subtotal_cents=row["subtotal_cents"],
            platform_fee_cents=row["platform_fee_cents"],
            platform_fee_tax_cents=row["platform_fee_tax_cents"],
            credit_cents=row["credit_cents"],
        ),
        fee_refundable=row["fee_refundable"],
        reason=row["reason"],
        proposed_by=row["proposed_by"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        approved_by=row["approved_by"],
        rejected_by=row["rejected_by"],
        failure_reason=row["failure_reason"],
        refund_set_id=row["refund_set_id"],
        processor_ref=row["processor_ref"],
        attempts=row["attempts"],
    )


def _limits(row: Record) -> Limits:
    return Limits(
        refund_limit_id=row["refund_limit_id"],
        currency=row["currency"],
        agent_approves_cents=row["agent_approves_cents"],
        agent_grants_cents=row["agent_grants_cents"],
        created_at=row["created_at"],
    )
