"""Which orders a rule accepts, and what another price or another time makes of an order."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.booking.domain.order import Order, Status
from server.booking.domain.request import Request
from server.booking.pricing import LineItemKind, line
from server.booking.providers.hours import Weekday
from server.booking.quoting import LARGEST_TOTAL_CENTS
from server.booking.repricing import agreed, check_times, moved_to, price_with, retimed
from server.booking.rules.domain import Asked, Conditions, matches
from server.core.errors import FieldInvalid
from tests.domain.test_booking_machine import NOW, order, request

ANY = Conditions(None, frozenset(), None, allow_ib=True, active=True)
HOUR = timedelta(hours=1)
STUDIO = line(LineItemKind.EXTRA, "Studio", Decimal(1), 5_000)


def by_the_hour(hours: str = "2") -> Order:
    items = (line(LineItemKind.PACKAGE, "Portraits", Decimal(hours), 10_000), STUDIO)
    made = order(Status.PENDING_ACCEPT)
    return replace(made, line_items=items, price=price_with(made, items))


@pytest.mark.parametrize(
    ("conditions", "asked", "expected"),
    [
        (ANY, Asked(0, NOW, None), True),
        (replace(ANY, active=False), Asked(100, NOW, None), False),
        (replace(ANY, min_price_cents=100), Asked(100, NOW, None), True),
        (replace(ANY, min_price_cents=100), Asked(99, NOW, None), False),
        (replace(ANY, max_distance_mi=Decimal(10)), Asked(0, NOW, Decimal("10.0")), True),
        (replace(ANY, max_distance_mi=Decimal(10)), Asked(0, NOW, Decimal("10.1")), False),
        (replace(ANY, max_distance_mi=Decimal(10)), Asked(0, NOW, None), False),
    ],
)
def test_a_rule_asks_for_price_and_distance(conditions: Conditions, asked: Asked, expected: bool) -> None:
    assert matches(conditions, asked, "UTC") is expected


@pytest.mark.parametrize(
    ("at", "zone", "day"),
    [
        ("2026-03-28T22:59", "Europe/Berlin", Weekday.SATURDAY),
        ("2026-03-28T23:00", "Europe/Berlin", Weekday.SUNDAY),
        ("2026-03-29T21:59", "Europe/Berlin", Weekday.SUNDAY),
        ("2026-03-29T22:00", "Europe/Berlin", Weekday.MONDAY),
        ("2026-10-25T22:59", "Europe/Berlin", Weekday.SUNDAY),
        ("2026-10-25T23:00", "Europe/Berlin", Weekday.MONDAY),
        ("2026-11-02T04:59", "America/New_York", Weekday.SUNDAY),
        ("2026-11-02T05:00", "America/New_York", Weekday.MONDAY),
    ],
)
def test_a_weekday_is_meant_in_the_providers_zone_even_when_clocks_change(at: str, zone: str, day: Weekday) -> None:
    asked = Asked(0, datetime.fromisoformat(at).replace(tzinfo=UTC), None)
    assert [one for one in Weekday if matches(replace(ANY, weekdays=frozenset({one})), asked, zone)] == [day]


def test_hours_follow_another_time_and_extras_do_not() -> None:
    booked = by_the_hour()
    lines = retimed(booked, booked.start_ts, booked.start_ts + timedelta(hours=3, minutes=30))
    assert [(item.title, item.qty, item.total_cents) for item in lines] == [
        ("Portraits", Decimal("3.5000"), 35_000),
        ("Studio", Decimal(1), 5_000),
    ]
    packaged = replace(booked, package_id="pkg_1")
    assert retimed(packaged, booked.start_ts, booked.start_ts + HOUR) == packaged.line_items


def test_a_booking_of_the_night_when_clocks_go_back_costs_the_hours_that_pass() -> None:
    booked = by_the_hour()
    before, after = datetime(2026, 10, 24, 22, tzinfo=UTC), datetime(2026, 10, 25, 2, tzinfo=UTC)
    assert retimed(booked, before, after)[0].total_cents == 40_000


def test_another_price_uses_no_more_credit_than_was_counted_on() -> None:
    booked = by_the_hour()
    with_credit = replace(booked, price=replace(booked.price, credit_cents=2_000))
    cheaper = price_with(with_credit, [line(LineItemKind.PACKAGE, "Portraits", Decimal(1), 8_000)])
    dearer = price_with(with_credit, [line(LineItemKind.PACKAGE, "Portraits", Decimal(1), 80_000)])
    assert (cheaper.platform_fee_cents, cheaper.credit_cents) == (1_000, 1_000)
    assert (dearer.platform_fee_cents, dearer.credit_cents) == (10_000, 2_000)


def test_a_price_beyond_the_limit_is_refused() -> None:
    with pytest.raises(FieldInvalid) as refused:
        price_with(by_the_hour(), [line(LineItemKind.PACKAGE, "Portraits", Decimal(1), LARGEST_TOTAL_CENTS)])
    assert refused.value.violations[0].field == "line_items"


@pytest.mark.parametrize(
    ("start", "end", "field"),
    [(NOW, NOW + HOUR, "start_ts"), (NOW - HOUR, NOW + HOUR, "start_ts"), (NOW + HOUR, NOW + 800 * HOUR, "end_ts")],
)
def test_a_time_that_has_come_or_is_too_long_is_refused(start: datetime, end: datetime, field: str) -> None:
    with pytest.raises(FieldInvalid) as refused:
        check_times(start, end, now=NOW)
    assert refused.value.violations[0].field == field


@given(st.integers(min_value=1, max_value=10_000), st.integers(min_value=1, max_value=700), st.integers(0, 1440))
def test_a_moved_booking_keeps_its_buffer_and_its_bands_their_distance(ahead: int, hours: int, buffer: int) -> None:
    booked = replace(by_the_hour(), busy_to=order(Status.CONFIRMED).end_ts + timedelta(minutes=buffer))
    start = NOW + timedelta(minutes=ahead)
    moved = moved_to(booked, start, start + hours * HOUR)
    assert (moved.busy_from, moved.busy_to) == (start, start + hours * HOUR + timedelta(minutes=buffer))
    assert start - moved.refund_bands.full_until == timedelta(hours=24)


def test_what_is_agreed_on_is_the_offer_with_a_price_that_says_so() -> None:
    booked = by_the_hour()
    first = request()
    assert agreed(booked, first) is booked
    lines = (line(LineItemKind.PACKAGE, "Half a day", Decimal(1), 30_000),)
    counter: Request = replace(first, lines=lines, start_ts=NOW + 30 * HOUR, end_ts=NOW + 33 * HOUR)
    after = agreed(booked, counter)
    assert after.line_items == lines
    assert after.price == price_with(booked, lines)
    assert (after.start_ts, after.busy_to) == (NOW + 30 * HOUR, NOW + 33 * HOUR)
    assert after.quote_hash != booked.quote_hash
