"""Providers over a socket: their profile, their time, and their calendar."""

from datetime import UTC, datetime, timedelta

import grpc
import pytest

from callsheet.booking.v1 import provider_pb2 as pb
from callsheet.booking.v1.booking_pb2_grpc import BookingServiceStub
from server.core.call import Role
from tests.rpc.booking import BUYER, PROVIDER, STRANGER, change, created, described, hold_slot, offered, stamp, terms
from tests.rpc.harness import Running, as_user, refusal

MONDAY = datetime(2030, 6, 3, tzinfo=UTC)


def hours(*intervals: tuple[pb.Weekday.ValueType, str, str]) -> list[pb.WorkingInterval]:
    return [pb.WorkingInterval(weekday=day, opens=opens, closes=closes) for day, opens, closes in intervals]


def window(start: datetime, end: datetime) -> pb.TimeWindow:
    return pb.TimeWindow(start_ts=stamp(start), end_ts=stamp(end))


async def check(booking: BookingServiceStub, start: datetime, end: datetime) -> pb.CheckAvailabilityResponse:
    request = pb.CheckAvailabilityRequest(provider_user_id=PROVIDER, start_ts=stamp(start), end_ts=stamp(end))
    return await booking.CheckAvailability(request, metadata=as_user(BUYER))


async def test_a_profile_shows_others_what_they_may_know(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    await described(booking)
    off = window(MONDAY, MONDAY + timedelta(days=1))
    working = hours((pb.WEEKDAY_MONDAY, "09:00", "17:00"))
    request = pb.SetAvailabilityRequest(working_hours=working, blackouts=[off])
    own = (await booking.SetAvailability(request, metadata=as_user(PROVIDER))).provider_profile
    assert (list(own.working_hours), list(own.blackouts)) == (working, [off])

    asked = pb.GetProviderProfileRequest(provider_user_id=PROVIDER)
    assert (await booking.GetProviderProfile(asked, metadata=as_user(PROVIDER))).provider_profile == own
    agents = await booking.GetProviderProfile(asked, metadata=as_user("usr_agent", Role.AGENT))
    assert agents.provider_profile == own
    others = (await booking.GetProviderProfile(asked, metadata=as_user(BUYER))).provider_profile
    assert list(others.blackouts) == []
    assert (others.time_zone, others.travel_buffer_minutes, list(others.working_hours)) == (
        "Europe/Berlin",
        30,
        working,
    )
    unknown = pb.GetProviderProfileRequest(provider_user_id=STRANGER)
    assert (await refusal(booking.GetProviderProfile(unknown, metadata=as_user(BUYER)))).reason == "NOT_FOUND"


async def test_describing_oneself_again_leaves_the_availability(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    await described(booking)
    working = hours((pb.WEEKDAY_SUNDAY, "00:00", "24:00"))
    request = pb.SetAvailabilityRequest(working_hours=working)
    await booking.SetAvailability(request, metadata=as_user(PROVIDER))
    again = await described(booking, time_zone="America/New_York", travel_buffer_minutes=0)
    assert (again.time_zone, again.travel_buffer_minutes, list(again.working_hours)) == ("America/New_York", 0, working)


async def test_blackouts_that_touch_become_one(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    await described(booking)
    days = [MONDAY + timedelta(days=day) for day in range(5)]
    request = pb.SetAvailabilityRequest(
        blackouts=[window(days[1], days[2]), window(days[0], days[1]), window(days[3], days[4])]
    )
    stored = (await booking.SetAvailability(request, metadata=as_user(PROVIDER))).provider_profile
    assert list(stored.blackouts) == [window(days[0], days[2]), window(days[3], days[4])]
    cleared = await booking.SetAvailability(pb.SetAvailabilityRequest(), metadata=as_user(PROVIDER))
    assert list(cleared.provider_profile.blackouts) == []


@pytest.mark.parametrize(
    ("rpc", "changes", "field"),
    [
        ("UpsertProviderProfile", {"time_zone": "Mars/Olympus"}, "time_zone"),
        ("UpsertProviderProfile", {"travel_buffer_minutes": -1}, "travel_buffer_minutes"),
        ("UpsertProviderProfile", {"travel_buffer_minutes": 1_441}, "travel_buffer_minutes"),
        ("UpsertProviderProfile", {"cancellation_policy": 0}, "cancellation_policy"),
        ("SetAvailability", {"working_hours": hours((pb.WEEKDAY_MONDAY, "9", "17:00"))}, "working_hours[0].opens"),
        ("SetAvailability", {"working_hours": hours((pb.WEEKDAY_MONDAY, "17:00", "09:00"))}, "working_hours"),
        (
            "SetAvailability",
            {"working_hours": hours((pb.WEEKDAY_MONDAY, "09:00", "12:00"), (pb.WEEKDAY_MONDAY, "11:00", "13:00"))},
            "working_hours",
        ),
        ("SetAvailability", {"blackouts": [window(MONDAY, MONDAY)]}, "blackouts[0]"),
        ("CheckAvailability", {"end_ts": stamp(MONDAY)}, "request"),
        ("CheckAvailability", {"end_ts": stamp(MONDAY + timedelta(days=31))}, "end_ts"),
    ],
)
async def test_a_field_that_breaks_its_rule_is_named(
    server: Running, rpc: str, changes: dict[str, object], field: str
) -> None:
    booking = BookingServiceStub(server.channel)
    await described(booking)
    requests = {
        "UpsertProviderProfile": pb.UpsertProviderProfileRequest(
            time_zone="Europe/Berlin", cancellation_policy=pb.CANCELLATION_POLICY_STRICT
        ),
        "SetAvailability": pb.SetAvailabilityRequest(),
        "CheckAvailability": pb.CheckAvailabilityRequest(
            provider_user_id=PROVIDER, start_ts=stamp(MONDAY), end_ts=stamp(MONDAY + timedelta(hours=1))
        ),
    }
    change(requests[rpc], changes)
    refused = await refusal(getattr(booking, rpc)(requests[rpc], metadata=as_user(PROVIDER)))
    assert (refused.code, refused.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "FIELD_INVALID")
    assert field in refused.violations


async def test_availability_and_calendar_belong_to_a_profile(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    for call in (
        booking.SetAvailability(pb.SetAvailabilityRequest(), metadata=as_user(STRANGER)),
        booking.RotateCalendarLink(pb.RotateCalendarLinkRequest(), metadata=as_user(STRANGER)),
        booking.RevokeCalendarLink(pb.RevokeCalendarLinkRequest(), metadata=as_user(STRANGER)),
    ):
        refused = await refusal(call)
        assert (refused.code, refused.metadata["resource"]) == (
            grpc.StatusCode.NOT_FOUND,
            "the provider profile",
        )


async def test_availability_agrees_with_slots_blackouts_and_hours(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    await described(booking)
    asked = terms(await offered(booking), hours=2)
    busy_from, busy_to = await hold_slot(server, await created(booking, asked))
    assert busy_to - busy_from == timedelta(hours=2, minutes=30)
    await created(booking, asked)

    before = await check(booking, busy_from - timedelta(hours=2), busy_from - timedelta(minutes=30))
    after = await check(booking, busy_to, busy_to + timedelta(hours=1))
    assert before.available
    assert after.available
    too_close = await check(booking, busy_from - timedelta(hours=2), busy_from - timedelta(minutes=20))
    assert not too_close.available
    assert list(too_close.obstacles) == [
        pb.Obstacle(kind=pb.OBSTACLE_KIND_BOOKED, window=window(busy_from, busy_from + timedelta(minutes=10)))
    ]

    off = window(MONDAY + timedelta(hours=10), MONDAY + timedelta(hours=11))
    working = hours((pb.WEEKDAY_MONDAY, "09:00", "17:00"))
    await booking.SetAvailability(
        pb.SetAvailabilityRequest(working_hours=working, blackouts=[off]), metadata=as_user(PROVIDER)
    )
    answer = await check(booking, MONDAY + timedelta(hours=6), MONDAY + timedelta(hours=12))
    assert list(answer.obstacles) == [
        pb.Obstacle(
            kind=pb.OBSTACLE_KIND_OUTSIDE_WORKING_HOURS,
            window=window(MONDAY + timedelta(hours=6), MONDAY + timedelta(hours=7)),
        ),
        pb.Obstacle(kind=pb.OBSTACLE_KIND_BLACKOUT, window=off),
    ]


async def test_whoever_offers_something_and_said_nothing_has_time(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    missing = pb.CheckAvailabilityRequest(
        provider_user_id=PROVIDER, start_ts=stamp(MONDAY), end_ts=stamp(MONDAY + timedelta(hours=1))
    )
    assert (await refusal(booking.CheckAvailability(missing, metadata=as_user(BUYER)))).reason == "NOT_FOUND"
    await offered(booking)
    assert (await check(booking, MONDAY, MONDAY + timedelta(hours=1))).available


async def test_a_calendar_is_read_by_its_newest_link_until_it_is_revoked(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    await described(booking)
    await booking.SetAvailability(
        pb.SetAvailabilityRequest(blackouts=[window(MONDAY - timedelta(days=1400), MONDAY - timedelta(days=1000))]),
        metadata=as_user(PROVIDER),
    )
    order_id = await created(booking, terms(await offered(booking)))
    await hold_slot(server, order_id)

    first, second = [await link(booking) for _ in range(2)]
    feed = await booking.GetCalendarFeed(pb.GetCalendarFeedRequest(secret=second))
    text = feed.data.decode()
    assert feed.content_type == "text/calendar; charset=utf-8"
    assert f"UID:{order_id}@callsheet" in text
    assert "SUMMARY:Portraits" in text
    assert "Not available" in text
    assert BUYER not in text
    assert "Somewhere" not in text

    old = await refusal(booking.GetCalendarFeed(pb.GetCalendarFeedRequest(secret=first)))
    assert (old.code, old.reason) == (grpc.StatusCode.NOT_FOUND, "NOT_FOUND")
    await booking.RevokeCalendarLink(pb.RevokeCalendarLinkRequest(), metadata=as_user(PROVIDER))
    revoked = await refusal(booking.GetCalendarFeed(pb.GetCalendarFeedRequest(secret=second)))
    assert (revoked.code, revoked.message) == (old.code, old.message)
    assert second not in revoked.message


async def test_the_secret_of_a_link_is_not_stored(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    await described(booking)
    secret = await link(booking)
    rows = await server.app.core.database.run(
        lambda tx: tx.fetch("select p::text as row from booking.provider_profile p")
    )
    assert len(rows) == 1
    assert secret not in rows[0]["row"]
    assert secret.encode().hex() not in rows[0]["row"]


async def test_a_malformed_secret_is_refused_before_anything_is_read(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    server.statements.forget()
    refused = await refusal(booking.GetCalendarFeed(pb.GetCalendarFeedRequest(secret="../../etc/passwd")))
    assert (refused.code, refused.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "FIELD_INVALID")
    assert server.statements.count("GetCalendarFeed") == 0


@pytest.mark.parametrize(
    ("method", "most"),
    [
        ("UpsertProviderProfile", 2),
        ("GetProviderProfile", 1),
        ("SetAvailability", 2),
        ("CheckAvailability", 2),
        ("RotateCalendarLink", 1),
        ("RevokeCalendarLink", 1),
        ("GetCalendarFeed", 3),
    ],
)
async def test_each_rpc_keeps_its_statement_budget(server: Running, method: str, most: int) -> None:
    booking = BookingServiceStub(server.channel)
    await described(booking)
    await hold_slot(server, await created(booking))
    requests = {
        "UpsertProviderProfile": pb.UpsertProviderProfileRequest(
            time_zone="Europe/Berlin", cancellation_policy=pb.CANCELLATION_POLICY_STRICT
        ),
        "GetProviderProfile": pb.GetProviderProfileRequest(provider_user_id=PROVIDER),
        "SetAvailability": pb.SetAvailabilityRequest(),
        "CheckAvailability": pb.CheckAvailabilityRequest(
            provider_user_id=PROVIDER, start_ts=stamp(MONDAY), end_ts=stamp(MONDAY + timedelta(hours=1))
        ),
        "RotateCalendarLink": pb.RotateCalendarLinkRequest(),
        "RevokeCalendarLink": pb.RevokeCalendarLinkRequest(),
        "GetCalendarFeed": pb.GetCalendarFeedRequest(secret=await link(booking)),
    }
    server.statements.forget()
    await getattr(booking, method)(requests[method], metadata=as_user(PROVIDER))
    assert 0 < server.statements.count(method) <= most


async def link(booking: BookingServiceStub) -> str:
    """The secret of a new link."""
    answer = await booking.RotateCalendarLink(pb.RotateCalendarLinkRequest(), metadata=as_user(PROVIDER))
    prefix, _, secret = answer.url.rpartition("/")
    assert prefix.endswith("/v1/calendars")
    return secret
