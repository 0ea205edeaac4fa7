"""What is paid on top of an order or given back by agreement, over a socket and with the sandbox for a processor."""

from datetime import timedelta

import pytest
from grpc import StatusCode

from callsheet.booking.v1 import fulfilment_pb2 as pb
from callsheet.booking.v1 import order_pb2
from tests.rpc.booking_flow import Flow, as_buyer, as_provider
from tests.rpc.harness import refusal


async def charged(flow: Flow, order_id: str, amount_cents: int, title: str = "One hour more") -> pb.Adjustment:
    """An adjustment upwards, with the consent that the refusal asks for."""
    request = pb.AddAdjustmentRequest(
        order_id=order_id, title=title, amount_cents=amount_cents, payment_method_id=flow.card
    )
    refused = await refusal(flow.booking.AddAdjustment(request, metadata=as_buyer()))
    assert (refused.code, refused.reason) == (StatusCode.FAILED_PRECONDITION, "OFFER_CHANGED")
    request.charge_cents = int(refused.metadata["total_cents"])
    return (await flow.booking.AddAdjustment(request, metadata=as_buyer())).adjustment


async def given_back(flow: Flow, order_id: str) -> list[int]:
    """What each line of the order gave back, in their order."""
    rows = await flow.rows(
        "select amount_cents from booking.refund_line where order_id = $1 order by position",
        order_id,
    )
    return [row["amount_cents"] for row in rows]


async def test_a_tip_is_paid_and_goes_to_the_provider_whole(flow: Flow) -> None:
    order_id = await flow.completed()
    request = pb.AddTipRequest(order_id=order_id, tip_cents=1_000, payment_method_id=flow.card)
    tip = (await flow.booking.AddTip(request, metadata=as_buyer())).adjustment
    await flow.work()
    order = await flow.read(order_id)

    assert (tip.kind, tip.status, tip.charge_cents) == (pb.ADJUSTMENT_KIND_TIP, pb.ADJUSTMENT_STATUS_PENDING, 1_000)
    assert (order.price.tip_cents, order.price.total_cents) == (1_500, 25_000 + 3_125 + 278 + 1_500)
    assert (await flow.events(order_id))[-1] == "tip_added"
    assert await flow.paid_out() == 24_000


async def test_a_tip_comes_within_two_weeks_of_the_completion(flow: Flow) -> None:
    order_id = await flow.completed()
    await flow.work(wait=timedelta(days=14, seconds=1))
    request = pb.AddTipRequest(order_id=order_id, tip_cents=1_000, payment_method_id=flow.card)
    refused = await refusal(flow.booking.AddTip(request, metadata=as_buyer()))
    assert (refused.code, refused.reason) == (StatusCode.FAILED_PRECONDITION, "TOO_LATE")


async def test_more_work_is_paid_with_its_fee_and_tax_and_has_its_line(flow: Flow) -> None:
    order_id = await flow.in_progress()
    more = await charged(flow, order_id, 10_000)
    await flow.work()
    order = await flow.read(order_id)
    balance = await flow.balance(order_id)

    assert more.charge_cents == 10_000 + 1_250 + 111
    assert order.price.subtotal_cents == 35_000
    assert order.price.total_cents == balance["charged_cents"] == 35_000 + 4_375 + 389 + 500
    assert [(line.kind, line.title, line.total_cents) for line in order.line_items][-1] == (
        order_pb2.LINE_ITEM_KIND_ADJUSTMENT,
        "One hour more",
        10_000,
    )
    assert (await flow.events(order_id))[-1] == "adjusted"


async def test_where_the_work_is_divided_more_of_it_is_one_milestone_more(flow: Flow) -> None:
    order_id = await flow.confirmed(10_000, 15_000)
    await charged(flow, order_id, 5_000, "Retouching")
    await flow.work()
    milestones = await flow.milestones(order_id)
    assert [(item.position, item.title, item.amount_cents) for item in milestones][-1] == (3, "Retouching", 5_000)
    assert sum(item.amount_cents for item in milestones) == (await flow.read(order_id)).price.subtotal_cents


async def test_a_provider_gives_a_part_back_at_once_and_the_lines_tell(flow: Flow) -> None:
    order_id = await flow.in_progress()
    request = pb.AddAdjustmentRequest(order_id=order_id, title="Half an hour less", amount_cents=5_000)
    less = (await flow.booking.AddAdjustment(request, metadata=as_provider())).adjustment
    await flow.work()
    order = await flow.read(order_id)
    balance = await flow.balance(order_id)

    assert (less.kind, less.status) == (pb.ADJUSTMENT_KIND_REFUND, pb.ADJUSTMENT_STATUS_APPLIED)
    assert balance["subtotal_returned_cents"] == 5_000
    assert balance["refunded_cents"] == 5_000 + 625 + 56
    assert order.price.subtotal_cents == 25_000
    assert [line.total_cents for line in order.line_items] == [25_000]
    assert await given_back(flow, order_id) == [5_000]


async def test_up_and_down_and_up_again_keeps_every_line(flow: Flow) -> None:
    order_id = await flow.in_progress()
    await charged(flow, order_id, 10_000)
    await flow.work()
    request = pb.AddAdjustmentRequest(order_id=order_id, title="Less", amount_cents=7_000)
    await flow.booking.AddAdjustment(request, metadata=as_provider())
    await flow.work()
    await charged(flow, order_id, 3_000, "And more")
    await flow.work()
    lines = (await flow.read(order_id)).line_items
    assert [line.total_cents for line in lines] == [25_000, 10_000, 3_000]
    assert await given_back(flow, order_id) == [5_000, 2_000]


async def test_nobody_gives_back_more_than_there_is(flow: Flow) -> None:
    order_id = await flow.in_progress()
    request = pb.AddAdjustmentRequest(order_id=order_id, title="All and more", amount_cents=25_001)
    refused = await refusal(flow.booking.AddAdjustment(request, metadata=as_provider()))
    assert refused.code is StatusCode.FAILED_PRECONDITION
    assert (await flow.balance(order_id))["refunded_cents"] == 0
    assert len((await flow.read(order_id)).line_items) == 1


async def test_a_provider_cannot_charge(flow: Flow) -> None:
    order_id = await flow.in_progress()
    request = pb.AddAdjustmentRequest(order_id=order_id, title="More", amount_cents=100, charge_cents=100)
    refused = await refusal(flow.booking.AddAdjustment(request, metadata=as_provider()))
    assert (refused.code, refused.reason) == (StatusCode.INVALID_ARGUMENT, "FIELD_INVALID")
    assert set(refused.violations) == {"charge_cents"}


@pytest.mark.parametrize("amount", [0, -1, 50_000_001])
async def test_an_amount_beyond_the_limits_is_refused_by_name(flow: Flow, amount: int) -> None:
    order_id = await flow.confirmed()
    request = pb.AddAdjustmentRequest(order_id=order_id, title="More", amount_cents=amount)
    refused = await refusal(flow.booking.AddAdjustment(request, metadata=as_buyer()))
    assert set(refused.violations) == {"amount_cents"}


async def test_a_completed_order_is_not_adjusted_any_more(flow: Flow) -> None:
    order_id = await flow.completed()
    request = pb.AddAdjustmentRequest(order_id=order_id, title="More", amount_cents=100)
    for who in (as_buyer(), as_provider()):
        refused = await refusal(flow.booking.AddAdjustment(request, metadata=who))
        assert (refused.code, refused.reason) == (StatusCode.FAILED_PRECONDITION, "ILLEGAL_TRANSITION")
