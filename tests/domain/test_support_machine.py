"""Every status of a case with every event: where it leads, or that it is refused."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from server.core.errors import IllegalTransition
from server.support.cases.domain import (
    INTERNAL_EVENTS,
    SYSTEM,
    TRANSITIONS,
    Case,
    CaseType,
    Event,
    Party,
    Severity,
    Status,
    Subject,
    apply,
    note,
    raised,
    step,
)
from server.support.cases.standing import AuthorRole, Standing
from server.support.errors import CaseMerged

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)

# Written down once more, by event, as the design's table has it.
LEGAL: dict[Event, tuple[str, str]] = {
    Event.INVESTIGATE: ("open escalated", "investigating"),
    Event.AWAIT_CUSTOMER: ("open investigating", "awaiting_customer"),
    Event.AWAIT_SELLER: ("open investigating", "awaiting_seller"),
    Event.CUSTOMER_REPLIED: ("awaiting_customer", "investigating"),
    Event.SELLER_REPLIED: ("awaiting_seller", "investigating"),
    Event.SELLER_SILENT: ("awaiting_seller", "investigating"),
    Event.REQUEST_DECISION: ("investigating escalated", "decision_pending"),
    Event.REJECT_DECISION: ("decision_pending", "investigating"),
    Event.REFUND_SUCCEEDED: ("decision_pending escalated", "refunded"),
    Event.REFUND_FAILED: ("refunded", "investigating"),
    Event.DENY: ("decision_pending", "denied"),
    Event.GRANT_GOODWILL: ("decision_pending", "goodwill"),
    Event.CHARGEBACK_WON: (
        "open awaiting_customer awaiting_seller investigating decision_pending escalated",
        "denied",
    ),
    Event.CHARGEBACK_LOST: (
        "open awaiting_customer awaiting_seller investigating decision_pending escalated",
        "refunded",
    ),
    Event.DISPUTE_GRANTED: (
        "open awaiting_customer awaiting_seller investigating decision_pending escalated",
        "refunded",
    ),
    Event.DISPUTE_DENIED: (
        "open awaiting_customer awaiting_seller investigating decision_pending escalated",
        "denied",
    ),
    Event.ESCALATE: ("open awaiting_customer awaiting_seller investigating decision_pending", "escalated"),
    Event.DEADLINE_MISSED: (
        "open awaiting_customer awaiting_seller investigating decision_pending escalated",
        "escalated",
    ),
    Event.CLOSE: ("open awaiting_customer awaiting_seller investigating", "closed"),
    Event.AUTO_CLOSE: ("awaiting_customer", "closed"),
    Event.SETTLE: ("refunded denied goodwill", "closed"),
    Event.REOPEN: ("closed", "investigating"),
    Event.MERGE: ("open awaiting_customer awaiting_seller investigating escalated", "closed"),
}


def case(status: Status = Status.OPEN, **changes: object) -> Case:
    made = Case(
        case_id="sca_1",
        type=CaseType.BOOKING,
        subtype="",
        status=status,
        severity=Severity.NORMAL,
        customer=Party("usr_buyer", AuthorRole.BUYER),
        seller=Party("usr_provider", AuthorRole.SELLER),
        subject=Subject(leg_id="ord_1"),
        version=7,
        public_version=4,
        status_since=NOW,
        created_at=NOW,
        updated_at=NOW,
        closed_at=NOW if status is Status.CLOSED else None,
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # names and types are the test's own


def target(status: Status, event: Event) -> Status | None:
    sources, to = LEGAL.get(event, ("", ""))
    return Status(to) if status.value in sources.split() else None


@pytest.mark.parametrize("event", list(Event))
@pytest.mark.parametrize("status", list(Status))
def test_every_pair_of_status_and_event(status: Status, event: Event) -> None:
    before, wanted = case(status), target(status, event)
    if wanted is None:
        with pytest.raises(IllegalTransition) as refused:
            apply(before, event, now=LATER)
        assert refused.value.metadata == {"resource": "sca_1", "status": status, "event": event}
        return
    after = apply(before, event, now=LATER)
    assert (after.status, after.status_since, after.version) == (wanted, LATER, 8)


def test_the_table_has_nothing_else() -> None:
    written = {(Status(source), event) for event, (sources, _) in LEGAL.items() for source in sources.split()}
    assert TRANSITIONS.keys() == written


@pytest.mark.parametrize("event", sorted(INTERNAL_EVENTS))
def test_what_is_internal_leaves_no_trace_that_a_party_could_see(event: Event) -> None:
    before = case()
    after = note(before, event, now=LATER)
    told = step(before, after, event, SYSTEM, {}, LATER)

    assert after == replace(before, version=8)
    assert after.version_for(Standing.CUSTOMER) == before.version_for(Standing.CUSTOMER)
    assert told.public_sequence is None
    assert event not in {moving for _, moving in TRANSITIONS}


@pytest.mark.parametrize("event", sorted(set(Event) - INTERNAL_EVENTS))
def test_what_is_public_counts_for_everybody(event: Event) -> None:
    after = note(case(), event, now=LATER)
    told = step(case(), after, event, SYSTEM, {}, LATER)
    assert (told.sequence, told.public_sequence, after.updated_at) == (8, 5, LATER)


STAYS_WITH_ITS_CASE = {Event.HOLD_RELEASED, Event.HOLD_EXPIRED, Event.REFUND_ISSUED, Event.REFUND_DECLINED}


@pytest.mark.parametrize("event", sorted(set(Event) - STAYS_WITH_ITS_CASE))
def test_nothing_happens_to_a_merged_case(event: Event) -> None:
    merged = case(Status.CLOSED, merged_into_case_id="sca_2")
    for happen in (apply, note):
        with pytest.raises(CaseMerged) as refused:
            happen(merged, event, now=LATER)
        assert refused.value.metadata == {"case_id": "sca_1", "merged_into_case_id": "sca_2"}


def test_escalation_raises_the_severity_until_it_is_urgent() -> None:
    escalated = apply(case(severity=Severity.HIGH), Event.ESCALATE, now=LATER)
    again = apply(escalated, Event.DEADLINE_MISSED, now=LATER)
    assert (escalated.severity, again.severity) == (Severity.URGENT, Severity.URGENT)
    assert [raised(severity) for severity in Severity] == [
        Severity.NORMAL,
        Severity.HIGH,
        Severity.URGENT,
        Severity.URGENT,
    ]


def test_only_reopening_begins_a_cycle() -> None:
    cycles = {event: apply(case(status), event, now=LATER).sla_cycle for status, event in TRANSITIONS}
    assert {event for event, cycle in cycles.items() if cycle == 2} == {Event.REOPEN}


def test_a_closed_case_knows_when_it_was_closed_and_an_open_one_does_not() -> None:
    for (status, event), to in TRANSITIONS.items():
        assert (apply(case(status), event, now=LATER).closed_at is not None) == (to is Status.CLOSED)
