"""Promo over a socket: what its RPCs answer, refuse, store and cost."""

import asyncio

import grpc
import pytest

from callsheet.promo.v1 import campaign_calls_pb2 as pb
from callsheet.promo.v1 import campaign_pb2, log_pb2
from callsheet.promo.v1.promo_pb2_grpc import PromoServiceStub
from server.core.call import Role
from tests.rpc.harness import Running, as_user, refusal
from tests.rpc.promo import ADVERTISER, AGENT, STRANGER, Terms, advertiser, campaign, day, terms


async def control_records(server: Running) -> list[log_pb2.LogRecord]:
    """What waits for the click log, oldest first."""
    async with server.app.core.database.read() as tx:
        rows = await tx.fetch("select payload from core.outbox where topic = 'clicks' order by seq")
    return [log_pb2.LogRecord.FromString(row["payload"]) for row in rows]


async def test_an_advertiser_is_created_once_and_read(server: Running) -> None:
    promo = PromoServiceStub(server.channel)
    created = await promo.CreateAdvertiser(pb.CreateAdvertiserRequest(), metadata=as_user(ADVERTISER))
    assert created.advertiser.user_id == ADVERTISER
    assert created.advertiser.status == campaign_pb2.ADVERTISER_STATUS_ACTIVE

    request = pb.GetAdvertiserRequest(advertiser_id=created.advertiser.advertiser_id)
    read = await promo.GetAdvertiser(request, metadata=as_user(ADVERTISER))
    by_agent = await promo.GetAdvertiser(request, metadata=as_user(AGENT, Role.AGENT))
    assert read.advertiser == by_agent.advertiser == created.advertiser

    again = await refusal(promo.CreateAdvertiser(pb.CreateAdvertiserRequest(), metadata=as_user(ADVERTISER)))
    assert (again.code, again.reason) == (grpc.StatusCode.ALREADY_EXISTS, "ALREADY_EXISTS")


async def test_forty_calls_with_one_key_make_one_advertiser(server: Running) -> None:
    promo = PromoServiceStub(server.channel)
    request = pb.CreateAdvertiserRequest(idempotency_key="first")
    answers = await asyncio.gather(*(promo.CreateAdvertiser(request, metadata=as_user(ADVERTISER)) for _ in range(40)))
    assert len({answer.advertiser.advertiser_id for answer in answers}) == 1


async def test_a_campaign_is_stored_and_read_as_it_was_asked_for(server: Running) -> None:
    promo = PromoServiceStub(server.channel)
    owner = await advertiser(promo)
    asked = terms(
        keyword_targets=["  Wedding   Portrait "],
        negative_keyword_targets=["cheap"],
        hours_of_week=[9, 8],
        pacing_mode=campaign_pb2.PACING_MODE_ACCELERATED,
    )
    created = await promo.CreateCampaign(
        pb.CreateCampaignRequest(advertiser_id=owner, terms=asked), metadata=as_user(ADVERTISER)
    )
    read = await promo.GetCampaign(
        pb.GetCampaignRequest(campaign_id=created.campaign.campaign_id), metadata=as_user(ADVERTISER)
    )
    assert read.campaign == created.campaign
    assert read.campaign.status == campaign_pb2.CAMPAIGN_STATUS_DRAFT
    kept = campaign_pb2.CampaignTerms()
    kept.CopyFrom(asked)
    kept.keyword_targets[:] = ["wedding portrait"]
    kept.hours_of_week[:] = [8, 9]
    assert read.campaign.terms == kept


async def test_a_campaign_without_end_or_total_is_kept_so(server: Running) -> None:
    promo = PromoServiceStub(server.channel)
    created = await campaign(
        promo,
        await advertiser(promo),
        end_date="",
        total_budget_mode=campaign_pb2.TOTAL_BUDGET_MODE_UNLIMITED,
        total_budget_cents=0,
    )
    read = await promo.GetCampaign(pb.GetCampaignRequest(campaign_id=created.campaign_id), metadata=as_user(ADVERTISER))
    assert (read.campaign.terms.end_date, read.campaign.terms.total_budget_cents) == ("", 0)
    assert read.campaign.terms.pacing_mode == campaign_pb2.PACING_MODE_EVEN
    [record] = await control_records(server)
    assert not record.control.campaign.HasField("total_budget_cents")


async def test_creating_a_campaign_tells_the_stream_in_the_same_transaction(server: Running) -> None:
    promo = PromoServiceStub(server.channel)
    created = await campaign(promo, await advertiser(promo))
    [record] = await control_records(server)
    assert (record.schema_version, record.control.key, record.control.version) == (1, created.campaign_id, 1)
    limits = record.control.campaign
    assert limits.status == campaign_pb2.CAMPAIGN_STATUS_DRAFT
    assert limits.advertiser_id == created.advertiser_id
    assert (limits.daily_budget_cents, limits.total_budget_cents, limits.time_zone) == (5_000, 100_000, "Europe/Berlin")


async def test_a_repeated_creation_has_one_effect(server: Running) -> None:
    promo = PromoServiceStub(server.channel)
    owner = await advertiser(promo)
    request = pb.CreateCampaignRequest(advertiser_id=owner, terms=terms(), idempotency_key="once")
    first = await promo.CreateCampaign(request, metadata=as_user(ADVERTISER))
    second = await promo.CreateCampaign(request, metadata=as_user(ADVERTISER))
    assert first == second
    assert len(await control_records(server)) == 1
    request.terms.name = "Another"
    reused = await refusal(promo.CreateCampaign(request, metadata=as_user(ADVERTISER)))
    assert (reused.code, reused.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "IDEMPOTENCY_KEY_REUSED")


async def test_what_belongs_to_somebody_else_does_not_exist(server: Running) -> None:
    promo = PromoServiceStub(server.channel)
    owner = await advertiser(promo)
    created = await campaign(promo, owner)
    stranger = as_user(STRANGER)
    refused = [
        await refusal(promo.GetAdvertiser(pb.GetAdvertiserRequest(advertiser_id=owner), metadata=stranger)),
        await refusal(promo.GetCampaign(pb.GetCampaignRequest(campaign_id=created.campaign_id), metadata=stranger)),
        await refusal(promo.ListCampaigns(pb.ListCampaignsRequest(advertiser_id=owner), metadata=stranger)),
        await refusal(
            promo.CreateCampaign(pb.CreateCampaignRequest(advertiser_id=owner, terms=terms()), metadata=stranger)
        ),
    ]
    assert {(answer.code, answer.reason) for answer in refused} == {(grpc.StatusCode.NOT_FOUND, "NOT_FOUND")}
    assert len(await control_records(server)) == 1


WRONG = {
    "unknown zone": (Terms(time_zone="Europe/Atlantis"), "terms.time_zone"),
    "zone as a path": (Terms(time_zone="../etc/localtime"), "terms.time_zone"),
    "a day that is past": (Terms(start_date="2020-01-01"), "terms.start_date"),
    "no day of the calendar": (Terms(start_date="2027-02-30"), "terms.start_date"),
    "ends before it begins": (Terms(start_date=day(5), end_date=day(4)), "terms.end_date"),
    "studio in the search for people": (
        Terms(target_entity_type=campaign_pb2.TARGET_ENTITY_TYPE_STUDIO),
        "terms.target_entity_type",
    ),
    "studio's id for a profile": (Terms(target_entity_id="std_" + "0" * 26), "terms.target_entity_id"),
    "people without roles": (Terms(role_targets=[]), "terms.role_targets"),
    "city that is no code": (Terms(city_targets=["Berlin, Mitte"]), "terms.city_targets[0]"),
    "no city": (Terms(city_targets=[]), "terms.city_targets"),
    "city twice": (Terms(city_targets=["berlin", "berlin"]), "terms.city_targets"),
    "blank keyword": (Terms(keyword_targets=["  "]), "terms.keyword_targets"),
    "keyword twice but for its case": (Terms(keyword_targets=["Nude", "nude"]), "terms.keyword_targets"),
    "keyword wanted and unwanted": (
        Terms(keyword_targets=["wedding"], negative_keyword_targets=["Wedding"]),
        "terms.negative_keyword_targets",
    ),
    "an hour that no week has": (Terms(hours_of_week=[168]), "terms.hours_of_week[0]"),
    "no price": (Terms(cpc_cents=0), "terms.cpc_cents"),
    "a day that pays for no click": (Terms(daily_budget_cents=119), "terms.daily_budget_cents"),
    "a cap without a number": (Terms(total_budget_cents=0), "terms.total_budget_cents"),
    "unlimited with a number": (
        Terms(total_budget_mode=campaign_pb2.TOTAL_BUDGET_MODE_UNLIMITED),
        "terms.total_budget_cents",
    ),
    "a total that pays for no click": (Terms(total_budget_cents=119), "terms.total_budget_cents"),
    "no name": (Terms(name=""), "terms.name"),
}


@pytest.mark.parametrize(("changes", "field"), [pytest.param(*case, id=name) for name, case in WRONG.items()])
async def test_bad_terms_are_refused_by_field(server: Running, changes: Terms, field: str) -> None:
    promo = PromoServiceStub(server.channel)
    request = pb.CreateCampaignRequest(advertiser_id=await advertiser(promo), terms=terms(**changes))
    refused = await refusal(promo.CreateCampaign(request, metadata=as_user(ADVERTISER)))
    assert (refused.code, refused.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "FIELD_INVALID")
    assert field in refused.violations
    assert await control_records(server) == []


async def test_a_text_with_nul_is_refused(server: Running) -> None:
    promo = PromoServiceStub(server.channel)
    request = pb.CreateCampaignRequest(advertiser_id=await advertiser(promo), terms=terms(name="Por\x00traits"))
    refused = await refusal(promo.CreateCampaign(request, metadata=as_user(ADVERTISER)))
    assert (refused.code, refused.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "FIELD_INVALID")


async def test_campaigns_are_listed_newest_first_page_by_page(server: Running) -> None:
    promo = PromoServiceStub(server.channel)
    owner = await advertiser(promo)
    made = [(await campaign(promo, owner)).campaign_id for _ in range(5)]
    other = await advertiser(promo, STRANGER)

    found: list[str] = []
    token = ""
    while True:
        page = await promo.ListCampaigns(
            pb.ListCampaignsRequest(advertiser_id=owner, page_size=2, page_token=token), metadata=as_user(ADVERTISER)
        )
        found += [item.campaign_id for item in page.campaigns]
        token = page.next_page_token
        if not token:
            break
    assert sorted(found) == sorted(made)
    assert found == sorted(found, reverse=True)

    drafts = await promo.ListCampaigns(
        pb.ListCampaignsRequest(advertiser_id=owner, statuses=[campaign_pb2.CAMPAIGN_STATUS_ACTIVE]),
        metadata=as_user(ADVERTISER),
    )
    assert len(drafts.campaigns) == 0
    nothing = await promo.ListCampaigns(pb.ListCampaignsRequest(advertiser_id=other), metadata=as_user(STRANGER))
    assert len(nothing.campaigns) == 0


async def test_a_page_token_continues_only_its_own_listing(server: Running) -> None:
    promo = PromoServiceStub(server.channel)
    owner = await advertiser(promo)
    for _ in range(2):
        await campaign(promo, owner)
    first = await promo.ListCampaigns(
        pb.ListCampaignsRequest(advertiser_id=owner, page_size=1), metadata=as_user(ADVERTISER)
    )
    other = pb.ListCampaignsRequest(
        advertiser_id=owner,
        page_size=1,
        page_token=first.next_page_token,
        statuses=[campaign_pb2.CAMPAIGN_STATUS_DRAFT],
    )
    refused = await refusal(promo.ListCampaigns(other, metadata=as_user(ADVERTISER)))
    assert (refused.code, refused.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "PAGE_TOKEN_INVALID")


@pytest.mark.parametrize(
    ("method", "most"),
    [("CreateAdvertiser", 2), ("GetAdvertiser", 1), ("CreateCampaign", 4), ("GetCampaign", 7), ("ListCampaigns", 2)],
)
async def test_each_rpc_keeps_its_statement_budget(server: Running, method: str, most: int) -> None:
    promo = PromoServiceStub(server.channel)
    owner = await advertiser(promo)
    created = [await campaign(promo, owner) for _ in range(5)]
    requests = {
        "CreateAdvertiser": (pb.CreateAdvertiserRequest(), STRANGER),
        "GetAdvertiser": (pb.GetAdvertiserRequest(advertiser_id=owner), ADVERTISER),
        "CreateCampaign": (pb.CreateCampaignRequest(advertiser_id=owner, terms=terms()), ADVERTISER),
        "GetCampaign": (pb.GetCampaignRequest(campaign_id=created[0].campaign_id), ADVERTISER),
        "ListCampaigns": (pb.ListCampaignsRequest(advertiser_id=owner), ADVERTISER),
    }
    request, caller = requests[method]
    server.statements.forget()
    await getattr(promo, method)(request, metadata=as_user(caller))
    assert server.statements.count(method) <= most
