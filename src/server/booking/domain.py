"""What an order is and which steps it may take. Pure: no clock, no database, no protobuf."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from server.booking.cancellation import CancellationPolicy, RefundBands, refund_bands
from server.booking.pricing import FeePolicy, LineItem, LineItemKind, Price, Quote, hours, line, price_of, quote_of
from server.core.clock import is_zone
from server.core.errors import FieldInvalid, IllegalTransition, StaleVersion, Violation

STALE_DRAFT_AFTER = timedelta(hours=24)
LONGEST_BOOKING = timedelta(days=30)
LARGEST_TOTAL_CENTS = 50_000_000


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
class ServiceProfile:
    """What a provider offers, and for how much an hour."""

    service_profile_id: str
    provider_user_id: str
    title: str
    city: str
    hourly_cents: int
    currency: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Offer:
    """A service profile with everything its owner's terms add to a booking of it."""

    profile: ServiceProfile
    policy: FeePolicy
    cancellation: CancellationPolicy
    travel_buffer: timedelta


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


def quote(terms: Terms, offer: Offer, *, now: datetime) -> Quote:
    """Prices what is asked for by the provider's rate and the policy in force."""
    check_terms(terms, now=now)
    profile = offer.profile
    items = (line(LineItemKind.PACKAGE, profile.title, hours(terms.end_ts - terms.start_ts), profile.hourly_cents),)
    price = price_of(items, offer.policy, tip_cents=terms.tip_cents, currency=profile.currency)
    if price.total_cents > LARGEST_TOTAL_CENTS:
        raise FieldInvalid(Violation("terms.end_ts", f"the total may be at most {LARGEST_TOTAL_CENTS} cents"))
    return quote_of(
        items, price, f"{profile.service_profile_id} {terms.start_ts.isoformat()} {terms.end_ts.isoformat()}"
    )


def check_terms(terms: Terms, *, now: datetime) -> None:
    """What the proto's rules cannot say: the clock, the zone's existence, the longest booking."""
    violations = []
    if terms.start_ts <= now:
        violations.append(Violation("terms.start_ts", "must be in the future"))
    if terms.end_ts - terms.start_ts > LONGEST_BOOKING:
        violations.append(Violation("terms.end_ts", f"must be at most {LONGEST_BOOKING.days} days after start_ts"))
    if not is_zone(terms.time_zone):
        violations.append(Violation("terms.time_zone", "must be an IANA zone, such as Europe/Berlin"))
    if violations:
        raise FieldInvalid(*violations)


def draft(order_id: str, buyer_user_id: str, terms: Terms, offer: Offer, agreed: Quote, *, now: datetime) -> Order:
    """A new order: priced, holding no slot, charging nothing."""
    profile = offer.profile
    if buyer_user_id == profile.provider_user_id:
        raise FieldInvalid(Violation("terms.service_profile_id", "must not be the buyer's own"))
    return Order(
        order_id=order_id,
        buyer_user_id=buyer_user_id,
        provider_user_id=profile.provider_user_id,
        service_profile_id=profile.service_profile_id,
        mode=terms.mode,
        status=Status.INITIATED,
        city=profile.city,
        start_ts=terms.start_ts,
        end_ts=terms.end_ts,
        time_zone=terms.time_zone,
        location_kind=terms.location_kind,
        location_address=terms.location_address,
        price=agreed.price,
        quote_hash=agreed.quote_hash,
        line_items=agreed.line_items,
        cancellation=offer.cancellation,
        refund_bands=refund_bands(offer.cancellation, terms.start_ts),
        busy_to=terms.end_ts + offer.travel_buffer,
        version=1,
        created_at=now,
        updated_at=now,
    )


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
