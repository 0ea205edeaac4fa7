"""What a provider is and when they have time. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from server.booking.cancellation import CancellationPolicy
from server.booking.providers.hours import Window, WorkingHours, time_off


@dataclass(frozen=True, slots=True)
class Availability:
    """When a provider works and when not. Somebody who said nothing has time whenever they are not booked."""

    time_zone: str = "UTC"
    travel_buffer: timedelta = timedelta(0)
    hours: WorkingHours = field(default_factory=dict)
    blackouts: tuple[Window, ...] = ()


@dataclass(frozen=True, slots=True)
class ProviderProfile:
    """What a provider is, apart from what they offer."""

    provider_user_id: str
    cancellation_policy: CancellationPolicy
    availability: Availability
    payouts_enabled: bool
    strikes: int
    has_calendar_link: bool
    created_at: datetime
    updated_at: datetime


class ObstacleKind(StrEnum):
    """Why a provider has no time."""

    BOOKED = "booked"
    BLACKOUT = "blackout"
    OUTSIDE_WORKING_HOURS = "outside_working_hours"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A part of the asked time in which a provider has none."""

    window: Window
    kind: ObstacleKind


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """A booking as the provider's calendar shows it."""

    order_id: str
    title: str
    window: Window
    changed_at: datetime


def busy_range(asked: Window, travel_buffer: timedelta) -> Window:
    """What a booking of that time keeps free of others: its time, and the buffer after it."""
    return Window(asked.start, asked.end + travel_buffer)


def obstacles(availability: Availability, asked: Window, busy: Iterable[Window]) -> list[Obstacle]:
    """What stands in the way of a booking, earliest first. `busy` are the times for which others hold their slots;
    these must keep clear of the buffer too, as the slots of two bookings must.
    """
    parts: Mapping[ObstacleKind, Iterable[Window | None]] = {
        ObstacleKind.BOOKED: (taken.within(busy_range(asked, availability.travel_buffer)) for taken in busy),
        ObstacleKind.BLACKOUT: (blackout.within(asked) for blackout in availability.blackouts),
        ObstacleKind.OUTSIDE_WORKING_HOURS: time_off(availability.hours, availability.time_zone, asked),
    }
    found = [Obstacle(window, kind) for kind, windows in parts.items() for window in windows if window is not None]
    return sorted(found, key=lambda obstacle: (obstacle.window, obstacle.kind))
