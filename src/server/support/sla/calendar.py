"""Working time: which instants count towards a deadline. Pure arithmetic over an IANA zone.

An instant is working time if the wall clock then shows a time within one of the weekday's intervals and the day is no
holiday. Where a clock goes back, an interval begins at the first and ends at the last instant that shows its time;
where one goes forward, a time that is skipped is the instant of the skip.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from types import MappingProxyType
from zoneinfo import ZoneInfo

from server.core.clock import is_zone
from server.core.errors import FieldInvalid, Violation

MOST_INTERVALS = 8
MOST_HOLIDAYS = 400
_MIDNIGHT = time(0)
_ONE_DAY = timedelta(days=1)


class Weekday(StrEnum):
    """A day of the week."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


_BY_NUMBER = tuple(Weekday)


@dataclass(frozen=True, slots=True)
class Interval:
    """Local times of one day, from the first up to the second; an end of 00:00 is the midnight that ends the day."""

    start: time
    end: time


@dataclass(frozen=True, slots=True)
class WorkingTime:
    """A week, the days that are taken out of it, and the zone in which both are meant."""

    time_zone: str
    week: Mapping[Weekday, tuple[Interval, ...]]
    holidays: frozenset[date]
    _days: dict[date, tuple[tuple[datetime, datetime], ...]] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )
    """Days that were converted to instants before; a deadline walks the same ones again and again."""

    def after(self, start: datetime, amount: timedelta) -> datetime:
        """The instant at which that much working time has passed since the start."""
        for begin, end in self._spans(start):
            begin = max(begin, start)
            if amount <= end - begin:
                return begin + amount
            amount -= end - begin
        raise AssertionError("a checked calendar has working time in every year")

    def between(self, start: datetime, end: datetime) -> timedelta:
        """How much working time lies between two instants; nothing where the second is not later."""
        total = timedelta(0)
        for begin, finish in self._spans(start):
            if begin >= end:
                return total
            total += min(finish, end) - max(begin, start)
        raise AssertionError("a checked calendar has working time in every year")

    def _spans(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The spans of working time that end after the start, in order."""
        day = start.astimezone(ZoneInfo(self.time_zone)).date()
        while True:
            for begin, end in self._day(day):
                if end > start:
                    yield begin, end
            day += _ONE_DAY

    def _day(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        known = self._days.get(day)
        if known is None:
            known = self._days[day] = tuple(self._instants(day))
        return known

    def _instants(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        if day in self.holidays:
            return
        zone = ZoneInfo(self.time_zone)
        for interval in self.week.get(_BY_NUMBER[day.weekday()], ()):
            begin = _instant(datetime.combine(day, interval.start), zone, last=False)
            last_day = day + _ONE_DAY if interval.end == _MIDNIGHT else day
            end = _instant(datetime.combine(last_day, interval.end), zone, last=interval.end != _MIDNIGHT)
            if begin < end:
                yield begin, end


def working_time(
    time_zone: str, week: Mapping[Weekday, tuple[Interval, ...]], holidays: frozenset[date]
) -> WorkingTime:
    """A calendar that is fit to count by; FieldInvalid names what is not."""
    violations = [*_zone_violations(time_zone), *_week_violations(week)]
    if len(holidays) > MOST_HOLIDAYS:
        violations.append(Violation("holidays", f"must be at most {MOST_HOLIDAYS}"))
    if violations:
        raise FieldInvalid(*violations)
    return WorkingTime(time_zone, MappingProxyType(dict(week)), holidays)


def _zone_violations(time_zone: str) -> Iterator[Violation]:
    if not is_zone(time_zone):
        yield Violation("time_zone", "must be an IANA zone, such as America/New_York")


def _week_violations(week: Mapping[Weekday, tuple[Interval, ...]]) -> Iterator[Violation]:
    if not any(week.values()):
        yield Violation("hours", "must have at least one interval a week")
    for day, intervals in week.items():
        if len(intervals) > MOST_INTERVALS:
            yield Violation("hours", f"must be at most {MOST_INTERVALS} on {day}")
        previous: time | None = _MIDNIGHT
        for interval in intervals:
            if previous is None or interval.start < previous:
                yield Violation("hours", f"must be in order and apart from each other on {day}")
            if _MIDNIGHT < interval.end <= interval.start:
                yield Violation("hours", f"must end after they start on {day}")
            previous = None if interval.end == _MIDNIGHT else interval.end


def _instant(local: datetime, zone: ZoneInfo, *, last: bool) -> datetime:
    """The first or the last instant at which the zone's clocks show that time; a skipped time is the skip's instant."""
    early, late = (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if late < early:
        return _skip(zone, late, early)
    return late if last else early


def _skip(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """When the zone's offset changes between two instants, to the second."""
    offset = after.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        if middle.astimezone(zone).utcoffset() == offset:
            after = middle
        else:
            before = middle
    return after.replace(microsecond=0)
