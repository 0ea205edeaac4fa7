"""A fee policy and the decision that made it. Pure."""

from dataclasses import dataclass
from datetime import datetime

from server.booking.cancellation import CancellationPolicy
from server.booking.pricing import FeePolicy
from server.core.errors import FieldInvalid, Violation


@dataclass(frozen=True, slots=True)
class FeeDecision:
    """What somebody decided the platform takes: where, from when on, and how much. No city means wherever no policy
    names the city; no cancellation policy leaves the provider's own.
    """

    policy: FeePolicy
    city: str
    currency: str
    effective_from: datetime
    cancellation_policy: CancellationPolicy | None
    created_by: str
    created_at: datetime


def check_effective(effective_from: datetime, *, now: datetime) -> None:
    """A policy for the past would say that quotes were wrong which were right."""
    if effective_from < now:
        raise FieldInvalid(Violation("effective_from", "must not be in the past"))
