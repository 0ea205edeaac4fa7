"""Rows of disputes and what they mean."""

import json
from datetime import datetime

from callsheet.sql.support_chargebacks import Queries
from server.core.db import Record, Tx, load_queries
from server.support.cases.domain import Event
from server.support.chargebacks.domain import Dispute
from server.support.chargebacks.pack import FileOnRecord

MOST_FILES = 100

_queries = load_queries("server.support.chargebacks", Queries)


class DisputeRepository:
    """Reads and writes disputes on the caller's transaction."""

    async def of_case(self, tx: Tx, case_id: str) -> Dispute | None:
        return _maybe(await _queries.dispute_of_case(tx, case_id=case_id))

    async def get(self, tx: Tx, processor_dispute_id: str) -> Dispute | None:
        return _maybe(await _queries.get_dispute(tx, processor_dispute_id=processor_dispute_id))

    async def lock(self, tx: Tx, processor_dispute_id: str) -> Dispute | None:
        """Reads a dispute and keeps others from answering it; its case is locked before."""
        return _maybe(await _queries.lock_dispute(tx, processor_dispute_id=processor_dispute_id))

    async def insert(self, tx: Tx, dispute: Dispute, *, now: datetime) -> None:
        await _queries.insert_dispute(
            tx,
            processor_dispute_id=dispute.processor_dispute_id,
            case_id=dispute.case_id,
            leg_id=dispute.leg_id,
            charge_id=dispute.charge_id,
            amount_cents=dispute.amount_cents,
            currency=dispute.currency,
            reason=dispute.reason,
            status=dispute.status,
            charge_refundable=dispute.charge_refundable,
            withdrawn_cents=dispute.withdrawn_cents,
            reinstated_cents=dispute.reinstated_cents,
            due_by=dispute.due_by,
            now=now,
        )

    async def save(self, tx: Tx, dispute: Dispute, *, now: datetime) -> None:
        await _queries.save_dispute(
            tx,
            processor_dispute_id=dispute.processor_dispute_id,
            amount_cents=dispute.amount_cents,
            reason=dispute.reason,
            status=dispute.status,
            charge_refundable=dispute.charge_refundable,
            withdrawn_cents=dispute.withdrawn_cents,
            reinstated_cents=dispute.reinstated_cents,
            due_by=dispute.due_by,
            draft=json.dumps(dict(dispute.draft)) if dispute.draft else None,
            submitted_at=dispute.submitted_at,
            submitted_by=dispute.submitted_by,
            accepted_at=dispute.accepted_at,
            now=now,
        )

    async def files(self, tx: Tx, leg_id: str) -> list[FileOnRecord]:
        """The checked files of every case about an order."""
        rows = await _queries.files_about_leg(tx, leg_id=leg_id, limit=MOST_FILES)
        return [FileOnRecord(row["evidence_id"], row["mime"], row["sha256"], row["stored_at"]) for row in rows]

    async def told(self, tx: Tx, case_id: str, event: Event, name: str, value: str) -> bool:
        """Whether a case's history has such an event with that detail."""
        return await _queries.event_told(tx, case_id=case_id, action=event, name=name, value=value) is True


def _maybe(row: Record | None) -> Dispute | None:
    if row is None:
        return None
    return Dispute(
        processor_dispute_id=row["processor_dispute_id"],
        case_id=row["case_id"],
        leg_id=row["leg_id"],
        charge_id=row["stripe_charge_id"],
        amount_cents=row["amount_cents"],
        currency=row["currency"],
        reason=row["reason"],
        status=row["status"],
        charge_refundable=row["charge_refundable"],
        withdrawn_cents=row["withdrawn_cents"],
        reinstated_cents=row["reinstated_cents"],
        due_by=row["due_by"],
        draft=json.loads(row["draft"]) if row["draft"] else {},
        submitted_at=row["submitted_at"],
        submitted_by=row["submitted_by"],
        accepted_at=row["accepted_at"],
    )
