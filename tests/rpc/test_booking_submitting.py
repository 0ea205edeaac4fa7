"""Drafts sent on their way: booked at once by the provider's rules, asked for, or refused with a reason."""

from datetime import UTC, datetime, timedelta

import grpc
import pytest

from callsheet.booking.v1 import negotiation_pb2 as pb
from callsheet.booking.v1 import order_pb2, ordering_pb2, provider_pb2
from callsheet.booking.v1.booking_pb2_grpc import BookingServiceStub
from devstack.roles import DatabaseUrls
from server.core.clock import ManualClock
from tests.rpc.booking import BUYER, PROVIDER, STRANGER, stamp
from tests.rpc.harness import Running, as_user, refusal, running_server
from tests.rpc.negotiating import (
    CARD,
    Told,
    bookable,
    card_of,
    drafted,
    history,
    noon,
    pending,
    ruled,
    set_payouts,
    status_of,
    submitted,
    terms_of,
)

IB = order_pb2.BOOKING_MODE_IB


async def test_an_instant_book_holds_its_slot_and_is_to_be_paid_at_once(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    profile = await bookable(server)
    await ruled(booking, profile)
    before = datetime.now(UTC)
    order = await submitted(booking, await drafted(booking, terms_of(profile, mode=IB)))
    assert order.status == order_pb2.BOOKING_STATUS_ACCEPTED
    pay_by = order.pay_by.ToDatetime(tzinfo=UTC)
    assert before + timedelta(minutes=15) <= pay_by <= datetime.now(UTC) + timedelta(minutes=15)

    asked = provider_pb2.CheckAvailabilityRequest(
        provider_user_id=PROVIDER, start_ts=order.start_ts, end_ts=order.end_ts
    )
    answer = await booking.CheckAvailability(asked, metadata=as_user(STRANGER))
    assert [obstacle.kind for obstacle in answer.obstacles] == [provider_pb2.OBSTACLE_KIND_BOOKED]


async def test_an_instant_book_that_is_paid_is_confirmed_and_opens_the_chat(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    profile = await bookable(server)
    await ruled(booking, profile)
    order = await submitted(booking, await drafted(booking, terms_of(profile, mode=IB)))
    await Told(server).captured(order.order_id)
    await Told(server).captured(order.order_id)
    read = ordering_pb2.GetOrderRequest(order_id=order.order_id)
    confirmed = (await booking.GetOrder(read, metadata=as_user(PROVIDER))).order
    assert confirmed.status == order_pb2.BOOKING_STATUS_CONFIRMED
    assert confirmed.chat_thread_id.startswith("cth_")
    assert confirmed.location_address == "Somewhere 1, Berlin"
    grace = confirmed.grace_until.ToDatetime() - confirmed.confirmed_at.ToDatetime()
    assert grace == timedelta(hours=24)
    assert await history(server, order.order_id) == ["create", "book_instantly", "paid"]


@pytest.mark.parametrize(
    ("why", "rule"),
    [
        ("no_rule_matches", None),
        ("no_rule_matches", {"allow_ib": False}),
        ("no_rule_matches", {"min_price_cents": 20_001}),
        ("payouts_disabled", {}),
        ("instant_book_lost", {}),
        ("outside_working_hours", {}),
        ("blackout", {}),
    ],
)
async def test_an_instant_book_is_refused_unless_the_provider_accepts_it_unasked(
    server: Running, why: str, rule: dict[str, object] | None
) -> None:
    booking = BookingServiceStub(server.channel)
    profile = await bookable(server)
    if rule is not None:
        await ruled(booking, profile, **rule)  # type: ignore[arg-type]  # a table of settings
    if why == "payouts_disabled":
        await set_payouts(server, PROVIDER, enabled=False)
    if why == "instant_book_lost":
        await server.app.core.database.run(lambda tx: tx.execute("update booking.provider_profile set strikes = 3"))
    availability = provider_pb2.SetAvailabilityRequest()
    if why == "outside_working_hours":
        for day in range(1, 8):
            availability.working_hours.add(weekday=day, opens="06:00", closes="07:00")
    if why == "blackout":
        availability.blackouts.add(start_ts=stamp(noon(19)), end_ts=stamp(noon(21)))
    await booking.SetAvailability(availability, metadata=as_user(PROVIDER))

    order_id = await drafted(booking, terms_of(profile, mode=IB))
    request = pb.SubmitOrderRequest(order_id=order_id)
    refused = await refusal(booking.SubmitOrder(request, metadata=as_user(BUYER)))
    assert (refused.code, refused.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "NOT_BOOKABLE")
    assert refused.metadata["why"] == why
    assert await status_of(server, order_id) == "initiated"


async def test_two_instant_books_of_one_time_have_one_winner_and_the_loser_learns_the_window(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    profile = await bookable(server, buffer_minutes=45)
    await ruled(booking, profile)
    first = await submitted(booking, await drafted(booking, terms_of(profile, mode=IB)))
    later = terms_of(profile, mode=IB, days=20 + 2.5 / 24)
    other = await drafted(booking, later, buyer=STRANGER)
    refused = await refusal(booking.SubmitOrder(pb.SubmitOrderRequest(order_id=other), metadata=as_user(STRANGER)))
    assert (refused.code, refused.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "SLOT_TAKEN")
    assert (refused.metadata["busy_from"], refused.metadata["busy_to"]) == (
        first.start_ts.ToDatetime(tzinfo=UTC).isoformat(),
        (first.end_ts.ToDatetime(tzinfo=UTC) + timedelta(minutes=45)).isoformat(),
    )
    touching = terms_of(profile, mode=IB, days=20 + 2.75 / 24)
    await submitted(booking, await drafted(booking, touching, buyer=STRANGER), buyer=STRANGER)


async def test_a_request_with_a_card_is_shown_at_once(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    profile = await bookable(server)
    await card_of(server)
    order = await submitted(booking, await drafted(booking, terms_of(profile)), CARD)
    assert order.status == order_pb2.BOOKING_STATUS_PENDING_ACCEPT
    request = await pending(booking, order.order_id)
    assert (request.shown, request.message, request.round) == (True, "Please come", 0)
    assert request.total_cents == order.price.total_cents
    listing = pb.ListRequestsRequest(side=ordering_pb2.SIDE_PROVIDER)
    assert list((await booking.ListRequests(listing, metadata=as_user(PROVIDER))).requests) == [request]


async def test_a_request_without_a_card_is_shown_when_its_total_is_authorised(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    profile = await bookable(server)
    order = await submitted(booking, await drafted(booking, terms_of(profile)))
    hidden = await pending(booking, order.order_id)
    listing = pb.ListRequestsRequest(side=ordering_pb2.SIDE_PROVIDER)
    accepting = pb.AcceptRequestRequest(request_id=hidden.request_id)
    assert not hidden.shown
    assert not (await booking.ListRequests(listing, metadata=as_user(PROVIDER))).requests
    assert (await refusal(booking.AcceptRequest(accepting, metadata=as_user(PROVIDER)))).reason == "NOT_FOUND"
    unseen = booking.GetOrder(ordering_pb2.GetOrderRequest(order_id=order.order_id), metadata=as_user(PROVIDER))
    assert (await refusal(unseen)).reason == "NOT_FOUND"

    limit = datetime.now(UTC) + timedelta(hours=40)
    await Told(server).authorised(order.order_id, limit)
    await Told(server).authorised(order.order_id, limit)
    (shown,) = (await booking.ListRequests(listing, metadata=as_user(PROVIDER))).requests
    assert shown.shown
    assert shown.expires_at.ToDatetime(tzinfo=UTC) == limit - timedelta(hours=12)
    assert await history(server, order.order_id) == ["create", "send_request", "request_shown"]


async def test_somebody_elses_card_is_refused_and_nothing_is_sent(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    profile = await bookable(server)
    await card_of(server, STRANGER)
    order_id = await drafted(booking, terms_of(profile))
    request = pb.SubmitOrderRequest(order_id=order_id, payment_method_id=CARD)
    refused = await refusal(booking.SubmitOrder(request, metadata=as_user(BUYER)))
    assert (refused.code, refused.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "CARD_UNUSABLE")
    assert await status_of(server, order_id) == "initiated"


async def test_credit_that_is_not_there_keeps_the_draft_a_draft(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    profile = await bookable(server)
    order_id = await drafted(booking, terms_of(profile, credit_cents=100))
    refused = await refusal(booking.SubmitOrder(pb.SubmitOrderRequest(order_id=order_id), metadata=as_user(BUYER)))
    assert (refused.code, refused.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "CREDIT_INSUFFICIENT")
    assert await status_of(server, order_id) == "initiated"


async def test_a_draft_is_submitted_once_by_its_buyer_and_at_the_version_they_saw(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    profile = await bookable(server)
    order_id = await drafted(booking, terms_of(profile))
    by_stranger = booking.SubmitOrder(pb.SubmitOrderRequest(order_id=order_id), metadata=as_user(STRANGER))
    by_provider = booking.SubmitOrder(pb.SubmitOrderRequest(order_id=order_id), metadata=as_user(PROVIDER))
    stale = booking.SubmitOrder(pb.SubmitOrderRequest(order_id=order_id, version=5), metadata=as_user(BUYER))
    assert (await refusal(by_stranger)).reason == (await refusal(by_provider)).reason == "NOT_FOUND"
    assert (await refusal(stale)).reason == "STALE_VERSION"
    await submitted(booking, order_id)
    again = await refusal(booking.SubmitOrder(pb.SubmitOrderRequest(order_id=order_id), metadata=as_user(BUYER)))
    assert (again.code, again.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "ILLEGAL_TRANSITION")
    assert (again.metadata["status"], again.metadata["event"]) == ("pending_accept", "send_request")


async def test_a_repeated_submission_has_one_effect(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    profile = await bookable(server)
    await ruled(booking, profile)
    order_id = await drafted(booking, terms_of(profile, mode=IB))
    request = pb.SubmitOrderRequest(order_id=order_id, idempotency_key="once")
    first = await booking.SubmitOrder(request, metadata=as_user(BUYER))
    assert await booking.SubmitOrder(request, metadata=as_user(BUYER)) == first
    assert await history(server, order_id) == ["create", "book_instantly"]


async def test_what_is_not_paid_in_time_frees_its_slot(database: DatabaseUrls) -> None:
    clock = ManualClock(datetime.now(UTC))
    async with running_server(database, clock=clock) as server:
        booking = BookingServiceStub(server.channel)
        profile = await bookable(server)
        await ruled(booking, profile)
        order = await submitted(booking, await drafted(booking, terms_of(profile, mode=IB)))
        worker = server.worker()
        clock.advance(timedelta(minutes=15))
        await worker.run_due()
        assert await status_of(server, order.order_id) == "declined"
        await Told(server).captured(order.order_id)
        assert await status_of(server, order.order_id) == "declined"
        other = await drafted(booking, terms_of(profile, mode=IB), buyer=STRANGER)
        again = await submitted(booking, other, buyer=STRANGER)
        assert again.status == order_pb2.BOOKING_STATUS_ACCEPTED


async def test_a_confirmed_booking_begins_at_its_start_even_without_a_check_in(database: DatabaseUrls) -> None:
    clock = ManualClock(datetime.now(UTC))
    async with running_server(database, clock=clock) as server:
        booking = BookingServiceStub(server.channel)
        profile = await bookable(server)
        await ruled(booking, profile)
        order = await submitted(booking, await drafted(booking, terms_of(profile, mode=IB, days=2)))
        await Told(server).captured(order.order_id)
        worker = server.worker()
        await worker.run_due()
        assert await status_of(server, order.order_id) == "confirmed"
        clock.advance(order.start_ts.ToDatetime(tzinfo=UTC) - clock.now())
        await worker.run_due()
        assert "start_reached" in await history(server, order.order_id)


async def test_a_confirmed_booking_declines_what_still_waits_for_its_time(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    profile = await bookable(server)
    await ruled(booking, profile, min_price_cents=30_000)
    await card_of(server)
    overlapping = await submitted(booking, await drafted(booking, terms_of(profile, days=20 + 1 / 24)), CARD)
    apart = await submitted(booking, await drafted(booking, terms_of(profile, days=21)), CARD)
    order = await submitted(
        booking, await drafted(booking, terms_of(profile, mode=IB, hours=3), buyer=STRANGER), buyer=STRANGER
    )
    await Told(server).captured(order.order_id)
    await server.worker().run_due()
    assert await status_of(server, overlapping.order_id) == "declined"
    assert await status_of(server, apart.order_id) == "pending_accept"
    listing = pb.ListRequestsRequest(order_id=overlapping.order_id)
    (ended,) = (await booking.ListRequests(listing, metadata=as_user(BUYER))).requests
    assert ended.status == pb.REQUEST_STATUS_EXPIRED
