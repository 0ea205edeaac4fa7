"""Paying providers: their accounts, their months, what they owe, and what goes wrong on the way."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import grpc
import pytest

from callsheet.booking.v1 import ordering_pb2
from callsheet.booking.v1 import payment_pb2 as pb
from server.booking.money.timers import RECONCILE
from tests.rpc.booking import stamp
from tests.rpc.booking_flow import Flow, as_buyer, as_provider, as_stranger
from tests.rpc.harness import refusal
from tests.rpc.test_booking_chargebacks import charge_of, decided, filed

PAYOUT = 23_000
FORM = pb.CreatePayoutOnboardingRequest(
    country="US", refresh_url="https://example.com/again", return_url="https://example.com/done"
)


async def earnings(flow: Flow, **changes: object) -> pb.GetEarningsResponse:
    return await flow.booking.GetEarnings(pb.GetEarningsRequest(**changes), metadata=as_provider())  # type: ignore[arg-type]


async def onboarded(flow: Flow) -> str:
    """The provider begins anew, with an account that they have opened themselves; its id."""
    await flow.server.app.core.database.run(
        lambda tx: tx.execute("update booking.provider_profile set payouts_enabled = false, stripe_account_id = null")
    )
    link = await flow.booking.CreatePayoutOnboarding(FORM, metadata=as_provider())
    await flow.sandbox.switches.post(f"accounts/{link.account_id}/onboard")
    await flow.work()
    return link.account_id


async def test_a_provider_is_led_to_the_form_that_enables_payouts(flow: Flow) -> None:
    await flow.server.app.core.database.run(
        lambda tx: tx.execute("update booking.provider_profile set payouts_enabled = false, stripe_account_id = null")
    )
    first = await flow.booking.CreatePayoutOnboarding(FORM, metadata=as_provider())
    again = await flow.booking.CreatePayoutOnboarding(FORM, metadata=as_provider())
    before = await flow.row("select payouts_enabled from booking.provider_profile")
    await flow.sandbox.switches.post(f"accounts/{first.account_id}/onboard")
    await flow.work()
    after = await flow.row("select payouts_enabled, stripe_account_id from booking.provider_profile")
    links = await flow.rows("select 1 from payments.stripe_call where outcome::text like '%onboarding/%'")

    assert first.account_id == again.account_id == after["stripe_account_id"]
    assert first.url != again.url
    assert first.expires_at.ToDatetime(tzinfo=UTC) > flow.clock.now()
    assert (before["payouts_enabled"], after["payouts_enabled"]) == (False, True)
    assert links == []


async def test_onboarding_needs_a_profile_and_a_country(flow: Flow) -> None:
    nobody = await refusal(flow.booking.CreatePayoutOnboarding(FORM, metadata=as_stranger()))
    bad = pb.CreatePayoutOnboardingRequest(country="usa", refresh_url="x", return_url="")
    invalid = await refusal(flow.booking.CreatePayoutOnboarding(bad, metadata=as_provider()))
    assert (nobody.code, nobody.reason) == (grpc.StatusCode.NOT_FOUND, "NOT_FOUND")
    assert invalid.reason == "FIELD_INVALID"
    assert set(invalid.violations) == {"country", "refresh_url", "return_url"}


async def test_earnings_are_the_transfers_by_the_month_of_the_providers_zone(flow: Flow) -> None:
    await flow.completed()
    complaint = await filed(flow, await flow.completed())
    rows = await flow.rows(
        "select settled_at as at, amount_cents as cents from booking.transfer where status = 'succeeded'"
        " union all select settled_at, -amount_cents from booking.transfer_reversal where status = 'succeeded'"
    )
    expected: dict[str, int] = {}
    for row in rows:
        month = row["at"].astimezone(ZoneInfo("Europe/Berlin")).strftime("%Y-%m")
        expected[month] = expected.get(month, 0) + row["cents"]
    told = await earnings(flow)
    pages = [await earnings(flow, page_size=1)]
    while pages[-1].next_page_token:
        pages.append(await earnings(flow, page_size=1, page_token=pages[-1].next_page_token))

    assert complaint
    assert {month.month: month.net_cents for month in told.months} == expected
    assert [month.month for month in told.months] == sorted(expected, reverse=True)
    assert [page.months[0] for page in pages] == list(told.months)
    assert sum(month.net_cents for month in told.months) == await flow.paid_out()
    assert told.time_zone == "Europe/Berlin"


async def test_a_month_begins_at_the_providers_midnight(flow: Flow) -> None:
    await flow.completed()
    at = datetime(2026, 10, 31, 23, 30, tzinfo=UTC)
    await flow.server.app.core.database.run(lambda tx: tx.execute("update booking.transfer set settled_at = $1", at))
    (month,) = (await earnings(flow)).months
    assert (month.month, month.transferred_cents, month.reversed_cents, month.transfers) == ("2026-11", PAYOUT, 0, 1)


async def test_who_never_described_themselves_has_no_earnings(flow: Flow) -> None:
    refused = await refusal(flow.booking.GetEarnings(pb.GetEarningsRequest(), metadata=as_stranger()))
    assert (refused.code, refused.reason) == (grpc.StatusCode.NOT_FOUND, "NOT_FOUND")


async def test_what_a_provider_cannot_give_back_is_taken_from_the_next_payout(flow: Flow) -> None:
    first = await flow.completed()
    await flow.sandbox.switches.post(f"accounts/{await flow.account()}/payouts", amount=PAYOUT)
    await filed(flow, first)
    owed = await flow.row("select amount_cents, paid_cents from booking.provider_debt")
    balance = await flow.balance(first)
    await flow.completed(**later(flow))
    paid = await flow.row("select amount_cents, paid_cents from booking.provider_debt")

    assert (owed["amount_cents"], owed["paid_cents"]) == (PAYOUT, 0)
    assert balance["reversed_cents"] == 0
    assert (paid["amount_cents"], paid["paid_cents"]) == (PAYOUT, PAYOUT)
    assert (await flow.balance(first))["reversed_cents"] == PAYOUT
    assert await flow.paid_out() == 0


async def test_a_debt_is_forgiven_when_the_bank_decides_for_the_provider(flow: Flow) -> None:
    order_id = await flow.completed()
    await flow.sandbox.switches.post(f"accounts/{await flow.account()}/payouts", amount=PAYOUT)
    complaint = await filed(flow, order_id)
    await decided(flow, complaint, "won")
    debt = await flow.row("select amount_cents, paid_cents, forgiven_cents from booking.provider_debt")
    assert (debt["paid_cents"], debt["forgiven_cents"]) == (0, PAYOUT)
    assert (await flow.balance(order_id))["transferred_cents"] == PAYOUT
    assert await flow.paid_out() == 0


async def test_an_account_that_is_closed_is_paid_once_it_is_open_again(flow: Flow) -> None:
    account = await onboarded(flow)
    order_id = await flow.delivered()
    await flow.sandbox.switches.post(f"accounts/{account}/standing", enabled=False)
    await flow.work()
    await flow.work(wait=timedelta(days=4))
    waiting = await flow.paid_out()
    await flow.sandbox.switches.post(f"accounts/{account}/onboard")
    await flow.work()
    assert await flow.rows("select 1 from booking.transfer where status = 'failed'") == []
    assert await flow.status(order_id) == "completed"
    assert (waiting, await flow.paid_out()) == (0, PAYOUT)


async def test_a_transfer_that_fails_is_tried_again(flow: Flow) -> None:
    """The processor closes the account, and its event has not come yet."""
    account = await onboarded(flow)
    order_id = await flow.delivered()
    await flow.sandbox.switches.post("webhooks", paused=True)
    await flow.sandbox.switches.post(f"accounts/{account}/standing", enabled=False)
    await flow.work(wait=timedelta(days=4))
    failed = await flow.rows("select status from booking.transfer where order_id = $1", order_id)
    await flow.sandbox.switches.post(f"accounts/{account}/onboard")
    await flow.sandbox.switches.post("webhooks", paused=False)
    await flow.work(wait=timedelta(days=1))
    assert {row["status"] for row in failed} == {"failed"}
    assert await flow.paid_out() == PAYOUT
    assert (await flow.balance(order_id))["transferred_cents"] == PAYOUT


async def test_a_refund_made_at_the_processor_is_booked_once(flow: Flow) -> None:
    order_id = await flow.completed()
    charge = await charge_of(flow, order_id)
    status, made, _ = await flow.sandbox.raw("POST", "/v1/refunds", f"charge={charge}&amount=5000")
    await flow.work()
    await flow.work()
    balance = await flow.balance(order_id)
    (row,) = await flow.rows("select cause, cause_id, amount_cents, status from booking.refund")
    assert status == 200
    assert (row["cause"], row["cause_id"], row["amount_cents"], row["status"]) == (
        "processor",
        made["id"],
        5_000,
        "succeeded",
    )
    assert (balance["subtotal_returned_cents"], balance["refunded_cents"]) == (5_000, 5_000)
    assert await flow.paid_out() == PAYOUT - 4_500


async def test_a_refund_that_the_bank_sends_back_is_still_owed(flow: Flow) -> None:
    order_id = await flow.confirmed()
    await cancelled(flow, order_id)
    row = await flow.row("select stripe_refund_id as re from booking.refund")
    await flow.sandbox.switches.post(f"refunds/{row['re']}/fail", reason="expired_or_canceled_card")
    await flow.work()
    failed = await flow.row("select status, failure_reason from booking.refund")
    answer = await flow.booking.GetReceipt(pb.GetReceiptRequest(order_id=order_id), metadata=as_buyer())
    assert (failed["status"], failed["failure_reason"]) == ("failed", "expired_or_canceled_card")
    assert (await flow.balance(order_id))["refunded_cents"] == answer.charged_cents
    assert answer.refunds[0].status == pb.REFUND_STATUS_FAILED


@pytest.mark.breaks_invariants
async def test_the_reconciliation_names_the_cent_that_is_missing(flow: Flow) -> None:
    order_id = await flow.completed()
    await flow.server.app.core.database.run(
        lambda tx: tx.execute("update booking.transfer set amount_cents = amount_cents - 1")
    )
    for _ in range(2):
        await flow.enqueue(RECONCILE, "today")
        await flow.work()
    transfer = await flow.row("select stripe_transfer_id as tr from booking.transfer")
    found = await flow.rows(
        "select order_id, name, expected_cents, found_cents from booking.money_finding order by expected_cents desc"
    )
    assert [(row["order_id"], row["name"], row["expected_cents"], row["found_cents"]) for row in found] == [
        (order_id, f"transferred by {transfer['tr']}", PAYOUT, PAYOUT - 1),
        (order_id, "transferred = transfers", PAYOUT - 1, PAYOUT),
    ]


async def cancelled(flow: Flow, order_id: str) -> None:
    await flow.booking.CancelOrder(ordering_pb2.CancelOrderRequest(order_id=order_id), metadata=as_buyer())
    await flow.work()


def later(flow: Flow) -> dict[str, object]:
    """A time that no other order of the test has."""
    start = flow.clock.now() + timedelta(days=30)
    return {"start_ts": stamp(start), "end_ts": stamp(start + timedelta(hours=2, minutes=30))}
