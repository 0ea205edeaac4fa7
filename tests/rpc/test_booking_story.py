"""What `callsheet explain` tells of a booking: every step, every cent, and what follows from both."""

from callsheet.booking.v1 import dispute_pb2, fulfilment_pb2
from server.core.story import Story
from tests.rpc.booking_flow import Flow, as_buyer


async def told(flow: Flow, order_id: str) -> Story:
    teller = flow.server.app.tellers["ord"]
    story = await flow.server.app.core.database.run(lambda tx: teller.tell(tx, order_id))
    assert story is not None
    return story


async def test_a_disputed_booking_is_told_whole(flow: Flow) -> None:
    order_id = await flow.delivered(10_000, 15_000)
    first, _ = await flow.milestones(order_id)
    await flow.milestone_approved(first.milestone_id)
    tip = fulfilment_pb2.AddTipRequest(order_id=order_id, tip_cents=700, payment_method_id=flow.card)
    await flow.booking.AddTip(tip, metadata=as_buyer())
    await flow.work()
    dispute = await flow.disputed(order_id)
    await flow.reviewed(dispute.dispute_id)
    await flow.approved(await flow.proposed(dispute.dispute_id, dispute_pb2.DISPUTE_RESULT_SPLIT, 5_000))
    await flow.work()
    story = await told(flow, order_id)
    lines = [entry.what for entry in story.entries]

    for part in (
        "paid: accepted → confirmed",
        "dispute_decided: disputed → resolved",
        "milestone 1 delivered",
        "milestone 1 approved",
        "tip applied",
        "dispute by buyer: no_show",
        "dispute split: decided",
        "payment principal captured",
        "payment tip captured",
        "refund dispute succeeded",
        "transfer succeeded",
        "call refunds.create succeeded",
    ):
        assert part in lines, f"{part}: {lines}"
    assert [line for line in lines if line.startswith("job booking.dispute_ended")] != []
    assert len(story.sums) > 2
    assert all(must.holds for must in story.sums)


async def test_a_draft_has_no_money_to_account_for(flow: Flow) -> None:
    story = await told(flow, await flow.draft())
    assert [must.holds for must in story.sums] == [True, True]
