"""US business days: holidays as the government lists them, and the window in which content comes back."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.support.legal.business_days import (
    ZONE,
    business_day_after,
    federal_holidays,
    is_business_day,
    restore_window,
)


@pytest.mark.parametrize(
    ("year", "days"),
    [
        (2021, "01-01 01-18 02-15 05-31 06-18 07-05 09-06 10-11 11-11 11-25 12-24"),
        (2026, "01-01 01-19 02-16 05-25 06-19 07-03 09-07 10-12 11-11 11-26 12-25"),
        (2027, "01-01 01-18 02-15 05-31 06-18 07-05 09-06 10-11 11-11 11-25 12-24"),
    ],
)
def test_holidays_are_those_that_the_government_lists(year: int, days: str) -> None:
    assert federal_holidays(year) == {date.fromisoformat(f"{year}-{day}") for day in days.split()}


def test_new_year_may_be_observed_in_the_year_before() -> None:
    assert date(2021, 12, 31) in federal_holidays(2022)
    assert not is_business_day(date(2021, 12, 31))


def test_juneteenth_counts_since_it_is_a_holiday() -> None:
    assert is_business_day(date(2020, 6, 19))
    assert not is_business_day(date(2024, 6, 19))


@pytest.mark.parametrize(
    ("received", "tenth", "fourteenth"),
    [
        ("2026-03-02", "2026-03-16", "2026-03-20"),
        ("2026-11-20", "2026-12-07", "2026-12-11"),
        ("2026-12-18", "2027-01-05", "2027-01-11"),
        ("2026-03-07", "2026-03-20", "2026-03-26"),
    ],
)
def test_the_day_of_receipt_does_not_count(received: str, tenth: str, fourteenth: str) -> None:
    day = date.fromisoformat(received)
    assert business_day_after(day, 10) == date.fromisoformat(tenth)
    assert business_day_after(day, 14) == date.fromisoformat(fourteenth)


def test_the_window_is_counted_where_the_platform_is() -> None:
    late_on_monday = datetime(2026, 3, 3, 4, 59, tzinfo=UTC)
    window = restore_window(late_on_monday)
    assert window.start == datetime(2026, 3, 16, 4, tzinfo=UTC)
    assert window.tenth_day_over == datetime(2026, 3, 17, 4, tzinfo=UTC)
    assert window.end == datetime(2026, 3, 21, 4, tzinfo=UTC)


@given(st.integers(0, 365 * 20))
def test_ten_and_fourteen_business_days_lie_in_the_window(offset: int) -> None:
    received = datetime(2024, 1, 1, 12, tzinfo=UTC) + timedelta(days=offset)
    window = restore_window(received)
    first, last = window.start.astimezone(ZONE).date(), (window.end - timedelta(seconds=1)).astimezone(ZONE).date()
    days = [received.astimezone(ZONE).date() + timedelta(days=number) for number in range(1, 40)]
    business = [day for day in days if is_business_day(day)]
    assert (business[9], business[13]) == (first, last)
