"""What the database refuses, whoever asks, by the name of the constraint that refuses it."""

from pathlib import Path

import pytest

from server.core.invariants import load_invariants
from tests.db.conftest import World
from tests.db.refusing import refusal

FILES = sorted((Path(__file__).parent / "refused").glob("*.sql"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
async def test_each_rule_refuses_what_breaks_it(world: World, file: Path) -> None:
    connection = world.stream if file.stem == "spend" else world.app
    rules = load_invariants(file)
    outcomes = {rule.name: await refusal(connection, rule.query) for rule in rules}
    assert rules
    assert {rule: outcome for rule, outcome in outcomes.items() if outcome != rule} == {}


async def test_times_that_only_touch_do_not_overlap(world: World) -> None:
    after_the_other = """
        update booking.order o set start_ts = other.busy_to, busy_from = other.busy_to,
          end_ts = other.busy_to + interval '1 hour', busy_to = other.busy_to + interval '1 hour',
          full_refund_until = other.busy_to, half_refund_until = other.busy_to
        from booking.order other where o.order_id = 'ord_2' and other.order_id = 'ord_1'
    """
    assert await refusal(world.app, after_the_other) == ""


@pytest.mark.parametrize(
    ("order_id", "changes", "outcome"),
    [
        ("ord_2", "", "order_slot_excl"),
        ("ord_2", "status = 'declined', holds_slot = false,", ""),
        ("ord_4", "", ""),
    ],
    ids=["same provider", "without a slot", "another provider"],
)
async def test_a_slot_is_a_providers_and_held(world: World, order_id: str, changes: str, outcome: str) -> None:
    same_time = f"""
        update booking.order o set {changes} start_ts = other.start_ts, busy_from = other.busy_from,
          end_ts = other.end_ts, busy_to = other.busy_to,
          full_refund_until = other.busy_from, half_refund_until = other.busy_to
        from booking.order other where o.order_id = '{order_id}' and other.order_id = 'ord_1'
    """
    assert await refusal(world.app, same_time) == outcome


async def test_a_finished_job_makes_room_for_the_same_one(world: World) -> None:
    again = """
        update core.job set status = 'running', lease_until = now();
        insert into core.job (job_id, kind, key, run_at) values ('job_x', 'expire_draft', 'ord_1', now())
    """
    assert await refusal(world.app, again) == ""


async def test_a_closed_case_makes_room_for_another(world: World) -> None:
    another = """
        update support_case set status = 'closed', closed_at = now(), closed_reason = 'done' where case_id = 'sca_1';
        insert into support_case
          (case_id, type, status, severity, opened_by_user, opener_role, leg_id, status_since)
        values ('sca_x', 'booking', 'open', 'low', 'usr_second', 'seller', 'ord_4', now())
    """
    assert await refusal(world.app, another) == ""
