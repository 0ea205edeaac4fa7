"""Parts of an order's work, delivered, approved, disputed and paid one by one."""

import asyncio
from datetime import timedelta

import pytest
from grpc import StatusCode

from callsheet.booking.v1 import dispute_pb2, fulfilment_pb2, order_pb2, ordering_pb2
from callsheet.booking.v1 import milestone_pb2 as pb
from server.booking.fulfilment.milestones import SILENCE_APPROVES_AFTER
from server.booking.fulfilment.timers import MILESTONE_SILENCE
from tests.rpc.booking_flow import Flow, as_buyer, as_provider, as_stranger
from tests.rpc.harness import refusal

PRECONDITION = StatusCode.FAILED_PRECONDITION
OPEN, DELIVERED, APPROVED, DISPUTED, REFUNDED = range(1, 6)


async def statuses(flow: Flow, order_id: str) -> list[int]:
    return [int(item.status) for item in await flow.milestones(order_id)]


async def test_each_approval_pays_its_share_and_together_they_pay_all(flow: Flow) -> None:
    order_id = await flow.confirmed(8_333, 8_333, 8_334)
    paid = []
    for milestone in await flow.milestones(order_id):
        await flow.milestone_delivered(milestone.milestone_id)
        await flow.milestone_approved(milestone.milestone_id)
        await flow.work()
        paid.append(await flow.paid_out())

    # The commission of 10 % by the cumulative formula: 833, 834, 833. Rounding each share alone would miss the sum.
    assert paid == [7_500, 14_999, 22_500]
    assert await statuses(flow, order_id) == [APPROVED] * 3


async def test_what_is_left_after_the_milestones_is_the_tip(flow: Flow) -> None:
    order_id = await flow.delivered(10_000, 15_000)
    for milestone in await flow.milestones(order_id):
        await flow.milestone_approved(milestone.milestone_id)
    await flow.booking.CompleteOrder(fulfilment_pb2.CompleteOrderRequest(order_id=order_id), metadata=as_buyer())
    await flow.work()
    assert await flow.paid_out() == 22_500 + 500


async def test_silence_approves_and_then_completes(flow: Flow) -> None:
    order_id = await flow.delivered(10_000, 15_000)
    await flow.work(wait=SILENCE_APPROVES_AFTER - timedelta(minutes=1))
    before = await statuses(flow, order_id)
    await flow.work(wait=timedelta(minutes=2))
    # The review may have come before the last approval, and comes again.
    await flow.work(wait=timedelta(minutes=1))

    assert before == [DELIVERED, DELIVERED]
    assert await statuses(flow, order_id) == [APPROVED, APPROVED]
    assert await flow.status(order_id) == "completed"
    assert await flow.paid_out() == 23_000


async def test_a_milestone_that_was_sent_back_waits_for_nobodys_silence(flow: Flow) -> None:
    order_id = await flow.confirmed(25_000)
    (milestone,) = await flow.milestones(order_id)
    await flow.milestone_delivered(milestone.milestone_id)
    request = pb.ReopenMilestoneRequest(milestone_id=milestone.milestone_id, reason="Too dark.")
    reopened = (await flow.booking.ReopenMilestone(request, metadata=as_buyer())).milestone
    await flow.work(wait=SILENCE_APPROVES_AFTER)
    await flow.enqueue(MILESTONE_SILENCE, milestone.milestone_id)
    await flow.work()
    assert reopened.status == pb.MILESTONE_STATUS_OPEN
    assert not reopened.HasField("delivered_at")
    assert await statuses(flow, order_id) == [OPEN]


async def test_an_order_is_delivered_after_its_milestones_and_completed_after_their_approval(flow: Flow) -> None:
    order_id = await flow.in_progress(10_000, 15_000)
    first, second = [item.milestone_id for item in await flow.milestones(order_id)]
    deliver = fulfilment_pb2.DeliverOrderRequest(order_id=order_id)
    complete = fulfilment_pb2.CompleteOrderRequest(order_id=order_id)
    await flow.milestone_delivered(first)
    early = await refusal(flow.booking.DeliverOrder(deliver, metadata=as_provider()))
    await flow.milestone_delivered(second)
    await flow.booking.DeliverOrder(deliver, metadata=as_provider())
    await flow.milestone_approved(first)
    unsettled = await refusal(flow.booking.CompleteOrder(complete, metadata=as_buyer()))

    for refused in (early, unsettled):
        assert (refused.code, refused.reason) == (PRECONDITION, "MILESTONES_UNSETTLED")
        assert refused.metadata.items() >= {"resource": order_id, "milestones": second}.items()


async def test_milestones_make_the_subtotal_or_are_refused(flow: Flow) -> None:
    order_id = await flow.draft()
    request = pb.SetMilestonesRequest(
        order_id=order_id, milestones=[pb.NewMilestone(title="Half", amount_cents=12_500)]
    )
    refused = await refusal(flow.booking.SetMilestones(request, metadata=as_buyer()))
    assert (refused.code, refused.reason) == (StatusCode.INVALID_ARGUMENT, "FIELD_INVALID")
    assert refused.violations == {"milestones": "add up to 12500 and must make the subtotal of 25000"}
    assert await flow.milestones(order_id) == []


async def test_milestones_are_set_anew_while_nothing_is_agreed_and_not_after(flow: Flow) -> None:
    order_id = await flow.draft()
    await flow.divided(order_id, 10_000, 15_000)
    await flow.divided(order_id, 25_000)
    stored = await flow.milestones(order_id)
    await flow.submitted(order_id)
    request = pb.SetMilestonesRequest(order_id=order_id)
    refused = await refusal(flow.booking.SetMilestones(request, metadata=as_buyer()))
    assert [item.amount_cents for item in stored] == [25_000]
    assert (refused.code, refused.reason) == (PRECONDITION, "ILLEGAL_TRANSITION")


async def test_only_the_buyer_divides_the_work(flow: Flow) -> None:
    order_id = await flow.draft(mode=order_pb2.BOOKING_MODE_RTB)
    request = pb.SetMilestonesRequest(order_id=order_id)
    early = await refusal(flow.booking.SetMilestones(request, metadata=as_provider()))
    await flow.submitted(order_id)
    provider = await refusal(flow.booking.SetMilestones(request, metadata=as_provider()))
    stranger = await refusal(flow.booking.SetMilestones(request, metadata=as_stranger()))
    assert (early.code, early.reason) == (StatusCode.NOT_FOUND, "NOT_FOUND")
    assert (provider.code, provider.reason) == (StatusCode.PERMISSION_DENIED, "OTHER_SIDE_ONLY")
    assert (stranger.code, stranger.reason) == (StatusCode.NOT_FOUND, "NOT_FOUND")


async def test_each_side_has_its_own_steps_and_strangers_none(flow: Flow) -> None:
    order_id = await flow.confirmed(25_000)
    (milestone,) = await flow.milestones(order_id)
    name = milestone.milestone_id
    deliver = pb.DeliverMilestoneRequest(milestone_id=name)
    reopen = pb.ReopenMilestoneRequest(milestone_id=name, reason="?")
    approve = pb.ApproveMilestoneRequest(milestone_id=name)
    for other_side, nobody in [
        (
            flow.booking.DeliverMilestone(deliver, metadata=as_buyer()),
            flow.booking.DeliverMilestone(deliver, metadata=as_stranger()),
        ),
        (
            flow.booking.ReopenMilestone(reopen, metadata=as_provider()),
            flow.booking.ReopenMilestone(reopen, metadata=as_stranger()),
        ),
        (
            flow.booking.ApproveMilestone(approve, metadata=as_provider()),
            flow.booking.ApproveMilestone(approve, metadata=as_stranger()),
        ),
    ]:
        other, stranger = await refusal(other_side), await refusal(nobody)
        assert (other.code, other.reason) == (StatusCode.PERMISSION_DENIED, "OTHER_SIDE_ONLY")
        assert (stranger.code, stranger.reason) == (StatusCode.NOT_FOUND, "NOT_FOUND")
        assert stranger.metadata.items() >= {"resource": name}.items()


async def test_nothing_is_delivered_before_the_confirmation(flow: Flow) -> None:
    order_id = await flow.draft()
    (milestone,) = await flow.divided(order_id, 25_000)
    await flow.submitted(order_id)
    request = pb.DeliverMilestoneRequest(milestone_id=milestone.milestone_id)
    refused = await refusal(flow.booking.DeliverMilestone(request, metadata=as_provider()))
    assert (refused.code, refused.reason) == (PRECONDITION, "ILLEGAL_TRANSITION")
    assert refused.metadata["resource"] == order_id


async def test_of_concurrent_approvals_one_pays(flow: Flow) -> None:
    order_id = await flow.confirmed(25_000)
    (milestone,) = await flow.milestones(order_id)
    await flow.milestone_delivered(milestone.milestone_id)
    answers = await asyncio.gather(
        *(flow.milestone_approved(milestone.milestone_id) for _ in range(8)), return_exceptions=True
    )
    await flow.work()
    assert sum(not isinstance(answer, BaseException) for answer in answers) == 1
    assert await flow.paid_out() == 22_500


async def test_a_disputed_milestone_disputes_the_order_and_the_decision_ends_both(flow: Flow) -> None:
    order_id = await flow.confirmed(10_000, 15_000)
    first, second = [item.milestone_id for item in await flow.milestones(order_id)]
    await flow.milestone_delivered(first)
    await flow.milestone_approved(first)
    await flow.work()
    request = pb.DisputeMilestoneRequest(milestone_id=second, reason="not_as_agreed", description="Nothing came.")
    dispute = (await flow.booking.DisputeMilestone(request, metadata=as_buyer())).dispute
    disputed = await statuses(flow, order_id)
    await flow.reviewed(dispute.dispute_id)
    decision = await flow.proposed(
        dispute.dispute_id, dispute_pb2.DISPUTE_RESULT_RESOLVED_BUYER, 15_000, refund_tip_cents=500
    )
    await flow.approved(decision)
    await flow.work()

    assert dispute.milestone_id == second
    assert disputed == [APPROVED, DISPUTED]
    assert await statuses(flow, order_id) == [APPROVED, REFUNDED]
    assert await flow.status(order_id) == "resolved"
    assert await flow.paid_out() == 9_000


async def test_a_withdrawn_dispute_leaves_a_milestone_where_it_was_with_its_whole_time(flow: Flow) -> None:
    order_id = await flow.confirmed(10_000, 15_000)
    first, second = [item.milestone_id for item in await flow.milestones(order_id)]
    await flow.milestone_delivered(first)
    request = pb.DisputeMilestoneRequest(milestone_id=second, reason="late", description="When?")
    dispute = (await flow.booking.DisputeMilestone(request, metadata=as_buyer())).dispute
    await flow.work(wait=SILENCE_APPROVES_AFTER)
    while_disputed = await statuses(flow, order_id)
    await flow.booking.WithdrawDispute(
        dispute_pb2.WithdrawDisputeRequest(dispute_id=dispute.dispute_id), metadata=as_buyer()
    )
    await flow.work()
    withdrawn = await statuses(flow, order_id)
    await flow.work(wait=SILENCE_APPROVES_AFTER)

    assert while_disputed == [DELIVERED, DISPUTED]
    assert withdrawn == [DELIVERED, OPEN]
    assert await statuses(flow, order_id) == [APPROVED, OPEN]


async def test_a_cancellation_refunds_what_is_unsettled_and_keeps_what_is_approved(flow: Flow) -> None:
    order_id = await flow.confirmed(10_000, 15_000)
    first, _ = [item.milestone_id for item in await flow.milestones(order_id)]
    await flow.milestone_delivered(first)
    await flow.milestone_approved(first)
    await flow.work()
    await flow.booking.CancelOrder(ordering_pb2.CancelOrderRequest(order_id=order_id), metadata=as_buyer())
    await flow.work()
    assert await statuses(flow, order_id) == [APPROVED, REFUNDED]
    assert (await flow.balance(order_id))["subtotal_returned_cents"] == 15_000
    assert await flow.paid_out() == 9_000


async def test_milestones_are_read_by_those_who_may_see_the_order(flow: Flow) -> None:
    order_id = await flow.confirmed(25_000)
    refused = await refusal(
        flow.booking.ListMilestones(pb.ListMilestonesRequest(order_id=order_id), metadata=as_stranger())
    )
    assert (refused.code, refused.reason) == (StatusCode.NOT_FOUND, "NOT_FOUND")


@pytest.mark.parametrize(
    ("milestones", "field"),
    [
        ([pb.NewMilestone(title="", amount_cents=25_000)], "milestones[0].title"),
        ([pb.NewMilestone(title="All", amount_cents=0)], "milestones[0].amount_cents"),
        ([pb.NewMilestone(title="Part", amount_cents=1)] * 21, "milestones"),
    ],
)
async def test_a_bad_division_names_its_field(flow: Flow, milestones: list[pb.NewMilestone], field: str) -> None:
    request = pb.SetMilestonesRequest(order_id=await flow.draft(), milestones=milestones)
    refused = await refusal(flow.booking.SetMilestones(request, metadata=as_buyer()))
    assert (refused.code, refused.reason) == (StatusCode.INVALID_ARGUMENT, "FIELD_INVALID")
    assert set(refused.violations) == {field}
