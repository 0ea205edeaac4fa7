"""Booking over a socket: what its RPCs answer, refuse, store and cost."""

from datetime import UTC, datetime, timedelta

from google.protobuf.timestamp_pb2 import Timestamp

from callsheet.booking.v1 import booking_pb2 as pb
from callsheet.booking.v1 import order_pb2
from callsheet.booking.v1.booking_pb2_grpc import BookingServiceStub
from tests.rpc.harness import Running, as_user

BUYER, PROVIDER, STRANGER = "usr_buyer", "usr_provider", "usr_stranger"


def stamp(at: datetime) -> Timestamp:
    message = Timestamp()
    message.FromDatetime(at)
    return message


async def offered(booking: BookingServiceStub, hourly_cents: int = 10_000) -> str:
    """A service profile of the provider; its id."""
    answer = await booking.UpsertServiceProfile(
        pb.UpsertServiceProfileRequest(title="Portraits", city="berlin", hourly_cents=hourly_cents, currency="usd"),
        metadata=as_user(PROVIDER),
    )
    return answer.service_profile.service_profile_id


def terms(
    service_profile_id: str, *, hours: float = 2.5, tip_cents: int = 500, **changes: object
) -> order_pb2.BookingTerms:
    start = datetime.now(UTC) + timedelta(days=20)
    return order_pb2.BookingTerms(
        service_profile_id=service_profile_id,
        mode=order_pb2.BOOKING_MODE_RTB,
        start_ts=stamp(start),
        end_ts=stamp(start + timedelta(hours=hours)),
        time_zone="Europe/Berlin",
        location_kind=order_pb2.LOCATION_KIND_BUYER,
        location_address="Somewhere 1, Berlin",
        tip_cents=500,
    )


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
