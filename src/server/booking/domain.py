"""What an order is and which steps it may take. Pure: no clock, no database, no protobuf."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from server.booking.cancellation import CancellationPolicy, RefundBands
from server.booking.pricing import LineItem, Price
from server.core.errors import IllegalTransition, StaleVersion

STALE_DRAFT_AFTER = timedelta(hours=24)


class Mode(StrEnum):
    """How a booking comes about."""

    IB = "IB"
    RTB = "RTB"
    INVITE = "INVITE"


class Status(StrEnum):
    """Where an order stands."""

    INITIATED = "initiated"
    PENDING_ACCEPT = "pending_accept"
    COUNTERED = "countered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    CONFIRMED = "confirmed"
    IN_PROGRESS = "in_progress"
    DELIVERED = "delivered"
    COMPLETED = "completed"
    CANCELLED_BUYER = "cancelled_buyer"
    CANCELLED_PROVIDER = "cancelled_provider"
    DISPUTED = "disputed"
    RESOLVED = "resolved"


class Event(StrEnum):
    """What moves an order."""

    CREATE = "create"
    CANCEL_BY_BUYER = "cancel_by_buyer"
    DRAFT_EXPIRED = "draft_expired"


TRANSITIONS: Mapping[tuple[Status, Event], Status] = MappingProxyType(
    {
        (Status.INITIATED, Event.CANCEL_BY_BUYER): Status.CANCELLED_BUYER,
        (Status.INITIATED, Event.DRAFT_EXPIRED): Status.CANCELLED_BUYER,
    }
)


class LocationKind(StrEnum):
    """Where a booking takes place."""

    BUYER = "buyer"
    PROVIDER_STUDIO = "provider_studio"
    RENTED_STUDIO = "rented_studio"
    REMOTE = "remote"


class ActorKind(StrEnum):
    """In which capacity somebody moved an order."""

    BUYER = "buyer"
    PROVIDER = "provider"
    SYSTEM = "system"


class Side(StrEnum):
    """Which party of an order somebody is."""

    BUYER = "buyer"
    PROVIDER = "provider"


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


@dataclass(frozen=True, slots=True)
class Order:
    """One booking between a buyer and a provider."""

    order_id: str
    buyer_user_id: str
    provider_user_id: str
    service_profile_id: str
    mode: Mode
    status: Status
    city: str
    start_ts: datetime
    end_ts: datetime
    time_zone: str
    location_kind: LocationKind
    location_address: str
    package_id: str
    travel_miles: Decimal | None
    license_tier: str
    price: Price
    quote_hash: str
    line_items: tuple[LineItem, ...]
    cancellation: CancellationPolicy
    refund_bands: RefundBands
    busy_to: datetime
    version: int
    created_at: datetime
    updated_at: datetime

    def parties(self) -> frozenset[str]:
        return frozenset({self.buyer_user_id, self.provider_user_id})


@dataclass(frozen=True, slots=True)
class OrderEvent:
    """One step in an order's life."""

    order_id: str
    sequence: int
    event: Event
    from_status: Status | None
    to_status: Status
    actor_kind: ActorKind
    actor_user_id: str | None
    reason: str
    created_at: datetime


def check_version(order: Order, seen: int) -> None:
    """Refuses a change by somebody who has not seen the newest state; 0 means that they do not mind."""
    if seen not in (0, order.version):
        raise StaleVersion(order.order_id, order.version)


def apply(order: Order, event: Event, *, now: datetime) -> Order:
    """The order after the event; IllegalTransition where the machine has no such step."""
    target = TRANSITIONS.get((order.status, event))
    if target is None:
        raise IllegalTransition(order.order_id, order.status, event)
    return replace(order, status=target, version=order.version + 1, updated_at=now)


@dataclass(frozen=True, slots=True)
class By:
    """Who moved an order: a party, or the system on nobody's behalf."""

    kind: ActorKind
    user_id: str | None = None


def step(before: Order | None, after: Order, event: Event, by: By, reason: str = "") -> OrderEvent:
    """The history's entry for a change; its sequence is the version that the change made."""
    return OrderEvent(
        order_id=after.order_id,
        sequence=after.version,
        event=event,
        from_status=before.status if before else None,
        to_status=after.status,
        actor_kind=by.kind,
        actor_user_id=by.user_id,
        reason=reason,
        created_at=after.updated_at,
    )


def address_for(order: Order, viewer: str) -> str:
    """Before confirmation the address is shown to nobody but its owner: the buyer, who typed it in."""
    return order.location_address if viewer == order.buyer_user_id else ""
