"""What a campaign's day is, and where a campaign lives in the log."""

from collections import Counter
from datetime import UTC, date, datetime

import pytest

from server.core.clock import SystemClock
from server.core.ids import SystemIds
from server.promo.domain.campaign import Schedule, keyword
from server.promo.domain.partitions import partition_of


@pytest.mark.parametrize(
    ("zone", "now", "today"),
    [
        ("Europe/Berlin", datetime(2026, 3, 28, 23, 30, tzinfo=UTC), date(2026, 3, 29)),
        ("Europe/Berlin", datetime(2026, 3, 29, 21, 59, tzinfo=UTC), date(2026, 3, 29)),
        ("Europe/Berlin", datetime(2026, 3, 29, 22, 0, tzinfo=UTC), date(2026, 3, 30)),
        ("Europe/Berlin", datetime(2026, 10, 25, 22, 59, tzinfo=UTC), date(2026, 10, 25)),
        ("Europe/Berlin", datetime(2026, 10, 25, 23, 0, tzinfo=UTC), date(2026, 10, 26)),
        ("Asia/Kolkata", datetime(2026, 5, 1, 18, 30, tzinfo=UTC), date(2026, 5, 2)),
        ("Pacific/Kiritimati", datetime(2026, 5, 1, 10, 0, tzinfo=UTC), date(2026, 5, 2)),
    ],
)
def test_a_day_begins_at_the_campaigns_own_midnight(zone: str, now: datetime, today: date) -> None:
    assert Schedule(date(2026, 1, 1), None, zone).today(now) == today


def test_keywords_are_compared_without_case_and_spacing() -> None:
    assert keyword("  Straßen   PORTRÄT\t") == "strassen porträt"


def test_a_campaign_keeps_its_partition() -> None:
    """The numbers are written down: records that were appended under them are still in the log."""
    names = ["pcmp_01hk153x00e2w8z9q4t6v7y8z9", "pcmp_01hk153x00e2w8z9q4t6v7y8za"]
    assert [[partition_of(name, partitions) for partitions in (1, 4, 16)] for name in names] == [[0, 1, 13], [0, 3, 11]]


def test_campaigns_spread_over_the_partitions() -> None:
    ids = SystemIds(SystemClock())
    counts = Counter(partition_of(ids.new("pcmp"), 4) for _ in range(4_000))
    assert set(counts) == {0, 1, 2, 3}
    assert min(counts.values()) > 800
