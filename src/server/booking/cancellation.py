"""Until when a cancellation gives money back. Bands are instants, fixed when the order is priced, never calendar
days.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType


class CancellationPolicy(StrEnum):
    """How generous a provider is."""

    FLEXIBLE = "flexible"
    STANDARD = "standard"
    STRICT = "strict"


@dataclass(frozen=True, slots=True)
class RefundBands:
    """Everything until the first instant, half until the second, then nothing."""

    full_until: datetime
    half_until: datetime


_BEFORE_START: Mapping[CancellationPolicy, tuple[timedelta, timedelta]] = MappingProxyType(
    {
        CancellationPolicy.FLEXIBLE: (timedelta(hours=24), timedelta(hours=24)),
        CancellationPolicy.STANDARD: (timedelta(days=7), timedelta(hours=24)),
        CancellationPolicy.STRICT: (timedelta(days=30), timedelta(days=7)),
    }
)


def refund_bands(policy: CancellationPolicy, start: datetime) -> RefundBands:
    """The bands of a booking that starts then."""
    full, half = _BEFORE_START[policy]
    return RefundBands(start - full, start - half)
