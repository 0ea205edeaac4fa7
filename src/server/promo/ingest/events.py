"""What viewers saw and did, as it is told at the door."""

from datetime import timedelta
from enum import StrEnum
from typing import NamedTuple

from server.core.ids import SUFFIX_LENGTH, milliseconds_of
from server.promo.tokens import TokenState

OLDEST = timedelta(days=7)
FURTHEST_AHEAD = timedelta(minutes=5)
"""An id's time chooses the partition of the day that the event is stored in; there are partitions for these days."""

_OLDEST_MS = OLDEST // timedelta(milliseconds=1)
_FURTHEST_AHEAD_MS = FURTHEST_AHEAD // timedelta(milliseconds=1)


class EventType(StrEnum):
    """What a viewer did."""

    IMPRESSION = "impression"
    CLICK = "click"


class EventResult(StrEnum):
    """What became of an event."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"


class EventRejection(StrEnum):
    """Why an event is not taken."""

    FIELD_INVALID = "field_invalid"
    TOO_OLD = "too_old"
    IN_FUTURE = "in_future"
    ID_REUSED = "id_reused"


class NetworkClass(StrEnum):
    """What kind of network an address is in."""

    UNKNOWN = "unknown"
    RESIDENTIAL = "residential"
    MOBILE = "mobile"
    BUSINESS = "business"
    DATA_CENTRE = "data_centre"


class AdvertiserLink(StrEnum):
    """By what a viewer was recognised as the campaign's own advertiser."""

    ACCOUNT = "account"
    DEVICE = "device"


class Rejected(NamedTuple):
    """An event that is not taken, and why: a reason for programs, and a sentence that names field and rule."""

    reason: EventRejection
    message: str


class Outcome(NamedTuple):
    """What became of one event. A tuple, because there is one for each event that comes in."""

    event_id: str
    result: EventResult
    token_state: TokenState | None = None
    rejected: Rejected | None = None


_NO_TIME = Rejected(EventRejection.FIELD_INVALID, "event_id: must be made of a UUIDv7, which carries a time")
_TOO_OLD = Rejected(EventRejection.TOO_OLD, f"event_id: its time must not be more than {OLDEST.days} days ago")
_IN_FUTURE = Rejected(EventRejection.IN_FUTURE, "event_id: its time must not be more than five minutes ahead")
ID_REUSED = Rejected(EventRejection.ID_REUSED, "event_id: was used for another event; make a new one")


def refused_id(event_id: str, received_at_ms: int) -> Rejected | None:
    """Why an event with this well-formed id is not taken now; None where it is."""
    made_at_ms = milliseconds_of(event_id[-SUFFIX_LENGTH:])
    if made_at_ms is None:
        return _NO_TIME
    age_ms = received_at_ms - made_at_ms
    if age_ms > _OLDEST_MS:
        return _TOO_OLD
    return _IN_FUTURE if age_ms < -_FURTHEST_AHEAD_MS else None
