"""Advertisers who pay: a campaign, a saved card, a processor whose events come as if it had delivered them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import grpc
from google.api.httpbody_pb2 import HttpBody

from callsheet.booking.v1 import card_pb2
from callsheet.booking.v1.booking_pb2_grpc import BookingServiceStub
from callsheet.payments.v1.webhook_pb2_grpc import WebhookServiceStub
from callsheet.promo.v1 import budget_pb2, campaign_pb2, topup_pb2
from callsheet.promo.v1 import campaign_calls_pb2 as pb
from callsheet.promo.v1.promo_pb2_grpc import PromoServiceStub
from devstack.roles import DatabaseUrls
from server.core.clock import Clock
from server.payments.kinds import SYNC_CARDS
from tests.payments.sandbox import API_KEY, Sandbox
from tests.payments.slice import SECRET, delivering
from tests.rpc.growth import lasting
from tests.rpc.harness import Running, as_user, running_server
from tests.rpc.promo import ADVERTISER, IDS


@asynccontextmanager
async def paying_server(
    database: DatabaseUrls, sandbox: Sandbox, *, clock: Clock | None = None, smtp_url: str = ""
) -> AsyncIterator[Running]:
    """A server whose processor is the sandbox."""
    async with running_server(
        database,
        clock=clock,
        STRIPE_API_KEY=API_KEY,
        stripe_api_base=sandbox.address,
        stripe_webhook_secret=SECRET,
        smtp_url=smtp_url,
    ) as running:
        yield running


@asynccontextmanager
async def hearing(server: Running, sandbox: Sandbox) -> AsyncIterator[None]:
    """The sandbox delivers its events to the server for the block; what they lead to is a job's."""
    stub = WebhookServiceStub(server.channel)

    async def receive(body: bytes, signature: str) -> None:
        await stub.ReceiveStripeEvent(HttpBody(data=body), metadata=(("stripe-signature", signature),))

    async with delivering(sandbox, receive, grpc.aio.AioRpcError):
        yield


async def delivered(server: Running, sandbox: Sandbox) -> None:
    """Every event so far is delivered and worked off."""
    assert (await sandbox.switches.post("webhooks/flush"))["pending"] == 0
    await server.worker().run_due()


async def saved_card(server: Running, sandbox: Sandbox, card: str = "pm_card_visa", user_id: str = ADVERTISER) -> str:
    """A card of that person, saved as their device saves it; its id."""
    booking = BookingServiceStub(server.channel)
    request = card_pb2.CreateSetupIntentRequest(idempotency_key=IDS.new("key"))
    intent = await booking.CreateSetupIntent(request, metadata=as_user(user_id))
    form = f"payment_method={card}&client_secret={intent.client_secret}"
    status, made, _ = await sandbox.raw("POST", f"/v1/setup_intents/{intent.setup_intent_id}/confirm", form)
    assert status == 200
    if made["status"] == "requires_action":
        await sandbox.switches.post(f"setup_intents/{intent.setup_intent_id}/challenge", outcome="proved")
    core = server.app.core
    customer = await core.database.run(
        lambda tx: tx.fetchval("select stripe_customer_id from payments.customer where user_id = $1", user_id)
    )
    await core.database.run(lambda tx: core.jobs.enqueue(tx, SYNC_CARDS, key=str(customer)))
    await server.worker().run_due()
    listed = await booking.ListSavedCards(card_pb2.ListSavedCardsRequest(), metadata=as_user(user_id))
    return listed.cards[0].payment_method_id


async def top_up(
    promo: PromoServiceStub, campaign_id: str, amount_cents: int, *, card: str = "", key: str = "", return_url: str = ""
) -> topup_pb2.TopUpCampaignResponse:
    """Pays into a campaign."""
    request = topup_pb2.TopUpCampaignRequest(
        campaign_id=campaign_id,
        amount_cents=amount_cents,
        payment_method_id=card,
        idempotency_key=key or IDS.new("key"),
        return_url=return_url,
    )
    return await promo.TopUpCampaign(request, metadata=lasting(ADVERTISER))


async def topup_of(promo: PromoServiceStub, topup_id: str) -> topup_pb2.TopUp:
    request = topup_pb2.GetTopUpRequest(topup_id=topup_id)
    return (await promo.GetTopUp(request, metadata=lasting(ADVERTISER))).topup


async def budget_of(promo: PromoServiceStub, campaign_id: str) -> budget_pb2.Budget:
    request = budget_pb2.GetBudgetRequest(campaign_id=campaign_id)
    return (await promo.GetBudget(request, metadata=lasting(ADVERTISER))).budget


async def campaign_of(promo: PromoServiceStub, campaign_id: str) -> campaign_pb2.Campaign:
    request = pb.GetCampaignRequest(campaign_id=campaign_id)
    return (await promo.GetCampaign(request, metadata=lasting(ADVERTISER))).campaign


async def charge_of(server: Running, topup_id: str) -> str:
    """The processor's charge of a payment."""
    charge = await server.app.core.database.run(
        lambda tx: tx.fetchval("select charge_id from promo_topup where topup_id = $1", topup_id)
    )
    return str(charge)


async def notices(server: Running) -> list[tuple[str, str]]:
    """What was told to whom, in the order of its telling."""
    rows = await server.app.core.database.run(
        lambda tx: tx.fetch("select kind, user_id from promo_notice order by notice_id")
    )
    return [(row["kind"], row["user_id"]) for row in rows]
