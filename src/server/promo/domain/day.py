"""A day as a campaign has it: from midnight to midnight in its zone, 23 or 25 hours long twice a year."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

QUARTER = timedelta(minutes=15)
QUARTERS_BY_THE_CLOCK = 96
_KEPT_DAYS = 2_000


@dataclass(frozen=True, slots=True)
class Quarter:
    """A quarter of an hour of somebody's day: when it begins, and what their clock shows then."""

    start: datetime
    by_the_clock: int
    """0 to 95. An hour that the clock shows twice has the same numbers twice."""
    hour_of_week: int
    """0 is Monday from 00:00 to 01:00."""


def start_of(day: date, zone: str) -> datetime:
    """The first instant of a day. Where clocks leap over midnight, the day begins with the leap."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def end_of(day: date, zone: str) -> datetime:
    """The first instant that is no longer in the day."""
    return start_of(day + timedelta(days=1), zone)


@lru_cache(maxsize=_KEPT_DAYS)
def quarters_of(day: date, zone: str) -> tuple[Quarter, ...]:
    """The quarters of an hour of a day: 92, 96 or 100, as zones and days are."""
    quarters = []
    at, end, tz = start_of(day, zone), end_of(day, zone), ZoneInfo(zone)
    while at < end:
        local = at.astimezone(tz)
        quarters.append(Quarter(at, local.hour * 4 + local.minute // 15, hour_of_week(local)))
        at += QUARTER
    return tuple(quarters)


def hour_of_week(local: datetime) -> int:
    """Which hour of the week a clock shows; 0 is the first one of Monday."""
    return local.weekday() * 24 + local.hour
