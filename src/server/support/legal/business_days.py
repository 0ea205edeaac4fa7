"""Business days of the United States, as the copyright law counts them. Pure.

Federal holidays follow from the law (5 U.S.C. 6103), so they are computed: a list would end one day. One on a Saturday
is observed on the Friday before, one on a Sunday on the Monday after.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("America/New_York")
RESTORED_FROM, RESTORED_UNTIL = 10, 14
_MONDAY, _THURSDAY, _SATURDAY, _SUNDAY = 0, 3, 5, 6
_ONE_DAY = timedelta(days=1)
_JUNETEENTH_SINCE = 2021


@dataclass(frozen=True, slots=True)
class RestoreWindow:
    """From the first to the last instant at which content is put back after a counter-notice."""

    start: datetime
    end: datetime

    @property
    def tenth_day_over(self) -> datetime:
        """Not less than ten business days have passed when the tenth is over."""
        return _midnight(self.start.astimezone(ZONE).date() + _ONE_DAY)


def restore_window(received_at: datetime) -> RestoreWindow:
    """Business days ten to fourteen after the day of receipt, in the zone of the platform's agent."""
    received = received_at.astimezone(ZONE).date()
    return RestoreWindow(
        _midnight(business_day_after(received, RESTORED_FROM)),
        _midnight(business_day_after(received, RESTORED_UNTIL) + _ONE_DAY),
    )


def business_day_after(day: date, count: int) -> date:
    """The business day that is so many after a day; the day itself does not count."""
    while count > 0:
        day += _ONE_DAY
        count -= is_business_day(day)
    return day


def is_business_day(day: date) -> bool:
    """Neither weekend nor federal holiday; New Year's Day may be observed in the year before."""
    holidays = federal_holidays(day.year) | federal_holidays(day.year + 1)
    return day.weekday() < _SATURDAY and day not in holidays


@cache
def federal_holidays(year: int) -> frozenset[date]:
    """The days on which a year's federal holidays are observed."""
    fixed = [date(year, 1, 1), date(year, 7, 4), date(year, 11, 11), date(year, 12, 25)]
    if year >= _JUNETEENTH_SINCE:
        fixed.append(date(year, 6, 19))
    return frozenset(
        {
            *map(_observed, fixed),
            _nth(year, 1, _MONDAY, 3),
            _nth(year, 2, _MONDAY, 3),
            _nth(year, 6, _MONDAY, 1) - timedelta(weeks=1),
            _nth(year, 9, _MONDAY, 1),
            _nth(year, 10, _MONDAY, 2),
            _nth(year, 11, _THURSDAY, 4),
        }
    )


def _observed(day: date) -> date:
    if day.weekday() == _SATURDAY:
        return day - _ONE_DAY
    return day + _ONE_DAY if day.weekday() == _SUNDAY else day


def _nth(year: int, month: int, weekday: int, number: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7, weeks=number - 1)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), ZONE).astimezone(UTC)
