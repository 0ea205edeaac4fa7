"""Rows of evidence and what they mean."""

from datetime import datetime

from callsheet.sql.support_evidence import Queries
from server.core.db import Record, Tx, load_queries
from server.support.evidence.content import Mime
from server.support.evidence.domain import Evidence, EvidenceEvent, EvidenceStatus, after

_queries = load_queries("server.support.evidence", Queries)


class EvidenceRepository:
    """Reads and writes evidence on the caller's transaction."""

    async def insert(self, tx: Tx, evidence: Evidence) -> None:
        await _queries.insert_evidence(
            tx,
            evidence_id=evidence.evidence_id,
            case_id=evidence.case_id,
            uploaded_by=evidence.uploaded_by,
            quarantine_key=evidence.quarantine_key,
            sha256=evidence.sha256,
            bytes=evidence.length,
            mime=evidence.mime,
            upload_expires_at=evidence.upload_expires_at,
            now=evidence.created_at,
        )

    async def count(self, tx: Tx, case_id: str) -> int:
        """How many files a case has, or may still get."""
        found = await _queries.count_evidence(tx, case_id=case_id)
        return found if isinstance(found, int) else 0

    async def get(self, tx: Tx, evidence_id: str) -> Evidence | None:
        row = await _queries.get_evidence(tx, evidence_id=evidence_id)
        return None if row is None else _evidence(row)

    async def page(
        self, tx: Tx, case_id: str, uploaded_by: str | None, after_id: str | None, limit: int
    ) -> list[Evidence]:
        """A case's files, oldest first; those of one person where one is named."""
        rows = await _queries.list_evidence(tx, case_id=case_id, uploaded_by=uploaded_by, after=after_id, limit=limit)
        return [_evidence(row) for row in rows]

    async def store(
        self, tx: Tx, evidence: Evidence, version_id: str, until: datetime, *, legal_hold: bool, now: datetime
    ) -> bool:
        """Records the locked copy; tells whether the file was still awaited."""
        after(evidence, EvidenceEvent.STORE)
        row = await _queries.store_evidence(
            tx,
            evidence_id=evidence.evidence_id,
            key=evidence.locked_key,
            version_id=version_id,
            retention_until=until,
            legal_hold=legal_hold,
            now=now,
        )
        return row is not None

    async def end(self, tx: Tx, evidence: Evidence, event: EvidenceEvent, reason: str | None) -> None:
        """Records that the file was refused or never came."""
        status = after(evidence, event)
        await _queries.end_evidence(tx, evidence_id=evidence.evidence_id, status=status, reason=reason)

    async def held_otherwise(self, tx: Tx, case_id: str, *, legal_hold: bool) -> list[Evidence]:
        """The stored files whose hold is not what it should be."""
        rows = await _queries.evidence_held_otherwise(tx, case_id=case_id, legal_hold=legal_hold)
        return [_evidence(row) for row in rows]

    async def set_hold(self, tx: Tx, evidence_id: str, *, legal_hold: bool) -> None:
        await _queries.set_legal_hold(tx, evidence_id=evidence_id, legal_hold=legal_hold)


def _evidence(row: Record) -> Evidence:
    return Evidence(
        evidence_id=row["evidence_id"],
        case_id=row["case_id"],
        uploaded_by=row["uploaded_by"],
        status=EvidenceStatus(row["status"]),
        quarantine_key=row["quarantine_key"],
        sha256=row["sha256"],
        length=row["bytes"],
        mime=Mime(row["mime"]),
        upload_expires_at=row["upload_expires_at"],
        created_at=row["created_at"],
        key=row["s3_key"],
        version_id=row["version_id"],
        retention_until=row["retention_until"],
        legal_hold=row["legal_hold"],
        rejected_reason=row["rejected_reason"],
        stored_at=row["stored_at"],
    )
