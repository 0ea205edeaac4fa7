"""Notifications and the topics of mail. Pure: no clock, no database, no protobuf."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

SAVED_SEARCH_ALERT = "saved_search_alert"
ALL_TOPICS = "all"


@dataclass(frozen=True, slots=True)
class Notification:
    """One thing that a person is told."""

    notification_id: str
    user_id: str
    kind: str
    related_id: str
    payload: Mapping[str, object]
    read_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Subscription:
    """One kind of mail to one person."""

    user_id: str
    topic: str
