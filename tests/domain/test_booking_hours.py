"""Working hours over the days on which clocks change, and what stands in the way of a booking."""

from datetime import UTC, datetime, timedelta

import pytest

from server.booking.providers.domain import Availability, Obstacle, ObstacleKind, obstacles
from server.booking.providers.hours import (
    MINUTES_A_DAY,
    WEEK,
    Interval,
    Weekday,
    Window,
    WorkingHours,
    checked,
    minutes_of,
    time_off,
)
from server.core.errors import FieldInvalid

BERLIN = "Europe/Berlin"
NINE_TO_FIVE: WorkingHours = {day: (Interval(minutes_of("09:00"), minutes_of("17:00")),) for day in WEEK}
AROUND_THE_CLOCK: WorkingHours = {day: (Interval(0, MINUTES_A_DAY),) for day in WEEK}


def window(start: str, end: str) -> Window:
    """From one instant to another, both in UTC."""
    return Window(datetime.fromisoformat(start).replace(tzinfo=UTC), datetime.fromisoformat(end).replace(tzinfo=UTC))


def test_somebody_without_hours_works_at_any_time() -> None:
    assert time_off({}, BERLIN, window("2026-06-01T00:00", "2026-06-08T00:00")) == []


def test_hours_are_meant_in_the_zone_of_the_provider() -> None:
    assert time_off(NINE_TO_FIVE, BERLIN, window("2026-06-01T07:00", "2026-06-01T15:00")) == []
    assert time_off(NINE_TO_FIVE, BERLIN, window("2026-06-01T06:00", "2026-06-01T16:00")) == [
        window("2026-06-01T06:00", "2026-06-01T07:00"),
        window("2026-06-01T15:00", "2026-06-01T16:00"),
    ]


def test_hours_that_meet_at_midnight_have_no_gap() -> None:
    assert time_off(AROUND_THE_CLOCK, BERLIN, window("2026-06-01T00:00", "2026-06-08T00:00")) == []


@pytest.mark.parametrize(
    "zone", [BERLIN, "America/New_York", "America/Sao_Paulo", "Asia/Beirut", "Australia/Lord_Howe"]
)
@pytest.mark.parametrize("year", [2012, 2018, 2026])
def test_around_the_clock_has_no_gap_on_any_day_of_a_year(zone: str, year: int) -> None:
    whole = Window(datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC))
    assert time_off(AROUND_THE_CLOCK, zone, whole) == []


@pytest.mark.parametrize(
    ("day", "opens", "closes"),
    [
        ("2026-03-28", "08:00", "16:00"),
        ("2026-03-29", "07:00", "15:00"),
        ("2026-10-24", "07:00", "15:00"),
        ("2026-10-25", "08:00", "16:00"),
    ],
)
def test_nine_oclock_stays_nine_oclock_when_clocks_change(day: str, opens: str, closes: str) -> None:
    whole_day = window(f"{day}T03:00", f"{day}T20:00")
    assert time_off(NINE_TO_FIVE, BERLIN, whole_day) == [
        window(f"{day}T03:00", f"{day}T{opens}"),
        window(f"{day}T{closes}", f"{day}T20:00"),
    ]


def test_a_time_that_is_skipped_is_the_instant_of_the_skip() -> None:
    sunday: WorkingHours = {Weekday.SUNDAY: (Interval(minutes_of("02:30"), minutes_of("04:00")),)}
    assert time_off(sunday, BERLIN, window("2026-03-29T00:30", "2026-03-29T02:00")) == [
        window("2026-03-29T00:30", "2026-03-29T01:00")
    ]


def test_a_time_that_comes_twice_is_worked_twice() -> None:
    sunday: WorkingHours = {Weekday.SUNDAY: (Interval(minutes_of("02:00"), minutes_of("02:30")),)}
    assert time_off(sunday, BERLIN, window("2026-10-25T00:00", "2026-10-25T01:30")) == []


@pytest.mark.parametrize(
    ("intervals", "rule"),
    [
        ([Interval(600, 600)], "must close after they open on monday"),
        ([Interval(600, 540)], "must close after they open on monday"),
        ([Interval(540, 720), Interval(700, 800)], "must not overlap on monday"),
        ([Interval(at, at + 10) for at in range(0, 180, 20)], "must be at most 8 on monday"),
    ],
)
def test_hours_that_cannot_be_are_refused(intervals: list[Interval], rule: str) -> None:
    with pytest.raises(FieldInvalid) as refused:
        checked({Weekday.MONDAY: intervals})
    assert rule in {violation.rule for violation in refused.value.violations}


def test_hours_may_come_in_any_order() -> None:
    assert checked({Weekday.MONDAY: [Interval(780, 1020), Interval(540, 720)]}) == {
        Weekday.MONDAY: (Interval(540, 720), Interval(780, 1020))
    }


def test_obstacles_are_clipped_and_in_order() -> None:
    availability = Availability(
        time_zone=BERLIN, hours=NINE_TO_FIVE, blackouts=(window("2026-06-01T10:00", "2026-06-03T00:00"),)
    )
    asked = window("2026-06-01T14:00", "2026-06-01T16:00")
    busy = [window("2026-06-01T13:00", "2026-06-01T14:30")]
    assert obstacles(availability, asked, busy) == [
        Obstacle(window("2026-06-01T14:00", "2026-06-01T14:30"), ObstacleKind.BOOKED),
        Obstacle(asked, ObstacleKind.BLACKOUT),
        Obstacle(window("2026-06-01T15:00", "2026-06-01T16:00"), ObstacleKind.OUTSIDE_WORKING_HOURS),
    ]


def test_a_booking_keeps_its_buffer_free_too() -> None:
    asked = window("2026-06-01T10:00", "2026-06-01T12:00")
    next_booking = [window("2026-06-01T12:30", "2026-06-01T14:00")]
    assert obstacles(Availability(), asked, next_booking) == []
    assert obstacles(Availability(travel_buffer=timedelta(minutes=30)), asked, next_booking) == []
    assert obstacles(Availability(travel_buffer=timedelta(minutes=31)), asked, next_booking) == [
        Obstacle(window("2026-06-01T12:30", "2026-06-01T12:31"), ObstacleKind.BOOKED)
    ]
