"""Who pays for being seen."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from server.core.errors import IllegalTransition


class AdvertiserStatus(StrEnum):
    """Whether somebody may advertise."""

    ACTIVE = "active"
    PAUSED = "paused"
    SUSPENDED = "suspended"


class AdvertiserEvent(StrEnum):
    """What happens to an advertiser."""

    CREATE = "create"
    UPDATE = "update"
    PAUSE = "pause"
    RESUME = "resume"
    SUSPEND = "suspend"
    LIFT_SUSPENSION = "lift_suspension"


ADVERTISER_TRANSITIONS: Mapping[tuple[AdvertiserStatus, AdvertiserEvent], AdvertiserStatus] = MappingProxyType(
    {
        (AdvertiserStatus.ACTIVE, AdvertiserEvent.PAUSE): AdvertiserStatus.PAUSED,
        (AdvertiserStatus.PAUSED, AdvertiserEvent.RESUME): AdvertiserStatus.ACTIVE,
        (AdvertiserStatus.ACTIVE, AdvertiserEvent.SUSPEND): AdvertiserStatus.SUSPENDED,
        (AdvertiserStatus.PAUSED, AdvertiserEvent.SUSPEND): AdvertiserStatus.SUSPENDED,
        # They decide themselves when their campaigns are shown again.
        (AdvertiserStatus.SUSPENDED, AdvertiserEvent.LIFT_SUSPENSION): AdvertiserStatus.PAUSED,
    }
)

_TOWARDS = {AdvertiserStatus.PAUSED: AdvertiserEvent.PAUSE, AdvertiserStatus.ACTIVE: AdvertiserEvent.RESUME}


@dataclass(frozen=True, slots=True)
class Advertiser:
    """A person in the capacity of paying for being seen."""

    advertiser_id: str
    user_id: str
    status: AdvertiserStatus
    version: int
    created_at: datetime
    updated_at: datetime
    default_payment_method_id: str | None = None
    suspended_reason: str = ""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What an advertiser asks to be changed; None leaves a thing as it is, an empty card forgets the chosen one."""

    status: AdvertiserStatus | None
    default_payment_method_id: str | None


def revised(advertiser: Advertiser, wishes: Wishes, *, now: datetime) -> tuple[Advertiser, AdvertiserEvent]:
    """The advertiser as wished, and what that is in its history. What the marketplace suspended stays suspended."""
    event, status = AdvertiserEvent.UPDATE, advertiser.status
    if wishes.status is not None and wishes.status is not advertiser.status:
        event = _TOWARDS.get(wishes.status, AdvertiserEvent.UPDATE)
        status = _target(advertiser, event)
    card = wishes.default_payment_method_id
    after = replace(
        advertiser,
        status=status,
        default_payment_method_id=advertiser.default_payment_method_id if card is None else card or None,
        version=advertiser.version + 1,
        updated_at=now,
    )
    return after, event


def moved_by_staff(advertiser: Advertiser, event: AdvertiserEvent, *, now: datetime, reason: str = "") -> Advertiser:
    """The advertiser after the marketplace stopped everything of theirs, or let them go on."""
    status = _target(advertiser, event)
    return replace(
        advertiser,
        status=status,
        suspended_reason=reason if status is AdvertiserStatus.SUSPENDED else "",
        version=advertiser.version + 1,
        updated_at=now,
    )


def _target(advertiser: Advertiser, event: AdvertiserEvent) -> AdvertiserStatus:
    target = ADVERTISER_TRANSITIONS.get((advertiser.status, event))
    if target is None:
        raise IllegalTransition(advertiser.advertiser_id, advertiser.status, event)
    return target
