"""Paying into a budget over a socket, with the sandbox for a processor: once, whatever is lost or repeated."""

import asyncio
from datetime import timedelta

import grpc
import pytest

from callsheet.promo.v1 import budget_pb2, campaign_pb2, topup_pb2
from callsheet.promo.v1 import campaign_calls_pb2 as pb
from callsheet.promo.v1.promo_pb2_grpc import PromoServiceStub
from server.core.call import Role
from server.core.clock import ManualClock
from tests.payments.sandbox import Sandbox
from tests.rpc.growth import lasting
from tests.rpc.harness import Running, as_user, refusal
from tests.rpc.promo import ADVERTISER, STRANGER, put_policy
from tests.rpc.promo_paying import (
    budget_of,
    campaign_of,
    charge_of,
    delivered,
    hearing,
    notices,
    saved_card,
    top_up,
    topup_of,
)

PAYMENTS = "/v1/payment_intents"


async def entries(promo: PromoServiceStub, name: str) -> list[tuple[int, int, int]]:
    """Kind, amount and cash of every entry, newest first."""
    request = budget_pb2.ListBudgetEntriesRequest(campaign_id=name)
    listed = await promo.ListBudgetEntries(request, metadata=lasting(ADVERTISER))
    return [(entry.kind, entry.amount_cents, entry.cash_cents) for entry in listed.entries]


async def pay(sandbox: Sandbox, answer: topup_pb2.TopUpCampaignResponse, card: str = "pm_card_visa") -> int:
    """What the payer's device does with the client secret; the processor's status."""
    intent = answer.client_secret.partition("_secret_")[0]
    form = f"payment_method={card}&client_secret={answer.client_secret}"
    status, _, _ = await sandbox.raw("POST", f"{PAYMENTS}/{intent}/confirm", form)
    return status


async def test_a_saved_card_pays_at_once(server: Running, sandbox: Sandbox, promo: PromoServiceStub, name: str) -> None:
    card = await saved_card(server, sandbox)
    answer = await top_up(promo, name, 5_000, card=card)
    assert (answer.topup.status, answer.client_secret) == (topup_pb2.TOP_UP_STATUS_PAID, "")
    assert await entries(promo, name) == [(budget_pb2.BUDGET_ENTRY_KIND_TOPUP, 5_000, 5_000)]
    budget = await budget_of(promo, name)
    assert (budget.balance_cents, budget.balance_cash_cents) == (5_000, 5_000)
    # The answer's job and every event come after the fact, each twice and the newest first.
    async with hearing(server, sandbox):
        await sandbox.switches.post("webhooks", copies=2, order="reversed")
        await delivered(server, sandbox)
    assert (await topup_of(promo, answer.topup.topup_id)).version == 2
    assert await entries(promo, name) == [(budget_pb2.BUDGET_ENTRY_KIND_TOPUP, 5_000, 5_000)]
    assert await sandbox.switches.movements() == [("charge", 5_000)]


async def test_a_device_pays_by_a_secret_that_is_stored_nowhere(
    server: Running, sandbox: Sandbox, promo: PromoServiceStub, name: str
) -> None:
    answer = await top_up(promo, name, 700, key="once")
    assert answer.topup.status == topup_pb2.TOP_UP_STATUS_PENDING
    assert answer.client_secret
    again = await top_up(promo, name, 700, key="once")
    assert (again.topup.topup_id, again.client_secret) == (answer.topup.topup_id, "")
    request = topup_pb2.GetTopUpRequest(topup_id=answer.topup.topup_id)
    assert (await promo.GetTopUp(request, metadata=lasting(ADVERTISER))).client_secret == answer.client_secret
    seen = await promo.GetTopUp(request, metadata=as_user("usr_finance", Role.FINANCE))
    assert (seen.topup.topup_id, seen.client_secret) == (answer.topup.topup_id, "")
    rows = await server.app.core.database.run(
        lambda tx: tx.fetch(
            "select c::text as row from payments.stripe_call c union all select t::text from promo_topup t "
            "union all select encode(k.response, 'escape') from core.idempotency_key k"
        )
    )
    assert not any(answer.client_secret in row["row"] for row in rows)

    assert await pay(sandbox, answer) == 200
    assert (await budget_of(promo, name)).balance_cents == 0
    async with hearing(server, sandbox):
        await delivered(server, sandbox)
    assert (await budget_of(promo, name)).balance_cents == 700
    assert (await topup_of(promo, answer.topup.topup_id)).status == topup_pb2.TOP_UP_STATUS_PAID


async def test_a_bank_that_asks_who_pays_is_answered_by_the_payer(
    server: Running, sandbox: Sandbox, promo: PromoServiceStub, name: str
) -> None:
    card = await saved_card(server, sandbox, "pm_card_mastercard")
    await sandbox.switches.post("webhooks", url="http://127.0.0.1:9/", paused=True)
    asked = await top_up(promo, name, 900, return_url="https://app.example/back", card=card)
    assert asked.topup.status == topup_pb2.TOP_UP_STATUS_PAID
    waiting = await top_up(promo, name, 900)
    assert await pay(sandbox, waiting, "pm_card_authenticationRequired") == 200
    async with hearing(server, sandbox):
        await sandbox.switches.post("webhooks", paused=False)
        await delivered(server, sandbox)
        stands = await topup_of(promo, waiting.topup.topup_id)
        assert stands.status == topup_pb2.TOP_UP_STATUS_REQUIRES_ACTION
        intent = waiting.client_secret.partition("_secret_")[0]
        await sandbox.switches.post(f"payment_intents/{intent}/challenge", outcome="failed")
        await delivered(server, sandbox)
        failed = await topup_of(promo, waiting.topup.topup_id)
        assert failed.status == topup_pb2.TOP_UP_STATUS_FAILED
        assert failed.failure_code == "payment_intent_authentication_failure"
        # The same secret takes another card.
        assert await pay(sandbox, waiting) == 200
        await delivered(server, sandbox)
    assert (await topup_of(promo, waiting.topup.topup_id)).status == topup_pb2.TOP_UP_STATUS_PAID
    assert (await budget_of(promo, name)).balance_cents == 1_800


async def test_a_decline_says_why_and_moves_nothing(
    server: Running, sandbox: Sandbox, promo: PromoServiceStub, name: str
) -> None:
    card = await saved_card(server, sandbox, "pm_card_chargeCustomerFail")
    answer = await top_up(promo, name, 900, card=card)
    assert answer.topup.status == topup_pb2.TOP_UP_STATUS_FAILED
    assert (answer.topup.failure_code, answer.topup.decline_code) == ("card_declined", "generic_decline")
    async with hearing(server, sandbox):
        await delivered(server, sandbox)
    assert await entries(promo, name) == []
    assert await notices(server) == []


@pytest.mark.parametrize("fault", ["drop_before", "drop_after"])
async def test_an_answer_that_is_lost_is_asked_for_again(
    server: Running, sandbox: Sandbox, promo: PromoServiceStub, name: str, clock: ManualClock, fault: str
) -> None:
    card = await saved_card(server, sandbox)
    await sandbox.switches.fault(fault, PAYMENTS, times=9)
    answer = await top_up(promo, name, 900, card=card)
    assert answer.topup.status == topup_pb2.TOP_UP_STATUS_PENDING
    async with sandbox.switches.session.delete(f"{sandbox.address}/_sandbox/faults") as disarmed:
        assert disarmed.status == 200
    clock.advance(timedelta(minutes=1))
    await server.worker().run_due()
    assert (await topup_of(promo, answer.topup.topup_id)).status == topup_pb2.TOP_UP_STATUS_PAID
    assert (await budget_of(promo, name)).balance_cents == 900
    assert await sandbox.switches.movements() == [("charge", 900)]


async def test_a_payment_that_nobody_completes_is_canceled_after_a_day(
    server: Running, sandbox: Sandbox, promo: PromoServiceStub, name: str, clock: ManualClock
) -> None:
    paid, left = await top_up(promo, name, 500), await top_up(promo, name, 600)
    assert await pay(sandbox, paid) == 200
    clock.advance(timedelta(days=1, seconds=1))
    # Paid, and nobody has heard of it: the look that the cancellation leads to finds the money.
    await server.worker().run_due()
    assert (await topup_of(promo, paid.topup.topup_id)).status == topup_pb2.TOP_UP_STATUS_PAID
    assert (await topup_of(promo, left.topup.topup_id)).status == topup_pb2.TOP_UP_STATUS_CANCELED
    assert await pay(sandbox, left) == 400
    assert (await budget_of(promo, name)).balance_cents == 500


async def test_a_payment_that_nobody_knows_of_is_canceled_once_it_is_known(
    server: Running, sandbox: Sandbox, promo: PromoServiceStub, name: str, clock: ManualClock
) -> None:
    await sandbox.switches.fault("drop_before", PAYMENTS, times=99)
    left = await top_up(promo, name, 600)
    clock.advance(timedelta(days=1, seconds=1))
    await server.worker().run_due()
    assert (await topup_of(promo, left.topup.topup_id)).status == topup_pb2.TOP_UP_STATUS_PENDING
    async with sandbox.switches.session.delete(f"{sandbox.address}/_sandbox/faults") as disarmed:
        assert disarmed.status == 200
    for _ in range(3):
        clock.advance(timedelta(hours=2))
        await server.worker().run_due()
    assert (await topup_of(promo, left.topup.topup_id)).status == topup_pb2.TOP_UP_STATUS_CANCELED
    assert (await budget_of(promo, name)).balance_cents == 0


async def test_many_retries_pay_once(server: Running, sandbox: Sandbox, promo: PromoServiceStub, name: str) -> None:
    card = await saved_card(server, sandbox)
    calls = [top_up(promo, name, 800, card=card, key="same") for _ in range(6)]
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert len({a.topup.topup_id for a in answers if not isinstance(a, BaseException)}) == 1
    assert (await budget_of(promo, name)).balance_cents == 800
    assert await sandbox.switches.movements() == [("charge", 800)]


async def test_a_charge_back_is_owed_and_suspends(
    server: Running, sandbox: Sandbox, promo: PromoServiceStub, name: str
) -> None:
    card = await saved_card(server, sandbox, "pm_card_createDispute")
    async with hearing(server, sandbox):
        answer = await top_up(promo, name, 5_000, card=card)
        await sandbox.switches.post("webhooks", copies=2, order="reversed")
        await delivered(server, sandbox)
        assert (await topup_of(promo, answer.topup.topup_id)).status == topup_pb2.TOP_UP_STATUS_CHARGED_BACK
        assert (await campaign_of(promo, name)).status == campaign_pb2.CAMPAIGN_STATUS_SUSPENDED
        budget = await budget_of(promo, name)
        assert (budget.balance_cents, budget.owed_cents) == (5_000, 5_000)
        assert await notices(server) == [("campaign_topup_charged_back", ADVERTISER)]

        _, listed, _ = await sandbox.raw("GET", "/v1/disputes")
        await sandbox.switches.post(f"disputes/{listed['data'][0]['id']}/decide", status="won")
        await delivered(server, sandbox)
    assert (await budget_of(promo, name)).owed_cents == 0
    assert (await topup_of(promo, answer.topup.topup_id)).status == topup_pb2.TOP_UP_STATUS_PAID
    # Only staff lifts a suspension.
    assert (await campaign_of(promo, name)).status == campaign_pb2.CAMPAIGN_STATUS_SUSPENDED


async def test_no_card_of_a_suspended_advertiser_is_charged(
    server: Running, sandbox: Sandbox, promo: PromoServiceStub, name: str
) -> None:
    """A draft is no campaign that a suspension would stop, and stolen cards could be tried on it."""
    card = await saved_card(server, sandbox)
    owner = (await campaign_of(promo, name)).advertiser_id
    suspend = pb.SuspendAdvertiserRequest(advertiser_id=owner, reason="Stolen cards.")
    await promo.SuspendAdvertiser(suspend, metadata=lasting("usr_agent", Role.AGENT))
    assert (await campaign_of(promo, name)).status == campaign_pb2.CAMPAIGN_STATUS_DRAFT
    refused = await refusal(top_up(promo, name, 5_000, card=card))
    assert (refused.code, refused.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "ADVERTISER_INACTIVE")
    assert (refused.metadata["advertiser_id"], refused.metadata["status"]) == (owner, "suspended")
    assert await sandbox.switches.movements() == []


async def test_what_is_owed_stays_suspended_when_its_advertiser_goes_on(
    server: Running, sandbox: Sandbox, promo: PromoServiceStub, name: str
) -> None:
    """The bank takes its money back from an advertiser who is suspended already."""
    for city in ("berlin", "hamburg"):
        await put_policy(promo, city=city)
    card = await saved_card(server, sandbox)
    answer = await top_up(promo, name, 5_000, card=card)
    await promo.ActivateCampaign(pb.ActivateCampaignRequest(campaign_id=name), metadata=lasting(ADVERTISER))
    owner = (await campaign_of(promo, name)).advertiser_id
    suspend = pb.SuspendAdvertiserRequest(advertiser_id=owner, reason="Stolen cards.")
    await promo.SuspendAdvertiser(suspend, metadata=lasting("usr_agent", Role.AGENT))
    charge = await charge_of(server, answer.topup.topup_id)
    async with hearing(server, sandbox):
        await sandbox.switches.post(f"charges/{charge}/disputes")
        await delivered(server, sandbox)
    admin = lasting("usr_admin", Role.ADMIN)
    lift = pb.LiftAdvertiserSuspensionRequest(advertiser_id=owner)
    await promo.LiftAdvertiserSuspension(lift, metadata=admin)
    assert (await campaign_of(promo, name)).status == campaign_pb2.CAMPAIGN_STATUS_SUSPENDED
    assert (await budget_of(promo, name)).owed_cents == 5_000
    # Where it stood before is not forgotten.
    await promo.LiftSuspension(pb.LiftSuspensionRequest(campaign_id=name, reason="It was paid."), metadata=admin)
    assert (await campaign_of(promo, name)).status == campaign_pb2.CAMPAIGN_STATUS_ACTIVE


async def test_a_complaint_that_moved_no_money_changes_nothing(
    server: Running, sandbox: Sandbox, promo: PromoServiceStub, name: str
) -> None:
    card = await saved_card(server, sandbox, "pm_card_createDisputeInquiry")
    async with hearing(server, sandbox):
        await top_up(promo, name, 5_000, card=card)
        await delivered(server, sandbox)
    assert (await budget_of(promo, name)).owed_cents == 0
    assert (await campaign_of(promo, name)).status == campaign_pb2.CAMPAIGN_STATUS_DRAFT


async def test_a_refund_past_us_is_owed(server: Running, sandbox: Sandbox, promo: PromoServiceStub, name: str) -> None:
    card = await saved_card(server, sandbox)
    answer = await top_up(promo, name, 5_000, card=card)
    charge = await charge_of(server, answer.topup.topup_id)
    async with hearing(server, sandbox):
        status, _, _ = await sandbox.raw("POST", "/v1/refunds", f"charge={charge}&amount=1200")
        assert status == 200
        await delivered(server, sandbox)
    assert (await budget_of(promo, name)).owed_cents == 1_200
    assert (await campaign_of(promo, name)).status == campaign_pb2.CAMPAIGN_STATUS_SUSPENDED


async def test_what_is_refused(server: Running, sandbox: Sandbox, promo: PromoServiceStub, name: str) -> None:
    mine = await saved_card(server, sandbox)
    theirs = await saved_card(server, sandbox, user_id=STRANGER)

    def request(**changes: object) -> topup_pb2.TopUpCampaignRequest:
        usual = {"campaign_id": name, "amount_cents": 500, "payment_method_id": mine, "idempotency_key": "one"}
        return topup_pb2.TopUpCampaignRequest(**{**usual, **changes})  # type: ignore[arg-type]  # a test's changes

    stranger = await refusal(promo.TopUpCampaign(request(payment_method_id=theirs), metadata=as_user(STRANGER)))
    assert (stranger.code, stranger.reason) == (grpc.StatusCode.NOT_FOUND, "NOT_FOUND")
    card = await refusal(promo.TopUpCampaign(request(payment_method_id=theirs), metadata=lasting(ADVERTISER)))
    assert (card.reason, card.metadata["resource"]) == ("NOT_FOUND", theirs)
    for field, value in {"amount_cents": 99, "return_url": "javascript:1", "idempotency_key": ""}.items():
        bad = await refusal(promo.TopUpCampaign(request(**{field: value}), metadata=lasting(ADVERTISER)))
        assert (bad.code, set(bad.violations)) == (grpc.StatusCode.INVALID_ARGUMENT, {field})
    await promo.EndCampaign(pb.EndCampaignRequest(campaign_id=name), metadata=lasting(ADVERTISER))
    ended = await refusal(promo.TopUpCampaign(request(), metadata=lasting(ADVERTISER)))
    assert (ended.code, ended.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "ILLEGAL_TRANSITION")
    unknown = await refusal(promo.GetTopUp(topup_pb2.GetTopUpRequest(topup_id="ptop_x"), metadata=lasting(ADVERTISER)))
    assert unknown.reason == "NOT_FOUND"
    assert await sandbox.switches.movements() == []


async def test_payments_are_listed_page_by_page(promo: PromoServiceStub, name: str, clock: ManualClock) -> None:
    made = []
    for amount in (100, 200, 300):
        made.append((await top_up(promo, name, amount)).topup.topup_id)
        clock.advance(timedelta(milliseconds=1))
    request = topup_pb2.ListTopUpsRequest(campaign_id=name, page_size=2)
    first = await promo.ListTopUps(request, metadata=lasting(ADVERTISER))
    request.page_token = first.next_page_token
    rest = await promo.ListTopUps(request, metadata=lasting(ADVERTISER))
    assert [one.topup_id for page in (first, rest) for one in page.topups] == made[::-1]
    assert rest.next_page_token == ""
    stranger = await refusal(promo.ListTopUps(request, metadata=as_user(STRANGER)))
    assert stranger.reason in {"NOT_FOUND", "PAGE_TOKEN_INVALID"}
