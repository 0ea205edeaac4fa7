"""How staff decide disputes, over a socket and with the sandbox for a processor."""

import asyncio
from datetime import timedelta

import pytest
from grpc import StatusCode

from callsheet.booking.v1 import dispute_pb2 as pb
from callsheet.booking.v1 import ordering_pb2
from callsheet.support.v1 import case_pb2, cases_pb2, holds_pb2
from server.booking.disputes.decisions import AGENTS_APPROVE_UP_TO_CENTS
from server.booking.disputes.following import LOOKS_AGAIN_AFTER
from server.booking.disputes.timers import DISPUTE_ENDED
from server.core.call import Role
from tests.rpc.booking import BUYER, stamp
from tests.rpc.booking_flow import (
    AGENT,
    OTHER_AGENT,
    Flow,
    as_agent,
    as_buyer,
    as_finance,
    as_provider,
    lasting,
)
from tests.rpc.harness import refusal

PRECONDITION = StatusCode.FAILED_PRECONDITION
FOR_BUYER, FOR_PROVIDER, SPLIT = (
    pb.DISPUTE_RESULT_RESOLVED_BUYER,
    pb.DISPUTE_RESULT_RESOLVED_PROVIDER,
    pb.DISPUTE_RESULT_SPLIT,
)


async def case_of(flow: Flow, case_id: str) -> case_pb2.Case:
    return (await flow.support.GetCase(cases_pb2.GetCaseRequest(case_id=case_id), metadata=as_agent())).case


async def holds_of(flow: Flow, case_id: str) -> list[tuple[int, int]]:
    answer = await flow.support.ListHolds(holds_pb2.ListHoldsRequest(case_id=case_id), metadata=as_agent())
    return [(hold.amount_cents, hold.status) for hold in answer.holds]


async def test_an_agent_proposes_another_approves_and_the_money_follows(flow: Flow) -> None:
    order_id = await flow.in_progress()
    dispute = await flow.disputed(order_id)
    await flow.booking.SubmitDisputeStatement(
        pb.SubmitDisputeStatementRequest(dispute_id=dispute.dispute_id, body="I was there."), metadata=as_provider()
    )
    await flow.reviewed(dispute.dispute_id)
    decision = await flow.proposed(dispute.dispute_id, SPLIT, 10_000, fee_refundable=True)
    unmoved = await flow.balance(order_id)
    before = await flow.dispute(dispute.dispute_id)
    ended = await flow.approved(decision)
    await flow.work()
    await flow.work(wait=LOOKS_AGAIN_AFTER)
    balance, whole = await flow.balance(order_id), await flow.dispute(dispute.dispute_id)
    staff = await flow.dispute(dispute.dispute_id, as_agent())

    assert unmoved["refunded_cents"] == 0
    assert list(before.decisions) == []
    assert (ended.status, ended.outcome) == (pb.DISPUTE_STATUS_SPLIT, pb.DISPUTE_OUTCOME_DECIDED)
    assert await flow.status(order_id) == "resolved"
    assert balance["refunded_cents"] == 10_000 + 1_250 + 111
    assert await flow.paid_out() == 15_000 - 1_500 + 500
    assert (await case_of(flow, dispute.case_id)).status == case_pb2.CASE_STATUS_REFUNDED
    assert await holds_of(flow, dispute.case_id) == [(23_000, holds_pb2.HOLD_STATUS_RELEASED)]
    assert [said.body for said in whole.statements] == ["I was there."]
    assert [(told.decision_id, told.proposed_by) for told in whole.decisions] == [(decision, "")]
    assert [(told.proposed_by, told.decided_by) for told in staff.decisions] == [(AGENT, OTHER_AGENT)]


async def test_what_is_decided_for_the_provider_is_paid_out_and_the_case_denied(flow: Flow) -> None:
    order_id = await flow.in_progress()
    dispute = await flow.disputed(order_id)
    await flow.reviewed(dispute.dispute_id)
    await flow.approved(await flow.proposed(dispute.dispute_id, FOR_PROVIDER))
    await flow.work()
    assert await flow.paid_out() == 23_000
    assert (await case_of(flow, dispute.case_id)).status == case_pb2.CASE_STATUS_DENIED


async def test_a_refund_after_the_payout_reverses_the_transfer(flow: Flow) -> None:
    order_id = await flow.completed()
    dispute = await flow.disputed(order_id)
    await flow.reviewed(dispute.dispute_id)
    await flow.approved(
        await flow.proposed(dispute.dispute_id, FOR_BUYER, 25_000, refund_tip_cents=500, fee_refundable=True)
    )
    await flow.work()
    assert await holds_of(flow, dispute.case_id) == []
    assert await flow.paid_out() == 0
    assert (await flow.balance(order_id))["refunded_cents"] == 28_903


async def test_what_gives_back_more_than_agents_may_needs_finance(flow: Flow) -> None:
    start = flow.clock.now() + timedelta(days=20)
    order_id = await flow.confirmed(start_ts=stamp(start), end_ts=stamp(start + timedelta(hours=6)))
    dispute = await flow.disputed(order_id)
    await flow.reviewed(dispute.dispute_id)
    decision = await flow.proposed(dispute.dispute_id, SPLIT, AGENTS_APPROVE_UP_TO_CENTS + 1)
    refused = await refusal(flow.approved(decision))
    approved = await flow.approved(decision, as_finance())
    event = await flow.row(
        "select actor_kind from booking.order_event where order_id = $1 order by sequence desc limit 1", order_id
    )
    assert (refused.code, refused.reason) == (StatusCode.PERMISSION_DENIED, "ROLE_REQUIRED")
    assert approved.status == pb.DISPUTE_STATUS_SPLIT
    assert event["actor_kind"] == "finance"


async def test_nobody_approves_their_own_proposal_or_decides_their_own_order(flow: Flow) -> None:
    order_id = await flow.confirmed()
    dispute = await flow.disputed(order_id)
    buyer_as_agent = lasting(BUYER, Role.USER, Role.AGENT)
    own = await refusal(
        flow.booking.StartDisputeReview(
            pb.StartDisputeReviewRequest(dispute_id=dispute.dispute_id), metadata=buyer_as_agent
        )
    )
    await flow.reviewed(dispute.dispute_id)
    decision = await flow.proposed(dispute.dispute_id, FOR_PROVIDER)
    same = await refusal(flow.approved(decision, as_agent()))
    party = await refusal(flow.approved(decision, buyer_as_agent))
    assert (own.reason, same.reason, party.reason) == ("OWN_CASE", "FOUR_EYES", "OWN_CASE")
    assert {own.code, same.code, party.code} == {StatusCode.PERMISSION_DENIED}


async def test_a_proposal_is_replaced_and_the_old_one_is_of_no_account(flow: Flow) -> None:
    order_id = await flow.confirmed()
    dispute = await flow.disputed(order_id)
    await flow.reviewed(dispute.dispute_id)
    first = await flow.proposed(dispute.dispute_id, SPLIT, 100)
    second = await flow.proposed(dispute.dispute_id, SPLIT, 200)
    refused = await refusal(flow.approved(first))
    await flow.approved(second)
    assert (refused.code, refused.reason) == (PRECONDITION, "ILLEGAL_TRANSITION")
    assert refused.metadata["status"] == "rejected"
    assert (await flow.balance(order_id))["subtotal_returned_cents"] == 200


async def test_a_withdrawal_overtakes_the_proposal(flow: Flow) -> None:
    order_id = await flow.confirmed()
    dispute = await flow.disputed(order_id)
    await flow.reviewed(dispute.dispute_id)
    decision = await flow.proposed(dispute.dispute_id, SPLIT, 100)
    await flow.booking.WithdrawDispute(pb.WithdrawDisputeRequest(dispute_id=dispute.dispute_id), metadata=as_buyer())
    refused = await refusal(flow.approved(decision))
    assert (refused.code, refused.reason) == (PRECONDITION, "ILLEGAL_TRANSITION")


@pytest.mark.parametrize(
    ("result", "cents", "tip", "field"),
    [
        (FOR_BUYER, 25_001, 0, "refund_subtotal_cents"),
        (FOR_BUYER, 25_000, 501, "refund_tip_cents"),
        (FOR_BUYER, 0, 0, "refund_subtotal_cents"),
        (FOR_PROVIDER, 1, 0, "result"),
        (SPLIT, 25_000, 0, "refund_subtotal_cents"),
        (pb.DISPUTE_RESULT_UNSPECIFIED, 0, 0, "result"),
        (SPLIT, -1, 0, "refund_subtotal_cents"),
    ],
)
async def test_a_proposal_that_cannot_be_carried_out_names_its_field(
    flow: Flow, result: pb.DisputeResult.ValueType, cents: int, tip: int, field: str
) -> None:
    dispute = await flow.disputed(await flow.confirmed())
    await flow.reviewed(dispute.dispute_id)
    refused = await refusal(flow.proposed(dispute.dispute_id, result, cents, refund_tip_cents=tip))
    assert (refused.code, refused.reason) == (StatusCode.INVALID_ARGUMENT, "FIELD_INVALID")
    assert set(refused.violations) == {field}


async def test_a_decision_waits_for_the_review(flow: Flow) -> None:
    dispute = await flow.disputed(await flow.confirmed())
    refused = await refusal(flow.proposed(dispute.dispute_id, FOR_PROVIDER))
    assert (refused.code, refused.reason) == (PRECONDITION, "ILLEGAL_TRANSITION")


async def test_of_a_withdrawal_and_an_approval_one_wins_and_the_money_agrees(flow: Flow) -> None:
    for _ in range(4):
        order_id = await flow.confirmed()
        dispute = await flow.disputed(order_id)
        await flow.reviewed(dispute.dispute_id)
        decision = await flow.proposed(dispute.dispute_id, SPLIT, 10_000)
        answers = await asyncio.gather(
            flow.booking.WithdrawDispute(pb.WithdrawDisputeRequest(dispute_id=dispute.dispute_id), metadata=as_buyer()),
            flow.approved(decision),
            return_exceptions=True,
        )
        await flow.work()
        wins = [not isinstance(answer, BaseException) for answer in answers]
        returned = (await flow.balance(order_id))["subtotal_returned_cents"]
        assert (wins, returned, await flow.status(order_id)) in [
            ([True, False], 0, "confirmed"),
            ([False, True], 10_000, "resolved"),
        ]
        if wins[0]:
            await flow.booking.CancelOrder(ordering_pb2.CancelOrderRequest(order_id=order_id), metadata=as_buyer())
            await flow.work()


async def test_of_concurrent_approvals_one_pays(flow: Flow) -> None:
    order_id = await flow.confirmed()
    dispute = await flow.disputed(order_id)
    await flow.reviewed(dispute.dispute_id)
    decision = await flow.proposed(dispute.dispute_id, SPLIT, 10_000)
    answers = await asyncio.gather(
        *(flow.approved(decision, as_agent(f"usr_agent{number}")) for number in range(6)), return_exceptions=True
    )
    await flow.work()
    assert sum(isinstance(answer, pb.Dispute) for answer in answers) == 1
    assert (await flow.balance(order_id))["subtotal_returned_cents"] == 10_000


async def test_what_follows_a_dispute_follows_once(flow: Flow) -> None:
    order_id = await flow.in_progress()
    dispute = await flow.disputed(order_id)
    await flow.reviewed(dispute.dispute_id)
    await flow.approved(await flow.proposed(dispute.dispute_id, SPLIT, 10_000))
    await flow.work()
    await flow.work(wait=LOOKS_AGAIN_AFTER)
    paid, case = await flow.paid_out(), await case_of(flow, dispute.case_id)
    await flow.enqueue(DISPUTE_ENDED, dispute.dispute_id)
    await flow.enqueue(DISPUTE_ENDED, "dsp_unknown")
    await flow.work()
    assert await flow.paid_out() == paid
    assert (await case_of(flow, dispute.case_id)).version == case.version
