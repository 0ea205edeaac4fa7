"""What was written down stays: no role may change it, and the owner's hand is stopped too."""

import pytest

from tests.db.catalogue import read_catalogue
from tests.db.conftest import World
from tests.db.connecting import Connection
from tests.db.refusing import refusal

APPEND_ONLY = {
    "booking.chat_message": "body = 'x'",
    "booking.dispute_statement": "body = 'x'",
    "booking.fee_policy": "fee_bips = 0",
    "booking.order_event": "event = 'x'",
    "directory.erasure": "requested_by = 'x'",
    "public.credit_ledger": "amount_cents = 1",
    "public.promo_attributed_order": "impression_id = 'x'",
    "public.promo_budget_ledger": "amount_cents = 1",
    "public.promo_campaign_event": "event = 'x'",
    "public.promo_click_decision": "billed_cents = 0",
    "public.promo_control": "version = 2",
    "public.promo_debit": "outcome = 'x'",
    "public.promo_event": "type = 'impression'",
    "public.promo_history": "event = 'x'",
    "public.promo_ledger_checkpoint": "digest = ''",
    "public.promo_rule_book": "note = 'x'",
    "public.promo_switch_event": "reason = 'x'",
    "public.referral_assessment": "score = 1",
    "public.refund_limit": "agent_approves_cents = 1",
    "public.sla_miss": "due_at = now()",
    "public.support_event": "action = 'x'",
}
STREAM_TABLES = {
    "public.promo_debit",
    "public.promo_event",
    "public.promo_click_decision",
    "public.promo_control",
    "public.promo_budget_ledger",
}


def changes(table: str, assignment: str) -> tuple[str, str, str]:
    return f"update {table} set {assignment}", f"delete from {table}", f"truncate {table} cascade"


async def test_the_list_is_complete(owner: Connection) -> None:
    tables = (await read_catalogue(owner)).tables.values()
    assert APPEND_ONLY.keys() == {
        table.name for table in tables if any(trigger.endswith("_append_only") for trigger in table.triggers)
    }


async def test_no_role_has_the_grant(world: World) -> None:
    for table, assignment in APPEND_ONLY.items():
        for change in changes(table, assignment):
            assert await refusal(world.app, change) == "InsufficientPrivilegeError", change
            assert await refusal(world.stream, change) == "InsufficientPrivilegeError", change


async def test_the_trigger_stops_the_owner(world: World) -> None:
    await world.owner.execute("insert into directory.erasure values (sha256('x'), 'usr_0', 'usr_admin')")
    for table, assignment in APPEND_ONLY.items():
        for change in changes(table, assignment):
            assert await refusal(world.owner, change) == "RestrictViolationError", change


async def test_the_trigger_stops_the_owner_at_a_single_partition(world: World) -> None:
    partition = await world.owner.fetchval("select tableoid::regclass::text from promo_event limit 1")
    for change in changes(partition, "type = 'impression'"):
        assert await refusal(world.owner, change) == "RestrictViolationError", change


async def test_the_erasure_exception_is_of_no_use_to_others(world: World) -> None:
    await world.owner.execute("grant update on booking.order_event to callsheet_app")
    await world.app.execute("set callsheet.erasing = 'on'")
    assert await refusal(world.app, "update booking.order_event set event = 'x'") == "RestrictViolationError"


@pytest.mark.parametrize(
    "change",
    [
        "delete from support_case",
        "delete from booking.order",
        "delete from promo_campaign",
        "delete from credit_account",
    ],
)
async def test_what_money_and_history_hang_on_is_not_deleted(world: World, change: str) -> None:
    assert await refusal(world.app, change) == "InsufficientPrivilegeError"
    assert await refusal(world.owner, change) != ""
