"""What a search shows, over a socket: from the database to a signed token, and what stops it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import asyncpg
import grpc
import pytest

from callsheet.promo.v1 import campaign_calls_pb2 as calls_pb2
from callsheet.promo.v1 import campaign_pb2, diagnostics_pb2, policy_pb2
from callsheet.promo.v1.promo_pb2_grpc import PromoServiceStub
from devstack.roles import DatabaseUrls
from server.core.call import Role
from server.promo.domain.campaign import Surface
from server.promo.hashes import ViewerHashes
from server.promo.serving.counting import SAMPLED_ONE_IN
from server.promo.serving.examining import MOST_SHOWN_A_DAY
from tests.rpc.harness import Running, as_user, refusal, running_server
from tests.rpc.promo import ADVERTISER, advertiser, put_policy
from tests.rpc.serving import BFF, looked, running_campaign, said, search, select, serves
from tests.support.waiting import eventually

OWNER = as_user(ADVERTISER)


@pytest.fixture
async def server(database: DatabaseUrls) -> AsyncIterator[Running]:
    async with running_server(database, beside=True) as running:
        yield running


@pytest.fixture
async def promo(server: Running) -> PromoServiceStub:
    stub = PromoServiceStub(server.channel)
    await put_policy(stub, city="berlin")
    await looked(server)
    return stub


async def test_a_search_shows_a_campaign_with_a_token_that_says_everything(
    promo: PromoServiceStub, server: Running
) -> None:
    name = await running_campaign(promo, await advertiser(promo), cpc_cents=130)
    await serves(promo, name)
    server.statements.forget()
    [placement] = await select(promo, user_id="usr_viewer", query_hash="portraits")
    assert server.statements.count("SelectPlacements") == 0
    assert (placement.position, placement.format) == (1, campaign_pb2.FORMAT_FEATURED)
    assert placement.target_entity_type == campaign_pb2.TARGET_ENTITY_TYPE_SERVICE_PROFILE
    token = said(placement.token)
    assert token._replace(issued_at_ms=0) == token._replace(
        campaign_id=name,
        impression_id=placement.impression_id,
        issued_at_ms=0,
        price_cents=130,
        slot=1,
        served_today=1,
        surface=Surface.PEOPLE_SEARCH,
        viewer_hash=ViewerHashes(b"pepper").viewer("usr_viewer", "device-1"),
        listing_id=placement.target_entity_id,
        role="photographer",
        city="berlin",
        query_hash="portraits",
    )
    assert abs(token.issued_at_ms - datetime.now(UTC).timestamp() * 1000) < 60_000


async def test_what_stops_a_campaign_stops_its_tokens(promo: PromoServiceStub, server: Running) -> None:
    name = await running_campaign(promo, await advertiser(promo))
    await serves(promo, name)
    await promo.PauseCampaign(calls_pb2.PauseCampaignRequest(campaign_id=name), metadata=OWNER)
    await serves(promo)
    await promo.ActivateCampaign(calls_pb2.ActivateCampaignRequest(campaign_id=name), metadata=OWNER)
    await serves(promo, name)
    suspend = calls_pb2.SuspendCampaignRequest(campaign_id=name, reason="under review")
    await promo.SuspendCampaign(suspend, metadata=as_user("usr_agent", Role.AGENT))
    await serves(promo)


async def test_nothing_is_shown_where_nothing_is_sold(promo: PromoServiceStub) -> None:
    name = await running_campaign(promo, await advertiser(promo))
    await serves(promo, name)
    assert list(await select(promo, city="atlantis")) == []
    policies = await promo.ListPolicies(policy_pb2.ListPoliciesRequest(), metadata=as_user("usr_admin", Role.ADMIN))
    request = policy_pb2.DeletePolicyRequest(policy_id=policies.policies[0].policy_id)
    await promo.DeletePolicy(request, metadata=as_user("usr_admin", Role.ADMIN))
    await serves(promo)


async def test_a_policy_bounds_a_page_and_orders_by_what_pays(promo: PromoServiceStub) -> None:
    names = []
    for number, cents in enumerate((100, 300, 200)):
        owner = f"usr_owner{number}"
        names.append(await running_campaign(promo, await advertiser(promo, owner), owner=owner, cpc_cents=cents))
    await serves(promo, names[1], names[2])
    placements = await select(promo)
    assert [(placement.position, placement.campaign_id) for placement in placements] == [
        (1, names[1]),
        (7, names[2]),
    ]
    await put_policy(promo, city="berlin", max_density_top20=3, max_above_fold=3)
    await serves(promo, *names)
    assert [placement.position for placement in await select(promo, device="another")] == [1, 3, 5]


async def test_two_campaigns_of_one_advertiser_are_never_neighbours(promo: PromoServiceStub) -> None:
    owner = await advertiser(promo)
    first = await running_campaign(promo, owner, cpc_cents=200)
    second = await running_campaign(promo, owner, cpc_cents=150)
    await serves(promo, first)
    other = await running_campaign(promo, await advertiser(promo, "usr_other"), owner="usr_other", cpc_cents=100)
    await serves(promo, first, other)
    await put_policy(promo, city="berlin", max_density_top20=3, max_above_fold=3)
    await serves(promo, first, other, second)
    assert [placement.campaign_id for placement in await select(promo, device="another")] == [first, other, second]


async def test_keywords_lead_to_campaigns_and_away_from_them(promo: PromoServiceStub) -> None:
    wedding = await running_campaign(
        promo, await advertiser(promo), keyword_targets=["Wedding"], negative_keyword_targets=["cheap"]
    )
    await serves(promo, wedding, keywords=["WEDDING "])
    assert list(await select(promo)) == []
    assert list(await select(promo, keywords=["wedding", "cheap"])) == []
    assert list(await select(promo, keywords=["night"])) == []
    assert list(await select(promo, keywords=["wedding"], role="model")) == []


async def test_a_viewer_is_shown_a_campaign_only_so_often(promo: PromoServiceStub) -> None:
    name = await running_campaign(promo, await advertiser(promo))
    await serves(promo, name)
    counts = [said(placement.token).served_today for _ in range(MOST_SHOWN_A_DAY) for placement in await select(promo)]
    assert counts == list(range(1, MOST_SHOWN_A_DAY + 1))
    assert list(await select(promo)) == []
    assert [placement.campaign_id for placement in await select(promo, device="somebody-else")] == [name]


async def spend(database: DatabaseUrls, campaign_id: str, cents: int, clicks: int = 1) -> None:
    """What the stream writes of charged clicks, as far as serving reads it."""
    connection = await asyncpg.connect(database.stream_url)
    try:
        await connection.execute(
            """
            insert into promo_rollup_15m (campaign_id, bucket_start, impressions, clicks, billed_clicks, spend_cents)
            values ($1, date_bin('15 minutes', now(), 'epoch'), $3 * 10, $3, $3, $2)
            on conflict (campaign_id, bucket_start) do update
              set spend_cents = promo_rollup_15m.spend_cents + excluded.spend_cents
            """,
            campaign_id,
            cents,
            clicks,
        )
        await connection.execute(
            """
            insert into promo_spend_head (campaign_id, sequence, promo_cents) values ($1, $3, -$2::bigint)
            on conflict (campaign_id) do update
              set promo_cents = promo_spend_head.promo_cents + excluded.promo_cents, updated_at = now()
            """,
            campaign_id,
            cents,
            clicks,
        )
    finally:
        await connection.close()


@pytest.mark.breaks_invariants  # heads without their entries: serving reads sums alone
async def test_a_spent_day_ends_serving_and_a_raised_cap_begins_it_again(
    promo: PromoServiceStub, database: DatabaseUrls
) -> None:
    name = await running_campaign(promo, await advertiser(promo), daily_budget_cents=500, cpc_cents=120)
    await serves(promo, name)
    await spend(database, name, 480)
    await serves(promo)
    await update(promo, name, daily_budget_cents=700)
    await serves(promo, name)
    await update(promo, name, daily_budget_cents=150)  # below what is spent
    await serves(promo)


@pytest.mark.breaks_invariants
async def test_what_is_left_in_all_bounds_serving_as_well(promo: PromoServiceStub, database: DatabaseUrls) -> None:
    owner = await advertiser(promo)
    capped = await running_campaign(promo, owner, total_budget_cents=1_000, daily_budget_cents=900)
    await serves(promo, capped)
    await spend(database, capped, 890)
    await serves(promo)
    poor = await running_campaign(promo, owner, balance_cents=300)
    await serves(promo, poor)
    await spend(database, poor, 200)
    await serves(promo)


async def update(promo: PromoServiceStub, campaign_id: str, **changes: int) -> None:
    read = await promo.GetCampaign(calls_pb2.GetCampaignRequest(campaign_id=campaign_id), metadata=OWNER)
    changed = campaign_pb2.CampaignTerms()
    changed.CopyFrom(read.campaign.terms)
    for name, value in changes.items():
        setattr(changed, name, value)
    await promo.UpdateCampaign(calls_pb2.UpdateCampaignRequest(campaign_id=campaign_id, terms=changed), metadata=OWNER)


async def test_servers_count_together_what_may_yet_be_clicked(
    promo: PromoServiceStub, server: Running, database: DatabaseUrls
) -> None:
    """What one server has shown of a campaign that can pay for one click, the other one knows."""
    name = await running_campaign(promo, await advertiser(promo), balance_cents=125, cpc_cents=120)
    await serves(promo, name)
    while await select(promo, device=""):
        pass  # each may cost 2.4 cents, and 5 are left beside the next click

    async def told() -> bool:
        async with server.app.core.database.read() as tx:
            return await tx.fetchval("select cents > 5 from promo_open_exposure where campaign_id = $1", name) is True

    await eventually(told, "what may yet be clicked")
    async with running_server(database, beside=True) as second:
        other = PromoServiceStub(second.channel)
        await looked(second)
        assert list(await select(other)) == []


async def test_a_server_that_has_not_looked_yet_says_so(database: DatabaseUrls) -> None:
    async with running_server(database) as server:
        promo = PromoServiceStub(server.channel)
        refused = await refusal(promo.SelectPlacements(search(), metadata=BFF))
        assert (refused.code, refused.reason) == (grpc.StatusCode.UNAVAILABLE, "DEPENDENCY_DOWN")
        assert refused.retry_after is not None


async def test_a_search_that_makes_no_sense_is_refused(promo: PromoServiceStub) -> None:
    without_role = await refusal(promo.SelectPlacements(search(role=""), metadata=BFF))
    assert (without_role.code, set(without_role.violations)) == (grpc.StatusCode.INVALID_ARGUMENT, {"role"})
    studio = search(surface=campaign_pb2.SURFACE_STUDIO_SEARCH)
    assert set((await refusal(promo.SelectPlacements(studio, metadata=BFF))).violations) == {"role"}
    for changed, field in (
        (search(city="Berlin"), "city"),
        (search(query_hash="a b"), "query_hash"),
        (search(organic_count=201), "organic_count"),
        (search(fold=21), "fold"),
        (search(user_id="somebody"), "user_id"),
        (search(keywords=[""]), "keywords[0]"),
        (search(surface=campaign_pb2.SURFACE_UNSPECIFIED), "surface"),
    ):
        refused = await refusal(promo.SelectPlacements(changed, metadata=BFF))
        assert (refused.code, set(refused.violations)) == (grpc.StatusCode.INVALID_ARGUMENT, {field})
    by_user = await refusal(promo.SelectPlacements(search(), metadata=OWNER))
    assert by_user.code == grpc.StatusCode.PERMISSION_DENIED


async def diagnosed(promo: PromoServiceStub, campaign_id: str) -> diagnostics_pb2.CampaignDiagnostics:
    request = calls_pb2.GetCampaignRequest(campaign_id=campaign_id)
    return (await promo.GetCampaign(request, metadata=OWNER)).diagnostics


async def test_an_advertiser_is_told_what_keeps_a_campaign_from_searches(
    promo: PromoServiceStub, server: Running
) -> None:
    name = await running_campaign(promo, await advertiser(promo), cpc_cents=100)
    assert (await diagnosed(promo, name)).obstacle == diagnostics_pb2.OBSTACLE_UNSPECIFIED
    await promo.PauseCampaign(calls_pb2.PauseCampaignRequest(campaign_id=name), metadata=OWNER)
    assert (await diagnosed(promo, name)).obstacle == diagnostics_pb2.OBSTACLE_NOT_ACTIVE
    await promo.ActivateCampaign(calls_pb2.ActivateCampaignRequest(campaign_id=name), metadata=OWNER)
    policies = await promo.ListPolicies(policy_pb2.ListPoliciesRequest(), metadata=as_user("usr_admin", Role.ADMIN))
    request = policy_pb2.DeletePolicyRequest(policy_id=policies.policies[0].policy_id)
    await promo.DeletePolicy(request, metadata=as_user("usr_admin", Role.ADMIN))
    assert (await diagnosed(promo, name)).obstacle == diagnostics_pb2.OBSTACLE_NOT_SOLD


async def test_an_advertiser_is_told_of_the_pace_once_there_is_one(promo: PromoServiceStub, server: Running) -> None:
    name = await running_campaign(promo, await advertiser(promo), pacing_mode=campaign_pb2.PACING_MODE_EVEN)
    before = await diagnosed(promo, name)
    assert (before.pass_through, before.HasField("paced_at")) == (0, False)
    [cron] = [cron for cron in server.app.crons if cron.job.name == "promo.publish_pacing"]
    await server.app.core.database.run(lambda tx: server.app.core.jobs.enqueue_due(tx, cron))
    await server.worker().run_due()
    after = await diagnosed(promo, name)
    assert after.pass_through == pytest.approx(0.10)
    assert after.allocation_cents == 5_000
    assert 0 <= after.planned_cents <= 5_000
    assert after.HasField("paced_at")


async def test_samples_of_searches_tell_why_a_campaign_was_not_shown(database: DatabaseUrls) -> None:
    async with running_server(database, beside=True) as server:
        promo = PromoServiceStub(server.channel)
        await put_policy(promo, city="berlin", max_density_top20=1)
        await looked(server)
        best = await running_campaign(promo, await advertiser(promo, "usr_best"), owner="usr_best", cpc_cents=500)
        name = await running_campaign(promo, await advertiser(promo), cpc_cents=100, negative_keyword_targets=["cheap"])
        await serves(promo, best)
        for _ in range(SAMPLED_ONE_IN):
            await select(promo, device="")
        for _ in range(SAMPLED_ONE_IN):
            await select(promo, device="", keywords=["cheap"])
    async with running_server(database) as server:
        diagnostics = await diagnosed(PromoServiceStub(server.channel), name)
        assert {sample.reason for sample in diagnostics.unserved} == {
            diagnostics_pb2.UNSERVED_OUTRANKED,
            diagnostics_pb2.UNSERVED_NEGATIVE_KEYWORD,
        }
        async with server.app.core.database.read() as tx:
            [place] = await tx.fetch(
                "select surface, role, city, sum(searches) as searches from promo_traffic_15m "
                "group by surface, role, city"
            )
        assert tuple(place)[:3] == ("people_search", "photographer", "berlin")
        assert place["searches"] >= 2 * SAMPLED_ONE_IN
