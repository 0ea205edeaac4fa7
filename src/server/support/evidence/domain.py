"""What a piece of evidence is. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from server.core.errors import IllegalTransition
from server.support.cases.standing import Standing
from server.support.evidence.content import Mime

UPLOAD_WITHIN = timedelta(minutes=15)
LINK_LIVES = timedelta(minutes=5)
KEPT = timedelta(days=3 * 365)
MOST_PER_CASE = 100


class EvidenceStatus(StrEnum):
    """Where a file stands."""

    AWAITING_UPLOAD = "awaiting_upload"
    STORED = "stored"
    REJECTED = "rejected"
    ABANDONED = "abandoned"


class EvidenceEvent(StrEnum):
    """What becomes of a file."""

    STORE = "store"
    REJECT = "reject"
    ABANDON = "abandon"


EVIDENCE_TRANSITIONS: Mapping[tuple[EvidenceStatus, EvidenceEvent], EvidenceStatus] = MappingProxyType(
    {
        (EvidenceStatus.AWAITING_UPLOAD, EvidenceEvent.STORE): EvidenceStatus.STORED,
        (EvidenceStatus.AWAITING_UPLOAD, EvidenceEvent.REJECT): EvidenceStatus.REJECTED,
        (EvidenceStatus.AWAITING_UPLOAD, EvidenceEvent.ABANDON): EvidenceStatus.ABANDONED,
    }
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A file of a case."""

    evidence_id: str
    case_id: str
    uploaded_by: str
    status: EvidenceStatus
    quarantine_key: str
    sha256: bytes
    length: int
    mime: Mime
    upload_expires_at: datetime
    created_at: datetime
    key: str | None = None
    version_id: str | None = None
    retention_until: datetime | None = None
    legal_hold: bool = False
    rejected_reason: str | None = None
    stored_at: datetime | None = None

    @property
    def locked_key(self) -> str:
        """Where the locked copy goes."""
        return f"support-evidence/{self.case_id}/{self.evidence_id}"


def after(evidence: Evidence, event: EvidenceEvent) -> EvidenceStatus:
    """The status after the event; IllegalTransition where there is no such step."""
    target = EVIDENCE_TRANSITIONS.get((evidence.status, event))
    if target is None:
        raise IllegalTransition(evidence.evidence_id, evidence.status, event)
    return target


def readable_by(evidence: Evidence, standing: Standing, user_id: str) -> bool:
    """A file is for who brought it and for staff; the other side may have brought things of its own."""
    return standing is Standing.STAFF or evidence.uploaded_by == user_id
