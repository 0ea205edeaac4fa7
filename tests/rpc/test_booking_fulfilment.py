"""From the check-in to the payout, over a socket and with the sandbox for a processor."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from grpc import StatusCode

from callsheet.booking.v1 import fulfilment_pb2 as pb
from callsheet.booking.v1 import order_pb2, ordering_pb2
from server.booking.fulfilment.standing import REVIEW_DELIVERABLES, REVIEW_ON_SITE
from server.booking.timers import END, REVIEW, START
from tests.rpc.booking_flow import Flow, as_agent, as_buyer, as_provider, as_stranger
from tests.rpc.harness import refusal

REMOTE = order_pb2.LOCATION_KIND_REMOTE
PRECONDITION = StatusCode.FAILED_PRECONDITION


def starts(order: order_pb2.Order) -> datetime:
    return order.start_ts.ToDatetime(tzinfo=UTC)


async def test_a_day_on_site_from_check_in_to_payout(flow: Flow) -> None:
    order_id = await flow.completed()
    order = await flow.read(order_id)
    balance = await flow.balance(order_id)

    assert await flow.status(order_id) == "completed"
    assert (await flow.events(order_id))[-3:] == ["check_in", "deliver", "complete"]
    assert balance["transferred_cents"] == 25_000 - 2_500 + 500
    assert await flow.paid_out() == 23_000
    assert order.location_address == "Somewhere 1, Berlin"
    checked_in = await flow.row("select checked_in_at from booking.order where order_id = $1", order_id)
    early = starts(order) - checked_in["checked_in_at"]
    assert timedelta(minutes=9) < early <= timedelta(minutes=10)


async def test_the_clock_starts_delivers_and_completes_a_day_on_site(flow: Flow) -> None:
    order_id = await flow.confirmed()
    order = await flow.read(order_id)
    await flow.until(starts(order))
    started = await flow.status(order_id)
    await flow.until(order.end_ts.ToDatetime(tzinfo=UTC))
    delivered = await flow.status(order_id)
    await flow.work(wait=REVIEW_ON_SITE - timedelta(minutes=1))
    reviewed = await flow.status(order_id)
    await flow.work(wait=timedelta(minutes=1))

    assert (started, delivered, reviewed) == ("in_progress", "delivered", "delivered")
    assert await flow.status(order_id) == "completed"
    assert await flow.paid_out() == 23_000


async def test_a_check_in_after_the_clock_is_kept_once(flow: Flow) -> None:
    order_id = await flow.confirmed()
    await flow.until(starts(await flow.read(order_id)))
    request = pb.StartOrderRequest(order_id=order_id, note="In the yard.")
    await flow.booking.StartOrder(request, metadata=as_provider())
    again = await refusal(flow.booking.StartOrder(request, metadata=as_provider()))
    assert (await flow.events(order_id))[-2:] == ["start_reached", "check_in"]
    assert (again.code, again.reason) == (PRECONDITION, "ILLEGAL_TRANSITION")


async def test_a_check_in_does_not_come_long_before_the_start(flow: Flow) -> None:
    order_id = await flow.confirmed()
    refused = await refusal(flow.booking.StartOrder(pb.StartOrderRequest(order_id=order_id), metadata=as_provider()))
    begins = starts(await flow.read(order_id)) - timedelta(hours=1)
    assert (refused.code, refused.reason) == (PRECONDITION, "TOO_EARLY")
    assert refused.metadata.items() >= {"resource": order_id, "not_before": begins.isoformat()}.items()


async def test_what_takes_place_nowhere_is_delivered_at_once_and_looked_at_for_two_weeks(flow: Flow) -> None:
    order_id = await flow.confirmed(location_kind=REMOTE, location_address="")
    await flow.booking.DeliverOrder(pb.DeliverOrderRequest(order_id=order_id), metadata=as_provider())
    row = await flow.row("select delivered_at, review_until from booking.order where order_id = $1", order_id)
    assert row["review_until"] - row["delivered_at"] == REVIEW_DELIVERABLES
    await flow.work(wait=REVIEW_DELIVERABLES)
    assert await flow.status(order_id) == "completed"


async def test_a_remote_booking_is_not_delivered_by_the_clock(flow: Flow) -> None:
    order_id = await flow.confirmed(location_kind=REMOTE, location_address="")
    await flow.until((await flow.read(order_id)).end_ts.ToDatetime(tzinfo=UTC) + timedelta(hours=1))
    assert await flow.status(order_id) == "in_progress"


async def test_a_day_on_site_is_not_delivered_before_it_began(flow: Flow) -> None:
    order_id = await flow.confirmed()
    request = pb.DeliverOrderRequest(order_id=order_id)
    refused = await refusal(flow.booking.DeliverOrder(request, metadata=as_provider()))
    assert (refused.code, refused.reason) == (PRECONDITION, "ILLEGAL_TRANSITION")
    assert refused.metadata.items() >= {"resource": order_id, "status": "confirmed", "event": "deliver"}.items()


async def test_changes_are_asked_for_twice_and_stop_the_clock(flow: Flow) -> None:
    order_id = await flow.delivered()
    request = pb.RequestChangesRequest(order_id=order_id, reason="More light.")
    for _ in range(2):
        await flow.booking.RequestChanges(request, metadata=as_buyer())
        await flow.work(wait=REVIEW_ON_SITE)
        assert await flow.status(order_id) == "in_progress"
        await flow.booking.DeliverOrder(pb.DeliverOrderRequest(order_id=order_id), metadata=as_provider())
    refused = await refusal(flow.booking.RequestChanges(request, metadata=as_buyer()))
    assert (refused.code, refused.reason) == (PRECONDITION, "CHANGES_EXHAUSTED")
    await flow.work(wait=REVIEW_ON_SITE)
    assert await flow.status(order_id) == "completed"


async def test_only_the_other_side_may(flow: Flow) -> None:
    order_id = await flow.delivered()
    calls = {
        "provider": [
            flow.booking.StartOrder(pb.StartOrderRequest(order_id=order_id), metadata=as_buyer()),
            flow.booking.DeliverOrder(pb.DeliverOrderRequest(order_id=order_id), metadata=as_buyer()),
        ],
        "buyer": [
            flow.booking.RequestChanges(
                pb.RequestChangesRequest(order_id=order_id, reason="?"), metadata=as_provider()
            ),
            flow.booking.CompleteOrder(pb.CompleteOrderRequest(order_id=order_id), metadata=as_provider()),
            flow.booking.AddTip(pb.AddTipRequest(order_id=order_id, tip_cents=1), metadata=as_provider()),
        ],
    }
    for side, refused in [(side, await refusal(call)) for side, those in calls.items() for call in those]:
        assert (refused.code, refused.reason) == (StatusCode.PERMISSION_DENIED, "OTHER_SIDE_ONLY")
        assert refused.metadata["side"] == side


async def test_for_strangers_there_is_no_order_and_agents_do_not_step_in(flow: Flow) -> None:
    order_id = await flow.confirmed()
    for who, wanted in [
        (as_stranger(), (StatusCode.NOT_FOUND, "NOT_FOUND")),
        (as_agent(), (StatusCode.PERMISSION_DENIED, "ROLE_REQUIRED")),
    ]:
        calls = [
            flow.booking.StartOrder(pb.StartOrderRequest(order_id=order_id), metadata=who),
            flow.booking.DeliverOrder(pb.DeliverOrderRequest(order_id=order_id), metadata=who),
            flow.booking.RequestChanges(pb.RequestChangesRequest(order_id=order_id, reason="?"), metadata=who),
            flow.booking.CompleteOrder(pb.CompleteOrderRequest(order_id=order_id), metadata=who),
            flow.booking.AddTip(pb.AddTipRequest(order_id=order_id, tip_cents=1), metadata=who),
            flow.booking.AddAdjustment(
                pb.AddAdjustmentRequest(order_id=order_id, title="?", amount_cents=1), metadata=who
            ),
        ]
        for call in calls:
            refused = await refusal(call)
            assert (refused.code, refused.reason) == wanted


async def test_a_stale_version_is_told_and_changes_nothing(flow: Flow) -> None:
    order_id = await flow.delivered()
    seen = (await flow.read(order_id)).version
    request = pb.CompleteOrderRequest(order_id=order_id, version=seen - 1)
    refused = await refusal(flow.booking.CompleteOrder(request, metadata=as_buyer()))
    assert (refused.code, refused.reason) == (StatusCode.ABORTED, "STALE_VERSION")
    assert (await flow.read(order_id)).version == seen


async def test_a_repeated_completion_with_one_key_pays_once(flow: Flow) -> None:
    order_id = await flow.delivered()
    request = pb.CompleteOrderRequest(order_id=order_id, idempotency_key="done")
    answers = [await flow.booking.CompleteOrder(request, metadata=as_buyer()) for _ in range(2)]
    await flow.work()
    assert answers[0] == answers[1]
    assert await flow.paid_out() == 23_000


async def test_of_concurrent_completions_one_wins(flow: Flow) -> None:
    order_id = await flow.delivered()
    request = pb.CompleteOrderRequest(order_id=order_id)
    answers = await asyncio.gather(
        *(flow.booking.CompleteOrder(request, metadata=as_buyer()) for _ in range(8)), return_exceptions=True
    )
    await flow.work()
    assert sum(not isinstance(answer, BaseException) for answer in answers) == 1
    assert (await flow.events(order_id)).count("complete") == 1
    assert await flow.paid_out() == 23_000


async def test_timers_that_come_late_or_twice_find_nothing_to_do(flow: Flow) -> None:
    order_id = await flow.completed()
    before = await flow.events(order_id)
    for kind in (START, END, REVIEW):
        await flow.enqueue(kind, order_id)
    await flow.work(wait=timedelta(days=30))
    assert await flow.events(order_id) == before
    assert await flow.paid_out() == 23_000


async def test_a_timer_that_comes_early_waits(flow: Flow) -> None:
    order_id = await flow.delivered()
    await flow.enqueue(REVIEW, order_id)
    await flow.work()
    assert await flow.status(order_id) == "delivered"
    await flow.work(wait=REVIEW_ON_SITE)
    assert await flow.status(order_id) == "completed"


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (pb.RequestChangesRequest(order_id="ord_1"), "reason"),
        (pb.RequestChangesRequest(order_id="", reason="?"), "order_id"),
        (pb.RequestChangesRequest(order_id="ord_1", reason="x" * 501), "reason"),
        (pb.RequestChangesRequest(order_id="ord_1", reason="?", version=-1), "version"),
    ],
)
async def test_a_bad_request_names_its_field(flow: Flow, request_: pb.RequestChangesRequest, field: str) -> None:
    refused = await refusal(flow.booking.RequestChanges(request_, metadata=as_buyer()))
    assert (refused.code, refused.reason) == (StatusCode.INVALID_ARGUMENT, "FIELD_INVALID")
    assert set(refused.violations) == {field}


async def test_every_step_reaches_those_who_watch_and_the_outgoing_feed(flow: Flow) -> None:
    order_id = await flow.completed()
    events = await flow.events(order_id)
    published = await flow.rows("select payload, version from core.outbox where key = $1 order by version", order_id)
    told = [order_pb2.OrderChanged.FromString(row["payload"]).event.event for row in published]
    watched = []
    async for answer in flow.booking.WatchOrder(
        ordering_pb2.WatchOrderRequest(order_id=order_id, after_sequence=0), metadata=as_buyer()
    ):
        watched.append(answer.event.event)
        if len(watched) == len(events):
            break
    assert told == watched == events
