"""A campaign's day has the length that its zone gives it, and nothing is left out or counted twice."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.promo.domain.day import QUARTER, end_of, quarters_of, start_of

ZONES = sorted(zone for zone in available_timezones() if zone != "localtime")


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", date(2026, 3, 28), 24),
        ("Europe/Berlin", date(2026, 3, 29), 23),
        ("Europe/Berlin", date(2026, 10, 25), 25),
        ("America/Santiago", date(2026, 9, 6), 23),  # clocks leap over midnight itself
        ("America/Santiago", date(2026, 4, 4), 25),  # and go back to 23:00
        ("America/Havana", date(2026, 11, 1), 25),  # 00:00 comes twice
        ("Australia/Lord_Howe", date(2026, 10, 4), 23.5),
        ("Asia/Kolkata", date(2026, 5, 1), 24),
    ],
)
def test_a_day_is_as_long_as_clocks_make_it(zone: str, day: date, hours: float) -> None:
    assert end_of(day, zone) - start_of(day, zone) == timedelta(hours=hours)
    assert len(quarters_of(day, zone)) == hours * 4


def test_an_hour_that_comes_twice_is_shown_twice() -> None:
    quarters = quarters_of(date(2026, 10, 25), "Europe/Berlin")
    assert [quarter.by_the_clock for quarter in quarters].count(2 * 4) == 2
    assert {quarter.hour_of_week for quarter in quarters} == set(range(6 * 24, 7 * 24))


@given(
    zone=st.sampled_from(ZONES),
    day=st.dates(date(2000, 1, 1), date(2037, 1, 1)),
    part=st.integers(0, 999),
)
def test_every_instant_of_a_day_has_its_date(zone: str, day: date, part: int) -> None:
    start, end = start_of(day, zone), end_of(day, zone)
    assert end.astimezone(ZoneInfo(zone)).date() > day
    if start == end:  # a zone that moved over the date line had no such day
        return
    inside = start + (end - start) * part / 1000
    dates = {at.astimezone(ZoneInfo(zone)).date() for at in (start, inside, end - timedelta(microseconds=1))}
    assert dates == {day}
    assert timedelta(0) <= len(quarters_of(day, zone)) * QUARTER - (end - start) < QUARTER
