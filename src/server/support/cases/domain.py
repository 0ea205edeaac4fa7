"""What a case is and which steps it may take. Pure: no clock, no database, no protobuf."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from server.core.errors import IllegalTransition, StaleVersion
from server.support.cases.standing import AuthorRole, Standing
from server.support.errors import CaseMerged
from server.support.sla.clocks import Deadlines, Promise

REOPEN_WITHIN = timedelta(days=14)
MOST_WATCHERS = 50


class CaseType(StrEnum):
    """What a case is about."""

    BOOKING = "booking"
    PAYMENT = "payment"
    PRODUCT = "product"
    DMCA = "dmca"
    POLICY = "policy"
    CHARGEBACK = "chargeback"


LEGAL_TYPES = frozenset({CaseType.DMCA, CaseType.CHARGEBACK})
"""They come from a notice or from the processor, and follow the law's clocks too."""


class Severity(StrEnum):
    """How much it matters."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


class Status(StrEnum):
    """Where a case stands."""

    OPEN = "open"
    AWAITING_CUSTOMER = "awaiting_customer"
    AWAITING_SELLER = "awaiting_seller"
    INVESTIGATING = "investigating"
    DECISION_PENDING = "decision_pending"
    REFUNDED = "refunded"
    DENIED = "denied"
    GOODWILL = "goodwill"
    ESCALATED = "escalated"
    CLOSED = "closed"


UNDECIDED = frozenset(
    {
        Status.OPEN,
        Status.AWAITING_CUSTOMER,
        Status.AWAITING_SELLER,
        Status.INVESTIGATING,
        Status.DECISION_PENDING,
        Status.ESCALATED,
    }
)
DECIDED = frozenset({Status.REFUNDED, Status.DENIED, Status.GOODWILL})


class Event(StrEnum):
    """What happens to a case. Those in TRANSITIONS move it; the others are only remembered."""

    OPEN = "open"
    INVESTIGATE = "investigate"
    AWAIT_CUSTOMER = "await_customer"
    AWAIT_SELLER = "await_seller"
    CUSTOMER_REPLIED = "customer_replied"
    SELLER_REPLIED = "seller_replied"
    SELLER_SILENT = "seller_silent"
    REQUEST_DECISION = "request_decision"
    REJECT_DECISION = "reject_decision"
    REFUND_PROPOSED = "refund_proposed"
    REFUND_APPROVED = "refund_approved"
    REFUND_REJECTED = "refund_rejected"
    REFUND_SUCCEEDED = "refund_succeeded"
    REFUND_ISSUED = "refund_issued"
    REFUND_FAILED = "refund_failed"
    DENY = "deny"
    GRANT_GOODWILL = "grant_goodwill"
    CHARGEBACK_WON = "chargeback_won"
    CHARGEBACK_LOST = "chargeback_lost"
    DISPUTE_GRANTED = "dispute_granted"
    DISPUTE_DENIED = "dispute_denied"
    ESCALATE = "escalate"
    DEADLINE_MISSED = "deadline_missed"
    CLOSE = "close"
    AUTO_CLOSE = "auto_close"
    SETTLE = "settle"
    REOPEN = "reopen"
    MERGE = "merge"
    MERGED_IN = "merged_in"
    ASSIGNED = "assigned"
    SEVERITY_CHANGED = "severity_changed"
    WATCHER_ADDED = "watcher_added"
    WATCHER_REMOVED = "watcher_removed"
    MESSAGE_POSTED = "message_posted"
    NOTE_POSTED = "note_posted"
    EVIDENCE_ATTACHED = "evidence_attached"
    EVIDENCE_LINKED = "evidence_linked"
    HOLD_APPLIED = "hold_applied"
    HOLD_RELEASED = "hold_released"
    HOLD_EXPIRED = "hold_expired"
    DMCA_RESTORE = "dmca_restore"
    COUNTER_NOTICE_FILED = "counter_notice_filed"
    COURT_ACTION_RECORDED = "court_action_recorded"
    CHARGEBACK_TOLD = "chargeback_told"
    CHARGEBACK_DRAFTED = "chargeback_drafted"
    CHARGEBACK_REPRESENTED = "chargeback_represented"
    CHARGEBACK_ACCEPTED = "chargeback_accepted"
    REFUND_DECLINED = "refund_declined"


INTERNAL_EVENTS = frozenset(
    {
        Event.ASSIGNED,
        Event.SEVERITY_CHANGED,
        Event.WATCHER_ADDED,
        Event.WATCHER_REMOVED,
        Event.NOTE_POSTED,
        Event.EVIDENCE_LINKED,
        Event.HOLD_APPLIED,
        Event.HOLD_RELEASED,
        Event.HOLD_EXPIRED,
        Event.REFUND_PROPOSED,
        Event.REFUND_APPROVED,
        Event.REFUND_REJECTED,
        Event.REFUND_DECLINED,
        Event.CHARGEBACK_TOLD,
        Event.CHARGEBACK_DRAFTED,
        Event.CHARGEBACK_REPRESENTED,
        Event.CHARGEBACK_ACCEPTED,
    }
)
"""What the parties of a case do not see, not even as a gap in a numbering."""


_EVEN_WHEN_MERGED = frozenset({Event.HOLD_RELEASED, Event.HOLD_EXPIRED, Event.REFUND_ISSUED, Event.REFUND_DECLINED})
"""Holds and refunds stay on the case they were made for, and end there."""


def _from(sources: frozenset[Status], event: Event, target: Status) -> dict[tuple[Status, Event], Status]:
    return {(source, event): target for source in Status if source in sources}


_WORKING = frozenset({Status.OPEN, Status.INVESTIGATING})
_AWAITING = frozenset({Status.AWAITING_CUSTOMER, Status.AWAITING_SELLER})
_DECIDABLE = frozenset({Status.DECISION_PENDING, Status.ESCALATED})

TRANSITIONS: Mapping[tuple[Status, Event], Status] = MappingProxyType(
    {
        **_from(frozenset({Status.OPEN, Status.ESCALATED}), Event.INVESTIGATE, Status.INVESTIGATING),
        **_from(_WORKING, Event.AWAIT_CUSTOMER, Status.AWAITING_CUSTOMER),
        **_from(_WORKING, Event.AWAIT_SELLER, Status.AWAITING_SELLER),
        (Status.AWAITING_CUSTOMER, Event.CUSTOMER_REPLIED): Status.INVESTIGATING,
        (Status.AWAITING_SELLER, Event.SELLER_REPLIED): Status.INVESTIGATING,
        (Status.AWAITING_SELLER, Event.SELLER_SILENT): Status.INVESTIGATING,
        **_from(frozenset({Status.INVESTIGATING, Status.ESCALATED}), Event.REQUEST_DECISION, Status.DECISION_PENDING),
        (Status.DECISION_PENDING, Event.REJECT_DECISION): Status.INVESTIGATING,
        # A deadline may pass while the processor works.
        **_from(_DECIDABLE, Event.REFUND_SUCCEEDED, Status.REFUNDED),
        (Status.DECISION_PENDING, Event.DENY): Status.DENIED,
        (Status.DECISION_PENDING, Event.GRANT_GOODWILL): Status.GOODWILL,
        (Status.REFUNDED, Event.REFUND_FAILED): Status.INVESTIGATING,
        **_from(UNDECIDED, Event.CHARGEBACK_WON, Status.DENIED),
        **_from(UNDECIDED, Event.CHARGEBACK_LOST, Status.REFUNDED),
        **_from(UNDECIDED, Event.DISPUTE_GRANTED, Status.REFUNDED),
        **_from(UNDECIDED, Event.DISPUTE_DENIED, Status.DENIED),
        **_from(UNDECIDED - {Status.ESCALATED}, Event.ESCALATE, Status.ESCALATED),
        **_from(UNDECIDED, Event.DEADLINE_MISSED, Status.ESCALATED),
        **_from(_WORKING | _AWAITING, Event.CLOSE, Status.CLOSED),
        (Status.AWAITING_CUSTOMER, Event.AUTO_CLOSE): Status.CLOSED,
        **_from(DECIDED, Event.SETTLE, Status.CLOSED),
        (Status.CLOSED, Event.REOPEN): Status.INVESTIGATING,
        **_from(_WORKING | _AWAITING | {Status.ESCALATED}, Event.MERGE, Status.CLOSED),
    }
)


class Visibility(StrEnum):
    """Who may read a message."""

    PUBLIC = "public"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a case refers to. A leg is a booking order; the others belong to services that vouch for them."""

    leg_id: str | None = None
    order_id: str | None = None
    studio_id: str | None = None
    creator_id: str | None = None
    payout_id: str | None = None
    content_id: str | None = None


@dataclass(frozen=True, slots=True)
class Party:
    """One side of a case."""

    user_id: str
    role: AuthorRole


@dataclass(frozen=True, slots=True)
class Case:
    """Something that somebody wants support to put right."""

    case_id: str
    type: CaseType
    subtype: str
    status: Status
    severity: Severity
    customer: Party
    seller: Party | None
    subject: Subject
    version: int
    public_version: int
    status_since: datetime
    created_at: datetime
    updated_at: datetime
    owner_user_id: str | None = None
    watchers: tuple[str, ...] = ()
    reason_code: str | None = None
    closed_reason: str | None = None
    closed_at: datetime | None = None
    decision_requested_by: str | None = None
    merged_into_case_id: str | None = None
    processor_dispute_id: str | None = None
    sla_cycle: int = 1
    promise: Promise | None = None
    deadlines: Deadlines = field(default_factory=Deadlines)

    def parties(self) -> frozenset[str]:
        return frozenset({self.customer.user_id} | ({self.seller.user_id} if self.seller else set()))

    def version_for(self, standing: Standing) -> int:
        """The version by which that viewer counts: parties do not count what they cannot see."""
        return self.version if standing is Standing.STAFF else self.public_version


@dataclass(frozen=True, slots=True)
class By:
    """Who moved a case, in which standing."""

    standing: Standing
    user_id: str | None = None


SYSTEM = By(Standing.SYSTEM)


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """One step in a case's life."""

    case_id: str
    sequence: int
    public_sequence: int | None
    event: Event
    from_status: Status | None
    to_status: Status
    by: By
    details: Mapping[str, str]
    created_at: datetime

    def sequence_for(self, standing: Standing) -> int:
        """The number under which that viewer finds the step."""
        return self.sequence if standing is Standing.STAFF else self.public_sequence or 0


def default_severity(case_type: CaseType) -> Severity:
    """How urgent a case is before anybody has looked at it."""
    if case_type is CaseType.CHARGEBACK:
        return Severity.URGENT
    if case_type in (CaseType.PAYMENT, CaseType.DMCA, CaseType.POLICY):
        return Severity.HIGH
    return Severity.LOW if case_type is CaseType.PRODUCT else Severity.NORMAL


def raised(severity: Severity) -> Severity:
    """One step more severe; urgent stays urgent."""
    ladder = list(Severity)
    return ladder[min(ladder.index(severity) + 1, len(ladder) - 1)]


def check_version(case: Case, seen: int, standing: Standing) -> None:
    """Refuses a change by somebody who has not seen the newest state; 0 means that they do not mind."""
    newest = case.version_for(standing)
    if seen not in (0, newest):
        raise StaleVersion(case.case_id, newest)


def check_not_merged(case: Case) -> None:
    """A merged case is a signpost: nothing happens to it any more."""
    if case.merged_into_case_id is not None:
        raise CaseMerged(case.case_id, case.merged_into_case_id)


def check_not_closed(case: Case, event: Event) -> None:
    """Refuses what makes no sense for a case that is over."""
    check_not_merged(case)
    if case.status is Status.CLOSED:
        raise IllegalTransition(case.case_id, case.status, event)


def apply(case: Case, event: Event, *, now: datetime) -> Case:
    """The case after the event; IllegalTransition where the machine has no such step."""
    check_not_merged(case)
    target = TRANSITIONS.get((case.status, event))
    if target is None:
        raise IllegalTransition(case.case_id, case.status, event)
    moved = _counted(case, event, now=now)
    return replace(
        moved,
        status=target,
        status_since=now,
        severity=raised(case.severity) if target is Status.ESCALATED else case.severity,
        decision_requested_by=None,
        sla_cycle=case.sla_cycle + 1 if event is Event.REOPEN else case.sla_cycle,
        closed_at=now if target is Status.CLOSED else None,
        closed_reason=None,
    )


def note(case: Case, event: Event, *, now: datetime) -> Case:
    """The case after something that moves it nowhere but belongs in its history."""
    if event not in _EVEN_WHEN_MERGED:
        check_not_merged(case)
    return _counted(case, event, now=now)


def step(before: Case | None, after: Case, event: Event, by: By, details: Mapping[str, str], at: datetime) -> CaseEvent:
    """The history's entry for a change; its sequences are the versions that the change made."""
    return CaseEvent(
        case_id=after.case_id,
        sequence=after.version,
        public_sequence=None if event in INTERNAL_EVENTS else after.public_version,
        event=event,
        from_status=before.status if before else None,
        to_status=after.status,
        by=by,
        details=details,
        created_at=at,
    )


def _counted(case: Case, event: Event, *, now: datetime) -> Case:
    """Internal events leave untouched whatever a party could notice them by."""
    if event in INTERNAL_EVENTS:
        return replace(case, version=case.version + 1)
    return replace(case, version=case.version + 1, public_version=case.public_version + 1, updated_at=now)
