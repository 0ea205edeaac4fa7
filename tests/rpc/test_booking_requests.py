"""Offers answered over a socket: agreed to, refused, countered, accepted by a rule, and left until they expire."""

from datetime import UTC, datetime, timedelta

import grpc
import pytest

from callsheet.booking.v1 import negotiation_pb2 as pb
from callsheet.booking.v1 import order_pb2, ordering_pb2
from callsheet.booking.v1.booking_pb2_grpc import BookingServiceStub
from devstack.roles import DatabaseUrls
from server.core.clock import ManualClock
from tests.rpc.booking import BUYER, PROVIDER, STRANGER, stamp
from tests.rpc.harness import Running, as_user, refusal, running_server
from tests.rpc.negotiating import (
    CARD,
    bookable,
    card_of,
    drafted,
    history,
    later,
    noon,
    pending,
    requested,
    ruled,
    set_payouts,
    status_of,
    submitted,
    terms_of,
)


def line(unit_cents: int = 30_000, qty: str = "1") -> pb.CounterLine:
    return pb.CounterLine(kind=order_pb2.LINE_ITEM_KIND_PACKAGE, title="Half a day", qty=qty, unit_cents=unit_cents)


async def accept(booking: BookingServiceStub, request_id: str, user_id: str, total_cents: int = 0) -> order_pb2.Order:
    request = pb.AcceptRequestRequest(request_id=request_id, total_cents=total_cents)
    return (await booking.AcceptRequest(request, metadata=as_user(user_id))).order


async def counter(
    booking: BookingServiceStub, request_id: str, user_id: str, *lines: pb.CounterLine
) -> pb.BookingRequest:
    request = pb.CounterRequestRequest(request_id=request_id, line_items=lines or [line()], message="Rather this")
    return (await booking.CounterRequest(request, metadata=as_user(user_id))).request


async def test_a_provider_accepts_and_the_order_is_to_be_paid_within_a_day(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    profile = await bookable(server)
    await card_of(server)
    offer = await requested(server, profile)
    order = await accept(booking, offer.request_id, PROVIDER)
    assert order.status == order_pb2.BOOKING_STATUS_ACCEPTED
    left = order.pay_by.ToDatetime(tzinfo=UTC) - datetime.now(UTC)
    assert timedelta(hours=23) < left <= timedelta(hours=24)
    assert await history(server, order.order_id) == ["create", "send_request", "accept"]
    again = await refusal(
        booking.AcceptRequest(pb.AcceptRequestRequest(request_id=offer.request_id), metadata=as_user(PROVIDER))
    )
    assert (again.code, again.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "ILLEGAL_TRANSITION")


async def test_a_counter_offer_that_the_buyer_agrees_to_is_what_is_booked(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    profile = await bookable(server)
    await card_of(server)
    offer = await requested(server, profile)
    moved = pb.CounterRequestRequest(
        request_id=offer.request_id, start_ts=stamp(noon(22)), end_ts=stamp(noon(22) + timedelta(hours=3))
    )
    first = (await booking.CounterRequest(moved, metadata=as_user(PROVIDER))).request
    assert (first.round, first.offered_by) == (1, ordering_pb2.SIDE_PROVIDER)
    assert [(item.qty, item.total_cents) for item in first.line_items] == [("3", 30_000)]
    cheaper = await counter(booking, first.request_id, BUYER, line(24_000))
    assert (cheaper.round, cheaper.start_ts) == (2, first.start_ts)
    last = await counter(booking, cheaper.request_id, PROVIDER, line(25_000))

    unseen = pb.AcceptRequestRequest(request_id=last.request_id, total_cents=last.total_cents - 1)
    refused = await refusal(booking.AcceptRequest(unseen, metadata=as_user(BUYER)))
    assert (refused.reason, refused.metadata["total_cents"]) == ("OFFER_CHANGED", str(last.total_cents))
    order = await accept(booking, last.request_id, BUYER, last.total_cents)
    assert (order.price.subtotal_cents, order.price.total_cents) == (25_000, last.total_cents)
    assert order.start_ts == stamp(noon(22))
    assert order.full_refund_until == stamp(noon(21))
    assert [(item.title, item.total_cents) for item in order.line_items] == [("Half a day", 25_000)]
    assert await history(server, order.order_id) == ["create", "send_request", *["counter"] * 3, "accept"]


async def test_sides_take_turns_and_counter_three_times_each(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    profile = await bookable(server)
    await card_of(server)
    offer = await requested(server, profile)
    for round_ in range(6):
        turn, other = (PROVIDER, BUYER) if round_ % 2 == 0 else (BUYER, PROVIDER)
        own = pb.CounterRequestRequest(request_id=offer.request_id, line_items=[line()])
        refused = await refusal(booking.CounterRequest(own, metadata=as_user(other)))
        assert (refused.code, refused.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "NOT_YOUR_TURN")
        offer = await counter(booking, offer.request_id, turn, line(30_000 + round_))
    seventh = pb.CounterRequestRequest(request_id=offer.request_id, line_items=[line()])
    refused = await refusal(booking.CounterRequest(seventh, metadata=as_user(PROVIDER)))
    assert (refused.reason, refused.metadata["limit"]) == ("COUNTER_LIMIT", "3")
    superseded = pb.AcceptRequestRequest(request_id=offer.supersedes_request_id)
    assert (await refusal(booking.AcceptRequest(superseded, metadata=as_user(BUYER)))).reason == "ILLEGAL_TRANSITION"
    order = await accept(booking, offer.request_id, PROVIDER)
    assert order.price.subtotal_cents == 30_005


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"line_items": [line(0)]}, "line_items[0].unit_cents"),
        ({"line_items": [line(-5)]}, "line_items[0].unit_cents"),
        ({"line_items": [line(qty="0")]}, "line_items[0].qty"),
        ({"line_items": [line(qty="-1")]}, "line_items[0].qty"),
        ({"line_items": [line(50_000_000, "2")]}, "line_items"),
        ({"start_ts": stamp(noon(-1)), "end_ts": stamp(noon(1))}, "start_ts"),
        ({"start_ts": stamp(noon(1)), "end_ts": stamp(noon(40))}, "end_ts"),
    ],
)
async def test_a_counter_offer_that_breaks_a_rule_names_it(
    server: Running, change: dict[str, object], field: str
) -> None:
    booking = BookingServiceStub(server.channel)
    profile = await bookable(server)
    await card_of(server)
    offer = await requested(server, profile)
    request = pb.CounterRequestRequest(request_id=offer.request_id, **change)  # type: ignore[arg-type]  # a table
    refused = await refusal(booking.CounterRequest(request, metadata=as_user(PROVIDER)))
    assert (refused.code, refused.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "FIELD_INVALID")
    assert field in refused.violations
    assert (await pending(booking, offer.order_id)).request_id == offer.request_id


@pytest.mark.parametrize(
    "request_message",
    [
        pb.CounterRequestRequest(),
        pb.CounterRequestRequest(start_ts=stamp(noon(3)), end_ts=stamp(noon(2))),
        pb.CounterRequestRequest(start_ts=stamp(noon(3))),
    ],
)
async def test_a_counter_offer_says_something_and_ends_after_it_starts(
    server: Running, request_message: pb.CounterRequestRequest
) -> None:
    booking = BookingServiceStub(server.channel)
    request_message.request_id = "req_x"
    refused = await refusal(booking.CounterRequest(request_message, metadata=as_user(BUYER)))
    assert (refused.code, refused.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "FIELD_INVALID")


@pytest.mark.parametrize(("user_id", "status"), [(PROVIDER, "declined"), (BUYER, "cancelled_buyer")])
async def test_either_side_ends_it(server: Running, user_id: str, status: str) -> None:
    booking = BookingServiceStub(server.channel)
    profile = await bookable(server)
    await card_of(server)
    offer = await requested(server, profile)
    request = pb.DeclineRequestRequest(request_id=offer.request_id, reason="no time")
    order = (await booking.DeclineRequest(request, metadata=as_user(user_id))).order
    assert await status_of(server, order.order_id) == status
    assert order.closed_reason == "no time"
    listing = pb.ListRequestsRequest(order_id=order.order_id)
    (ended,) = (await booking.ListRequests(listing, metadata=as_user(BUYER))).requests
    assert (ended.status, ended.answer_reason) == (pb.REQUEST_STATUS_DECLINED, "no time")


async def test_strangers_find_no_request(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    profile = await bookable(server)
    await card_of(server)
    offer = await requested(server, profile)
    calls = [
        booking.AcceptRequest(pb.AcceptRequestRequest(request_id=offer.request_id), metadata=as_user(STRANGER)),
        booking.DeclineRequest(pb.DeclineRequestRequest(request_id=offer.request_id), metadata=as_user(STRANGER)),
        booking.CounterRequest(
            pb.CounterRequestRequest(request_id=offer.request_id, line_items=[line()]), metadata=as_user(STRANGER)
        ),
        booking.AcceptRequest(pb.AcceptRequestRequest(request_id="req_unknown"), metadata=as_user(STRANGER)),
    ]
    refusals = [await refusal(call) for call in calls]
    assert {(refused.code, refused.reason) for refused in refusals} == {(grpc.StatusCode.NOT_FOUND, "NOT_FOUND")}


async def test_a_time_that_was_given_away_is_not_accepted_and_the_offer_still_waits(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    profile = await bookable(server)
    await card_of(server)
    first, second = await requested(server, profile), await requested(server, profile)
    await accept(booking, first.request_id, PROVIDER)
    late = pb.AcceptRequestRequest(request_id=second.request_id)
    refused = await refusal(booking.AcceptRequest(late, metadata=as_user(PROVIDER)))
    assert (refused.code, refused.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "SLOT_TAKEN")
    assert (await pending(booking, second.order_id)).request_id == second.request_id


async def test_nobody_accepts_who_could_not_be_paid(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    profile = await bookable(server)
    await card_of(server)
    offer = await requested(server, profile)
    await set_payouts(server, PROVIDER, enabled=False)
    accepting = pb.AcceptRequestRequest(request_id=offer.request_id)
    refused = await refusal(booking.AcceptRequest(accepting, metadata=as_user(PROVIDER)))
    assert (refused.reason, refused.metadata["why"]) == ("NOT_BOOKABLE", "payouts_disabled")


async def test_a_rule_accepts_a_request_and_one_that_does_not_match_waits(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    profile = await bookable(server)
    await card_of(server)
    await ruled(booking, profile, allow_ib=False, min_price_cents=30_000)
    small = await requested(server, profile, days=20, hours=2)
    large = await requested(server, profile, days=22, hours=3)
    await server.worker().run_due()
    assert await status_of(server, small.order_id) == "pending_accept"
    assert "auto_accept" in await history(server, large.order_id)


async def test_an_answer_that_comes_too_late_is_refused_before_any_job_and_the_job_runs_twice(
    database: DatabaseUrls,
) -> None:
    clock = ManualClock(datetime.now(UTC))
    async with running_server(database, clock=clock) as server:
        booking = BookingServiceStub(server.channel)
        profile = await bookable(server)
        await card_of(server)
        offer = await requested(server, profile)
        countered = await requested(server, profile, days=25)
        worker = server.worker()
        await worker.run_due()
        clock.advance(timedelta(hours=47))
        request = pb.CounterRequestRequest(request_id=countered.request_id, line_items=[line()])
        newer = (await booking.CounterRequest(request, metadata=later(PROVIDER))).request
        clock.advance(timedelta(hours=1))
        late = pb.AcceptRequestRequest(request_id=offer.request_id)
        refused = await refusal(booking.AcceptRequest(late, metadata=later(PROVIDER)))
        assert (refused.code, refused.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "OFFER_EXPIRED")
        await worker.run_due()
        await worker.run_due()
        assert await status_of(server, offer.order_id) == "declined"
        assert await status_of(server, newer.order_id) == "countered"
        clock.advance(timedelta(hours=47))
        await worker.run_due()
        assert await status_of(server, countered.order_id) == "declined"


async def test_a_request_that_nobody_paid_for_ends_without_the_provider_hearing_of_it(database: DatabaseUrls) -> None:
    clock = ManualClock(datetime.now(UTC))
    async with running_server(database, clock=clock) as server:
        booking = BookingServiceStub(server.channel)
        profile = await bookable(server)
        order = await submitted(booking, await drafted(booking, terms_of(profile)))
        clock.advance(timedelta(hours=48))
        await server.worker().run_due()
        assert await status_of(server, order.order_id) == "declined"
        listing = ordering_pb2.ListOrdersRequest(side=ordering_pb2.SIDE_PROVIDER)
        assert not (await booking.ListOrders(listing, metadata=later(PROVIDER))).orders


async def test_offers_are_listed_page_by_page(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    profile = await bookable(server)
    await card_of(server)
    made = [await requested(server, profile, days=day) for day in (20, 21, 22)]
    listing = pb.ListRequestsRequest(page_size=2)
    first = await booking.ListRequests(listing, metadata=as_user(BUYER))
    listing.page_token = first.next_page_token
    second = await booking.ListRequests(listing, metadata=as_user(BUYER))
    assert [*first.requests, *second.requests] == made[::-1]
    assert (await refusal(booking.ListRequests(listing, metadata=as_user(STRANGER)))).reason == "PAGE_TOKEN_INVALID"


async def test_a_card_given_up_between_the_request_and_its_acceptance_leaves_time_to_pay(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    profile = await bookable(server)
    await card_of(server)
    offer = await requested(server, profile)
    await server.app.core.database.run(
        lambda tx: tx.execute(
            "update payments.payment_method set detached_at = now() where payment_method_id = $1", CARD
        )
    )
    order = await accept(booking, offer.request_id, PROVIDER)
    assert order.status == order_pb2.BOOKING_STATUS_ACCEPTED
