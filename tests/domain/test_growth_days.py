"""What a day is to a saved search: that of its zone, also where a clock goes forward or back."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from server.core.errors import FieldInvalid
from server.growth.saved_searches.domain import LONGEST_PAUSE_DAYS, SavedSearch, SearchScope, local_day, paused, resumed
from server.growth.saved_searches.query import Verified

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
SEARCH = SavedSearch(
    search_id="ssv_1",
    user_id="usr_1",
    scope=SearchScope.PEOPLE,
    query=Verified(True),
    city="berlin",
    time_zone="Europe/Berlin",
    paused_until=None,
    last_alert_dt=None,
    seen_through=0,
    created_at=NOON,
    updated_at=NOON,
)


@pytest.mark.parametrize(
    ("last_minute", "day"),
    [
        ("2026-03-28T22:59:00", date(2026, 3, 28)),
        ("2026-03-29T21:59:00", date(2026, 3, 29)),
        ("2026-10-24T21:59:00", date(2026, 10, 24)),
        ("2026-10-25T22:59:00", date(2026, 10, 25)),
    ],
)
def test_a_day_ends_at_the_zones_midnight_be_it_of_23_or_25_hours(last_minute: str, day: date) -> None:
    end = datetime.fromisoformat(last_minute).replace(tzinfo=UTC)
    assert local_day("Europe/Berlin", end) == day
    assert local_day("Europe/Berlin", end + timedelta(minutes=1)) == day + timedelta(days=1)


@pytest.mark.parametrize("now", [datetime(2026, 3, 29, 21, 59, tzinfo=UTC), datetime(2026, 10, 25, 22, 59, tzinfo=UTC)])
def test_a_pause_is_counted_in_days_of_the_zone(now: datetime) -> None:
    today = now.date()
    for days in (1, LONGEST_PAUSE_DAYS):
        assert paused(SEARCH, today + timedelta(days=days), now=now).paused_until == today + timedelta(days=days)
    for days in (-1, 0, LONGEST_PAUSE_DAYS + 1):
        with pytest.raises(FieldInvalid, match="one of the 30 days after today"):
            paused(SEARCH, today + timedelta(days=days), now=now)


def test_what_is_not_paused_is_resumed_without_a_trace() -> None:
    assert resumed(SEARCH, now=NOON + timedelta(hours=1)) is SEARCH
    silent = replace(SEARCH, paused_until=date(2026, 12, 1))
    assert resumed(silent, now=NOON).paused_until is None
