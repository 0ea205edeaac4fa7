"""An advertiser is suspended with everything of theirs, and goes on where each campaign stood."""

import asyncio

import grpc
import pytest

from callsheet.promo.v1 import campaign_calls_pb2 as pb
from callsheet.promo.v1 import campaign_pb2, log_pb2
from callsheet.promo.v1.promo_pb2_grpc import PromoServiceStub
from server.core.call import Role
from tests.rpc.growth import lasting
from tests.rpc.harness import Running, refusal
from tests.rpc.promo import ADVERTISER, AGENT, STRANGER, advertiser, campaign, day, funded, put_policy

OWNER, STAFF, ADMIN = lasting(ADVERTISER), lasting(AGENT, Role.AGENT), lasting("usr_admin", Role.ADMIN)
ACTIVE, PAUSED = campaign_pb2.CAMPAIGN_STATUS_ACTIVE, campaign_pb2.CAMPAIGN_STATUS_PAUSED
SUSPENDED, DRAFT = campaign_pb2.CAMPAIGN_STATUS_SUSPENDED, campaign_pb2.CAMPAIGN_STATUS_DRAFT


@pytest.fixture
async def promo(server: Running) -> PromoServiceStub:
    promo = PromoServiceStub(server.channel)
    for city in ("berlin", "hamburg"):
        await put_policy(promo, city=city)
    return promo


async def active(promo: PromoServiceStub, owner: str) -> str:
    """A campaign that is shown; its id."""
    name = (await campaign(promo, owner, start_date=day(2))).campaign_id
    await funded(promo, name, 5_000)
    await promo.ActivateCampaign(pb.ActivateCampaignRequest(campaign_id=name), metadata=OWNER)
    return name


async def suspended(promo: PromoServiceStub, owner: str, reason: str = "Stolen cards.") -> campaign_pb2.Advertiser:
    request = pb.SuspendAdvertiserRequest(advertiser_id=owner, reason=reason)
    return (await promo.SuspendAdvertiser(request, metadata=STAFF)).advertiser


async def lifted(promo: PromoServiceStub, owner: str) -> campaign_pb2.Advertiser:
    request = pb.LiftAdvertiserSuspensionRequest(advertiser_id=owner)
    return (await promo.LiftAdvertiserSuspension(request, metadata=ADMIN)).advertiser


async def statuses(promo: PromoServiceStub, owner: str) -> dict[str, campaign_pb2.CampaignStatus.ValueType]:
    listed = await promo.ListCampaigns(pb.ListCampaignsRequest(advertiser_id=owner, page_size=200), metadata=OWNER)
    return {one.campaign_id: one.status for one in listed.campaigns}


async def told(server: Running, name: str) -> list[str]:
    """The statuses of a campaign that the click stream was told, in order."""
    async with server.app.core.database.read() as tx:
        rows = await tx.fetch("select payload from core.outbox where key = $1 order by seq", name)
    limits = [log_pb2.LogRecord.FromString(row["payload"]).control.campaign for row in rows]
    return [campaign_pb2.CampaignStatus.Name(one.status).removeprefix("CAMPAIGN_STATUS_").lower() for one in limits]


async def test_everything_of_an_advertisers_stops_and_goes_on_where_it_stood(
    server: Running, promo: PromoServiceStub
) -> None:
    owner = await advertiser(promo)
    running, waiting, alone = await active(promo, owner), await active(promo, owner), await active(promo, owner)
    draft = (await campaign(promo, owner)).campaign_id
    await promo.PauseCampaign(pb.PauseCampaignRequest(campaign_id=waiting), metadata=OWNER)
    await promo.SuspendCampaign(pb.SuspendCampaignRequest(campaign_id=alone, reason="Its picture."), metadata=STAFF)

    stopped = await suspended(promo, owner)
    assert (stopped.status, stopped.suspended_reason) == (campaign_pb2.ADVERTISER_STATUS_SUSPENDED, "Stolen cards.")
    assert await statuses(promo, owner) == {running: SUSPENDED, waiting: SUSPENDED, alone: SUSPENDED, draft: DRAFT}
    assert (await told(server, running))[-1] == "suspended"

    gone_on = await lifted(promo, owner)
    assert (gone_on.status, gone_on.suspended_reason) == (campaign_pb2.ADVERTISER_STATUS_PAUSED, "")
    # What was suspended for a reason of its own stays so.
    assert await statuses(promo, owner) == {running: ACTIVE, waiting: PAUSED, alone: SUSPENDED, draft: DRAFT}
    assert (await told(server, running))[-2:] == ["suspended", "active"]


async def test_the_click_stream_hears_of_all_campaigns_in_the_transaction_that_suspends(
    server: Running, promo: PromoServiceStub
) -> None:
    """No job, no relay and no worker runs here: what is committed with the answer is all there is."""
    owner = await advertiser(promo)
    names = [await active(promo, owner) for _ in range(5)]
    await suspended(promo, owner)
    async with server.app.core.database.read() as tx:
        writers = await tx.fetch(
            "select distinct xmin::text from core.outbox where key = any($1) and version = 4 "
            "union select xmin::text from promo_advertiser where advertiser_id = $2",
            names,
            owner,
        )
        steps = await tx.fetch("select actor_user_id, reason from promo_campaign_event where event = 'suspend'")
    assert [await told(server, name) for name in names] == [["draft", "draft", "active", "suspended"]] * 5
    assert len(writers) == 1
    assert {tuple(step) for step in steps} == {(AGENT, "its advertiser is suspended")}
    assert len(steps) == 5


async def test_nothing_of_a_suspended_advertiser_is_shown_again_by_anybody(
    server: Running, promo: PromoServiceStub
) -> None:
    owner = await advertiser(promo)
    name = await active(promo, owner)
    fresh = (await campaign(promo, owner)).campaign_id
    await funded(promo, fresh, 5_000)
    await suspended(promo, owner)
    resuming = pb.UpdateAdvertiserRequest(advertiser_id=owner, status=campaign_pb2.ADVERTISER_STATUS_ACTIVE)
    resuming.update_mask.paths.append("status")
    refused = [
        await refusal(promo.ActivateCampaign(pb.ActivateCampaignRequest(campaign_id=fresh), metadata=OWNER)),
        await refusal(promo.LiftSuspension(pb.LiftSuspensionRequest(campaign_id=name, reason="?"), metadata=ADMIN)),
        await refusal(promo.UpdateAdvertiser(resuming, metadata=OWNER)),
        await refusal(suspended(promo, owner)),
    ]
    assert [one.reason for one in refused] == [
        "ADVERTISER_INACTIVE",
        "ADVERTISER_INACTIVE",
        "ILLEGAL_TRANSITION",
        "ILLEGAL_TRANSITION",
    ]
    assert {one.code for one in refused} == {grpc.StatusCode.FAILED_PRECONDITION}


async def test_activations_that_race_with_a_suspension_are_refused_or_suspended(
    server: Running, promo: PromoServiceStub
) -> None:
    owner = await advertiser(promo)
    names = [(await campaign(promo, owner)).campaign_id for _ in range(8)]
    for name in names:
        await funded(promo, name, 5_000)
    activating = (
        promo.ActivateCampaign(pb.ActivateCampaignRequest(campaign_id=name), metadata=OWNER) for name in names
    )
    outcomes = await asyncio.gather(suspended(promo, owner), *activating, return_exceptions=True)
    refused = sum(isinstance(outcome, grpc.aio.AioRpcError) for outcome in outcomes)
    stand = list((await statuses(promo, owner)).values())
    assert (stand.count(SUSPENDED), stand.count(DRAFT)) == (8 - refused, refused)


async def test_who_may_suspend_and_what_must_be_said(promo: PromoServiceStub) -> None:
    owner = await advertiser(promo)
    asking = pb.SuspendAdvertiserRequest(advertiser_id=owner, reason="Stolen cards.")
    for caller in (OWNER, lasting(STRANGER)):
        refused = await refusal(promo.SuspendAdvertiser(asking, metadata=caller))
        assert (refused.code, refused.reason) == (grpc.StatusCode.PERMISSION_DENIED, "ROLE_REQUIRED")
    silent = await refusal(suspended(promo, owner, reason=""))
    stale = await refusal(
        promo.SuspendAdvertiser(
            pb.SuspendAdvertiserRequest(advertiser_id=owner, reason="Again.", version=7), metadata=STAFF
        )
    )
    unknown = await refusal(suspended(promo, "padv_x"))
    lifting = pb.LiftAdvertiserSuspensionRequest(advertiser_id=owner)
    by_agent = await refusal(promo.LiftAdvertiserSuspension(lifting, metadata=STAFF))
    needless = await refusal(lifted(promo, owner))
    assert set(silent.violations) == {"reason"}
    assert (stale.code, stale.reason) == (grpc.StatusCode.ABORTED, "STALE_VERSION")
    assert unknown.code is grpc.StatusCode.NOT_FOUND
    assert by_agent.reason == "ROLE_REQUIRED"
    assert needless.reason == "ILLEGAL_TRANSITION"
