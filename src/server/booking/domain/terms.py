"""What a buyer asks for."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class Mode(StrEnum):
    """How a booking comes about."""

    IB = "IB"
    RTB = "RTB"
    INVITE = "INVITE"


class LocationKind(StrEnum):
    """Where a booking takes place."""

    BUYER = "buyer"
    PROVIDER_STUDIO = "provider_studio"
    RENTED_STUDIO = "rented_studio"
    REMOTE = "remote"


@dataclass(frozen=True, slots=True)
class Extra:
    """Something on top that a buyer asks for, and how much of it."""

    code: str
    qty: Decimal


@dataclass(frozen=True, slots=True)
class Terms:
    """What a buyer asks for."""

    service_profile_id: str
    mode: Mode
    start_ts: datetime
    end_ts: datetime
    time_zone: str
    location_kind: LocationKind
    location_address: str
    tip_cents: int
    package_id: str
    """Empty books by the hour."""
    extras: tuple[Extra, ...]
    travel_miles: Decimal | None
    license_tier: str
    credit_cents: int
