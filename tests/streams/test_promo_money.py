"""What servers decide about money besides clicks, followed in the log's order: switches, credit, withdrawals."""

from datetime import UTC, datetime, timedelta

import pytest

from callsheet.promo.v1 import campaign_calls_pb2 as calls_pb2
from callsheet.promo.v1 import click_pb2, switch_pb2, withdrawal_pb2
from callsheet.promo.v1.promo_pb2_grpc import PromoServiceStub
from devstack.program import complete
from server.core.call import Role
from tests.payments.sandbox import running_sandbox
from tests.rpc.growth import lasting
from tests.rpc.promo import ADVERTISER, put_policy
from tests.rpc.promo_paying import budget_of, saved_card, top_up
from tests.streams.events import Happening, record
from tests.streams.harness import relaying_server
from tests.streams.world import World
from tests.support.waiting import eventually

OWNER, STAFF, ADMIN = lasting(ADVERTISER), lasting("usr_agent", Role.AGENT), lasting("usr_admin", Role.ADMIN)


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)


def verdicts(world: World) -> list[object]:
    """The first decision of each click, in the log's order."""
    told = world.told("select verdict from promo_click_decision where revision = 1 order by log_offset, log_index")
    return [verdict for (verdict,) in told]


async def switch(world: World, scope: switch_pb2.KillSwitchScope.ValueType, *, stopped: bool, name: str = "") -> None:
    """Throws a switch; its record is in the log."""
    async with relaying_server(world.database, world.log) as server:
        request = switch_pb2.SetKillSwitchRequest(scope=scope, campaign_id=name, stopped=stopped, reason="for a test")
        await PromoServiceStub(server.channel).SetKillSwitch(request, metadata=ADMIN)


def test_a_switch_is_in_force_for_the_clicks_behind_it(world: World, now: datetime) -> None:
    happening = complete(world.campaign(10_000))
    everything, one = switch_pb2.KILL_SWITCH_SCOPE_EVERYTHING, switch_pb2.KILL_SWITCH_SCOPE_CAMPAIGN
    steps = [
        (everything, True, ""),
        (everything, False, ""),
        (one, True, happening.campaign_id),
        (one, False, happening.campaign_id),
    ]
    with world.stream.running():
        complete(world.happens(happening, record([happening.click(now)])))
        for scope, stopped, name in steps:
            complete(switch(world, scope, stopped=stopped, name=name))
            complete(world.happens(happening, record([happening.click(now)])))
    assert verdicts(world) == ["billed", "charging_stopped", "billed", "charging_stopped", "billed"]
    assert complete(world.balance(happening)) == 9_700


async def activated(world: World, happening: Happening) -> str:
    """The campaign may be shown; its advertiser."""
    async with relaying_server(world.database, world.log) as server:
        promo = PromoServiceStub(server.channel)
        for city in ("berlin", "hamburg"):
            await put_policy(promo, city=city)
        request = calls_pb2.ActivateCampaignRequest(campaign_id=happening.campaign_id)
        return (await promo.ActivateCampaign(request, metadata=OWNER)).campaign.advertiser_id


async def suspend(world: World, advertiser_id: str) -> None:
    """No worker runs here that could do anything later than the call."""
    async with relaying_server(world.database, world.log) as server:
        request = calls_pb2.SuspendAdvertiserRequest(advertiser_id=advertiser_id, reason="Stolen cards.")
        await PromoServiceStub(server.channel).SuspendAdvertiser(request, metadata=STAFF)


async def lift(world: World, advertiser_id: str) -> None:
    async with relaying_server(world.database, world.log) as server:
        request = calls_pb2.LiftAdvertiserSuspensionRequest(advertiser_id=advertiser_id)
        await PromoServiceStub(server.channel).LiftAdvertiserSuspension(request, metadata=ADMIN)


def test_nothing_of_a_suspended_advertisers_is_charged_behind_it(world: World, now: datetime) -> None:
    """What was shown before is clicked on after: pausing would charge it, suspending does not."""
    happening = complete(world.campaign(10_000))
    owner = complete(activated(world, happening))
    with world.stream.running():
        for step in (suspend, lift, None):
            complete(world.happens(happening, record([happening.click(now)])))
            if step is not None:
                complete(step(world, owner))
    assert verdicts(world) == ["billed", "suspended", "billed"]
    assert complete(world.balance(happening)) == 9_800


async def give_back(world: World, happening: Happening) -> None:
    """The advertiser claims the first click, and somebody finds that they are right."""
    async with relaying_server(world.database, world.log) as server:
        promo = PromoServiceStub(server.channel)
        listing = click_pb2.ListClicksRequest(
            campaign_id=happening.campaign_id, verdicts=[click_pb2.CLICK_VERDICT_BILLED]
        )
        click = (await promo.ListClicks(listing, metadata=OWNER)).clicks[0]
        claim = click_pb2.ClaimInvalidClickRequest(
            campaign_id=click.campaign_id, event_id=click.event_id, reason="nobody came"
        )
        made = (await promo.ClaimInvalidClick(claim, metadata=OWNER)).claim
        decision = click_pb2.DecideClickClaimRequest(claim_id=made.claim_id, granted=True, reason="so it is")
        await promo.DecideClickClaim(decision, metadata=STAFF)


def test_what_is_given_back_may_be_spent_again_under_the_total_budget(world: World, now: datetime) -> None:
    happening = complete(world.campaign(10_000, total_cents=250))
    with world.stream.running():
        complete(world.happens(happening, record([happening.click(now) for _ in range(3)])))
        complete(give_back(world, happening))
        complete(world.happens(happening, record([happening.click(now) for _ in range(2)])))
    assert verdicts(world) == ["billed", "billed", "cap_total", "billed", "cap_total"]
    assert complete(world.balance(happening)) == 9_800


async def withdrawn(world: World, happening: Happening, now: datetime) -> None:
    """Cash is paid in beside one cent of credit, which a click spends first; the rest of the cash is asked back, and a
    click comes behind the request.
    """
    async with (
        running_sandbox() as sandbox,
        relaying_server(world.database, world.log, stripe_api_base=sandbox.address) as server,
    ):
        promo, name = PromoServiceStub(server.channel), happening.campaign_id
        card = await saved_card(server, sandbox)
        await top_up(promo, name, 1_000, card=card)

        async def spent(clicks: int) -> bool:
            return (await budget_of(promo, name)).spent_on_clicks_cents == 100 * clicks

        async def heard() -> bool:
            async with server.app.core.database.read() as tx:
                return not await tx.fetchval("select count(*) from core.outbox")

        await eventually(heard, "the payment to be in the log")
        await world.happens(happening, record([happening.click(now)]))
        assert await spent(1)
        request = withdrawal_pb2.WithdrawBalanceRequest(campaign_id=name, idempotency_key="all")
        asked = (await promo.WithdrawBalance(request, metadata=OWNER)).withdrawal
        assert asked.amount_cents == 901
        await eventually(heard, "the request to be in the log")
        await world.happens(happening, record([happening.click(now)]))

        async def completed() -> bool:
            await server.worker().run_due()
            read = withdrawal_pb2.GetWithdrawalRequest(withdrawal_id=asked.withdrawal_id)
            found = (await promo.GetWithdrawal(read, metadata=OWNER)).withdrawal
            return found.status == withdrawal_pb2.WITHDRAWAL_STATUS_COMPLETED

        await eventually(completed, "the withdrawal to be refunded")
        assert (await budget_of(promo, name)).balance_cents == 0
        assert await sandbox.switches.movements() == [("charge", 1_000), ("refund", -901)]


def test_what_is_left_is_taken_in_the_order_of_the_clicks(world: World, now: datetime) -> None:
    """The click behind the request finds nothing."""
    happening = complete(world.campaign(1))
    with world.stream.running():
        complete(withdrawn(world, happening, now - timedelta(seconds=1)))
    assert verdicts(world) == ["billed", "no_balance"]
