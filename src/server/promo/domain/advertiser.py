"""Who pays for being seen."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class AdvertiserStatus(StrEnum):
    """Whether somebody may advertise."""

    ACTIVE = "active"
    PAUSED = "paused"
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True)
class Advertiser:
    """A person in the capacity of paying for being seen."""

    advertiser_id: str
    user_id: str
    status: AdvertiserStatus
    version: int
    created_at: datetime
    updated_at: datetime
