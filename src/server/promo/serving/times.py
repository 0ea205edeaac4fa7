"""Instants as numbers."""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def seconds(at: datetime) -> float:
    """Seconds since 1970: the hot path compares thousands of instants."""
    return (at - EPOCH).total_seconds()


def milliseconds(at: datetime) -> int:
    """Milliseconds since 1970, as tokens carry them."""
    return (at - EPOCH) // timedelta(milliseconds=1)


def beginning(at: datetime, length: timedelta) -> datetime:
    """When the period of that length began in which an instant lies."""
    return at - (at - EPOCH) % length
