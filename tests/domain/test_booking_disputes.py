"""Every status of a dispute with every event: where it leads, or that it is refused."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from server.booking.disputes.domain import (
    DISPUTE_TRANSITIONS,
    OPEN,
    Dispute,
    DisputeEvent,
    DisputeStatus,
    Opener,
    Outcome,
    moved,
    withdrawn,
)
from server.core.errors import IllegalTransition

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)

BETWEEN_PEOPLE = "open awaiting_evidence under_review"
# Written down once more, by event, as the design's table has it. A dot stays where it was.
LEGAL: dict[DisputeEvent, tuple[tuple[str, str], ...]] = {
    DisputeEvent.STATE: (("open awaiting_evidence", "awaiting_evidence"), ("under_review", "under_review")),
    DisputeEvent.START_REVIEW: (("open awaiting_evidence", "under_review"),),
    DisputeEvent.DECIDE_FOR_BUYER: (("under_review", "resolved_buyer"),),
    DisputeEvent.DECIDE_FOR_PROVIDER: (("under_review", "resolved_provider"),),
    DisputeEvent.DECIDE_SPLIT: (("under_review", "split"),),
    DisputeEvent.WITHDRAW_BY_BUYER: ((BETWEEN_PEOPLE, "resolved_provider"),),
    DisputeEvent.WITHDRAW_BY_PROVIDER: ((BETWEEN_PEOPLE, "resolved_buyer"),),
    DisputeEvent.WITHDRAW_BY_AGENT: ((BETWEEN_PEOPLE, "resolved_provider"),),
    DisputeEvent.CHARGED_BACK: ((BETWEEN_PEOPLE, "chargeback"),),
    DisputeEvent.CHARGEBACK_WON: (("chargeback", "resolved_provider"),),
    DisputeEvent.CHARGEBACK_LOST: (("chargeback", "resolved_buyer"),),
}
OUTCOMES = {
    DisputeEvent.CHARGEBACK_WON: Outcome.CHARGEBACK_WON,
    DisputeEvent.CHARGEBACK_LOST: Outcome.CHARGEBACK_LOST,
    DisputeEvent.WITHDRAW_BY_BUYER: Outcome.WITHDRAWN,
    DisputeEvent.WITHDRAW_BY_PROVIDER: Outcome.WITHDRAWN,
    DisputeEvent.WITHDRAW_BY_AGENT: Outcome.WITHDRAWN,
    DisputeEvent.DECIDE_FOR_BUYER: Outcome.DECIDED,
    DisputeEvent.DECIDE_FOR_PROVIDER: Outcome.DECIDED,
    DisputeEvent.DECIDE_SPLIT: Outcome.DECIDED,
}


def dispute(status: DisputeStatus = DisputeStatus.OPEN, opened_by: Opener = Opener.BUYER) -> Dispute:
    return Dispute("dsp_1", "ord_1", opened_by, "usr_buyer", "no_show", "Nobody came.", status, NOW, NOW, version=3)


def target(status: DisputeStatus, event: DisputeEvent) -> DisputeStatus | None:
    for sources, to in LEGAL[event]:
        if status.value in sources.split():
            return DisputeStatus(to)
    return None


@pytest.mark.parametrize(("status", "event"), list(product(DisputeStatus, DisputeEvent)))
def test_every_pair_of_status_and_event(status: DisputeStatus, event: DisputeEvent) -> None:
    wanted = target(status, event)
    if wanted is None:
        with pytest.raises(IllegalTransition) as refused:
            moved(dispute(status), event, now=LATER)
        assert refused.value.metadata == {"resource": "dsp_1", "status": status, "event": event}
        return
    after = moved(dispute(status), event, now=LATER)
    assert (after.status, after.version, after.updated_at) == (wanted, 4, LATER)
    assert after.outcome == OUTCOMES.get(event)
    assert (after.resolved_at == LATER) == (wanted not in OPEN)


def test_the_table_has_nothing_else() -> None:
    written = {
        (DisputeStatus(source), event)
        for event, rows in LEGAL.items()
        for sources, _ in rows
        for source in sources.split()
    }
    assert DISPUTE_TRANSITIONS.keys() == written


@pytest.mark.parametrize(
    ("opener", "ends"),
    [(Opener.BUYER, "resolved_provider"), (Opener.PROVIDER, "resolved_buyer"), (Opener.AGENT, "resolved_provider")],
)
def test_a_withdrawn_dispute_ends_against_its_opener(opener: Opener, ends: str) -> None:
    after = withdrawn(dispute(DisputeStatus.UNDER_REVIEW, opener), now=LATER)
    assert (after.status, after.outcome) == (ends, Outcome.WITHDRAWN)


def test_what_the_processor_opened_nobody_withdraws() -> None:
    with pytest.raises(IllegalTransition):
        withdrawn(dispute(DisputeStatus.CHARGEBACK, Opener.PROCESSOR), now=LATER)
