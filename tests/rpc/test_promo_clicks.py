"""Clicks as their advertiser sees them, claims about them, and what the hourly pass gives back."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import grpc
import pytest
from google.protobuf.json_format import MessageToDict

from callsheet.promo.v1 import adjustment_pb2, budget_pb2, log_pb2
from callsheet.promo.v1 import click_pb2 as pb
from callsheet.promo.v1.promo_pb2_grpc import PromoServiceStub
from devstack.roles import DatabaseUrls
from server.core.call import Role
from server.core.clock import ManualClock
from server.promo.late.timers import LATE_PASS
from tests.rpc.growth import enqueue, lasting
from tests.rpc.harness import Running, refusal, running_server
from tests.rpc.promo import ADVERTISER, AGENT, STRANGER, advertiser, campaign, funded, propose
from tests.rpc.promo_paying import budget_of, notices
from tests.rpc.promo_stream import Click, Stream

OWNER = lasting(ADVERTISER)
STAFF = lasting(AGENT, Role.AGENT)
HOUR = timedelta(hours=1)


@pytest.fixture
async def server(database: DatabaseUrls, clock: ManualClock) -> AsyncIterator[Running]:
    async with running_server(database, clock=clock) as running:
        yield running


@pytest.fixture
async def name(promo: PromoServiceStub) -> str:
    """A campaign with 300 of credit, and 100,000 of cash that somebody put right."""
    made = (await campaign(promo, await advertiser(promo))).campaign_id
    await funded(promo, made, 300)

    asked = await propose(promo, made, cash_cents=100_000)
    approval = adjustment_pb2.ApproveAdjustmentRequest(adjustment_id=asked.adjustment_id)
    await promo.ApproveAdjustment(approval, metadata=lasting("usr_second", Role.FINANCE))
    return made


async def listed(promo: PromoServiceStub, name: str, **more: object) -> list[pb.Click]:
    request = pb.ListClicksRequest(campaign_id=name, **more)  # type: ignore[arg-type]  # a test's filters
    return list((await promo.ListClicks(request, metadata=OWNER)).clicks)


async def claim(promo: PromoServiceStub, name: str, event_id: str) -> pb.ClickClaim:
    request = pb.ClaimInvalidClickRequest(campaign_id=name, event_id=event_id, reason="nobody came")
    return (await promo.ClaimInvalidClick(request, metadata=OWNER)).claim


async def decide(promo: PromoServiceStub, claim_id: str, *, granted: bool) -> pb.ClickClaim:
    request = pb.DecideClickClaimRequest(claim_id=claim_id, granted=granted, reason="looked at it")
    return (await promo.DecideClickClaim(request, metadata=STAFF)).claim


async def look_again(server: Running, clock: ManualClock, later: timedelta = 4 * HOUR) -> None:
    clock.advance(later)
    await enqueue(server, LATE_PASS)
    await server.worker().run_due()


async def test_each_click_says_why_and_what_it_cost(
    promo: PromoServiceStub, stream: Stream, name: str, clock: ManualClock
) -> None:
    at = clock.now()
    billed = await stream.click(Click(campaign_id=name, at=at - 3 * HOUR, price_cents=120))
    fast = Click(
        campaign_id=name,
        at=at - 2 * HOUR,
        verdict="invalid",
        rule="too_fast",
        evidence={"elapsed_ms": 120},
    )
    invalid = await stream.click(fast)
    free = await stream.click(Click(campaign_id=name, at=at - HOUR, verdict="cap_daily"))
    clicks = await listed(promo, name)
    assert [click.event_id for click in clicks] == [free, invalid, billed]
    assert [click.verdict for click in clicks] == [
        pb.CLICK_VERDICT_CAP_DAILY,
        pb.CLICK_VERDICT_INVALID,
        pb.CLICK_VERDICT_BILLED,
    ]
    assert (clicks[1].rule, clicks[1].rule_version, clicks[1].evidence["elapsed_ms"]) == (
        pb.CLICK_RULE_TOO_FAST,
        1,
        120,
    )
    assert [(click.price_cents, click.charged_cents) for click in clicks] == [(100, 0), (100, 0), (120, 120)]
    assert clicks[2].spend_entry_id.startswith("pble_")
    assert clicks[2].received_at.ToDatetime(tzinfo=UTC) == at - 3 * HOUR
    assert [click.event_id for click in await listed(promo, name, verdicts=[pb.CLICK_VERDICT_INVALID])] == [invalid]
    assert await listed(promo, name, day="2020-01-01") == []


async def test_clicks_are_listed_page_by_page(
    promo: PromoServiceStub, stream: Stream, name: str, clock: ManualClock
) -> None:
    made = [await stream.click(Click(campaign_id=name, at=clock.now() - n * HOUR)) for n in range(5)]
    request = pb.ListClicksRequest(campaign_id=name, page_size=2)
    seen: list[str] = []
    while True:
        page = await promo.ListClicks(request, metadata=OWNER)
        seen += [click.event_id for click in page.clicks]
        request.page_token = page.next_page_token
        if not page.next_page_token:
            break
    assert seen == made


async def test_a_granted_claim_gives_the_click_back_as_it_was_taken(
    server: Running, promo: PromoServiceStub, stream: Stream, name: str, clock: ManualClock
) -> None:
    """400 of which 300 were promotional: the same split comes back, to balance and total budget, not to the day."""
    event = await stream.click(Click(campaign_id=name, at=clock.now(), price_cents=400))
    before = await budget_of(promo, name)
    asked = await claim(promo, name, event)
    assert (asked.status, (await budget_of(promo, name)).balance_cents) == (pb.CLICK_CLAIM_STATUS_OPEN, 99_900)
    granted = await decide(promo, asked.claim_id, granted=True)
    assert granted.status == pb.CLICK_CLAIM_STATUS_GRANTED
    after = await budget_of(promo, name)
    assert (after.balance_promo_cents, after.balance_cash_cents) == (300, 100_000)
    assert (before.spent_today_cents, after.spent_today_cents) == (400, 400)
    assert (before.spent_on_clicks_cents, after.spent_on_clicks_cents) == (400, 0)
    (click,) = await listed(promo, name)
    assert (click.verdict, click.rule, click.revision) == (pb.CLICK_VERDICT_INVALID, pb.CLICK_RULE_CLAIMED, 2)
    assert (click.charged_cents, click.credited_cents) == (400, 400)
    assert click.credit_entry_id
    # The stream hears of a total that is as much larger as was given back.
    async with server.app.core.database.read() as tx:
        payload = await tx.fetchval("select payload from core.outbox where key = $1 order by seq desc limit 1", name)

    assert isinstance(payload, bytes)
    limits = log_pb2.LogRecord.FromString(payload).control.campaign
    assert (limits.total_budget_cents, limits.funded_promo_cents, limits.funded_cash_cents) == (100_400, 600, 100_100)


async def test_what_cannot_be_claimed(
    server: Running, promo: PromoServiceStub, stream: Stream, name: str, clock: ManualClock
) -> None:
    free = await stream.click(Click(campaign_id=name, at=clock.now(), verdict="cap_daily"))
    old = await stream.click(Click(campaign_id=name, at=clock.now() - timedelta(days=5)))
    good = await stream.click(Click(campaign_id=name, at=clock.now()))

    async def refused(event_id: str, caller: tuple[tuple[str, str], ...] = OWNER) -> tuple[grpc.StatusCode, str]:
        request = pb.ClaimInvalidClickRequest(campaign_id=name, event_id=event_id, reason="nobody came")
        answer = await refusal(promo.ClaimInvalidClick(request, metadata=caller))
        return answer.code, answer.reason

    assert await refused(free) == (grpc.StatusCode.FAILED_PRECONDITION, "CLICK_NOT_CHARGED")
    assert await refused("pevt_x") == (grpc.StatusCode.NOT_FOUND, "NOT_FOUND")
    assert await refused(good, lasting(STRANGER)) == (grpc.StatusCode.NOT_FOUND, "NOT_FOUND")
    asked = await claim(promo, name, good)
    assert await refused(good) == (grpc.StatusCode.ALREADY_EXISTS, "ALREADY_EXISTS")
    denied = await decide(promo, asked.claim_id, granted=False)
    assert (denied.status, denied.decision_reason) == (pb.CLICK_CLAIM_STATUS_DENIED, "looked at it")
    again = pb.DecideClickClaimRequest(claim_id=asked.claim_id, granted=True, reason="after all")
    assert (await refusal(promo.DecideClickClaim(again, metadata=STAFF))).reason == "ILLEGAL_TRANSITION"
    assert (await refusal(promo.DecideClickClaim(again, metadata=OWNER))).reason == "ROLE_REQUIRED"
    unknown = pb.DecideClickClaimRequest(claim_id="pclm_x", granted=True, reason="who")
    assert (await refusal(promo.DecideClickClaim(unknown, metadata=STAFF))).reason == "NOT_FOUND"
    clock.advance(timedelta(days=56))
    assert await refused(old) == (grpc.StatusCode.FAILED_PRECONDITION, "CLAIM_TOO_LATE")


async def test_nobody_decides_their_own_claim(
    promo: PromoServiceStub, stream: Stream, name: str, clock: ManualClock
) -> None:
    event = await stream.click(Click(campaign_id=name, at=clock.now()))
    asked = await claim(promo, name, event)
    request = pb.DecideClickClaimRequest(claim_id=asked.claim_id, granted=True, reason="mine")
    own = await refusal(promo.DecideClickClaim(request, metadata=lasting(ADVERTISER, Role.USER, Role.AGENT)))
    assert (own.code, own.reason) == (grpc.StatusCode.PERMISSION_DENIED, "FOUR_EYES")


async def test_claims_are_listed_for_whom_they_concern(
    promo: PromoServiceStub, stream: Stream, name: str, clock: ManualClock
) -> None:
    events = [await stream.click(Click(campaign_id=name, at=clock.now() - n * HOUR)) for n in range(3)]
    asked = []
    for event in events:
        asked.append((await claim(promo, name, event)).claim_id)
        clock.advance(timedelta(seconds=1))
    await decide(promo, asked[0], granted=False)
    everything = pb.ListClickClaimsRequest(statuses=[pb.CLICK_CLAIM_STATUS_OPEN], page_size=1)
    first = await promo.ListClickClaims(everything, metadata=STAFF)
    everything.page_token = first.next_page_token
    rest = await promo.ListClickClaims(everything, metadata=STAFF)
    assert [one.claim_id for page in (first, rest) for one in page.claims] == asked[:0:-1]
    own = await promo.ListClickClaims(pb.ListClickClaimsRequest(campaign_id=name), metadata=OWNER)
    assert [one.claim_id for one in own.claims] == asked[::-1]
    nothing = await refusal(promo.ListClickClaims(pb.ListClickClaimsRequest(), metadata=OWNER))
    assert nothing.reason == "NOT_FOUND"
    other = await refusal(
        promo.ListClickClaims(pb.ListClickClaimsRequest(campaign_id=name), metadata=lasting(STRANGER))
    )
    assert other.reason == "NOT_FOUND"


async def test_a_click_without_an_impression_is_given_back_once(
    server: Running, promo: PromoServiceStub, stream: Stream, name: str, clock: ManualClock
) -> None:
    at = clock.now()
    honest = await stream.click(Click(campaign_id=name, at=at, price_cents=100))
    forged = await stream.click(Click(campaign_id=name, at=at, price_cents=250, with_impression=False))
    await look_again(server, clock, HOUR)
    assert (await budget_of(promo, name)).balance_cents == 99_950
    for _ in range(3):
        await look_again(server, clock)
    assert (await budget_of(promo, name)).balance_cents == 100_200
    by_id = {click.event_id: click for click in await listed(promo, name)}
    assert by_id[honest].verdict == pb.CLICK_VERDICT_BILLED
    found = by_id[forged]
    assert (found.verdict, found.rule, found.revision) == (pb.CLICK_VERDICT_INVALID, pb.CLICK_RULE_NO_IMPRESSION, 2)
    assert str(found.evidence["impression_id"]).startswith("pimp_")
    assert await notices(server) == [("campaign_clicks_credited", ADVERTISER)]
    request = budget_pb2.ListBudgetEntriesRequest(campaign_id=name)
    entries = (await promo.ListBudgetEntries(request, metadata=OWNER)).entries
    given = [one for one in entries if one.credit_source == budget_pb2.CREDIT_SOURCE_INVALID_CLICK]
    assert [(one.amount_cents, one.reverses_entry_id) for one in given] == [(250, found.spend_entry_id)]
    # What a claim says about it afterwards changes nothing.
    refused = await refusal(
        promo.ClaimInvalidClick(
            pb.ClaimInvalidClickRequest(campaign_id=name, event_id=forged, reason="too"), metadata=OWNER
        )
    )
    assert refused.reason == "CLICK_CREDITED"


@pytest.mark.parametrize(("clicks", "impressions", "invalid"), [(40, 60, True), (29, 60, False), (40, 30_000, False)])
async def test_an_hour_that_the_week_before_does_not_explain_is_given_back(
    server: Running,
    promo: PromoServiceStub,
    stream: Stream,
    name: str,
    clock: ManualClock,
    clicks: int,
    impressions: int,
    invalid: bool,
) -> None:
    now = clock.now()
    hour = now.replace(minute=0, second=0, microsecond=0) + HOUR
    clock.advance(hour - now)
    for day in range(1, 7):
        await stream.impressions(name, hour - timedelta(days=day), 1_000)
        await stream.click(Click(campaign_id=name, at=hour - timedelta(days=day), price_cents=10))
    await look_again(server, clock, timedelta(0))
    await stream.impressions(name, hour, impressions - clicks)
    for n in range(clicks):
        await stream.click(Click(campaign_id=name, at=hour + timedelta(minutes=n % 60), price_cents=10))
    await look_again(server, clock)
    found = [click for click in await listed(promo, name, page_size=200) if click.rule == pb.CLICK_RULE_CTR_SPIKE]
    assert len(found) == (clicks if invalid else 0)
    if invalid:
        evidence = MessageToDict(found[0].evidence)
        assert (evidence["clicks"], evidence["z"] > 6) == (clicks, True)
        assert datetime.fromisoformat(evidence["hour"]) == hour
        assert await notices(server) == [("campaign_clicks_credited", ADVERTISER)]
    await look_again(server, clock)
    assert len(await listed(promo, name, page_size=200)) == clicks + 6
