"""Booking over a socket: what its RPCs answer, refuse, store and cost."""

from datetime import UTC, datetime, timedelta

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from callsheet.booking.v1 import offering_pb2, order_pb2
from callsheet.booking.v1 import ordering_pb2 as pb
from callsheet.booking.v1.booking_pb2_grpc import BookingServiceStub
from devstack.roles import DatabaseUrls
from server.core.call import Role
from server.core.clock import ManualClock
from tests.rpc.booking import BUYER, PROVIDER, STRANGER, created, hold_slot, offered, stamp, terms
from tests.rpc.harness import Running, as_user, read_refusal, refusal, running_server


async def test_an_order_is_priced_stored_and_read(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    profile = await offered(booking)
    asked = terms(profile)

    quote = await booking.QuoteOrder(pb.QuoteOrderRequest(terms=asked), metadata=as_user(BUYER))
    created = await booking.CreateOrder(
        pb.CreateOrderRequest(terms=asked, quote_hash=quote.quote_hash), metadata=as_user(BUYER)
    )
    read = await booking.GetOrder(pb.GetOrderRequest(order_id=created.order.order_id), metadata=as_user(BUYER))

    assert read.order == created.order
    assert read.order.price == quote.price
    assert (quote.price.subtotal_cents, quote.price.platform_fee_cents, quote.price.tax_cents) == (25_000, 3_125, 278)
    assert quote.price.total_cents == 25_000 + 3_125 + 278 + 500
    assert [(item.qty, item.unit_cents, item.total_cents) for item in read.order.line_items] == [
        ("2.5", 10_000, 25_000)
    ]
    assert read.order.status == order_pb2.BOOKING_STATUS_INITIATED


async def test_a_changed_price_is_not_charged_silently(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    profile = await offered(booking)
    asked = terms(profile)
    quote = await booking.QuoteOrder(pb.QuoteOrderRequest(terms=asked), metadata=as_user(BUYER))
    await booking.UpsertServiceProfile(
        offering_pb2.UpsertServiceProfileRequest(
            service_profile_id=profile, title="Portraits", city="berlin", hourly_cents=20_000, currency="usd"
        ),
        metadata=as_user(PROVIDER),
    )
    request = pb.CreateOrderRequest(terms=asked, quote_hash=quote.quote_hash)
    refused = await refusal(booking.CreateOrder(request, metadata=as_user(BUYER)))
    assert (refused.code, refused.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "QUOTE_CHANGED")
    again = pb.CreateOrderRequest(terms=asked, quote_hash=refused.metadata["quote_hash"])
    order = (await booking.CreateOrder(again, metadata=as_user(BUYER))).order
    assert str(order.price.total_cents) == refused.metadata["total_cents"]


async def test_only_parties_and_staff_see_an_order(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    order_id = await created(booking)
    request = pb.GetOrderRequest(order_id=order_id)

    seen_by_agent = (await booking.GetOrder(request, metadata=as_user("usr_agent", Role.AGENT))).order
    assert seen_by_agent.location_address == ""

    unknown = pb.GetOrderRequest(order_id="ord_01jd3x0000000000000000000")
    of_stranger = await refusal(booking.GetOrder(request, metadata=as_user(STRANGER)))
    of_nothing = await refusal(booking.GetOrder(unknown, metadata=as_user(STRANGER)))
    assert (of_stranger.code, of_stranger.reason) == (of_nothing.code, of_nothing.reason)
    assert of_stranger.code is grpc.StatusCode.NOT_FOUND


async def test_a_draft_is_its_buyers_alone(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    order_id = await created(booking)
    unseen = booking.GetOrder(pb.GetOrderRequest(order_id=order_id), metadata=as_user(PROVIDER))
    assert (await refusal(unseen)).reason == "NOT_FOUND"
    listing = pb.ListOrdersRequest(side=pb.SIDE_PROVIDER)
    assert not (await booking.ListOrders(listing, metadata=as_user(PROVIDER))).orders

    await hold_slot(server, order_id)
    seen = (await booking.GetOrder(pb.GetOrderRequest(order_id=order_id), metadata=as_user(PROVIDER))).order
    assert seen.location_address == ""
    assert list((await booking.ListOrders(listing, metadata=as_user(PROVIDER))).orders) == [seen]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"time_zone": "Mars/Olympus"}, "terms.time_zone"),
        ({"start_ts": stamp(datetime(2020, 1, 1, tzinfo=UTC))}, "terms.start_ts"),
        ({"end_ts": stamp(datetime(2020, 1, 1, tzinfo=UTC))}, "terms"),
        ({"tip_cents": -1}, "terms.tip_cents"),
        ({"mode": order_pb2.BOOKING_MODE_INVITE}, "terms.mode"),
        ({"service_profile_id": ""}, "terms.service_profile_id"),
        ({"location_kind": order_pb2.LOCATION_KIND_UNSPECIFIED}, "terms.location_kind"),
    ],
)
async def test_terms_that_break_a_rule_name_it(server: Running, change: dict[str, object], field: str) -> None:
    booking = BookingServiceStub(server.channel)
    asked = terms(await offered(booking))
    for name, value in change.items():
        if isinstance(value, Timestamp):
            getattr(asked, name).CopyFrom(value)
        else:
            setattr(asked, name, value)
    refused = await refusal(booking.CreateOrder(pb.CreateOrderRequest(terms=asked), metadata=as_user(BUYER)))
    assert (refused.code, refused.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "FIELD_INVALID")
    assert field in refused.violations


async def test_nobody_books_themselves(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    request = pb.CreateOrderRequest(terms=terms(await offered(booking)))
    refused = await refusal(booking.CreateOrder(request, metadata=as_user(PROVIDER)))
    assert refused.violations == {"terms.service_profile_id": "must not be the buyer's own"}


async def test_somebody_elses_service_profile_does_not_exist_for_others(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    profile = await offered(booking)
    request = offering_pb2.UpsertServiceProfileRequest(
        service_profile_id=profile, title="Mine now", city="berlin", hourly_cents=1, currency="usd"
    )
    assert (await refusal(booking.UpsertServiceProfile(request, metadata=as_user(STRANGER)))).reason == "NOT_FOUND"


async def test_a_draft_is_cancelled_once_and_by_its_buyer(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    order_id = await created(booking)

    by_provider = booking.CancelOrder(pb.CancelOrderRequest(order_id=order_id), metadata=as_user(PROVIDER))
    assert (await refusal(by_provider)).reason == "NOT_FOUND"
    stale = booking.CancelOrder(pb.CancelOrderRequest(order_id=order_id, version=7), metadata=as_user(BUYER))
    assert (await refusal(stale)).reason == "STALE_VERSION"

    request = pb.CancelOrderRequest(order_id=order_id, version=1, reason="found somebody else")
    order = (await booking.CancelOrder(request, metadata=as_user(BUYER))).order
    assert (order.status, order.version) == (order_pb2.BOOKING_STATUS_CANCELLED_BUYER, 2)
    again = booking.CancelOrder(pb.CancelOrderRequest(order_id=order_id), metadata=as_user(BUYER))
    refused = await refusal(again)
    assert (refused.code, refused.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "ILLEGAL_TRANSITION")
    assert refused.metadata["status"] == "cancelled_buyer"


async def test_a_draft_that_nobody_submits_ends_after_a_day(database: DatabaseUrls) -> None:
    clock = ManualClock(datetime.now(UTC))
    async with running_server(database, clock=clock) as server:
        booking = BookingServiceStub(server.channel)
        order_id = await created(booking)
        worker = server.worker()
        assert await worker.run_due() == 0
        clock.advance(timedelta(hours=24))
        assert await worker.run_due() == 1
        assert await worker.run_due() == 0
        row = await server.app.core.database.run(
            lambda tx: tx.fetchrow("select status::text, version from booking.order where order_id = $1", order_id)
        )
        assert row is not None
        assert tuple(row) == ("cancelled_buyer", 2)


async def test_watching_tells_the_past_then_the_present_and_resumes(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    order_id = await created(booking)
    watching = booking.WatchOrder(pb.WatchOrderRequest(order_id=order_id), metadata=as_user(BUYER))
    first = await watching.read()
    await booking.CancelOrder(pb.CancelOrderRequest(order_id=order_id), metadata=as_user(BUYER))
    second = await watching.read()
    watching.cancel()
    assert isinstance(first, pb.WatchOrderResponse)
    assert isinstance(second, pb.WatchOrderResponse)
    assert [(first.event.sequence, first.event.event), (second.event.sequence, second.event.event)] == [
        (1, "create"),
        (2, "cancel_by_buyer"),
    ]

    resumed = booking.WatchOrder(pb.WatchOrderRequest(order_id=order_id, after_sequence=1), metadata=as_user(BUYER))
    assert await resumed.read() == second
    resumed.cancel()
    hidden = booking.WatchOrder(pb.WatchOrderRequest(order_id=order_id), metadata=as_user(STRANGER))
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await hidden.read()
    assert read_refusal(refused.value).reason == "NOT_FOUND"


async def test_the_history_says_who_did_what_and_why(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    order_id = await created(booking)
    cancelling = pb.CancelOrderRequest(order_id=order_id, reason="found somebody else")
    await booking.CancelOrder(cancelling, metadata=as_user(BUYER))

    request = pb.ListOrderEventsRequest(order_id=order_id, page_size=1)
    first = await booking.ListOrderEvents(request, metadata=as_user(BUYER))
    request.page_token = first.next_page_token
    second = await booking.ListOrderEvents(request, metadata=as_user(BUYER))
    assert [
        (event.sequence, event.event, event.actor_kind, event.reason) for event in (*first.events, *second.events)
    ] == [
        (1, "create", order_pb2.ACTOR_KIND_BUYER, ""),
        (2, "cancel_by_buyer", order_pb2.ACTOR_KIND_BUYER, "found somebody else"),
    ]
    assert second.next_page_token == ""
    assert (
        await refusal(booking.ListOrderEvents(request, metadata=as_user("usr_agent", Role.AGENT)))
    ).reason == "PAGE_TOKEN_INVALID"
    of_stranger = pb.ListOrderEventsRequest(order_id=order_id)
    refused = await refusal(booking.ListOrderEvents(of_stranger, metadata=as_user(STRANGER)))
    assert (refused.code, refused.reason) == (grpc.StatusCode.NOT_FOUND, "NOT_FOUND")


async def test_what_somebody_wrote_is_not_published(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    order_id = await created(booking)
    cancelling = pb.CancelOrderRequest(order_id=order_id, reason="found somebody else")
    await booking.CancelOrder(cancelling, metadata=as_user(BUYER))
    rows = await server.app.core.database.run(
        lambda tx: tx.fetch("select payload from core.outbox where key = $1 order by version", order_id)
    )
    told = [order_pb2.OrderChanged.FromString(row["payload"]) for row in rows]
    assert [(change.version, change.event.reason) for change in told] == [(1, ""), (2, "")]


@pytest.mark.parametrize(
    ("method", "most"),
    [("GetOrder", 1), ("QuoteOrder", 1), ("ListOrders", 1), ("ListOrderEvents", 2), ("CreateOrder", 6)],
)
async def test_each_rpc_keeps_its_statement_budget(server: Running, method: str, most: int) -> None:
    booking = BookingServiceStub(server.channel)
    order_id = await created(booking)
    for _ in range(4):
        await created(booking)
    asked = terms(await offered(booking))
    requests = {
        "GetOrder": pb.GetOrderRequest(order_id=order_id),
        "QuoteOrder": pb.QuoteOrderRequest(terms=asked),
        "ListOrders": pb.ListOrdersRequest(),
        "ListOrderEvents": pb.ListOrderEventsRequest(order_id=order_id),
        "CreateOrder": pb.CreateOrderRequest(terms=asked),
    }
    server.statements.forget()
    await getattr(booking, method)(requests[method], metadata=as_user(BUYER))
    assert server.statements.count(method) <= most
