"""The minute's proof: what agrees is silent, what drifted is taken back, the rest is said."""

from collections.abc import AsyncIterator

import pytest
from prometheus_client import CollectorRegistry

from callsheet.promo.v1.promo_pb2_grpc import PromoServiceStub
from devstack.roles import DatabaseUrls
from devstack.valkey import Valkey
from server.adapters.budgets.port import Claim, ClickClaim, Limits, Spent, Step
from server.adapters.budgets.valkey import ValkeyBudgets, valkey_budgets
from server.adapters.eventlog.port import Partition
from server.core.clock import ManualClock
from server.promo.domain.agreement import Disagreement, Finding
from server.promo.domain.partitions import partition_of
from server.promo.verifying.repository import VerifyingRepository
from server.promo.verifying.timers import CRONS, VERIFY_SPEND
from server.promo.verifying.usecases import Verifier, VerifierMetrics
from streams.clicks.charging import SETTLED
from tests.rpc.harness import Running, running_server
from tests.rpc.promo import advertiser, campaign, funded
from tests.rpc.promo_stream import PARTITIONS, Click, Stream


@pytest.fixture
async def server(database: DatabaseUrls, clock: ManualClock, valkey_log: Valkey) -> AsyncIterator[Running]:
    async with running_server(database, clock=clock, log_url=valkey_log.url, log_partitions=PARTITIONS) as running:
        yield running


@pytest.fixture
async def budgets(valkey_budget: Valkey) -> AsyncIterator[ValkeyBudgets]:
    async with valkey_budgets(valkey_budget.url, cluster=False) as opened:
        yield opened


@pytest.fixture
async def name(server: Running) -> str:
    promo = PromoServiceStub(server.channel)
    made = (await campaign(promo, await advertiser(promo))).campaign_id
    await funded(promo, made, 10_000)
    return made


@pytest.fixture
def verifier(server: Running, budgets: ValkeyBudgets) -> Verifier:
    core = server.app.core
    metrics = VerifierMetrics(CollectorRegistry())
    return Verifier(core.database, VerifyingRepository(), budgets, core.log, PARTITIONS, metrics, core.clock)


async def logged(server: Running, name: str, records: int) -> None:
    """The campaign's partition of the log is as long as what was read of it."""
    await server.app.core.log.ensure("clicks", PARTITIONS)
    await server.app.core.log.append(Partition("clicks", partition_of(name, PARTITIONS)), [b"x"] * records)


async def loaded(budgets: ValkeyBudgets, stream: Stream, name: str, clock: ManualClock, cents: int) -> None:
    """A click of that price, and a live view that knows of it."""
    click = Click(campaign_id=name, at=clock.now(), price_cents=cents)
    await stream.click(click)
    assert await budgets.load(Spent(name, cents, {click.day: cents}), Step(1, 1))


async def claimed(budgets: ValkeyBudgets, name: str, key: str, clock: ManualClock, *, offset: int) -> None:
    """A click of 70 that was charged in the live view alone."""
    limits = Limits(1, 5_000, None, 10_000)
    day = Click(campaign_id=name, at=clock.now()).day
    claim = Claim(name, limits, (ClickClaim(key, 70, day, offset, 0),))
    await budgets.claim([(claim, Step(1, 1))], settled=0)


def kinds(findings: list[Finding]) -> list[Disagreement]:
    return [finding.kind for finding in findings]


async def test_what_agrees_is_silent(
    server: Running, stream: Stream, budgets: ValkeyBudgets, verifier: Verifier, name: str, clock: ManualClock
) -> None:
    await logged(server, name, 5)
    await loaded(budgets, stream, name, clock, 50)
    assert await verifier.verify() == []
    # What is claimed behind the committed offset is on its way.
    await claimed(budgets, name, f"{name}:pimp_next", clock, offset=99)
    assert await verifier.verify() == []
    assert [claim.offset for claim in await budgets.held(name)] == [99]


async def test_a_claim_that_no_commit_can_bring_is_taken_back(
    server: Running, stream: Stream, budgets: ValkeyBudgets, verifier: Verifier, name: str, clock: ManualClock
) -> None:
    await logged(server, name, 5)
    await loaded(budgets, stream, name, clock, 50)
    await claimed(budgets, name, f"{name}:pimp_lost", clock, offset=1)
    before = (await budgets.views([name]))[name].spent.total_cents
    found = await verifier.verify()
    assert kinds(found) == [Disagreement.CLAIM]
    assert found[0].details == {"key": f"{name}:pimp_lost", "offset": 1, "cents": 70, "released": 1}
    after = (await budgets.views([name]))[name].spent.total_cents
    assert (before, after) == (120, 50)
    assert await verifier.verify() == []


async def test_a_lost_claim_that_is_not_listed_any_more_is_still_found(
    server: Running, stream: Stream, budgets: ValkeyBudgets, verifier: Verifier, name: str, clock: ManualClock
) -> None:
    """Whoever claims next lets go of what is settled. What the ledger does not have is then a sum that differs."""
    await logged(server, name, 5)
    await loaded(budgets, stream, name, clock, 50)
    await claimed(budgets, name, f"{name}:pimp_lost", clock, offset=1)
    assert await budgets.claim([(Claim(name, Limits(1, 5_000, None, 10_000), ()), Step(1, 2))], settled=1)
    assert list(await budgets.held(name)) == []
    found = await verifier.verify()
    assert kinds(found) == [Disagreement.BUDGET]
    assert found[0].details == {"view_cents": 120, "expected_cents": 50}


def test_every_claim_is_listed_when_the_verifier_looks() -> None:
    [look] = [cron.every for cron in CRONS if cron.job is VERIFY_SPEND]
    assert look < SETTLED


async def test_other_sums_are_said_and_left_alone(
    server: Running,
    database: DatabaseUrls,
    stream: Stream,
    budgets: ValkeyBudgets,
    verifier: Verifier,
    name: str,
    clock: ManualClock,
) -> None:
    await logged(server, name, 5)
    await loaded(budgets, stream, name, clock, 50)
    day = Click(campaign_id=name, at=clock.now()).day
    assert await budgets.load(Spent(name, 60, {day: 60}), Step(1, 2))
    found = await verifier.verify()
    assert kinds(found) == [Disagreement.BUDGET]
    assert found[0].details == {"view_cents": 60, "expected_cents": 50}
    assert (await budgets.views([name]))[name].spent.total_cents == 60

    await stream.counts_wrongly(name, clock.now(), 9)
    assert kinds(await verifier.verify()) == [Disagreement.ROLLUPS, Disagreement.BUDGET]
    await stream.counts_wrongly(name, clock.now(), -9)


async def test_a_view_of_an_earlier_writer_is_not_asked(
    server: Running, stream: Stream, budgets: ValkeyBudgets, verifier: Verifier, name: str, clock: ManualClock
) -> None:
    """The writer that comes loads it before it claims."""
    await logged(server, name, 5)
    await loaded(budgets, stream, name, clock, 50)
    await stream.taken_over(name)
    day = Click(campaign_id=name, at=clock.now()).day
    assert await budgets.load(Spent(name, 60, {day: 60}), Step(1, 2))
    assert await verifier.verify() == []


async def test_a_log_that_is_shorter_than_what_was_read_is_said(
    server: Running, stream: Stream, budgets: ValkeyBudgets, verifier: Verifier, name: str, clock: ManualClock
) -> None:
    for _ in range(3):
        await loaded(budgets, stream, name, clock, 50)
    assert await budgets.load(Spent(name, 150, {}), Step(1, 2))
    await logged(server, name, 1)
    assert kinds(await verifier.verify()) == [Disagreement.LOG]
