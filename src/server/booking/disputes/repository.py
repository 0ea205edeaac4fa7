"""Rows of disputes, statements and decisions, and what they mean."""

from dataclasses import dataclass
from typing import cast

from callsheet.sql.booking_disputes import Queries
from server.booking.disputes.decisions import ApprovalRole, Decision, DecisionStatus, Result, Terms
from server.booking.disputes.domain import Dispute, DisputeStatus, Opener, Outcome, Statement
from server.core.db import Record, Tx, load_queries
from server.core.errors import StaleVersion

_queries = load_queries("server.booking.disputes", Queries)


@dataclass(frozen=True, slots=True)
class Refunds:
    """How far the refunds of a decision have come."""

    open: int
    failed: int


class DisputeRepository:
    """Reads and writes disputes on the caller's transaction, which holds their order's row where it writes."""

    async def insert(self, tx: Tx, dispute: Dispute) -> None:
        await _queries.insert_dispute(
            tx,
            dispute_id=dispute.dispute_id,
            order_id=dispute.order_id,
            opened_by=dispute.opened_by,
            opened_by_user_id=dispute.opened_by_user_id,
            reason=dispute.reason,
            description=dispute.description,
            status=dispute.status,
            milestone_id=dispute.milestone_id,
            case_id=dispute.case_id,
            processor_dispute_id=dispute.processor_dispute_id,
            version=dispute.version,
            now=dispute.created_at,
        )

    async def save(self, tx: Tx, before: Dispute, after: Dispute) -> None:
        """Writes a change; StaleVersion where the dispute is no longer what it was decided from."""
        saved = await _queries.save_dispute(
            tx,
            dispute_id=after.dispute_id,
            expected_version=before.version,
            version=after.version,
            status=after.status,
            outcome=after.outcome,
            case_id=after.case_id,
            processor_dispute_id=after.processor_dispute_id,
            resolved_at=after.resolved_at,
            now=after.updated_at,
        )
        if saved is None:
            raise StaleVersion(after.dispute_id, after.version)

    async def get(self, tx: Tx, dispute_id: str) -> Dispute | None:
        row = await _queries.get_dispute(tx, dispute_id=dispute_id)
        return None if row is None else _dispute(row)

    async def with_parties(self, tx: Tx, dispute_id: str) -> tuple[Dispute, frozenset[str]] | None:
        """A dispute, and the parties of its order."""
        row = await _queries.dispute_with_parties(tx, dispute_id=dispute_id)
        return None if row is None else (_dispute(row), frozenset({row["buyer_user_id"], row["provider_user_id"]}))

    async def order_of(self, tx: Tx, dispute_id: str) -> str | None:
        """Which order a dispute is about."""
        return cast("str | None", await _queries.order_of_dispute(tx, dispute_id=dispute_id))

    async def of_order(self, tx: Tx, order_id: str) -> list[Dispute]:
        """Oldest first."""
        return [_dispute(row) for row in await _queries.disputes_of_order(tx, order_id=order_id)]

    async def page(
        self,
        tx: Tx,
        user_id: str | None,
        order_id: str | None,
        statuses: frozenset[DisputeStatus],
        *,
        before: str | None,
        limit: int,
    ) -> list[Dispute]:
        """Newest first, older than the given id; of everybody's orders where no user is named."""
        rows = await _queries.list_disputes(
            tx, user_id=user_id, order_id=order_id, statuses=sorted(statuses), before=before, limit=limit
        )
        return [_dispute(row) for row in rows]

    async def say(self, tx: Tx, statement: Statement) -> None:
        """Stores what somebody says, for good."""
        await _queries.insert_statement(
            tx,
            statement_id=statement.statement_id,
            dispute_id=statement.dispute_id,
            author_user_id=statement.author_user_id,
            author=statement.author,
            body=statement.body,
            now=statement.created_at,
        )

    async def statements(self, tx: Tx, dispute_id: str) -> list[Statement]:
        """Oldest first."""
        return [
            Statement(
                row["statement_id"],
                row["dispute_id"],
                row["author_user_id"],
                Opener(row["author"]),
                row["body"],
                row["created_at"],
            )
            for row in await _queries.statements_of(tx, dispute_id=dispute_id)
        ]

    async def count_statements(self, tx: Tx, dispute_id: str) -> int:
        return cast("int", await _queries.count_statements(tx, dispute_id=dispute_id))


class DecisionRepository:
    """Reads and writes decisions on the caller's transaction, which holds their order's row where it writes."""

    async def insert(self, tx: Tx, decision: Decision) -> None:
        terms = decision.terms
        await _queries.insert_decision(
            tx,
            decision_id=decision.decision_id,
            dispute_id=decision.dispute_id,
            result=terms.result,
            refund_subtotal_cents=terms.refund_subtotal_cents,
            refund_tip_cents=terms.refund_tip_cents,
            fee_refundable=terms.fee_refundable,
            reason=decision.reason,
            approval_role=decision.approval_role,
            proposed_by=decision.proposed_by,
            now=decision.created_at,
        )

    async def save(self, tx: Tx, decision: Decision) -> None:
        """Writes how a proposal ended."""
        await _queries.save_decision(
            tx,
            decision_id=decision.decision_id,
            status=decision.status,
            decided_by=decision.decided_by,
            decided_at=decision.decided_at,
        )

    async def get(self, tx: Tx, decision_id: str) -> Decision | None:
        row = await _queries.get_decision(tx, decision_id=decision_id)
        return None if row is None else _decision(row)

    async def order_of(self, tx: Tx, decision_id: str) -> str | None:
        """Which order a decision is about."""
        return cast("str | None", await _queries.order_of_decision(tx, decision_id=decision_id))

    async def of_dispute(self, tx: Tx, dispute_id: str) -> list[Decision]:
        """Newest first."""
        return [_decision(row) for row in await _queries.decisions_of(tx, dispute_id=dispute_id)]

    async def refunds(self, tx: Tx, decision_id: str) -> Refunds:
        """How far the decision's refunds have come."""
        row = await _queries.refunds_under_way(tx, decision_id=decision_id)
        return Refunds(row["open"], row["failed"]) if row else Refunds(0, 0)


def _dispute(row: Record) -> Dispute:
    return Dispute(
        dispute_id=row["dispute_id"],
        order_id=row["order_id"],
        opened_by=Opener(row["opened_by"]),
        opened_by_user_id=row["opened_by_user_id"],
        reason=row["reason"],
        description=row["description"] or "",
        status=DisputeStatus(row["status"]),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        version=row["version"],
        milestone_id=row["milestone_id"],
        case_id=row["case_id"],
        processor_dispute_id=row["processor_dispute_id"],
        outcome=Outcome(row["outcome"]) if row["outcome"] else None,
        resolved_at=row["resolved_at"],
    )


def _decision(row: Record) -> Decision:
    return Decision(
        decision_id=row["decision_id"],
        dispute_id=row["dispute_id"],
        terms=Terms(
            Result(row["result"]), row["refund_subtotal_cents"], row["refund_tip_cents"], row["fee_refundable"]
        ),
        reason=row["reason"],
        approval_role=ApprovalRole(row["approval_role"]),
        proposed_by=row["proposed_by"],
        created_at=row["created_at"],
        status=DecisionStatus(row["status"]),
        decided_by=row["decided_by"],
        decided_at=row["decided_at"],
    )
