"""What a saved search is, when it runs and what it may be. Pure: no clock, no database, no protobuf."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from server.core.clock import is_zone
from server.core.errors import FieldInvalid, Violation
from server.growth.saved_searches.query import Node

MOST_SEARCHES = 50
LONGEST_PAUSE_DAYS = 30


class SearchScope(StrEnum):
    """What a search looks for."""

    PEOPLE = "people"
    STUDIOS = "studios"


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """A search that its owner is told about when something new matches."""

    search_id: str
    user_id: str
    scope: SearchScope
    query: Node
    city: str
    time_zone: str
    paused_until: date | None
    last_alert_dt: date | None
    seen_through: int
    created_at: datetime
    updated_at: datetime


def check_zone(time_zone: str) -> None:
    """Refuses what is no IANA zone."""
    if not is_zone(time_zone):
        raise FieldInvalid(Violation("time_zone", "must be an IANA zone, such as Europe/Berlin"))


def local_day(time_zone: str, now: datetime) -> date:
    """Which day it is over there."""
    return now.astimezone(ZoneInfo(time_zone)).date()


def paused(search: SavedSearch, until: date, *, now: datetime) -> SavedSearch:
    """The search, silent until a day within the next month; the pause ends by itself."""
    today = local_day(search.time_zone, now)
    if not today < until <= today + timedelta(days=LONGEST_PAUSE_DAYS):
        raise FieldInvalid(
            Violation("paused_until", f"must be one of the {LONGEST_PAUSE_DAYS} days after today, {today.isoformat()}")
        )
    return replace(search, paused_until=until, updated_at=now)


def resumed(search: SavedSearch, *, now: datetime) -> SavedSearch:
    """The search without its pause; what appeared meanwhile is told with the next alert."""
    return search if search.paused_until is None else replace(search, paused_until=None, updated_at=now)


@dataclass(frozen=True, slots=True)
class DayRange:
    """Days in a row, both ends included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class SearchDocument:
    """A person's offer or a studio, as searches see it."""

    document_id: str
    scope: SearchScope
    owner_user_id: str
    city: str
    title: str
    roles: tuple[str, ...]
    tags: tuple[str, ...]
    price_cents: int | None
    rating_hundredths: int | None
    verified: bool
    available: tuple[DayRange, ...]
    latitude: float | None
    longitude: float | None


@dataclass(frozen=True, slots=True)
class Alert:
    """What one search found on one day."""

    alert_id: str
    search_id: str
    alert_dt: date
    match_count: int
    documents: tuple[SearchDocument, ...]
    email_sent: bool
    created_at: datetime


def check_documents(documents: Sequence[SearchDocument]) -> None:
    """What the proto's rules cannot say: each document once, places whole, days in order."""
    violations = []
    seen: set[str] = set()
    for index, document in enumerate(documents):
        path = f"documents[{index}]"
        if document.document_id in seen:
            violations.append(Violation(f"{path}.document_id", "must not be named twice"))
        seen.add(document.document_id)
        if (document.latitude is None) != (document.longitude is None):
            violations.append(Violation(f"{path}.latitude", "must come with longitude, or not at all"))
        violations += [
            Violation(f"{path}.available[{place}].last_day", "must not be before first_day")
            for place, days in enumerate(document.available)
            if days.last < days.first
        ]
    if violations:
        raise FieldInvalid(*violations)
