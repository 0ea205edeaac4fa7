"""A rule by which bookings are accepted. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from server.booking.providers.hours import WEEK, Weekday

MOST_RULES = 50


@dataclass(frozen=True, slots=True)
class Conditions:
    """What an order must be for a rule to match. None, or no weekday, means that it does not matter."""

    min_price_cents: int | None
    weekdays: frozenset[Weekday]
    max_distance_mi: Decimal | None
    allow_ib: bool
    """Whether matching orders may be booked instantly; otherwise a request for them is accepted."""
    active: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """What a provider accepts without being asked."""

    rule_id: str
    service_profile_id: str
    conditions: Conditions
    created_at: datetime
    updated_at: datetime


def weekday_mask(weekdays: Iterable[Weekday]) -> int | None:
    """The days as bits, Monday the lowest; None for no days, which means any."""
    return sum(1 << WEEK.index(day) for day in set(weekdays)) or None


def weekdays_of(mask: int | None) -> frozenset[Weekday]:
    """The days behind the bits."""
    return frozenset(day for place, day in enumerate(WEEK) if (mask or 0) >> place & 1)


@dataclass(frozen=True, slots=True)
class Asked:
    """What rules ask of an order."""

    subtotal_cents: int
    start: datetime
    distance_mi: Decimal | None
    """None where the provider travels and nobody said how far."""


def matches(conditions: Conditions, asked: Asked, time_zone: str) -> bool:
    """Whether an order is one that the rule accepts; its weekday is meant in the provider's zone."""
    weekday = WEEK[asked.start.astimezone(ZoneInfo(time_zone)).weekday()]
    limit = conditions.max_distance_mi
    return (
        conditions.active
        and asked.subtotal_cents >= (conditions.min_price_cents or 0)
        and (not conditions.weekdays or weekday in conditions.weekdays)
        and (limit is None or (asked.distance_mi is not None and asked.distance_mi <= limit))
    )
