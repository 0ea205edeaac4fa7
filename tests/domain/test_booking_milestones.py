"""Every status of a milestone with every event, and how milestones share out a subtotal."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.booking.fulfilment.milestones import (
    MILESTONE_TRANSITIONS,
    SETTLED,
    SILENCE_APPROVES_AFTER,
    Milestone,
    MilestoneEvent,
    MilestoneStatus,
    approved_cents,
    moved,
    refitted,
    resumed,
    reviewed_anew,
    settled_all,
)
from server.core.errors import IllegalTransition

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
LATER = NOW + timedelta(days=3)

# Written down once more, by event, as the design's table has it.
LEGAL: dict[MilestoneEvent, tuple[str, str]] = {
    MilestoneEvent.DELIVER: ("open", "delivered"),
    MilestoneEvent.REOPEN: ("delivered", "open"),
    MilestoneEvent.APPROVE: ("delivered", "approved"),
    MilestoneEvent.SILENCE: ("delivered", "approved"),
    MilestoneEvent.DISPUTE: ("open delivered", "disputed"),
    MilestoneEvent.RESUME_OPEN: ("disputed", "open"),
    MilestoneEvent.RESUME_DELIVERED: ("disputed", "delivered"),
    MilestoneEvent.SETTLE_FOR_PROVIDER: ("open delivered disputed", "approved"),
    MilestoneEvent.SETTLE_FOR_BUYER: ("open delivered disputed", "refunded"),
    MilestoneEvent.CANCEL: ("open delivered", "refunded"),
}


def milestone(status: MilestoneStatus = MilestoneStatus.OPEN, amount_cents: int = 1_000) -> Milestone:
    delivered = NOW if status in (MilestoneStatus.DELIVERED, MilestoneStatus.APPROVED) else None
    return Milestone("mst_1", "ord_1", 1, "Selection", None, amount_cents, status, delivered_at=delivered)


@pytest.mark.parametrize(("status", "event"), list(product(MilestoneStatus, MilestoneEvent)))
def test_every_pair_of_status_and_event(status: MilestoneStatus, event: MilestoneEvent) -> None:
    sources, target = LEGAL[event]
    if status.value not in sources.split():
        with pytest.raises(IllegalTransition) as refused:
            moved(milestone(status), event, now=LATER)
        assert refused.value.metadata == {"resource": "mst_1", "status": status, "event": event}
        return
    after = moved(milestone(status), event, now=LATER)
    assert after.status == target
    assert (after.settled_at == LATER) == (after.status in SETTLED)


def test_the_table_has_nothing_else() -> None:
    written = {(MilestoneStatus(source), event) for event, (sources, _) in LEGAL.items() for source in sources.split()}
    assert MILESTONE_TRANSITIONS.keys() == written


def test_a_delivery_begins_the_review_and_sending_it_back_ends_it() -> None:
    delivered = moved(milestone(), MilestoneEvent.DELIVER, now=NOW)
    reopened = moved(delivered, MilestoneEvent.REOPEN, now=LATER)
    again = moved(reopened, MilestoneEvent.DELIVER, now=LATER)

    assert (delivered.delivered_at, delivered.review_until) == (NOW, NOW + SILENCE_APPROVES_AFTER)
    assert (reopened.delivered_at, reopened.review_until) == (None, None)
    assert (again.delivered_at, again.review_until) == (LATER, LATER + SILENCE_APPROVES_AFTER)


def test_after_a_dispute_a_milestone_is_where_it_was_with_its_whole_time_for_review() -> None:
    delivered = moved(milestone(), MilestoneEvent.DELIVER, now=NOW)
    of_open = resumed(moved(milestone(), MilestoneEvent.DISPUTE, now=NOW), now=LATER)
    of_delivered = resumed(moved(delivered, MilestoneEvent.DISPUTE, now=NOW), now=LATER)

    assert of_open == milestone()
    assert (of_delivered.status, of_delivered.delivered_at) == (MilestoneStatus.DELIVERED, NOW)
    assert of_delivered.review_until == LATER + SILENCE_APPROVES_AFTER
    assert reviewed_anew(delivered, now=LATER) == of_delivered


def test_an_end_settles_what_is_unsettled_and_nothing_else() -> None:
    every = [milestone(status) for status in MilestoneStatus]
    settled = settled_all(every, MilestoneEvent.SETTLE_FOR_BUYER, now=LATER)
    assert [item.status for item in settled] == [MilestoneStatus.REFUNDED] * 3
    assert approved_cents(every) == 1_000


def test_another_subtotal_is_shared_out_in_the_same_proportions() -> None:
    thirds = [replace(milestone(amount_cents=1_000), position=place) for place in (1, 2, 3)]
    assert [item.amount_cents for item in refitted(thirds, 2_000)] == [667, 667, 666]
    assert refitted(thirds, 3_000) == thirds


@given(st.lists(st.integers(1, 10_000_000), min_size=1, max_size=20), st.integers(0, 100_000_000))
def test_refitted_milestones_make_the_subtotal_to_the_cent(amounts: list[int], subtotal: int) -> None:
    fitted = refitted([milestone(amount_cents=amount) for amount in amounts], subtotal)
    assert sum(item.amount_cents for item in fitted) == subtotal
    assert all(item.amount_cents >= 0 for item in fitted)
