"""How a debt ends that no bank brings back: given up, paid some other way, or collected; by two people, once."""

import asyncio

import grpc
import pytest

from callsheet.promo.v1 import campaign_calls_pb2 as calls
from callsheet.promo.v1 import campaign_pb2, topup_pb2, withdrawal_pb2
from callsheet.promo.v1 import debt_pb2 as pb
from callsheet.promo.v1.promo_pb2_grpc import PromoServiceStub
from server.core.call import Role
from tests.payments.sandbox import Sandbox
from tests.rpc.growth import lasting
from tests.rpc.harness import Running, refusal
from tests.rpc.promo import ADVERTISER, IDS, approve, propose
from tests.rpc.promo_paying import (
    budget_of,
    campaign_of,
    delivered,
    hearing,
    saved_card,
    top_up,
    topup_of,
)
from tests.rpc.promo_stream import Stream

FINANCE, SECOND = lasting("usr_finance", Role.FINANCE), lasting("usr_second", Role.FINANCE)
ADMIN, OWNER = lasting("usr_admin", Role.ADMIN), lasting(ADVERTISER)


@pytest.fixture
async def owed(server: Running, sandbox: Sandbox, promo: PromoServiceStub, name: str) -> str:
    """A payment of 5,000 that its bank took back; its id."""
    card = await saved_card(server, sandbox, "pm_card_createDispute")
    async with hearing(server, sandbox):
        topup = (await top_up(promo, name, 5_000, card=card)).topup
        await delivered(server, sandbox)
    return topup.topup_id


async def proposed(
    promo: PromoServiceStub,
    topup_id: str,
    cents: int,
    method: pb.SettlementMethod.ValueType = pb.SETTLEMENT_METHOD_WRITTEN_OFF,
    adjustment_id: str = "",
) -> pb.DebtSettlement:
    request = pb.ProposeDebtSettlementRequest(
        topup_id=topup_id,
        method=method,
        amount_cents=cents,
        adjustment_id=adjustment_id,
        reason="They have gone out of business.",
        idempotency_key=IDS.new("key"),
    )
    return (await promo.ProposeDebtSettlement(request, metadata=FINANCE)).settlement


async def settled(promo: PromoServiceStub, settlement_id: str) -> pb.DebtSettlement:
    request = pb.ApproveDebtSettlementRequest(settlement_id=settlement_id)
    return (await promo.ApproveDebtSettlement(request, metadata=SECOND)).settlement


async def debts(promo: PromoServiceStub, name: str) -> list[pb.Debt]:
    return list((await promo.ListDebts(pb.ListDebtsRequest(campaign_id=name), metadata=FINANCE)).debts)


async def test_a_debt_is_given_up_by_two_people_and_the_campaign_goes_on(
    promo: PromoServiceStub, name: str, owed: str
) -> None:
    asked = await proposed(promo, owed, 5_000)
    assert (await budget_of(promo, name)).owed_cents == 5_000
    request = pb.ApproveDebtSettlementRequest(settlement_id=asked.settlement_id)
    alone = await refusal(promo.ApproveDebtSettlement(request, metadata=FINANCE))
    assert (alone.code, alone.reason) == (grpc.StatusCode.PERMISSION_DENIED, "FOUR_EYES")
    approved = await settled(promo, asked.settlement_id)
    again = await refusal(promo.ApproveDebtSettlement(request, metadata=SECOND))
    assert (again.code, again.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "ILLEGAL_TRANSITION")
    assert (approved.status, approved.approved_by) == (pb.SETTLEMENT_STATUS_APPROVED, "usr_second")
    assert (await budget_of(promo, name)).owed_cents == 0

    lifting = calls.LiftSuspensionRequest(campaign_id=name, reason="Nothing is owed.")
    await promo.LiftSuspension(lifting, metadata=ADMIN)
    assert (await campaign_of(promo, name)).status == campaign_pb2.CAMPAIGN_STATUS_DRAFT
    # The payment stays what it is: its charge gives nothing back, however much is left of the budget.
    withdrawing = withdrawal_pb2.WithdrawBalanceRequest(campaign_id=name, idempotency_key="one")
    refused = await refusal(promo.WithdrawBalance(withdrawing, metadata=OWNER))
    assert refused.reason == "NOT_WITHDRAWABLE"
    assert (await topup_of(promo, owed)).status == topup_pb2.TOP_UP_STATUS_CHARGED_BACK
    (debt,) = await debts(promo, name)
    assert (debt.taken_cents, debt.returned_cents, debt.settled_cents, debt.owed_cents) == (5_000, 0, 5_000, 0)
    assert [one.settlement_id for one in debt.settlements] == [asked.settlement_id]


async def test_what_was_paid_otherwise_is_owed_no_more_and_never_more_than_is_owed(
    promo: PromoServiceStub, name: str, owed: str
) -> None:
    beyond = await refusal(proposed(promo, owed, 5_001))
    asked = [await proposed(promo, owed, 3_000, pb.SETTLEMENT_METHOD_PAID_OTHERWISE) for _ in range(6)]
    outcomes = await asyncio.gather(*(settled(promo, one.settlement_id) for one in asked), return_exceptions=True)
    late = await refusal(settled(promo, asked[-1].settlement_id))
    assert (beyond.code, beyond.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "SETTLEMENT_EXCEEDS_DEBT")
    assert beyond.metadata["owed_cents"] == "5000"
    assert sum(not isinstance(outcome, BaseException) for outcome in outcomes) == 1
    assert late.reason in {"SETTLEMENT_EXCEEDS_DEBT", "ILLEGAL_TRANSITION"}
    assert (await budget_of(promo, name)).owed_cents == 2_000


async def test_what_the_stream_took_for_an_adjustment_settles_once(
    server: Running, promo: PromoServiceStub, name: str, owed: str, stream: Stream
) -> None:
    adjustment = await propose(promo, name, cash_cents=-2_000)
    collected = pb.SETTLEMENT_METHOD_COLLECTED
    early = await refusal(proposed(promo, owed, 2_000, collected, adjustment.adjustment_id))
    await approve(promo, adjustment.adjustment_id)
    await stream.hears(server)
    too_much = await refusal(proposed(promo, owed, 2_001, collected, adjustment.adjustment_id))
    asked = await proposed(promo, owed, 2_000, collected, adjustment.adjustment_id)
    twice = await refusal(proposed(promo, owed, 2_000, collected, adjustment.adjustment_id))
    await settled(promo, asked.settlement_id)
    budget = await budget_of(promo, name)
    assert {one.reason for one in (early, too_much, twice)} == {"NOTHING_COLLECTED"}
    assert {one.code for one in (early, too_much, twice)} == {grpc.StatusCode.FAILED_PRECONDITION}
    assert (budget.balance_cents, budget.owed_cents) == (3_000, 3_000)


async def test_a_bank_that_brings_back_what_was_given_up_leaves_no_debt(
    server: Running, sandbox: Sandbox, promo: PromoServiceStub, name: str, owed: str
) -> None:
    await settled(promo, (await proposed(promo, owed, 5_000)).settlement_id)
    _, listed, _ = await sandbox.raw("GET", "/v1/disputes")
    async with hearing(server, sandbox):
        await sandbox.switches.post(f"disputes/{listed['data'][0]['id']}/decide", status="won")
        await delivered(server, sandbox)
    assert (await budget_of(promo, name)).owed_cents == 0
    assert (await topup_of(promo, owed)).status == topup_pb2.TOP_UP_STATUS_PAID


async def test_who_may_and_what_must_be_said(promo: PromoServiceStub, name: str, owed: str) -> None:
    listing = pb.ListDebtsRequest(campaign_id=name)
    for caller in (OWNER, lasting("usr_stranger")):
        refused = await refusal(promo.ListDebts(listing, metadata=caller))
        assert (refused.code, refused.reason) == (grpc.StatusCode.PERMISSION_DENIED, "ROLE_REQUIRED")
    unsaid = await refusal(proposed(promo, owed, 1, pb.SETTLEMENT_METHOD_COLLECTED))
    needless = await refusal(proposed(promo, owed, 1, adjustment_id="padj_1"))
    assert set(unsaid.violations) == set(needless.violations) == {"adjustment_id"}
    for cents, method, field in (
        (0, pb.SETTLEMENT_METHOD_WRITTEN_OFF, "amount_cents"),
        (1, pb.SETTLEMENT_METHOD_UNSPECIFIED, "method"),
    ):
        bad = await refusal(proposed(promo, owed, cents, method))
        assert (bad.code, set(bad.violations)) == (grpc.StatusCode.INVALID_ARGUMENT, {field})
    for unknown in (
        refusal(proposed(promo, "ptop_x", 1)),
        refusal(settled(promo, "pdst_x")),
        refusal(promo.ListDebts(pb.ListDebtsRequest(campaign_id="pcmp_x"), metadata=FINANCE)),
    ):
        assert (await unknown).code is grpc.StatusCode.NOT_FOUND


async def test_the_story_of_a_payment_tells_what_was_taken_back_and_how_it_ended(
    server: Running, promo: PromoServiceStub, owed: str
) -> None:
    await settled(promo, (await proposed(promo, owed, 5_000)).settlement_id)
    teller = server.app.tellers["ptop"]
    async with server.app.core.database.snapshot() as tx:
        story = await teller.tell(tx, owed)
        unknown = await teller.tell(tx, "ptop_x")
    assert unknown is None
    assert story is not None
    told = [entry.what for entry in story.entries]
    for what in (
        "begin: – → pending",
        "pay: pending → paid",
        "charge_back: paid → charged_back",
        "taken back -5000, of it again +0",
        "settlement written_off approved 5000",
    ):
        assert what in told
    assert [what for what in told if what.startswith("call ") and what.endswith(" succeeded")] != []
    assert story.title == f"payment {owed}: charged_back"
    assert [(total.cents, total.holds) for total in story.sums] == [(5_000, True)]
