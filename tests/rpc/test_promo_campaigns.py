"""A campaign's life over a socket: what moves it, what may not, and what the stream hears of it."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import grpc
import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from callsheet.promo.v1 import budget_pb2, campaign_pb2, log_pb2, policy_pb2
from callsheet.promo.v1 import campaign_calls_pb2 as pb
from callsheet.promo.v1.promo_pb2_grpc import PromoServiceStub
from devstack.roles import DatabaseUrls
from server.core.call import Role
from server.core.clock import ManualClock
from tests.rpc.harness import Running, as_user, refusal, running_server, token
from tests.rpc.promo import ADVERTISER, STRANGER, advertiser, campaign, funded, put_policy, terms

ADMIN = as_user("usr_admin", Role.ADMIN)
OWNER = as_user(ADVERTISER)
DRAFT, ACTIVE = campaign_pb2.CAMPAIGN_STATUS_DRAFT, campaign_pb2.CAMPAIGN_STATUS_ACTIVE
PAUSED, ENDED = campaign_pb2.CAMPAIGN_STATUS_PAUSED, campaign_pb2.CAMPAIGN_STATUS_ENDED
SUSPENDED = campaign_pb2.CAMPAIGN_STATUS_SUSPENDED


def for_months(user_id: str) -> tuple[tuple[str, str], ...]:
    """Call metadata that outlives a clock which a test moves on."""
    return (("authorization", f"Bearer {token(user_id, lifetime=timedelta(days=100))}"),)


async def ready(promo: PromoServiceStub) -> campaign_pb2.Campaign:
    """A draft with policies for its places and money to spend."""
    for city in ("berlin", "hamburg"):
        await put_policy(promo, city=city, cpc_floor_cents=100)
    draft = await campaign(promo, await advertiser(promo))
    await funded(promo, draft.campaign_id, 10_000)
    return draft


async def records_of(server: Running, campaign_id: str) -> list[log_pb2.ControlRecord]:
    async with server.app.core.database.read() as tx:
        rows = await tx.fetch("select payload from core.outbox where key = $1 order by seq", campaign_id)
    return [log_pb2.LogRecord.FromString(row["payload"]).control for row in rows]


async def history_of(server: Running, campaign_id: str) -> list[str]:
    async with server.app.core.database.read() as tx:
        rows = await tx.fetch(
            "select event from promo_campaign_event where campaign_id = $1 order by sequence", campaign_id
        )
    return [row["event"] for row in rows]


async def test_a_campaign_lives(server: Running) -> None:
    promo = PromoServiceStub(server.channel)
    name = (await ready(promo)).campaign_id

    activated = await promo.ActivateCampaign(pb.ActivateCampaignRequest(campaign_id=name), metadata=OWNER)
    paused = await promo.PauseCampaign(pb.PauseCampaignRequest(campaign_id=name), metadata=OWNER)
    again = await promo.ActivateCampaign(pb.ActivateCampaignRequest(campaign_id=name), metadata=OWNER)
    suspended = await promo.SuspendCampaign(
        pb.SuspendCampaignRequest(campaign_id=name, reason="under review"), metadata=as_user("usr_agent", Role.AGENT)
    )
    lifted = await promo.LiftSuspension(
        pb.LiftSuspensionRequest(campaign_id=name, reason="all is well"), metadata=ADMIN
    )
    ended = await promo.EndCampaign(pb.EndCampaignRequest(campaign_id=name), metadata=OWNER)

    seen = [
        (campaign.status, campaign.version)
        for campaign in (
            activated.campaign,
            paused.campaign,
            again.campaign,
            suspended.campaign,
            lifted.campaign,
            ended.campaign,
        )
    ]
    assert seen == [(ACTIVE, 2), (PAUSED, 3), (ACTIVE, 4), (SUSPENDED, 5), (ACTIVE, 6), (ENDED, 7)]
    assert await history_of(server, name) == [
        "create",
        "activate",
        "pause",
        "activate",
        "suspend",
        "lift_to_active",
        "end",
    ]
    heard = await records_of(server, name)
    assert [record.campaign.status for record in heard] == [
        DRAFT,
        DRAFT,
        ACTIVE,
        PAUSED,
        ACTIVE,
        SUSPENDED,
        ACTIVE,
        ENDED,
    ]
    assert all(later.version == earlier.version + 1 for earlier, later in pairwise(heard))
    assert {record.campaign.funded_promo_cents for record in heard[1:]} == {10_000}


async def test_the_machine_has_no_other_steps(server: Running) -> None:
    promo = PromoServiceStub(server.channel)
    name = (await ready(promo)).campaign_id
    refused = await refusal(promo.PauseCampaign(pb.PauseCampaignRequest(campaign_id=name), metadata=OWNER))
    assert (refused.code, refused.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "ILLEGAL_TRANSITION")
    assert (refused.metadata["resource"], refused.metadata["status"]) == (name, "draft")
    lift = pb.LiftSuspensionRequest(campaign_id=name, reason="none was needed")
    assert (await refusal(promo.LiftSuspension(lift, metadata=ADMIN))).reason == "ILLEGAL_TRANSITION"


async def test_activation_asks_for_policy_price_money_and_days(database: DatabaseUrls) -> None:
    clock = ManualClock(datetime.now(UTC))
    async with running_server(database, clock=clock) as server:
        promo = PromoServiceStub(server.channel)
        draft = await campaign(promo, await advertiser(promo))
        request = pb.ActivateCampaignRequest(campaign_id=draft.campaign_id)

        unserved = await refusal(promo.ActivateCampaign(request, metadata=OWNER))
        assert (unserved.code, unserved.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "CITY_NOT_SERVED")
        assert unserved.violations == {
            "terms.city_targets": "must be sold on people_search: there is no policy for photographer in berlin"
        }
        await put_policy(promo, city="berlin", cpc_floor_cents=100)
        await put_policy(promo, city="hamburg", cpc_floor_cents=121)
        cheap = await refusal(promo.ActivateCampaign(request, metadata=OWNER))
        assert (cheap.reason, cheap.metadata["cpc_floor_cents"]) == ("CPC_BELOW_FLOOR", "121")
        assert cheap.violations == {"terms.cpc_cents": "must be at least 121, the highest floor of its places"}
        await put_policy(promo, city="hamburg", cpc_floor_cents=120)
        assert (await refusal(promo.ActivateCampaign(request, metadata=OWNER))).reason == "BALANCE_EMPTY"
        await funded(promo, draft.campaign_id, 1)
        clock.advance(timedelta(days=40))
        over = await refusal(promo.ActivateCampaign(request, metadata=for_months(ADVERTISER)))
        assert (over.reason, set(over.violations)) == ("CAMPAIGN_OVER", {"terms.end_date"})


async def test_a_campaign_ends_after_its_last_day_where_it_is(database: DatabaseUrls) -> None:
    clock = ManualClock(datetime.now(UTC))
    async with running_server(database, clock=clock) as server:
        promo = PromoServiceStub(server.channel)
        name = (await ready(promo)).campaign_id
        await promo.ActivateCampaign(pb.ActivateCampaignRequest(campaign_id=name), metadata=OWNER)
        worker = server.worker()
        await end_campaigns(server)
        await worker.run_due()
        clock.advance(timedelta(days=33))
        await end_campaigns(server)
        await worker.run_due()
        await worker.run_due()
        read = await promo.GetCampaign(pb.GetCampaignRequest(campaign_id=name), metadata=for_months(ADVERTISER))
        assert read.campaign.status == ENDED
        assert await history_of(server, name) == ["create", "activate", "end_date_passed"]


async def end_campaigns(server: Running) -> None:
    """The clock's enqueueing, at once."""
    [cron] = [cron for cron in server.app.crons if cron.job.name == "promo.end_campaigns"]
    await server.app.core.database.run(lambda tx: server.app.core.jobs.enqueue_due(tx, cron))


async def test_an_update_takes_what_the_mask_names(server: Running) -> None:
    promo = PromoServiceStub(server.channel)
    name = (await ready(promo)).campaign_id
    request = pb.UpdateCampaignRequest(
        campaign_id=name,
        terms=terms(name="Not taken", daily_budget_cents=200, keyword_targets=["Boudoir"]),
        update_mask=FieldMask(paths=["daily_budget_cents", "keyword_targets"]),
    )
    updated = (await promo.UpdateCampaign(request, metadata=OWNER)).campaign
    assert (updated.terms.name, updated.terms.daily_budget_cents) == ("Portraits in Berlin", 200)
    assert list(updated.terms.keyword_targets) == ["boudoir"]
    assert (await records_of(server, name))[-1].campaign.daily_budget_cents == 200

    renamed = pb.UpdateCampaignRequest(
        campaign_id=name, terms=terms(name="Weddings"), update_mask=FieldMask(paths=["name"])
    )
    before = len(await records_of(server, name))
    assert (await promo.UpdateCampaign(renamed, metadata=OWNER)).campaign.terms.name == "Weddings"
    assert len(await records_of(server, name)) == before

    wrong = pb.UpdateCampaignRequest(campaign_id=name, terms=terms(), update_mask=FieldMask(paths=["budget"]))
    assert "update_mask" in (await refusal(promo.UpdateCampaign(wrong, metadata=OWNER))).violations


async def test_what_was_sold_stays_once_a_campaign_was_active(server: Running) -> None:
    promo = PromoServiceStub(server.channel)
    name = (await ready(promo)).campaign_id
    await promo.ActivateCampaign(pb.ActivateCampaignRequest(campaign_id=name), metadata=OWNER)
    moved = pb.UpdateCampaignRequest(
        campaign_id=name, terms=terms(time_zone="Asia/Kolkata", format=campaign_pb2.FORMAT_BOOSTED)
    )
    refused = await refusal(promo.UpdateCampaign(moved, metadata=OWNER))
    assert set(refused.violations) == {"terms.time_zone", "terms.target_entity_id"}
    cheap = pb.UpdateCampaignRequest(campaign_id=name, terms=terms(cpc_cents=99))
    assert (await refusal(promo.UpdateCampaign(cheap, metadata=OWNER))).reason == "CPC_BELOW_FLOOR"


async def test_a_change_from_an_outdated_view_is_refused(server: Running) -> None:
    promo = PromoServiceStub(server.channel)
    name = (await ready(promo)).campaign_id
    await promo.UpdateCampaign(pb.UpdateCampaignRequest(campaign_id=name, terms=terms(), version=1), metadata=OWNER)
    stale = await refusal(promo.EndCampaign(pb.EndCampaignRequest(campaign_id=name, version=1), metadata=OWNER))
    assert (stale.code, stale.reason) == (grpc.StatusCode.ABORTED, "STALE_VERSION")


async def test_only_its_owner_moves_a_campaign(server: Running) -> None:
    promo = PromoServiceStub(server.channel)
    name = (await ready(promo)).campaign_id
    stranger = as_user(STRANGER)
    hidden = [
        await refusal(promo.ActivateCampaign(pb.ActivateCampaignRequest(campaign_id=name), metadata=stranger)),
        await refusal(promo.EndCampaign(pb.EndCampaignRequest(campaign_id=name), metadata=stranger)),
        await refusal(
            promo.UpdateCampaign(pb.UpdateCampaignRequest(campaign_id=name, terms=terms()), metadata=stranger)
        ),
    ]
    assert {answer.reason for answer in hidden} == {"NOT_FOUND"}
    suspend = pb.SuspendCampaignRequest(campaign_id=name, reason="because")
    assert (await refusal(promo.SuspendCampaign(suspend, metadata=OWNER))).reason == "ROLE_REQUIRED"


async def test_of_concurrent_moves_the_stream_hears_one_order_and_the_newest_money(server: Running) -> None:
    """Each record carries absolute totals: a later one that knew less money would take it away again."""
    promo = PromoServiceStub(server.channel)
    name = (await ready(promo)).campaign_id
    await promo.ActivateCampaign(pb.ActivateCampaignRequest(campaign_id=name), metadata=OWNER)
    pause, activate = pb.PauseCampaignRequest(campaign_id=name), pb.ActivateCampaignRequest(campaign_id=name)
    await asyncio.gather(
        *(funded(promo, name, 100) for _ in range(10)),
        *(promo.PauseCampaign(pause, metadata=OWNER) for _ in range(1)),
        *(
            promo.UpdateCampaign(
                pb.UpdateCampaignRequest(campaign_id=name, terms=terms(daily_budget_cents=5_000 + number)),
                metadata=OWNER,
            )
            for number in range(10)
        ),
    )
    await promo.ActivateCampaign(activate, metadata=OWNER)
    heard = await records_of(server, name)
    assert [record.version for record in heard] == list(range(1, len(heard) + 1))
    totals = [record.campaign.funded_promo_cents for record in heard]
    assert totals == sorted(totals)
    assert totals[-1] == 11_000


async def test_policies_are_kept_by_place(server: Running) -> None:
    promo = PromoServiceStub(server.channel)
    first = await put_policy(promo, city="berlin", cpc_floor_cents=50)
    second = await put_policy(promo, city="berlin", cpc_floor_cents=70)
    studio = await put_policy(promo, city="berlin", surface=campaign_pb2.SURFACE_STUDIO_SEARCH, role="")
    assert first.policy_id == second.policy_id != studio.policy_id

    listed = await promo.ListPolicies(policy_pb2.ListPoliciesRequest(city="berlin"), metadata=OWNER)
    assert [(policy.role, policy.cpc_floor_cents) for policy in listed.policies] == [("photographer", 70), ("", 60)]
    await promo.DeletePolicy(policy_pb2.DeletePolicyRequest(policy_id=studio.policy_id), metadata=ADMIN)
    gone = policy_pb2.DeletePolicyRequest(policy_id=studio.policy_id)
    assert (await refusal(promo.DeletePolicy(gone, metadata=ADMIN))).reason == "NOT_FOUND"

    wrong = policy_pb2.PutPolicyRequest(
        surface=campaign_pb2.SURFACE_STUDIO_SEARCH, role="model", city="berlin", max_density_top20=1, max_above_fold=2
    )
    assert set((await refusal(promo.PutPolicy(wrong, metadata=ADMIN))).violations) == {"role", "max_above_fold"}
    assert (await refusal(promo.PutPolicy(wrong, metadata=OWNER))).reason == "ROLE_REQUIRED"


async def test_the_ledger_shows_what_was_granted(server: Running) -> None:
    promo = PromoServiceStub(server.channel)
    draft = await campaign(promo, await advertiser(promo))
    name = draft.campaign_id
    for amount in (100, 250, 50):
        await funded(promo, name, amount)

    budget = (await promo.GetBudget(budget_pb2.GetBudgetRequest(campaign_id=name), metadata=OWNER)).budget
    assert (budget.balance_cents, budget.balance_promo_cents, budget.balance_cash_cents) == (400, 400, 0)
    assert (budget.spent_today_cents, budget.daily_budget_cents) == (0, 5_000)

    pages = []
    token = ""
    while True:
        page = await promo.ListBudgetEntries(
            budget_pb2.ListBudgetEntriesRequest(campaign_id=name, page_size=2, page_token=token), metadata=OWNER
        )
        pages += list(page.entries)
        token = page.next_page_token
        if not token:
            break
    assert [(entry.sequence, entry.amount_cents) for entry in pages] == [(3, 50), (2, 250), (1, 100)]
    assert len({entry.hash for entry in pages}) == 3

    month = datetime.now(UTC).strftime("%Y-%m")
    statement = await promo.GetStatement(budget_pb2.GetStatementRequest(campaign_id=name, month=month), metadata=OWNER)
    assert (statement.opening_balance_cents, statement.closing_balance_cents) == (0, 400)
    assert sum(row.amount_cents for row in statement.rows) == 400
    assert statement.csv.splitlines()[0] == "day,kind,entries,promo_cents,cash_cents,amount_cents"
    assert statement.csv.splitlines()[-1] == ",closing_balance,,400,0,400"


@pytest.mark.parametrize("method", ["GetBudget", "ListBudgetEntries", "GetStatement"])
async def test_a_ledger_is_its_owners_own(server: Running, method: str) -> None:
    promo = PromoServiceStub(server.channel)
    name = (await campaign(promo, await advertiser(promo))).campaign_id
    requests = {
        "GetBudget": budget_pb2.GetBudgetRequest(campaign_id=name),
        "ListBudgetEntries": budget_pb2.ListBudgetEntriesRequest(campaign_id=name),
        "GetStatement": budget_pb2.GetStatementRequest(campaign_id=name, month="2026-05"),
    }
    assert (await refusal(getattr(promo, method)(requests[method], metadata=as_user(STRANGER)))).reason == "NOT_FOUND"


async def test_a_grant_is_given_once_and_by_finance(server: Running) -> None:
    promo = PromoServiceStub(server.channel)
    name = (await campaign(promo, await advertiser(promo))).campaign_id
    request = budget_pb2.GrantCreditRequest(
        campaign_id=name,
        amount_cents=500,
        source=budget_pb2.CREDIT_SOURCE_GOODWILL,
        reason="an outage",
        idempotency_key="outage-1",
    )
    finance = as_user("usr_finance", Role.FINANCE)
    answers = await asyncio.gather(*(promo.GrantCredit(request, metadata=finance) for _ in range(10)))
    assert len({answer.entry.entry_id for answer in answers}) == 1
    budget = await promo.GetBudget(budget_pb2.GetBudgetRequest(campaign_id=name), metadata=OWNER)
    assert budget.budget.balance_cents == 500
    assert (await refusal(promo.GrantCredit(request, metadata=OWNER))).reason == "ROLE_REQUIRED"


async def test_a_suspended_campaign_cannot_slip_below_its_floor(server: Running) -> None:
    promo = PromoServiceStub(server.channel)
    name = (await ready(promo)).campaign_id
    await promo.ActivateCampaign(pb.ActivateCampaignRequest(campaign_id=name), metadata=OWNER)
    suspend = pb.SuspendCampaignRequest(campaign_id=name, reason="under review")
    await promo.SuspendCampaign(suspend, metadata=ADMIN)
    cheap = pb.UpdateCampaignRequest(campaign_id=name, terms=terms(cpc_cents=99))
    assert (await refusal(promo.UpdateCampaign(cheap, metadata=OWNER))).reason == "CPC_BELOW_FLOOR"
    elsewhere = pb.UpdateCampaignRequest(campaign_id=name, terms=terms(city_targets=["atlantis"]))
    assert (await refusal(promo.UpdateCampaign(elsewhere, metadata=OWNER))).reason == "CITY_NOT_SERVED"


async def test_a_paused_campaign_may_be_changed_and_pays_when_it_is_activated(server: Running) -> None:
    promo = PromoServiceStub(server.channel)
    name = (await ready(promo)).campaign_id
    await promo.ActivateCampaign(pb.ActivateCampaignRequest(campaign_id=name), metadata=OWNER)
    await promo.PauseCampaign(pb.PauseCampaignRequest(campaign_id=name), metadata=OWNER)
    cheap = pb.UpdateCampaignRequest(campaign_id=name, terms=terms(cpc_cents=99))
    await promo.UpdateCampaign(cheap, metadata=OWNER)
    activate = pb.ActivateCampaignRequest(campaign_id=name)
    assert (await refusal(promo.ActivateCampaign(activate, metadata=OWNER))).reason == "CPC_BELOW_FLOOR"
