"""Points of promo's money: begun and not made, made and not booked, taken back, given back, and told."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta

import grpc
import pytest

from callsheet.promo.v1 import topup_pb2, withdrawal_pb2
from callsheet.promo.v1.promo_pb2_grpc import PromoServiceStub
from devstack.valkey import Valkey
from server.adapters.budgets.port import Claim, ClickClaim, Limits, Spent, Step
from server.adapters.budgets.valkey import valkey_budgets
from server.adapters.eventlog.port import Partition
from server.adapters.eventlog.valkey import valkey_log
from server.core.clock import SystemClock
from server.promo.domain.partitions import partition_of
from server.promo.late.timers import LATE_PASS
from server.promo.notices.timers import SEND_NOTICE
from server.promo.verifying.timers import VERIFY_SPEND
from tests.crash.victim import Workplace, killed
from tests.payments.sandbox import API_KEY, Sandbox, running_sandbox
from tests.payments.slice import SECRET
from tests.rpc.growth import enqueue, person
from tests.rpc.harness import Running, as_user
from tests.rpc.promo import ADVERTISER, advertiser, campaign
from tests.rpc.promo_paying import budget_of, hearing, paying_server, saved_card, top_up
from tests.rpc.promo_stream import PARTITIONS, Click, stream_hand
from tests.support.parts import Mailbox

AMOUNT = 4_000


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with running_sandbox() as running:
        yield running


@pytest.fixture
def place(workplace: Workplace, sandbox: Sandbox) -> Workplace:
    settings = {
        "STRIPE_API_KEY": API_KEY,
        "CALLSHEET_STRIPE_API_BASE": sandbox.address,
        "CALLSHEET_STRIPE_WEBHOOK_SECRET": SECRET,
    }
    return replace(workplace, settings=settings)


@asynccontextmanager
async def prepared(
    place: Workplace, sandbox: Sandbox, card: str = "pm_card_visa"
) -> AsyncIterator[tuple[Running, str, str]]:
    """A server of this process, a campaign, and a card of its advertiser."""
    async with paying_server(place.database, sandbox) as server:
        await person(server, ADVERTISER)
        promo = PromoServiceStub(server.channel)
        name = (await campaign(promo, await advertiser(promo))).campaign_id
        yield server, name, await saved_card(server, sandbox, card)


async def hurry(place: Workplace) -> None:
    """What is stored for later is due now."""
    await place.rows("update core.job set run_at = now() where status = 'queued' and kind <> 'promo.give_up_topup'")


@pytest.mark.parametrize(
    "point",
    [
        "topup.begun",
        pytest.param("payments.call_made", marks=pytest.mark.crash),
        "payments.call_settled",
        pytest.param("topup.settled", marks=pytest.mark.crash),
    ],
)
async def test_a_payment_whose_server_dies_is_made_and_booked_once(
    place: Workplace, sandbox: Sandbox, point: str
) -> None:
    """Whoever retries is answered by the first attempt; a job completes what its server could not."""
    async with prepared(place, sandbox) as (_, name, card):
        pass
    request = topup_pb2.TopUpCampaignRequest(
        campaign_id=name, amount_cents=AMOUNT, payment_method_id=card, idempotency_key="once"
    )
    async with place.server(dies_at=point) as server, server.channel() as channel:
        with suppress(grpc.aio.AioRpcError):
            await PromoServiceStub(channel).TopUpCampaign(request, metadata=as_user(ADVERTISER))
        await killed(server)
    await hurry(place)

    async def booked() -> bool:
        return bool(await place.rows("select from promo_topup where status = 'paid'"))

    await place.works_until(booked, "the payment to be booked")
    async with paying_server(place.database, sandbox) as again:
        promo = PromoServiceStub(again.channel)
        await promo.TopUpCampaign(request, metadata=as_user(ADVERTISER))
        assert (await budget_of(promo, name)).balance_cents == AMOUNT
    assert await sandbox.switches.movements() == [("charge", AMOUNT)]


async def test_a_charge_back_whose_worker_dies_is_owed_once(place: Workplace, sandbox: Sandbox) -> None:
    async with prepared(place, sandbox, "pm_card_createDispute") as (server, name, card), hearing(server, sandbox):
        await top_up(PromoServiceStub(server.channel), name, AMOUNT, card=card)
        assert (await sandbox.switches.post("webhooks/flush"))["pending"] == 0
    await place.dies_at("topup.taken_back")

    async def handled() -> bool:
        return not await place.rows("select from payments.webhook_event where status in ('received', 'parked')")

    await place.works_until(handled, "every event to be settled")
    async with paying_server(place.database, sandbox) as after:
        budget = await budget_of(PromoServiceStub(after.channel), name)
    assert (budget.balance_cents, budget.owed_cents) == (AMOUNT, AMOUNT)
    assert len(await place.rows("select from promo_notice")) == 1
    suspended = await place.rows("select from promo_campaign_event where event = 'suspend'")
    assert len(suspended) == 1


@pytest.mark.parametrize("point", ["withdrawal.decided", "withdrawal.refund_settled"])
async def test_a_withdrawal_whose_worker_dies_is_refunded_once(place: Workplace, sandbox: Sandbox, point: str) -> None:
    async with (
        prepared(place, sandbox) as (server, name, card),
        stream_hand(place.database, SystemClock()) as stream,
    ):
        promo = PromoServiceStub(server.channel)
        await top_up(promo, name, AMOUNT, card=card)
        asked = withdrawal_pb2.WithdrawBalanceRequest(campaign_id=name, idempotency_key="once")
        await promo.WithdrawBalance(asked, metadata=as_user(ADVERTISER))
        await stream.hears(server)
    await place.dies_at(point)

    async def completed() -> bool:
        return bool(await place.rows("select from promo_withdrawal where status = 'completed'"))

    await place.works_until(completed, "the withdrawal to be completed")
    async with paying_server(place.database, sandbox) as after:
        assert (await budget_of(PromoServiceStub(after.channel), name)).balance_cents == 0
    assert await sandbox.switches.movements() == [("charge", AMOUNT), ("refund", -AMOUNT)]


async def test_a_notice_whose_worker_dies_is_shown_once_and_mailed_at_most_once(
    place: Workplace, sandbox: Sandbox, mail: Mailbox
) -> None:
    """A mail that was claimed is never claimed again; the notification in the app is there either way."""
    place = replace(place, settings={**place.settings, "CALLSHEET_SMTP_URL": mail.smtp_url})
    async with prepared(place, sandbox) as (server, name, _):
        core = server.app.core
        await core.database.run(
            lambda tx: tx.execute(
                "insert into promo_notice (notice_id, campaign_id, user_id, kind, cause, payload, created_at) "
                "values ('pntc_1', $1, $2, 'campaign_withdrawal_refused', 'pwdr_1', '{}', now())",
                name,
                ADVERTISER,
            )
        )
        await core.database.run(lambda tx: core.jobs.enqueue(tx, SEND_NOTICE, key="pntc_1"))
    await place.dies_at("notice.mail_claimed")

    async def told() -> bool:
        return bool(await place.rows("select from core.job where kind = 'promo.send_notice' and status = 'done'"))

    await place.works_until(told, "the notice to be settled")
    [notice] = await place.rows("select mail_status from promo_notice")
    assert notice["mail_status"] == "sending"
    assert len(await place.rows("select from notification where user_id = $1", ADVERTISER)) == 1
    assert mail.mails() == []


async def test_a_late_pass_that_dies_gives_each_click_back_once(place: Workplace, sandbox: Sandbox) -> None:
    """What it had given back is found again by the next pass, and passed over."""
    async with prepared(place, sandbox) as (server, name, card), stream_hand(place.database, SystemClock()) as stream:
        promo = PromoServiceStub(server.channel)
        await top_up(promo, name, AMOUNT, card=card)
        at = SystemClock().now() - timedelta(hours=3)
        for _ in range(3):
            await stream.click(Click(campaign_id=name, at=at, price_cents=100, with_impression=False))
        await enqueue(server, LATE_PASS)
    await place.dies_at("late.credited")

    async def looked_through() -> bool:
        return bool(await place.rows("select from promo_late_pass where rule = 'no_impression'"))

    await place.works_until(looked_through, "the pass to be over")
    async with paying_server(place.database, sandbox) as after:
        budget = await budget_of(PromoServiceStub(after.channel), name)
    assert (budget.balance_cents, budget.spent_on_clicks_cents) == (AMOUNT, 0)
    assert len(await place.rows("select from promo_budget_ledger where credit_source = 'invalid_click'")) == 3
    assert len(await place.rows("select from promo_click_decision where revision > 1")) == 3
    assert len(await place.rows("select from promo_notice")) == 1


async def test_a_verifier_that_dies_releases_a_claim_once(
    place: Workplace, sandbox: Sandbox, valkey_budget: Valkey
) -> None:
    place = replace(place, settings={**place.settings, "CALLSHEET_BUDGET_URL": valkey_budget.url})
    async with (
        prepared(place, sandbox) as (server, name, card),
        stream_hand(place.database, SystemClock()) as stream,
        valkey_budgets(valkey_budget.url, cluster=False) as budgets,
        valkey_log(place.log.url, SystemClock(), partition_bytes=16 << 20) as log,
    ):
        await top_up(PromoServiceStub(server.channel), name, AMOUNT, card=card)
        click = Click(campaign_id=name, at=SystemClock().now(), price_cents=100)
        await stream.click(click)
        await log.ensure("clicks", PARTITIONS)
        await log.append(Partition("clicks", partition_of(name, PARTITIONS)), [b"x"] * 3)
        assert await budgets.load(Spent(name, 100, {click.day: 100}), Step(1, 1))
        lost = ClickClaim(f"{name}:pimp_lost", 70, click.day, 1, 0)
        await budgets.claim([(Claim(name, Limits(1, 5_000, None, AMOUNT), (lost,)), Step(1, 1))], settled=0)
        await enqueue(server, VERIFY_SPEND)
    await place.dies_at("verifier.released")

    async def verified() -> bool:
        return bool(await place.rows("select from core.job where kind = 'promo.verify_spend' and status = 'done'"))

    await place.works_until(verified, "the proof to be over")
    async with valkey_budgets(valkey_budget.url, cluster=False) as budgets:
        assert (await budgets.views([name]))[name].spent.total_cents == 100
        assert list(await budgets.held(name)) == []
