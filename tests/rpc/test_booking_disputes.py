"""What the parties of an order disagree about, over a socket and with the sandbox for a processor."""

import asyncio
from datetime import timedelta

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from grpc import StatusCode

from callsheet.booking.v1 import cancelling_pb2, fulfilment_pb2, order_pb2, ordering_pb2
from callsheet.booking.v1 import dispute_pb2 as pb
from callsheet.support.v1 import case_pb2, cases_pb2, holds_pb2
from server.booking.disputes.domain import OPENED_WITHIN
from tests.rpc.booking import BUYER, stamp
from tests.rpc.booking_flow import (
    OTHER_AGENT,
    Flow,
    as_agent,
    as_buyer,
    as_provider,
    as_stranger,
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


def at(flow: Flow, days: int) -> dict[str, Timestamp]:
    """So many days from now, for an hour."""
    start = flow.clock.now() + timedelta(days=days)
    return {"start_ts": stamp(start), "end_ts": stamp(start + timedelta(hours=1))}


async def test_a_dispute_opens_a_case_and_keeps_the_payout_back(flow: Flow) -> None:
    order_id = await flow.in_progress()
    dispute = await flow.disputed(order_id)
    case = await case_of(flow, dispute.case_id)

    assert await flow.status(order_id) == "disputed"
    assert (dispute.status, dispute.opened_by) == (pb.DISPUTE_STATUS_OPEN, pb.DISPUTE_OPENER_BUYER)
    assert (case.leg_id, case.customer_user_id, case.status) == (order_id, BUYER, case_pb2.CASE_STATUS_OPEN)
    assert await holds_of(flow, dispute.case_id) == [(23_000, holds_pb2.HOLD_STATUS_APPLIED)]


async def test_a_withdrawn_dispute_ends_against_its_opener_and_the_order_goes_on(flow: Flow) -> None:
    order_id = await flow.in_progress()
    dispute = await flow.disputed(order_id)
    request = pb.WithdrawDisputeRequest(dispute_id=dispute.dispute_id)
    withdrawn = (await flow.booking.WithdrawDispute(request, metadata=as_buyer())).dispute
    await flow.work()
    case = await case_of(flow, dispute.case_id)

    assert (withdrawn.status, withdrawn.outcome) == (
        pb.DISPUTE_STATUS_RESOLVED_PROVIDER,
        pb.DISPUTE_OUTCOME_WITHDRAWN,
    )
    assert await flow.status(order_id) == "in_progress"
    assert case.status == case_pb2.CASE_STATUS_DENIED
    assert await holds_of(flow, dispute.case_id) == [(23_000, holds_pb2.HOLD_STATUS_RELEASED)]


async def test_a_disputed_order_keeps_its_slot_and_comes_back_to_it(flow: Flow) -> None:
    order_id = await flow.confirmed()
    order = await flow.read(order_id)
    dispute = await flow.disputed(order_id, as_provider())
    rival = await flow.draft(start_ts=order.start_ts, end_ts=order.end_ts)
    refused = await refusal(flow.submitted(rival))
    await flow.booking.WithdrawDispute(pb.WithdrawDisputeRequest(dispute_id=dispute.dispute_id), metadata=as_provider())
    assert (refused.code, refused.reason) == (PRECONDITION, "SLOT_TAKEN")
    assert await flow.status(order_id) == "confirmed"


async def test_a_delivered_order_has_its_whole_review_after_a_dispute(flow: Flow) -> None:
    order_id = await flow.delivered()
    dispute = await flow.disputed(order_id)
    await flow.work(wait=timedelta(days=10))
    await flow.booking.WithdrawDispute(pb.WithdrawDisputeRequest(dispute_id=dispute.dispute_id), metadata=as_buyer())
    await flow.work(wait=timedelta(hours=71))
    before = await flow.status(order_id)
    await flow.work(wait=timedelta(hours=1))
    assert (before, await flow.status(order_id)) == ("delivered", "completed")
    assert await flow.paid_out() == 23_000


async def test_an_order_has_one_open_dispute(flow: Flow) -> None:
    order_id = await flow.confirmed()
    await flow.disputed(order_id)
    for who in (as_buyer(), as_provider(), as_agent()):
        refused = await refusal(flow.disputed(order_id, who))
        assert (refused.code, refused.reason) == (PRECONDITION, "ILLEGAL_TRANSITION")
        assert refused.metadata["status"] == "disputed"


async def test_of_concurrent_disputes_one_is_opened_with_one_case_and_one_hold(flow: Flow) -> None:
    order_id = await flow.in_progress()
    answers = await asyncio.gather(
        *(flow.disputed(order_id, who) for who in [as_buyer(), as_provider(), as_agent()] * 3), return_exceptions=True
    )
    opened = [answer for answer in answers if isinstance(answer, pb.Dispute)]
    assert len(opened) == 1
    assert await holds_of(flow, opened[0].case_id) == [(23_000, holds_pb2.HOLD_STATUS_APPLIED)]
    assert len(await flow.rows("select case_id from support_case")) == 1


async def test_two_weeks_after_the_completion_it_is_too_late(flow: Flow) -> None:
    order_id = await flow.completed()
    await flow.work(wait=OPENED_WITHIN + timedelta(seconds=1))
    refused = await refusal(flow.disputed(order_id))
    assert (refused.code, refused.reason) == (PRECONDITION, "TOO_LATE")
    assert await flow.status(order_id) == "completed"


async def test_an_agent_disputes_for_the_buyer_and_any_agent_withdraws(flow: Flow) -> None:
    order_id = await flow.confirmed()
    dispute = await flow.disputed(order_id, as_agent())
    request = pb.WithdrawDisputeRequest(dispute_id=dispute.dispute_id)
    buyer = await refusal(flow.booking.WithdrawDispute(request, metadata=as_buyer()))
    withdrawn = (await flow.booking.WithdrawDispute(request, metadata=as_agent(OTHER_AGENT))).dispute
    assert (buyer.code, buyer.reason, buyer.metadata["side"]) == (
        StatusCode.PERMISSION_DENIED,
        "OTHER_SIDE_ONLY",
        "agent",
    )
    assert withdrawn.status == pb.DISPUTE_STATUS_RESOLVED_PROVIDER


async def test_for_strangers_there_is_no_dispute(flow: Flow) -> None:
    order_id = await flow.confirmed()
    dispute = await flow.disputed(order_id)
    name = dispute.dispute_id
    calls = [
        flow.booking.GetDispute(pb.GetDisputeRequest(dispute_id=name), metadata=as_stranger()),
        flow.booking.ListDisputes(pb.ListDisputesRequest(order_id=order_id), metadata=as_stranger()),
        flow.booking.SubmitDisputeStatement(
            pb.SubmitDisputeStatementRequest(dispute_id=name, body="?"), metadata=as_stranger()
        ),
        flow.booking.WithdrawDispute(pb.WithdrawDisputeRequest(dispute_id=name), metadata=as_stranger()),
        flow.disputed(order_id, as_stranger()),
        flow.booking.GetDispute(pb.GetDisputeRequest(dispute_id="dsp_x"), metadata=as_buyer()),
        flow.booking.ApproveDisputeDecision(pb.ApproveDisputeDecisionRequest(decision_id="dcs_x"), metadata=as_agent()),
    ]
    for call in calls:
        refused = await refusal(call)
        assert (refused.code, refused.reason) == (StatusCode.NOT_FOUND, "NOT_FOUND")


async def test_parties_do_not_do_what_staff_do(flow: Flow) -> None:
    dispute = await flow.disputed(await flow.confirmed())
    name = dispute.dispute_id
    calls = [
        flow.booking.StartDisputeReview(pb.StartDisputeReviewRequest(dispute_id=name), metadata=as_buyer()),
        flow.booking.ProposeDisputeDecision(
            pb.ProposeDisputeDecisionRequest(dispute_id=name, result=FOR_BUYER, reason="?"), metadata=as_buyer()
        ),
        flow.booking.ApproveDisputeDecision(
            pb.ApproveDisputeDecisionRequest(decision_id="dcs_x"), metadata=as_provider()
        ),
    ]
    for call in calls:
        refused = await refusal(call)
        assert (refused.code, refused.reason) == (StatusCode.PERMISSION_DENIED, "ROLE_REQUIRED")


async def test_disputes_are_listed_page_by_page_for_those_they_concern(flow: Flow) -> None:
    disputes = []
    for days in (20, 21, 22):
        disputes.append(await flow.disputed(await flow.confirmed(**at(flow, days))))
        flow.clock.advance(timedelta(seconds=1))
    pages, token = [], ""
    while True:
        request = pb.ListDisputesRequest(page_size=2, page_token=token)
        page = await flow.booking.ListDisputes(request, metadata=as_provider())
        pages += [found.dispute_id for found in page.disputes]
        token = page.next_page_token
        if not token:
            break
    nobodys = await flow.booking.ListDisputes(pb.ListDisputesRequest(), metadata=as_stranger())
    staff = await flow.booking.ListDisputes(
        pb.ListDisputesRequest(statuses=[pb.DISPUTE_STATUS_SPLIT]), metadata=as_agent()
    )
    assert pages == [dispute.dispute_id for dispute in reversed(disputes)]
    assert (list(nobodys.disputes), list(staff.disputes)) == ([], [])


async def test_while_disputed_nothing_else_is_possible(flow: Flow) -> None:
    order_id = await flow.delivered()
    await flow.disputed(order_id)
    calls = [
        flow.booking.CompleteOrder(fulfilment_pb2.CompleteOrderRequest(order_id=order_id), metadata=as_buyer()),
        flow.booking.RequestChanges(
            fulfilment_pb2.RequestChangesRequest(order_id=order_id, reason="?"), metadata=as_buyer()
        ),
        flow.booking.CancelOrder(
            ordering_pb2.CancelOrderRequest(order_id=order_id, reason="?"), metadata=as_provider()
        ),
        flow.booking.PreviewCancellation(
            cancelling_pb2.PreviewCancellationRequest(order_id=order_id), metadata=as_provider()
        ),
        flow.booking.AddTip(fulfilment_pb2.AddTipRequest(order_id=order_id, tip_cents=1), metadata=as_buyer()),
        flow.booking.AddAdjustment(
            fulfilment_pb2.AddAdjustmentRequest(order_id=order_id, title="?", amount_cents=1), metadata=as_provider()
        ),
    ]
    for call in calls:
        refused = await refusal(call)
        assert (refused.code, refused.reason) == (PRECONDITION, "ILLEGAL_TRANSITION")
    await flow.work(wait=timedelta(days=30))
    assert (await flow.read(order_id)).status == order_pb2.BOOKING_STATUS_DISPUTED


@pytest.mark.parametrize(
    ("reason", "description", "field"),
    [("No Show", "x", "reason"), ("", "x", "reason"), ("no_show", "", "description")],
)
async def test_a_bad_complaint_names_its_field(flow: Flow, reason: str, description: str, field: str) -> None:
    refused = await refusal(flow.disputed(await flow.confirmed(), reason=reason, description=description))
    assert (refused.code, refused.reason) == (StatusCode.INVALID_ARGUMENT, "FIELD_INVALID")
    assert set(refused.violations) == {field}
