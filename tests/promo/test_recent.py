"""The memory of recent events: a best effort, bounded in time and size."""

from datetime import UTC, datetime, timedelta

from server.promo.ingest.recent import REMEMBERED_FOR, RecentEvents, content_hash

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_an_event_is_remembered_with_what_it_stood_for() -> None:
    recent = RecentEvents(NOON)
    recent.remember({"pevt_1": content_hash("a", "b")}, NOON)
    assert recent.content_of("pevt_1") == content_hash("a", "b")
    assert recent.content_of("pevt_1") != content_hash("a", "c")
    assert recent.content_of("pevt_2") is None


def test_it_is_remembered_for_at_least_half_of_the_time_and_forgotten_after_it() -> None:
    recent = RecentEvents(NOON)
    recent.remember({"pevt_1": 1}, NOON + timedelta(minutes=4, seconds=59))
    for minute in range(5, 10):
        recent.remember({f"pevt_{minute}": 1}, NOON + timedelta(minutes=minute))
    assert recent.content_of("pevt_1") is not None
    recent.remember({"pevt_x": 1}, NOON + REMEMBERED_FOR)
    assert recent.content_of("pevt_1") is None
    assert recent.content_of("pevt_9") is not None


def test_it_never_holds_more_than_it_may() -> None:
    recent = RecentEvents(NOON, most=1000)
    for number in range(10_000):
        recent.remember({f"pevt_{number}": 1}, NOON)
    held = sum(recent.content_of(f"pevt_{number}") is not None for number in range(10_000))
    assert 500 <= held <= 1000
    assert recent.content_of("pevt_9999") is not None
