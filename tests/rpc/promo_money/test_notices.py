"""What happens by itself when a budget runs low: a card is charged once, and the advertiser hears of it once."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from callsheet.growth.v1 import notification_pb2
from callsheet.growth.v1.growth_pb2_grpc import GrowthServiceStub
from callsheet.promo.v1 import campaign_calls_pb2 as pb
from callsheet.promo.v1 import campaign_pb2
from callsheet.promo.v1.promo_pb2_grpc import PromoServiceStub
from devstack.roles import DatabaseUrls
from server.core.call import Role
from server.core.clock import ManualClock
from server.promo.topups.timers import WATCH_BUDGETS
from tests.payments.sandbox import Sandbox
from tests.rpc.growth import enqueue, lasting, person
from tests.rpc.harness import Running, refusal
from tests.rpc.promo import ADVERTISER, AGENT, STRANGER, advertiser, campaign, day, funded, put_policy
from tests.rpc.promo_paying import (
    budget_of,
    campaign_of,
    notices,
    paying_server,
    saved_card,
)
from tests.rpc.promo_stream import Click, Stream
from tests.support.parts import Mailbox

OWNER = lasting(ADVERTISER)


@pytest.fixture
async def server(database: DatabaseUrls, sandbox: Sandbox, clock: ManualClock, mail: Mailbox) -> AsyncIterator[Running]:
    async with paying_server(database, sandbox, clock=clock, smtp_url=mail.smtp_url) as running:
        yield running


async def active(
    promo: PromoServiceStub, *, funds: int, below_cents: int = 0, topup_cents: int = 0, daily_cents: int = 5_000
) -> str:
    """An active campaign with that much credit."""
    await put_policy(promo, city="berlin")
    name = (
        await campaign(
            promo,
            await advertiser(promo),
            city_targets=["berlin"],
            cpc_cents=100,
            daily_budget_cents=daily_cents,
            start_date=day(2),
        )
    ).campaign_id
    await funded(promo, name, funds)
    await automatic(promo, name, below_cents, topup_cents)
    await promo.ActivateCampaign(pb.ActivateCampaignRequest(campaign_id=name), metadata=OWNER)
    return name


async def automatic(promo: PromoServiceStub, name: str, below_cents: int, topup_cents: int) -> None:
    terms = campaign_pb2.CampaignTerms(auto_topup_below_cents=below_cents, auto_topup_cents=topup_cents)
    # The rules look at every field of the message, also at those that the mask leaves out.
    whole = (await campaign_of(promo, name)).terms
    whole.MergeFrom(terms)
    request = pb.UpdateCampaignRequest(
        campaign_id=name,
        terms=whole,
        update_mask=FieldMask(paths=["auto_topup_below_cents", "auto_topup_cents"]),
    )
    await promo.UpdateCampaign(request, metadata=OWNER)


async def a_minute_later(server: Running, clock: ManualClock, times: int = 1) -> None:
    for _ in range(times):
        clock.advance(timedelta(minutes=1))
        await enqueue(server, WATCH_BUDGETS)
        await server.worker().run_due()


async def test_a_low_balance_is_paid_up_once(
    server: Running, sandbox: Sandbox, promo: PromoServiceStub, stream: Stream, clock: ManualClock
) -> None:
    await saved_card(server, sandbox)
    name = await active(promo, funds=1_000, below_cents=800, topup_cents=2_000)
    await a_minute_later(server, clock)
    assert await sandbox.switches.movements() == []
    await stream.click(Click(campaign_id=name, at=clock.now(), price_cents=300))
    await a_minute_later(server, clock, times=3)
    assert await sandbox.switches.movements() == [("charge", 2_000)]
    assert (await budget_of(promo, name)).balance_cents == 2_700


async def test_two_workers_at_once_pay_once(
    server: Running, sandbox: Sandbox, promo: PromoServiceStub, stream: Stream, clock: ManualClock
) -> None:
    """The processor does not answer, so the first payment is open while others look."""
    await saved_card(server, sandbox)
    name = await active(promo, funds=1_000, below_cents=800, topup_cents=2_000)
    await stream.click(Click(campaign_id=name, at=clock.now(), price_cents=300))
    await sandbox.switches.fault("drop_after", "/v1/payment_intents", times=30)
    await a_minute_later(server, clock, times=4)
    async with sandbox.switches.session.delete(f"{sandbox.address}/_sandbox/faults") as disarmed:
        assert disarmed.status == 200
    await a_minute_later(server, clock, times=20)
    assert await sandbox.switches.movements() == [("charge", 2_000)]
    assert (await budget_of(promo, name)).balance_cents == 2_700


@pytest.mark.parametrize(
    ("card", "code"),
    [
        ("pm_card_chargeCustomerFail", "card_declined"),
        ("pm_card_authenticationRequired", "authentication_required"),
        ("", "no_card"),
    ],
)
async def test_a_payment_that_fails_stops_and_says_so(
    server: Running,
    sandbox: Sandbox,
    promo: PromoServiceStub,
    stream: Stream,
    clock: ManualClock,
    mail: Mailbox,
    card: str,
    code: str,
) -> None:
    await person(server, ADVERTISER)
    if card:
        await saved_card(server, sandbox, card)
    name = await active(promo, funds=1_000, below_cents=800, topup_cents=2_000)
    await stream.click(Click(campaign_id=name, at=clock.now(), price_cents=300))
    await a_minute_later(server, clock, times=4)
    assert await sandbox.switches.movements() == []
    terms = (await campaign_of(promo, name)).terms
    assert (terms.auto_topup_below_cents, terms.auto_topup_cents) == (0, 0)
    told = [kind for kind, _ in await notices(server)]
    assert told.count("campaign_automatic_topup_failed") == 1
    growth = GrowthServiceStub(server.channel)
    listed = await growth.ListNotifications(notification_pb2.ListNotificationsRequest(), metadata=OWNER)
    shown = next(one for one in listed.notifications if one.kind == "campaign_automatic_topup_failed")
    assert (shown.payload["campaign_id"], shown.payload["failure_code"]) == (name, code)
    assert any(code in one.text for one in mail.mails())


async def test_the_advertiser_chooses_which_card_is_charged(
    server: Running, sandbox: Sandbox, promo: PromoServiceStub, stream: Stream, clock: ManualClock
) -> None:
    first = await saved_card(server, sandbox, "pm_card_chargeCustomerFail")
    clock.advance(timedelta(seconds=1))
    chosen = await saved_card(server, sandbox)
    name = await active(promo, funds=1_000, below_cents=800, topup_cents=2_000)
    owner = (await campaign_of(promo, name)).advertiser_id
    request = pb.UpdateAdvertiserRequest(
        advertiser_id=owner,
        default_payment_method_id=chosen,
        update_mask=FieldMask(paths=["default_payment_method_id"]),
    )
    changed = (await promo.UpdateAdvertiser(request, metadata=OWNER)).advertiser
    assert (changed.default_payment_method_id, changed.version) == (chosen, 2)
    assert first != chosen
    await stream.click(Click(campaign_id=name, at=clock.now(), price_cents=300))
    await a_minute_later(server, clock, times=2)
    assert await sandbox.switches.movements() == [("charge", 2_000)]


async def test_whoever_has_paused_everything_is_charged_once_they_go_on(
    server: Running, sandbox: Sandbox, promo: PromoServiceStub, stream: Stream, clock: ManualClock
) -> None:
    """Clicks on what was shown before still take the balance down."""
    await saved_card(server, sandbox)
    name = await active(promo, funds=1_000, below_cents=800, topup_cents=2_000)
    owner = (await campaign_of(promo, name)).advertiser_id

    async def becomes(status: campaign_pb2.AdvertiserStatus.ValueType) -> None:
        request = pb.UpdateAdvertiserRequest(
            advertiser_id=owner, status=status, update_mask=FieldMask(paths=["status"])
        )
        await promo.UpdateAdvertiser(request, metadata=OWNER)

    await becomes(campaign_pb2.ADVERTISER_STATUS_PAUSED)
    await stream.click(Click(campaign_id=name, at=clock.now(), price_cents=300))
    await a_minute_later(server, clock, times=2)
    assert await sandbox.switches.movements() == []
    assert (await campaign_of(promo, name)).terms.auto_topup_cents == 2_000
    await becomes(campaign_pb2.ADVERTISER_STATUS_ACTIVE)
    await a_minute_later(server, clock, times=2)
    assert await sandbox.switches.movements() == [("charge", 2_000)]


async def test_each_thing_is_said_once_until_it_changes(
    server: Running, promo: PromoServiceStub, stream: Stream, clock: ManualClock
) -> None:
    name = await active(promo, funds=1_200, daily_cents=5_000)
    await a_minute_later(server, clock)
    assert await notices(server) == []
    await stream.click(Click(campaign_id=name, at=clock.now(), price_cents=300))
    await a_minute_later(server, clock, times=2)
    assert [kind for kind, _ in await notices(server)] == ["campaign_balance_low"]
    await stream.click(Click(campaign_id=name, at=clock.now(), price_cents=850))
    await a_minute_later(server, clock, times=2)
    assert [kind for kind, _ in await notices(server)] == ["campaign_balance_low", "campaign_balance_spent"]
    await funded(promo, name, 800)
    await a_minute_later(server, clock, times=2)
    # It was put into and is low again: that is news.
    assert [kind for kind, _ in await notices(server)][2:] == ["campaign_balance_low"]


async def test_a_spent_day_and_a_spent_total_are_told(
    server: Running, promo: PromoServiceStub, stream: Stream, clock: ManualClock
) -> None:
    name = await active(promo, funds=200_000, daily_cents=500)
    await stream.click(Click(campaign_id=name, at=clock.now(), price_cents=450))
    await a_minute_later(server, clock, times=2)
    assert [kind for kind, _ in await notices(server)] == ["campaign_day_spent"]
    await stream.click(Click(campaign_id=name, at=clock.now(), price_cents=99_500))
    await a_minute_later(server, clock, times=2)
    assert [kind for kind, _ in await notices(server)] == ["campaign_day_spent", "campaign_total_spent"]


async def test_what_an_advertiser_may_change(server: Running, sandbox: Sandbox, promo: PromoServiceStub) -> None:
    owner = await advertiser(promo)
    theirs = await saved_card(server, sandbox, user_id=STRANGER)

    def request(*paths: str, **changes: object) -> pb.UpdateAdvertiserRequest:
        mask = FieldMask(paths=paths)
        return pb.UpdateAdvertiserRequest(advertiser_id=owner, update_mask=mask, **changes)  # type: ignore[arg-type]

    paused = await promo.UpdateAdvertiser(
        request("status", status=campaign_pb2.ADVERTISER_STATUS_PAUSED), metadata=OWNER
    )
    assert paused.advertiser.status == campaign_pb2.ADVERTISER_STATUS_PAUSED
    for wrong, field in (
        (request(), "update_mask"),
        (request("user_id"), "update_mask"),
        (request("status"), "status"),
    ):
        assert set((await refusal(promo.UpdateAdvertiser(wrong, metadata=OWNER))).violations) == {field}
    card = request("default_payment_method_id", default_payment_method_id=theirs)
    assert (await refusal(promo.UpdateAdvertiser(card, metadata=OWNER))).reason == "NOT_FOUND"
    stranger = request("status", status=campaign_pb2.ADVERTISER_STATUS_ACTIVE)
    assert (await refusal(promo.UpdateAdvertiser(stranger, metadata=lasting(STRANGER)))).reason == "NOT_FOUND"
    stale = request("status", status=campaign_pb2.ADVERTISER_STATUS_ACTIVE, version=1)
    assert (await refusal(promo.UpdateAdvertiser(stale, metadata=OWNER))).reason == "STALE_VERSION"
    suspended = request("status", status=campaign_pb2.ADVERTISER_STATUS_ACTIVE)
    await promo.SuspendAdvertiser(
        pb.SuspendAdvertiserRequest(advertiser_id=owner, reason="Fraud."), metadata=lasting(AGENT, Role.AGENT)
    )
    assert (await refusal(promo.UpdateAdvertiser(suspended, metadata=OWNER))).reason == "ILLEGAL_TRANSITION"


async def test_an_automatic_payment_is_enough_to_be_one(promo: PromoServiceStub) -> None:
    name = (await campaign(promo, await advertiser(promo))).campaign_id
    whole = (await campaign_of(promo, name)).terms
    whole.auto_topup_below_cents, whole.auto_topup_cents = 500, 499
    refused = await refusal(
        promo.UpdateCampaign(pb.UpdateCampaignRequest(campaign_id=name, terms=whole), metadata=OWNER)
    )
    assert set(refused.violations) == {"terms.auto_topup_cents"}
