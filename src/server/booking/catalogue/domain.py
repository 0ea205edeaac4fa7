"""What can be booked and what it costs. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

MOST_PACKAGES = 100
MOST_RATES = 100
MILE = "mile"


@dataclass(frozen=True, slots=True)
class ServiceProfile:
    """What a provider offers, and for how much an hour."""

    service_profile_id: str
    provider_user_id: str
    title: str
    city: str
    hourly_cents: int
    currency: str
    active: bool
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Package:
    """Something offered at a fixed price. No duration means that the buyer says how long."""

    package_id: str
    service_profile_id: str
    title: str
    description: str
    price_cents: int
    duration: timedelta | None
    license_tier: str
    active: bool
    created_at: datetime
    updated_at: datetime


class RateKind(StrEnum):
    """What a rate is for."""

    EXTRA = "extra"
    TRAVEL = "travel"
    LICENSE = "license"


@dataclass(frozen=True, slots=True)
class Rate:
    """The price of one of something that is added to a booking."""

    rate_id: str
    service_profile_id: str
    kind: RateKind
    code: str
    title: str
    unit_cents: int
    active: bool
    created_at: datetime
    updated_at: datetime
