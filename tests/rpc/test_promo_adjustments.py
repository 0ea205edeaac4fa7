"""Putting a budget right over a socket: by two people, once."""

import asyncio

import grpc
import pytest

from callsheet.promo.v1 import adjustment_pb2, budget_pb2, log_pb2
from callsheet.promo.v1.promo_pb2_grpc import PromoServiceStub
from server.core.call import Role
from tests.rpc.harness import Running, as_user, refusal
from tests.rpc.promo import ADVERTISER, advertiser, approve, campaign, propose

FINANCE = as_user("usr_finance", Role.FINANCE)


async def balance(promo: PromoServiceStub, name: str) -> int:
    answer = await promo.GetBudget(budget_pb2.GetBudgetRequest(campaign_id=name), metadata=as_user(ADVERTISER))
    return answer.budget.balance_cents


async def test_money_is_put_in_once_a_second_person_approves(server: Running) -> None:
    promo = PromoServiceStub(server.channel)
    name = (await campaign(promo, await advertiser(promo))).campaign_id
    proposed = await propose(promo, name, cash_cents=900)
    assert proposed.status == adjustment_pb2.ADJUSTMENT_STATUS_PROPOSED
    assert await balance(promo, name) == 0

    request = adjustment_pb2.ApproveAdjustmentRequest(adjustment_id=proposed.adjustment_id)
    alone = await refusal(promo.ApproveAdjustment(request, metadata=FINANCE))
    assert (alone.code, alone.reason) == (grpc.StatusCode.PERMISSION_DENIED, "FOUR_EYES")
    approved = await approve(promo, proposed.adjustment_id)
    assert (approved.approved_by, approved.status) == (
        "usr_second",
        adjustment_pb2.ADJUSTMENT_STATUS_APPROVED,
    )
    assert await balance(promo, name) == 900


async def test_of_many_approvals_one_counts(server: Running) -> None:
    promo = PromoServiceStub(server.channel)
    name = (await campaign(promo, await advertiser(promo))).campaign_id
    proposed = await propose(promo, name, promo_cents=100)
    request = adjustment_pb2.ApproveAdjustmentRequest(adjustment_id=proposed.adjustment_id)
    calls = [
        promo.ApproveAdjustment(request, metadata=as_user(f"usr_finance{number}", Role.FINANCE)) for number in range(8)
    ]
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert sum(not isinstance(answer, BaseException) for answer in answers) == 1
    again = await refusal(promo.ApproveAdjustment(request, metadata=as_user("usr_late", Role.FINANCE)))
    assert (again.code, again.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "ILLEGAL_TRANSITION")
    assert await balance(promo, name) == 100


async def test_money_that_goes_is_asked_of_the_stream(server: Running) -> None:
    promo = PromoServiceStub(server.channel)
    name = (await campaign(promo, await advertiser(promo))).campaign_id
    proposed = await propose(promo, name, promo_cents=-30, cash_cents=-70)
    await approve(promo, proposed.adjustment_id)
    async with server.app.core.database.read() as tx:
        payload = await tx.fetchval("select payload from core.outbox where key = $1 order by seq desc limit 1", name)
    assert isinstance(payload, bytes)
    record = log_pb2.LogRecord.FromString(payload).control
    assert (record.key, record.debit.campaign_id) == (proposed.adjustment_id, name)
    assert (record.debit.promo_cents, record.debit.cash_cents) == (30, 70)
    assert await balance(promo, name) == 0


@pytest.mark.parametrize(("promo_cents", "cash_cents"), [(0, 0), (5, -5), (-1, 2)])
async def test_an_adjustment_goes_one_way(server: Running, promo_cents: int, cash_cents: int) -> None:
    promo = PromoServiceStub(server.channel)
    name = (await campaign(promo, await advertiser(promo))).campaign_id
    request = adjustment_pb2.ProposeAdjustmentRequest(
        campaign_id=name, promo_cents=promo_cents, cash_cents=cash_cents, reason="oops", idempotency_key="one"
    )
    refused = await refusal(promo.ProposeAdjustment(request, metadata=FINANCE))
    assert (refused.reason, set(refused.violations)) == ("FIELD_INVALID", {"cash_cents"})
    assert (await refusal(promo.ProposeAdjustment(request, metadata=as_user(ADVERTISER)))).reason == "ROLE_REQUIRED"
