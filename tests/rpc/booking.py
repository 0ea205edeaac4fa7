"""What the tests of booking's RPCs share: people, a provider's offer, and the order that is asked for."""

from datetime import UTC, datetime, timedelta
from typing import cast

from google.protobuf.timestamp_pb2 import Timestamp

from callsheet.booking.v1 import offering_pb2, order_pb2, ordering_pb2, provider_pb2
from callsheet.booking.v1.booking_pb2_grpc import BookingServiceStub
from tests.rpc.harness import Running, as_user

BUYER, PROVIDER, STRANGER = "usr_buyer", "usr_provider", "usr_stranger"


def stamp(at: datetime) -> Timestamp:
    message = Timestamp()
    message.FromDatetime(at)
    return message


async def offered(booking: BookingServiceStub, hourly_cents: int = 10_000) -> str:
    """A service profile of the provider; its id."""
    request = offering_pb2.UpsertServiceProfileRequest(
        title="Portraits", city="berlin", hourly_cents=hourly_cents, currency="usd"
    )
    answer = await booking.UpsertServiceProfile(request, metadata=as_user(PROVIDER))
    return answer.service_profile.service_profile_id


async def package_of(booking: BookingServiceStub, profile: str, price_cents: int = 80_000, **changes: object) -> str:
    """A package of the provider's profile; its id."""
    request = offering_pb2.UpsertPackageRequest(service_profile_id=profile, title="A day", price_cents=price_cents)
    change(request, changes)
    return (await booking.UpsertPackage(request, metadata=as_user(PROVIDER))).package.package_id


async def rate_of(
    booking: BookingServiceStub, profile: str, kind: offering_pb2.RateKind.ValueType, code: str, unit_cents: int
) -> offering_pb2.Rate:
    """A rate of the provider's profile."""
    request = offering_pb2.UpsertRateRequest(
        service_profile_id=profile, kind=kind, code=code, title=code.capitalize(), unit_cents=unit_cents
    )
    return (await booking.UpsertRate(request, metadata=as_user(PROVIDER))).rate


async def described(booking: BookingServiceStub, **changes: object) -> provider_pb2.ProviderProfile:
    """The provider's profile."""
    request = provider_pb2.UpsertProviderProfileRequest(
        time_zone="Europe/Berlin",
        travel_buffer_minutes=30,
        cancellation_policy=provider_pb2.CANCELLATION_POLICY_FLEXIBLE,
    )
    change(request, changes)
    return (await booking.UpsertProviderProfile(request, metadata=as_user(PROVIDER))).provider_profile


def terms(
    service_profile_id: str, *, hours: float = 2.5, tip_cents: int = 500, **changes: object
) -> order_pb2.BookingTerms:
    """What a buyer asks for, twenty days from now."""
    start = datetime.now(UTC) + timedelta(days=20)
    asked = order_pb2.BookingTerms(
        service_profile_id=service_profile_id,
        mode=order_pb2.BOOKING_MODE_RTB,
        start_ts=stamp(start),
        end_ts=stamp(start + timedelta(hours=hours)),
        time_zone="Europe/Berlin",
        location_kind=order_pb2.LOCATION_KIND_BUYER,
        location_address="Somewhere 1, Berlin",
        tip_cents=tip_cents,
    )
    change(asked, changes)
    return asked


def change(message: object, changes: dict[str, object]) -> None:
    """Sets fields by name; a timestamp is copied, a list appended to."""
    for name, value in changes.items():
        if isinstance(value, Timestamp):
            getattr(message, name).CopyFrom(value)
        elif isinstance(value, list):
            getattr(message, name).extend(value)
        else:
            setattr(message, name, value)


async def created(booking: BookingServiceStub, asked: order_pb2.BookingTerms | None = None) -> str:
    """A draft of the buyer; its id."""
    request = ordering_pb2.CreateOrderRequest(terms=asked or terms(await offered(booking)))
    return (await booking.CreateOrder(request, metadata=as_user(BUYER))).order.order_id


async def hold_slot(server: Running, order_id: str) -> tuple[datetime, datetime]:
    """Makes a draft one that holds its slot, as accepting it does; the time that it keeps busy."""
    row = await server.app.core.database.run(
        lambda tx: tx.fetchrow(
            """
            with moved as (
              update booking.order
              set status = 'accepted', holds_slot = true, pay_by = now(), shown_at = now(), version = version + 1
              where order_id = $1
              returning order_id, version, busy_from, busy_to
            ), told as (
              insert into booking.order_event
                (order_id, sequence, event_id, event, from_status, to_status, actor_kind)
              select order_id, version, 'oev_' || order_id, 'accept', 'initiated', 'accepted', 'system' from moved
            )
            select busy_from, busy_to from moved
            """,
            order_id,
        )
    )
    assert row is not None
    return cast("datetime", row["busy_from"]), cast("datetime", row["busy_to"])


async def opened_chat(server: Running, order_id: str) -> None:
    """Opens an order's chat, as confirming it does."""
    await server.app.core.database.run(
        lambda tx: tx.execute(
            """
            with opened as (
              insert into booking.chat_thread (chat_thread_id, order_id) values ('cth_' || $1, $1)
            ), moved as (
              update booking.order set chat_thread_id = 'cth_' || $1, shown_at = now(), version = version + 1
              where order_id = $1 returning order_id, version
            )
            insert into booking.order_event (order_id, sequence, event_id, event, from_status, to_status, actor_kind)
            select order_id, version, 'oev_' || order_id, 'paid', 'initiated', 'initiated', 'system' from moved
            """,
            order_id,
        )
    )
