"""Reports by the hour and by the day of a campaign's zone, and the orders that follow from clicks."""

import base64
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from callsheet.booking.v1 import ordering_pb2
from callsheet.booking.v1.booking_pb2_grpc import BookingServiceStub
from callsheet.promo.v1 import report_pb2 as pb
from callsheet.promo.v1.promo_pb2_grpc import PromoServiceStub
from devstack.roles import DatabaseUrls
from server.core.clock import ManualClock, SystemClock
from server.core.db import Tx
from server.core.ids import SystemIds
from server.promo.campaigns.repository import CampaignRepository
from server.promo.clicks.crediting import Crediting
from server.promo.clicks.repository import ClickRepository
from server.promo.domain.campaign import Surface
from server.promo.domain.crediting import FoundInvalid
from server.promo.domain.verdicts import Rule
from server.promo.history.repository import History
from server.promo.money.funding import Funding
from server.promo.money.repository import LedgerRepository
from server.promo.outgoing import ControlFeed
from server.promo.reports.attributing import OrderAttribution
from server.promo.reports.repository import ReportRepository
from server.promo.reports.timers import DECIDED_WITHIN
from server.promo.tokens import ImpressionToken, TokenKeys, TokenSigner, TokenVerifier
from tests.rpc.booking import BUYER, offered
from tests.rpc.booking import terms as booking_terms
from tests.rpc.growth import lasting
from tests.rpc.harness import Running, refusal, running_server
from tests.rpc.promo import ADVERTISER, STRANGER, advertiser, campaign, funded
from tests.rpc.promo_stream import Click, Stream

OWNER = lasting(ADVERTISER)
KEY = base64.b64encode(b"k" * 32).decode()
BERLIN = "Europe/Berlin"
NOW = SystemClock().now()
THEN = (NOW - timedelta(days=2)).replace(hour=0, minute=0, second=0, microsecond=0)
"""Events are kept by the day, so clicks are of days that are kept now."""


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
async def server(database: DatabaseUrls, clock: ManualClock) -> AsyncIterator[Running]:
    async with running_server(database, clock=clock, impression_token_keys=f"1:{KEY}") as running:
        yield running


async def campaign_in(server: Running, zone: str) -> str:
    promo = PromoServiceStub(server.channel)
    made = await campaign(
        promo,
        await advertiser(promo),
        time_zone=zone,
        start_date=(NOW + timedelta(days=3)).date().isoformat(),
        end_date="",
    )
    await funded(promo, made.campaign_id, 100_000)
    return made.campaign_id


async def report(
    server: Running,
    name: str,
    first: str,
    last: str,
    granularity: pb.ReportGranularity.ValueType = pb.REPORT_GRANULARITY_HOUR,
) -> pb.GetCampaignReportResponse:
    request = pb.GetCampaignReportRequest(campaign_id=name, first_day=first, last_day=last, granularity=granularity)
    return await PromoServiceStub(server.channel).GetCampaignReport(request, metadata=OWNER)


@pytest.mark.parametrize(
    ("zone", "day", "hours", "first"),
    [
        (BERLIN, "2026-10-25", 25, "2026-10-25T00:00:00+02:00"),
        (BERLIN, "2026-03-29", 23, "2026-03-29T00:00:00+01:00"),
        (BERLIN, "2026-11-01", 24, "2026-11-01T00:00:00+01:00"),
        ("Asia/Kolkata", "2026-11-01", 24, "2026-11-01T00:00:00+05:30"),
        ("Asia/Kathmandu", "2026-11-01", 24, "2026-11-01T00:00:00+05:45"),
        ("Australia/Lord_Howe", "2026-04-05", 25, "2026-04-05T00:00:00+11:00"),
        ("America/Asuncion", "2026-11-01", 24, "2026-11-01T00:00:00-03:00"),
    ],
)
async def test_a_day_has_as_many_hours_as_its_zone_says(
    server: Running, zone: str, day: str, hours: int, first: str
) -> None:
    name = await campaign_in(server, zone)
    by_hour = await report(server, name, day, day)
    assert len(by_hour.rows) == hours
    assert by_hour.rows[0].local_start == first
    starts = [row.starts_at.ToDatetime(tzinfo=UTC) for row in by_hour.rows]
    assert starts == sorted(set(starts))
    assert by_hour.time_zone == zone
    by_day = await report(server, name, day, day, pb.REPORT_GRANULARITY_DAY)
    assert [row.local_start for row in by_day.rows] == [first]


async def test_an_hour_that_comes_twice_is_two_rows(server: Running, stream: Stream) -> None:
    name = await campaign_in(server, BERLIN)
    for at in (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)):
        await stream.impressions(name, at, 7)
    rows = (await report(server, name, "2026-10-25", "2026-10-25")).rows
    shown = {row.local_start: row.impressions for row in rows if row.impressions}
    assert shown == {"2026-10-25T02:00:00+02:00": 7, "2026-10-25T02:00:00+01:00": 7}


@pytest.mark.parametrize(
    ("zone", "minutes", "days", "clock_shows"),
    [
        ("Asia/Kolkata", 29, 0, "T23:00:00+05:30"),
        ("Asia/Kolkata", 30, 1, "T00:00:00+05:30"),
        ("Asia/Kathmandu", 14, 0, "T23:00:00+05:45"),
        ("Asia/Kathmandu", 15, 1, "T00:00:00+05:45"),
    ],
)
async def test_zones_between_the_hours_have_hours_of_their_own(
    server: Running, stream: Stream, zone: str, minutes: int, days: int, clock_shows: str
) -> None:
    name, at = await campaign_in(server, zone), THEN + timedelta(hours=18, minutes=minutes)
    first, last = (day.date().isoformat() for day in (THEN, THEN + timedelta(days=1)))
    local = (last if days else first) + clock_shows
    await stream.click(Click(campaign_id=name, at=at, price_cents=120, zone=zone))
    by_hour = await report(server, name, first, last)
    (row,) = [row for row in by_hour.rows if row.clicks]
    assert (row.local_start, row.spend_cents, row.billed_clicks, row.impressions) == (local, 120, 1, 1)
    by_day = await report(server, name, first, last, pb.REPORT_GRANULARITY_DAY)
    (row,) = [row for row in by_day.rows if row.clicks]
    assert row.local_start[:10] == local[:10]
    assert by_day.total.spend_cents == by_hour.total.spend_cents == 120


async def test_what_was_given_back_belongs_to_the_day_of_its_click(
    server: Running, stream: Stream, clock: ManualClock
) -> None:
    name = await campaign_in(server, BERLIN)
    at = THEN + timedelta(hours=12)
    event = await stream.click(Click(campaign_id=name, at=at, price_cents=150))
    await give_back(server, name, FoundInvalid(event, Rule.CLAIMED))
    for granularity in (pb.REPORT_GRANULARITY_DAY, pb.REPORT_GRANULARITY_HOUR):
        found = await report(server, name, THEN.date().isoformat(), NOW.date().isoformat(), granularity)
        (row,) = [row for row in found.rows if row.credited_cents]
        assert (row.spend_cents, row.credited_cents, row.local_start[:10]) == (150, 150, THEN.date().isoformat())


async def give_back(server: Running, name: str, found: FoundInvalid) -> None:
    """What a claim or the hourly pass does."""
    core, campaigns = server.app.core, CampaignRepository()
    funding = Funding(LedgerRepository(), ControlFeed(core.outbox, core.clock), core.clock)
    crediting = Crediting(ClickRepository(History()), funding, core.clock, core.ids)

    async def work(tx: Tx) -> None:
        locked = await campaigns.lock(tx, name)
        assert locked is not None
        await crediting.credit(tx, locked, [found], decided_by="late_pass")

    await core.database.run(work)


def attributing(server: Running) -> OrderAttribution:
    core = server.app.core
    verifier = TokenVerifier(TokenKeys.parse(f"1:{KEY}"))
    return OrderAttribution(core.database, ReportRepository(), verifier, core.jobs, core.clock)


def token(campaign_id: str, impression_id: str, issued_at: datetime) -> str:
    return TokenSigner(TokenKeys.parse(f"1:{KEY}")).sign(
        ImpressionToken(
            int(issued_at.timestamp() * 1000),
            120,
            1,
            0,
            Surface.PEOPLE_SEARCH,
            campaign_id,
            impression_id,
            "",
            "srv_1",
            "photographer",
            "berlin",
            "q",
        )
    )


async def test_an_order_counts_for_the_click_that_its_buyer_came_by(
    server: Running, stream: Stream, clock: ManualClock
) -> None:
    name, ids = await campaign_in(server, BERLIN), SystemIds(clock)
    seen, fake, never = ids.new("pimp"), ids.new("pimp"), ids.new("pimp")
    await stream.click(Click(campaign_id=name, at=NOW, impression_id=seen))
    await stream.click(Click(campaign_id=name, at=NOW, impression_id=fake, verdict="invalid", rule="known_bot"))
    clock.advance(timedelta(hours=1))
    told = {
        "ord_by_click": token(name, seen, NOW),
        "ord_invalid": token(name, fake, NOW),
        "ord_no_click": token(name, never, NOW),
        "ord_old": token(name, seen, NOW - timedelta(days=8)),
        "ord_forged": token(name, seen, NOW)[:-4] + "AAAA",
        "ord_nothing": "",
    }
    core, attribution_ = server.app.core, attributing(server)
    for order_id, text in told.items():
        for _ in range(2):
            await core.database.run(lambda tx, o=order_id, t=text: attribution_.ordered(tx, o, t))  # type: ignore[misc]
    await server.worker().run_due()
    first, last = NOW.date().isoformat(), (NOW + timedelta(days=1)).date().isoformat()
    assert (await report(server, name, first, last)).total.attributed_orders == 0
    clock.advance(DECIDED_WITHIN)
    await server.worker().run_due()
    found = await report(server, name, first, last)
    assert found.total.attributed_orders == 1
    (row,) = [row for row in found.rows if row.attributed_orders]
    ordered_at = NOW + timedelta(hours=1)
    assert timedelta(0) <= ordered_at - row.starts_at.ToDatetime(tzinfo=UTC) < timedelta(hours=1)


async def test_an_order_that_names_its_click_is_counted_and_one_that_names_nonsense_is_made(
    server: Running, stream: Stream, clock: ManualClock
) -> None:
    name, impression = await campaign_in(server, BERLIN), SystemIds(clock).new("pimp")
    await stream.click(Click(campaign_id=name, at=NOW, impression_id=impression))
    booking = BookingServiceStub(server.channel)
    profile = await offered(booking)
    for text in (token(name, impression, NOW), "nonsense"):
        request = ordering_pb2.CreateOrderRequest(terms=booking_terms(profile), click_token=text)
        await booking.CreateOrder(request, metadata=lasting(BUYER))
    clock.advance(DECIDED_WITHIN)
    await server.worker().run_due()
    first, last = NOW.date().isoformat(), (NOW + timedelta(days=1)).date().isoformat()
    assert (await report(server, name, first, last)).total.attributed_orders == 1


async def test_what_cannot_be_reported(server: Running) -> None:
    name = await campaign_in(server, BERLIN)
    promo = PromoServiceStub(server.channel)

    async def refused(first: str, last: str, granularity: pb.ReportGranularity.ValueType) -> set[str]:
        request = pb.GetCampaignReportRequest(campaign_id=name, first_day=first, last_day=last, granularity=granularity)
        return set((await refusal(promo.GetCampaignReport(request, metadata=OWNER))).violations)

    assert await refused("2026-02-30", "2026-03-01", pb.REPORT_GRANULARITY_DAY) == {"first_day"}
    assert await refused("2026-03-02", "2026-03-01", pb.REPORT_GRANULARITY_DAY) == {"last_day"}
    assert await refused("2026-03-01", "2026-04-01", pb.REPORT_GRANULARITY_HOUR) == {"last_day"}
    assert await refused("2025-01-01", "2026-04-01", pb.REPORT_GRANULARITY_DAY) == {"last_day"}
    request = pb.GetCampaignReportRequest(campaign_id=name, first_day="2026-01-01", last_day="2026-01-01")
    assert (await refusal(promo.GetCampaignReport(request, metadata=lasting(STRANGER)))).reason == "NOT_FOUND"
