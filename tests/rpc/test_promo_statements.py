"""Statements are the ledger, whatever moved, in whichever zone and month; a click is given back once, by many."""

import asyncio
import csv
import io
import random
from collections import defaultdict
from collections.abc import AsyncIterator
from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

import pytest

from callsheet.promo.v1 import budget_pb2
from callsheet.promo.v1 import click_pb2 as pb
from callsheet.promo.v1.promo_pb2_grpc import PromoServiceStub
from devstack.roles import DatabaseUrls
from server.core.call import Role
from server.core.clock import ManualClock, SystemClock
from server.promo.late.timers import LATE_PASS
from tests.rpc.growth import enqueue, lasting
from tests.rpc.harness import Running, running_server
from tests.rpc.promo import ADVERTISER, advertiser, approve, campaign, funded, propose
from tests.rpc.promo_paying import budget_of
from tests.rpc.promo_stream import Click, Stream

OWNER = lasting(ADVERTISER)


@pytest.fixture
async def server(database: DatabaseUrls, clock: ManualClock) -> AsyncIterator[Running]:
    async with running_server(database, clock=clock) as running:
        yield running


async def whole_ledger(promo: PromoServiceStub, name: str) -> list[budget_pb2.BudgetEntry]:
    request = budget_pb2.ListBudgetEntriesRequest(campaign_id=name, page_size=7)
    entries: list[budget_pb2.BudgetEntry] = []
    while True:
        page = await promo.ListBudgetEntries(request, metadata=OWNER)
        entries += page.entries
        request.page_token = page.next_page_token
        if not page.next_page_token:
            return entries


def day_of(entry: budget_pb2.BudgetEntry, zone: str) -> str:
    """A click counts to its budget day, anything else to the day on which it was written down."""
    written = entry.created_at.ToDatetime(tzinfo=UTC).astimezone(ZoneInfo(zone)).date().isoformat()
    return entry.budget_day or written


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Kathmandu", "America/St_Johns"])
@pytest.mark.parametrize("seed", [1, 2])
async def test_a_statement_is_the_ledger_in_rows_and_for_a_spreadsheet(
    server: Running, stream: Stream, clock: ManualClock, zone: str, seed: int
) -> None:
    promo, chance = PromoServiceStub(server.channel), random.Random(seed)  # noqa: S311  a test's choices
    name = (await campaign(promo, await advertiser(promo), time_zone=zone, end_date="")).campaign_id
    await funded(promo, name, 50_000)
    for _ in range(25):
        clock.advance(timedelta(hours=chance.randrange(30)))
        match chance.randrange(3):
            case 0:
                await funded(promo, name, chance.randrange(1, 900))
            case 1:
                adjusted = await propose(promo, name, cash_cents=chance.randrange(1, 900))
                await approve(promo, adjusted.adjustment_id)
            case _:
                at = SystemClock().now() - timedelta(hours=chance.randrange(150))
                await stream.click(Click(campaign_id=name, at=at, price_cents=chance.randrange(1, 300), zone=zone))
    entries = await whole_ledger(promo, name)
    months = sorted({day_of(entry, zone)[:7] for entry in entries})
    opening = 0
    for month in months:
        request = budget_pb2.GetStatementRequest(campaign_id=name, month=month)
        statement = await promo.GetStatement(request, metadata=OWNER)
        expected: dict[tuple[str, int], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
        for entry in entries:
            if day_of(entry, zone)[:7] == month:
                sums = expected[day_of(entry, zone), entry.kind]
                moved = (1, entry.amount_cents, entry.promo_cents, entry.cash_cents)
                sums[:] = [a + b for a, b in zip(sums, moved, strict=True)]
        rows = {
            (row.day, row.kind): [row.entries, row.amount_cents, row.promo_cents, row.cash_cents]
            for row in statement.rows
        }
        assert rows == expected
        assert statement.opening_balance_cents == opening
        opening += sum(row.amount_cents for row in statement.rows)
        assert statement.closing_balance_cents == opening
        sheet = list(csv.DictReader(io.StringIO(statement.csv)))
        assert [int(line["amount_cents"]) for line in sheet] == [
            statement.opening_balance_cents,
            *(row.amount_cents for row in statement.rows),
            statement.closing_balance_cents,
        ]
    assert opening == sum(entry.amount_cents for entry in entries) == (await budget_of(promo, name)).balance_cents


async def test_whoever_finds_a_click_invalid_at_the_same_time_gives_it_back_once(
    server: Running, stream: Stream, clock: ManualClock
) -> None:
    """A claim that is granted, and two passes, all at once."""
    promo = PromoServiceStub(server.channel)
    name = (await campaign(promo, await advertiser(promo))).campaign_id
    await funded(promo, name, 1_000)
    events = [
        await stream.click(Click(campaign_id=name, at=clock.now(), price_cents=100, with_impression=False))
        for _ in range(5)
    ]
    claims = []
    for event in events:
        request = pb.ClaimInvalidClickRequest(campaign_id=name, event_id=event, reason="nobody came")
        claims.append((await promo.ClaimInvalidClick(request, metadata=OWNER)).claim.claim_id)
    clock.advance(timedelta(hours=4))
    await enqueue(server, LATE_PASS)
    decisions = [
        promo.DecideClickClaim(
            pb.DecideClickClaimRequest(claim_id=claim, granted=True, reason="so it is"),
            metadata=lasting("usr_agent", Role.AGENT),
        )
        for claim in claims
    ]
    await asyncio.gather(*decisions, server.worker().run_due(), server.worker().run_due())
    assert (await budget_of(promo, name)).balance_cents == 1_000
    credited = [one for one in await whole_ledger(promo, name) if one.reverses_entry_id]
    assert len(credited) == len({one.reverses_entry_id for one in credited}) == 5
