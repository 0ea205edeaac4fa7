"""What a dispute at the card's bank is, and what may be done about it. Pure."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from server.support.cases.domain import Event
from server.support.errors import ChargebackAnswered, DraftOutdated

ANSWERABLE: Final = frozenset({"needs_response", "warning_needs_response"})
"""An answer is taken only then."""

ENDS: Final[Mapping[str, Event]] = MappingProxyType(
    {
        "won": Event.CHARGEBACK_WON,
        "lost": Event.CHARGEBACK_LOST,
        # Nothing was taken.
        "warning_closed": Event.CHARGEBACK_WON,
        "prevented": Event.CHARGEBACK_WON,
    }
)
KNOWN: Final = ANSWERABLE | ENDS.keys() | {"under_review", "warning_under_review"}
"""Other words of the processor are kept, and a person is told."""

WARNED_BEFORE: Final = (timedelta(hours=72), timedelta(hours=24))


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """A dispute as the processor told it last, and what was answered."""

    processor_dispute_id: str
    case_id: str
    leg_id: str | None
    charge_id: str
    amount_cents: int
    currency: str
    reason: str
    status: str
    charge_refundable: bool
    withdrawn_cents: int
    reinstated_cents: int
    due_by: datetime | None
    draft: Mapping[str, str]
    submitted_at: datetime | None = None
    submitted_by: str | None = None
    accepted_at: datetime | None = None

    @property
    def inquiry(self) -> bool:
        """It only asks, so far; no money has moved."""
        return self.status.startswith("warning_")

    @property
    def answered(self) -> bool:
        return self.submitted_at is not None or self.accepted_at is not None

    @property
    def answerable(self) -> bool:
        return self.status in ANSWERABLE and not self.answered

    @property
    def draft_hash(self) -> str:
        """Names exactly this draft; empty without one."""
        if not self.draft:
            return ""
        text = json.dumps(dict(self.draft), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def drafted(dispute: Dispute, draft: Mapping[str, str]) -> Dispute:
    """The dispute with what is to be said; ChargebackAnswered where nothing is to be said any more."""
    _check_answerable(dispute)
    return replace(dispute, draft=draft)


def submitted(dispute: Dispute, draft_hash: str, by: str, *, now: datetime) -> Dispute:
    """The dispute after its draft was submitted: the very one that was read."""
    _check_answerable(dispute)
    if not dispute.draft or dispute.draft_hash != draft_hash:
        raise DraftOutdated(dispute.case_id, dispute.draft_hash)
    return replace(dispute, submitted_at=now, submitted_by=by)


def given_up(dispute: Dispute, *, now: datetime) -> Dispute:
    """The dispute after it was given up. An inquiry cannot be: it is answered, or its charge refunded."""
    _check_answerable(dispute)
    if dispute.inquiry:
        raise ChargebackAnswered(dispute.case_id, dispute.status)
    return replace(dispute, accepted_at=now)


def _check_answerable(dispute: Dispute) -> None:
    if not dispute.answerable:
        status = "submitted" if dispute.submitted_at else "accepted" if dispute.accepted_at else dispute.status
        raise ChargebackAnswered(dispute.case_id, status)
