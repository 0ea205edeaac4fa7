"""Rows of proposals to move a booking, and what they mean."""

from callsheet.sql.booking_rescheduling import Queries
from server.booking.domain.parties import Side
from server.booking.domain.reschedule import Reschedule, RescheduleStatus
from server.core.db import Tx, load_queries
from server.core.errors import AlreadyExists, IllegalTransition

_queries = load_queries("server.booking.rescheduling", Queries)


class RescheduleRepository:
    """Reads and writes proposals on the caller's transaction, which holds the order's row to write."""

    async def insert(self, tx: Tx, proposal: Reschedule) -> None:
        """Stores a proposal; AlreadyExists where another one waits for an answer."""
        stored = await _queries.insert_reschedule(
            tx,
            reschedule_id=proposal.reschedule_id,
            order_id=proposal.order_id,
            proposed_side=proposal.proposed_side,
            start_ts=proposal.start_ts,
            end_ts=proposal.end_ts,
            busy_to=proposal.busy_to,
            subtotal_change_cents=proposal.subtotal_change_cents,
            total_cents=proposal.total_cents,
            payment_method_id=proposal.payment_method_id or None,
            expires_at=proposal.expires_at,
            now=proposal.created_at,
        )
        if stored is None:
            raise AlreadyExists("a proposed time that waits for an answer")

    async def get(self, tx: Tx, reschedule_id: str) -> Reschedule | None:
        row = await _queries.get_reschedule(tx, reschedule_id=reschedule_id)
        if row is None:
            return None
        return Reschedule(
            reschedule_id=row["reschedule_id"],
            order_id=row["order_id"],
            proposed_side=Side(row["proposed_side"]),
            status=RescheduleStatus(row["status"]),
            start_ts=row["start_ts"],
            end_ts=row["end_ts"],
            busy_to=row["busy_to"],
            subtotal_change_cents=row["subtotal_change_cents"],
            total_cents=row["total_cents"],
            payment_method_id=row["payment_method_id"] or "",
            expires_at=row["expires_at"],
            answered_at=row["answered_at"],
            created_at=row["created_at"],
        )

    async def save_answer(self, tx: Tx, proposal: Reschedule) -> None:
        """Writes an answer; IllegalTransition where the proposal has one already."""
        saved = await _queries.answer_reschedule(
            tx, reschedule_id=proposal.reschedule_id, status=proposal.status, answered_at=proposal.answered_at
        )
        if saved is None:
            raise IllegalTransition(proposal.reschedule_id, "answered", proposal.status)
