"""What a payout hold is. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from server.core.errors import IllegalTransition

LASTS = timedelta(days=60)
WARNED_BEFORE = timedelta(days=3)
"""A person has that long to renew a hold, because its expiry pays money out."""


class HoldStatus(StrEnum):
    """Where a hold stands."""

    APPLIED = "applied"
    RELEASED = "released"
    EXPIRED = "expired"


class HoldEvent(StrEnum):
    """What ends a hold."""

    RELEASE = "release"
    EXPIRE = "expire"


class ReleaseReason(StrEnum):
    """What became of the money: it is the provider's after all, or it went into a refund."""

    CLEARED = "cleared"
    CONSUMED = "consumed"


HOLD_TRANSITIONS: Mapping[tuple[HoldStatus, HoldEvent], HoldStatus] = MappingProxyType(
    {
        (HoldStatus.APPLIED, HoldEvent.RELEASE): HoldStatus.RELEASED,
        (HoldStatus.APPLIED, HoldEvent.EXPIRE): HoldStatus.EXPIRED,
    }
)


@dataclass(frozen=True, slots=True)
class Hold:
    """An amount of an order's payout that waits for a case."""

    hold_id: str
    case_id: str
    order_id: str
    amount_cents: int
    status: HoldStatus
    applied_by: str
    created_at: datetime
    expires_at: datetime
    released_reason: ReleaseReason | None = None
    released_at: datetime | None = None
    warned_at: datetime | None = None


def ended(hold: Hold, event: HoldEvent, reason: ReleaseReason | None, *, now: datetime) -> Hold:
    """The hold after the event; IllegalTransition where it has ended before."""
    target = HOLD_TRANSITIONS.get((hold.status, event))
    if target is None:
        raise IllegalTransition(hold.hold_id, hold.status, event)
    return replace(hold, status=target, released_reason=reason, released_at=now)
