"""The hours of a week in which somebody works, by the wall clock of their zone. Pure.

Where a clock goes back, an interval begins at the first and ends at the last instant that shows its time; where one
goes forward, a time that is skipped is the instant of the skip.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import TypeAlias
from zoneinfo import ZoneInfo

from server.core.errors import FieldInvalid, Violation

MOST_INTERVALS_A_DAY = 8
MINUTES_A_DAY = 24 * 60
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


WEEK = tuple(Weekday)


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """The time from one instant up to another."""

    start: datetime
    end: datetime

    def within(self, other: "Window") -> "Window | None":
        """The part of it that lies in the other; None where they only touch or are apart."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Window(start, end) if start < end else None


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """Minutes of a day by the wall clock, from the first up to the second; 1440 is the midnight that ends the day."""

    opens: int
    closes: int


def clock_text(minutes: int) -> str:
    """Minutes of a day as the clock shows them, such as 09:30."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def minutes_of(clock: str) -> int:
    """The minutes of a day at which the clock shows that."""
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


WorkingHours: TypeAlias = Mapping[Weekday, tuple[Interval, ...]]


def checked(hours: Mapping[Weekday, Sequence[Interval]]) -> WorkingHours:
    """The hours with each day in order; FieldInvalid names what cannot be."""
    violations: list[Violation] = []
    week: dict[Weekday, tuple[Interval, ...]] = {}
    for day, intervals in hours.items():
        week[day] = tuple(sorted(intervals))
        violations += _violations(day, week[day])
    if violations:
        raise FieldInvalid(*violations)
    return week


def _violations(day: Weekday, intervals: Sequence[Interval]) -> Iterator[Violation]:
    if len(intervals) > MOST_INTERVALS_A_DAY:
        yield Violation("working_hours", f"must be at most {MOST_INTERVALS_A_DAY} on {day}")
    if any(interval.closes <= interval.opens for interval in intervals):
        yield Violation("working_hours", f"must close after they open on {day}")
    if any(later.opens < earlier.closes for earlier, later in pairwise(intervals)):
        yield Violation("working_hours", f"must not overlap on {day}")


def time_off(hours: WorkingHours, zone_name: str, asked: Window) -> list[Window]:
    """The parts of the asked time that are not working time, in order; none where no hours are set."""
    if not hours:
        return []
    missing = []
    free_from = asked.start
    for shift in _shifts(hours, ZoneInfo(zone_name), asked):
        if shift.start > free_from:
            missing.append(Window(free_from, min(shift.start, asked.end)))
        free_from = max(free_from, shift.end)
    if free_from < asked.end:
        missing.append(Window(free_from, asked.end))
    return missing


def _shifts(hours: WorkingHours, zone: ZoneInfo, asked: Window) -> Iterator[Window]:
    """The working time of each day that the asked time touches, as instants, in order."""
    day = asked.start.astimezone(zone).date()
    last = asked.end.astimezone(zone).date()
    while day <= last:
        for interval in hours.get(WEEK[day.weekday()], ()):
            shift = Window(
                _instant(day, interval.opens, zone, last=False), _instant(day, interval.closes, zone, last=True)
            )
            if (part := shift.within(asked)) is not None:
                yield part
        day += _ONE_DAY


def _instant(day: date, minutes: int, zone: ZoneInfo, *, last: bool) -> datetime:
    """The first or the last instant at which the zone's clocks show that time of that day."""
    if minutes == MINUTES_A_DAY:
        # The midnight that ends a day is the first instant of the next, even where its clock shows midnight twice.
        day, minutes, last = day + _ONE_DAY, 0, False
    local = datetime.combine(day, time(minutes // 60, minutes % 60), zone)
    first_shown, last_shown = (local.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    if last_shown < first_shown:
        return _skip(zone, last_shown, first_shown)
    return last_shown if last else first_shown


def _skip(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """When the zone's clock went forward between two instants, to the second."""
    offset = after.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) / 2
        if middle.astimezone(zone).utcoffset() == offset:
            after = middle
        else:
            before = middle
    return after.replace(microsecond=0)
