"""Working time: across days, holidays and both changes of the clock."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.errors import FieldInvalid
from server.support.sla.calendar import Interval, Weekday, WorkingTime, working_time

WORKDAYS = (Weekday.MONDAY, Weekday.TUESDAY, Weekday.WEDNESDAY, Weekday.THURSDAY, Weekday.FRIDAY)
MINUTE = timedelta(minutes=1)


def hours(text: str) -> tuple[Interval, ...]:
    """`09:00-12:00 13:00-18:00` as intervals."""
    pairs = (part.split("-") for part in text.split())
    return tuple(Interval(time.fromisoformat(start), time.fromisoformat(end)) for start, end in pairs)


def calendar(
    zone: str, text: str, days: tuple[Weekday, ...] = WORKDAYS, holidays: frozenset[date] = frozenset()
) -> WorkingTime:
    return working_time(zone, dict.fromkeys(days, hours(text)), holidays)


def at(zone: str, text: str, *, fold: int = 0) -> datetime:
    """A local time as an instant."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"
OFFICE = calendar(BERLIN, "09:00-12:00 13:00-18:00")


@pytest.mark.parametrize(
    ("start", "length", "end"),
    [
        ("2026-03-02 10:00", 1, "2026-03-02 11:00"),
        ("2026-03-02 11:30", 1, "2026-03-02 13:30"),
        ("2026-03-02 11:00", 1, "2026-03-02 12:00"),
        ("2026-03-02 07:00", 1, "2026-03-02 10:00"),
        ("2026-03-06 17:30", 1, "2026-03-09 09:30"),
        ("2026-03-07 12:00", 8, "2026-03-09 18:00"),
        ("2026-03-02 09:00", 16, "2026-03-03 18:00"),
    ],
)
def test_working_time_passes_in_working_hours(start: str, length: int, end: str) -> None:
    assert OFFICE.after(at(BERLIN, start), timedelta(hours=length)) == at(BERLIN, end)
    assert OFFICE.between(at(BERLIN, start), at(BERLIN, end)) == timedelta(hours=length)


def test_a_holiday_has_no_working_time() -> None:
    closed = calendar(BERLIN, "09:00-17:00", holidays=frozenset({date(2026, 12, 24), date(2026, 12, 25)}))
    assert closed.after(at(BERLIN, "2026-12-23 16:00"), timedelta(hours=2)) == at(BERLIN, "2026-12-28 10:00")


@pytest.mark.parametrize(("day", "length"), [("2026-03-08", 23), ("2026-11-01", 25), ("2026-03-09", 24)])
def test_a_whole_day_is_as_long_as_its_zone_makes_it(day: str, length: int) -> None:
    always = calendar(NEW_YORK, "00:00-00:00", tuple(Weekday))
    start = at(NEW_YORK, f"{day} 00:00")
    assert always.between(start, start + timedelta(hours=length)) == timedelta(hours=length)
    assert always.after(start, timedelta(hours=length)) == at(
        NEW_YORK, f"{date.fromisoformat(day) + timedelta(days=1)} 00:00"
    )


def test_a_skipped_time_is_the_instant_of_the_skip() -> None:
    night = calendar(NEW_YORK, "02:30-05:00", (Weekday.SUNDAY,))
    midnight, noon = at(NEW_YORK, "2026-03-08 00:00"), at(NEW_YORK, "2026-03-08 12:00")
    assert night.between(midnight, noon) == timedelta(hours=2)
    assert night.after(midnight, MINUTE) == at(NEW_YORK, "2026-03-08 03:01")
    assert calendar(NEW_YORK, "01:00-02:30", (Weekday.SUNDAY,)).between(midnight, noon) == timedelta(hours=1)


def test_a_skipped_interval_is_none() -> None:
    skipped = calendar(NEW_YORK, "02:10-02:50", (Weekday.SUNDAY,))
    midnight, noon = at(NEW_YORK, "2026-03-08 00:00"), at(NEW_YORK, "2026-03-08 12:00")
    assert skipped.between(midnight, noon) == timedelta(0)


def test_a_repeated_time_is_in_its_interval_twice() -> None:
    night = calendar(NEW_YORK, "01:15-03:00", (Weekday.SUNDAY,))
    midnight = at(NEW_YORK, "2026-11-01 00:00")
    assert night.between(midnight, midnight + timedelta(hours=12)) == timedelta(hours=2, minutes=45)
    ends_within = calendar(NEW_YORK, "00:30-01:30", (Weekday.SUNDAY,))
    assert ends_within.after(midnight, timedelta(hours=2)) == at(NEW_YORK, "2026-11-01 01:30", fold=1)


NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
OCTOBER = datetime(2026, 10, 20, tzinfo=UTC)
instants = st.integers(0, 60 * 60 * 24 * 365).map(lambda seconds: NEW_YEAR + timedelta(seconds=seconds))
lengths = st.integers(0, 60 * 24 * 20).map(lambda minutes: timedelta(minutes=minutes))
calendars = st.sampled_from(
    [
        OFFICE,
        calendar(NEW_YORK, "00:00-02:30 03:30-00:00", tuple(Weekday)),
        calendar("Australia/Lord_Howe", "01:45-02:15 10:00-11:00", (Weekday.SUNDAY, Weekday.MONDAY)),
        calendar("Asia/Kathmandu", "22:00-00:00", WORKDAYS, frozenset({date(2026, 3, 8), date(2026, 11, 1)})),
    ]
)


@given(calendars, instants, lengths)
def test_what_is_counted_off_is_what_is_counted(working: WorkingTime, start: datetime, length: timedelta) -> None:
    assert working.between(start, working.after(start, length)) == length


@given(calendars, instants, lengths, lengths)
def test_time_adds_up(working: WorkingTime, start: datetime, first: timedelta, second: timedelta) -> None:
    middle, end = start + first, start + first + second
    assert working.between(start, middle) + working.between(middle, end) == working.between(start, end)
    assert working.after(start, first) <= working.after(start, first + second)


@given(st.integers(0, 60 * 24 * 19), st.integers(0, 60 * 24 * 6))
def test_it_agrees_with_a_look_at_the_clock_each_minute(offset: int, minutes: int) -> None:
    start = OCTOBER + MINUTE * offset
    shift = calendar(NEW_YORK, "03:00-11:30 12:15-00:00")
    seen = sum(
        WORKDAYS.count(tuple(Weekday)[local.weekday()])
        for local in ((start + MINUTE * step).astimezone(ZoneInfo(NEW_YORK)) for step in range(minutes))
        if time(3) <= local.time() < time(11, 30) or local.time() >= time(12, 15)
    )
    assert shift.between(start, start + MINUTE * minutes) == MINUTE * seen


@pytest.mark.parametrize(
    ("zone", "text", "field"),
    [
        ("Mars/Olympus", "09:00-17:00", "time_zone"),
        ("../etc/passwd", "09:00-17:00", "time_zone"),
        (BERLIN, "", "hours"),
        (BERLIN, "17:00-09:00", "hours"),
        (BERLIN, "09:00-09:00", "hours"),
        (BERLIN, "09:00-12:00 11:00-13:00", "hours"),
        (BERLIN, "13:00-14:00 09:00-12:00", "hours"),
        (BERLIN, "09:00-00:00 10:00-11:00", "hours"),
        (BERLIN, " ".join(f"{hour:02}:00-{hour:02}:30" for hour in range(9)), "hours"),
    ],
)
def test_a_calendar_that_cannot_be_counted_by_is_refused(zone: str, text: str, field: str) -> None:
    with pytest.raises(FieldInvalid) as refused:
        calendar(zone, text)
    assert {violation.field for violation in refused.value.violations} == {field}


def test_too_many_holidays_are_refused() -> None:
    days = frozenset(date(2026, 1, 1) + timedelta(days=day) for day in range(401))
    with pytest.raises(FieldInvalid, match="holidays: must be at most 400"):
        calendar(BERLIN, "09:00-17:00", holidays=days)
