"""A campaign's story has every step, every movement, and sums that agree or say that they do not."""

import io

import asyncpg
import pytest
from rich.console import Console

from callsheet.promo.v1 import campaign_calls_pb2 as calls_pb2
from callsheet.promo.v1.promo_pb2_grpc import PromoServiceStub
from devstack.roles import DatabaseUrls
from server import explain
from tests.rpc.harness import as_user, running_server, settings_for
from tests.rpc.promo import ADVERTISER, advertiser, campaign, funded, put_policy


async def told(database: DatabaseUrls, campaign_id: str) -> tuple[bool, str]:
    text = io.StringIO()
    console = Console(file=text, width=200, no_color=True)
    return await explain.explain(settings_for(database), campaign_id, console), text.getvalue()


async def lived(database: DatabaseUrls) -> str:
    """A campaign that was paid for, activated and paused."""
    async with running_server(database) as server:
        promo = PromoServiceStub(server.channel)
        for city in ("berlin", "hamburg"):
            await put_policy(promo, city=city)
        name = (await campaign(promo, await advertiser(promo))).campaign_id
        await funded(promo, name, 5_000)
        owner = as_user(ADVERTISER)
        await promo.ActivateCampaign(calls_pb2.ActivateCampaignRequest(campaign_id=name), metadata=owner)
        await promo.PauseCampaign(calls_pb2.PauseCampaignRequest(campaign_id=name), metadata=owner)
        return name


async def test_a_campaigns_story_has_every_step_and_its_sums(database: DatabaseUrls) -> None:
    name = await lived(database)
    holds, text = await told(database, name)
    assert holds
    for part in ("create: – → draft", "activate: draft → active", "pause: active → paused", "credit +5000", "grant"):
        assert part in text
    assert "brought + taken = balance: 50.00 ✓" in text


@pytest.mark.breaks_invariants
async def test_counters_that_disagree_with_the_ledger_are_seen(database: DatabaseUrls) -> None:
    name = await lived(database)
    stream = await asyncpg.connect(database.stream_url)
    try:
        await stream.execute(
            "insert into promo_rollup_15m (campaign_id, bucket_start, spend_cents)"
            " values ($1, date_bin('15 minutes', now(), 'epoch'), 100)",
            name,
        )
    finally:
        await stream.close()
    holds, text = await told(database, name)
    assert not holds
    assert "charged clicks = their counters: 0.00 ✗ expected 1.00" in text


async def test_a_campaign_that_does_not_exist_has_no_story(database: DatabaseUrls) -> None:
    holds, text = await told(database, "pcmp_nothing")
    assert not holds
    assert "does not exist" in text
