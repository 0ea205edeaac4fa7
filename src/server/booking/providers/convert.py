"""Providers and their time: protobuf and domain, in both directions."""

from collections.abc import Iterator
from datetime import timedelta

from google.api.httpbody_pb2 import HttpBody

from callsheet.booking.v1 import provider_pb2 as pb
from server.booking.cancellation import CancellationPolicy
from server.booking.providers.domain import Obstacle, ObstacleKind, ProviderProfile
from server.booking.providers.hours import WEEK, Interval, Weekday, Window, WorkingHours, clock_text, minutes_of
from server.booking.providers.usecases import CheckAvailability, SetAvailability, UpsertProviderProfile
from server.core.call import Actor
from server.core.grpc.proto import EnumMap, instant, timestamp

POLICIES = EnumMap(pb.CancellationPolicy, CancellationPolicy, "CANCELLATION_POLICY_", pb.CancellationPolicy.ValueType)
WEEKDAYS = EnumMap(pb.Weekday, Weekday, "WEEKDAY_", pb.Weekday.ValueType)
OBSTACLES = EnumMap(pb.ObstacleKind, ObstacleKind, "OBSTACLE_KIND_", pb.ObstacleKind.ValueType)


def upsert_provider_profile(request: pb.UpsertProviderProfileRequest, actor: Actor) -> UpsertProviderProfile:
    return UpsertProviderProfile(
        actor=actor,
        time_zone=request.time_zone,
        travel_buffer=timedelta(minutes=request.travel_buffer_minutes),
        cancellation_policy=POLICIES.member(request.cancellation_policy),
    )


def upsert_provider_profile_response(profile: ProviderProfile) -> pb.UpsertProviderProfileResponse:
    """The provider's own, nothing hidden."""
    return pb.UpsertProviderProfileResponse(provider_profile=_profile(profile, hidden=False))


def get_provider_profile_response(profile: ProviderProfile, viewer: Actor) -> pb.GetProviderProfileResponse:
    hidden = not (viewer.sees_everybody or viewer.user_id == profile.provider_user_id)
    return pb.GetProviderProfileResponse(provider_profile=_profile(profile, hidden=hidden))


def set_availability(request: pb.SetAvailabilityRequest, actor: Actor) -> SetAvailability:
    return SetAvailability(
        actor=actor,
        hours={
            day: [
                Interval(minutes_of(interval.opens), minutes_of(interval.closes))
                for interval in request.working_hours
                if WEEKDAYS.member(interval.weekday) is day
            ]
            for day in {WEEKDAYS.member(interval.weekday) for interval in request.working_hours}
        },
        blackouts=[
            Window(
                instant(window.start_ts, f"blackouts[{index}].start_ts"),
                instant(window.end_ts, f"blackouts[{index}].end_ts"),
            )
            for index, window in enumerate(request.blackouts)
        ],
    )


def set_availability_response(profile: ProviderProfile) -> pb.SetAvailabilityResponse:
    """The provider's own, nothing hidden."""
    return pb.SetAvailabilityResponse(provider_profile=_profile(profile, hidden=False))


def check_availability(request: pb.CheckAvailabilityRequest) -> CheckAvailability:
    return CheckAvailability(
        provider_user_id=request.provider_user_id,
        asked=Window(instant(request.start_ts, "start_ts"), instant(request.end_ts, "end_ts")),
    )


def check_availability_response(obstacles: list[Obstacle]) -> pb.CheckAvailabilityResponse:
    return pb.CheckAvailabilityResponse(
        available=not obstacles,
        obstacles=[
            pb.Obstacle(kind=OBSTACLES.number(obstacle.kind), window=_window(obstacle.window)) for obstacle in obstacles
        ],
    )


def rotate_calendar_link_response(url: str) -> pb.RotateCalendarLinkResponse:
    return pb.RotateCalendarLinkResponse(url=url)


def revoke_calendar_link_response(_: None) -> pb.RevokeCalendarLinkResponse:
    return pb.RevokeCalendarLinkResponse()


def calendar_feed(text: str) -> HttpBody:
    return HttpBody(content_type="text/calendar; charset=utf-8", data=text.encode())


def _profile(profile: ProviderProfile, *, hidden: bool) -> pb.ProviderProfile:
    """As everybody may see it, or whole."""
    availability = profile.availability
    return pb.ProviderProfile(
        provider_user_id=profile.provider_user_id,
        time_zone=availability.time_zone,
        travel_buffer_minutes=availability.travel_buffer // timedelta(minutes=1),
        cancellation_policy=POLICIES.number(profile.cancellation_policy),
        working_hours=_intervals(availability.hours),
        blackouts=() if hidden else map(_window, availability.blackouts),
        payouts_enabled=profile.payouts_enabled,
        strikes=0 if hidden else profile.strikes,
        has_calendar_link=not hidden and profile.has_calendar_link,
        created_at=timestamp(profile.created_at),
        updated_at=timestamp(profile.updated_at),
    )


def _intervals(hours: WorkingHours) -> Iterator[pb.WorkingInterval]:
    for day in WEEK:
        for interval in hours.get(day, ()):
            yield pb.WorkingInterval(
                weekday=WEEKDAYS.number(day), opens=clock_text(interval.opens), closes=clock_text(interval.closes)
            )


def _window(window: Window) -> pb.TimeWindow:
    return pb.TimeWindow(start_ts=timestamp(window.start), end_ts=timestamp(window.end))
