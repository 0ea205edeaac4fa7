"""From what a buyer asks for to what it costs, line by line. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from server.booking.cancellation import CancellationPolicy, refund_bands
from server.booking.catalogue.domain import MILE, RateKind, ServiceProfile
from server.booking.domain.order import Order, Status
from server.booking.domain.terms import LocationKind, Terms
from server.booking.pricing import FeePolicy, LineItem, LineItemKind, Quote, hours, line, price_of, quote_of
from server.core.clock import is_zone
from server.core.errors import FieldInvalid, Violation

LONGEST_BOOKING = timedelta(days=30)
LARGEST_TOTAL_CENTS = 50_000_000

_ONE = Decimal(1)
_WHERE_THE_PROVIDER_TRAVELS = frozenset({LocationKind.BUYER, LocationKind.RENTED_STUDIO})


@dataclass(frozen=True, slots=True)
class OfferedPackage:
    """A package as far as a price depends on it."""

    package_id: str
    title: str
    price_cents: int
    duration: timedelta | None
    license_tier: str


@dataclass(frozen=True, slots=True)
class OfferedRate:
    """A rate as far as a price depends on it."""

    kind: RateKind
    code: str
    title: str
    unit_cents: int


@dataclass(frozen=True, slots=True)
class Offer:
    """A service profile with everything its owner's terms add to a booking of it."""

    profile: ServiceProfile
    package: OfferedPackage | None
    rates: tuple[OfferedRate, ...]
    policy: FeePolicy
    cancellation: CancellationPolicy
    travel_buffer: timedelta

    def rate(self, kind: RateKind, code: str) -> OfferedRate | None:
        return next((rate for rate in self.rates if rate.kind is kind and rate.code == code), None)


def quote(terms: Terms, offer: Offer, *, now: datetime) -> Quote:
    """Prices what is asked for by the provider's rates and the policy in force."""
    violations = [*_time_violations(terms, now=now), *_order_violations(terms, offer)]
    if violations:
        raise FieldInvalid(*violations)
    items = tuple(_lines(terms, offer))
    price = price_of(
        items,
        offer.policy,
        tip_cents=terms.tip_cents,
        credit_offered_cents=terms.credit_cents,
        currency=offer.profile.currency,
    )
    if price.total_cents > LARGEST_TOTAL_CENTS:
        raise FieldInvalid(Violation("terms", f"the total may be at most {LARGEST_TOTAL_CENTS} cents"))
    what = [
        offer.profile.service_profile_id,
        terms.package_id,
        terms.start_ts.isoformat(),
        terms.end_ts.isoformat(),
        str(terms.travel_miles),
        terms.license_tier,
        offer.cancellation.value,
    ]
    return quote_of(items, price, " ".join(what))


def _time_violations(terms: Terms, *, now: datetime) -> Iterator[Violation]:
    """What the proto's rules cannot say: the clock, the zone's existence, the longest booking."""
    if terms.start_ts <= now:
        yield Violation("terms.start_ts", "must be in the future")
    if terms.end_ts - terms.start_ts > LONGEST_BOOKING:
        yield Violation("terms.end_ts", f"must be at most {LONGEST_BOOKING.days} days after start_ts")
    if not is_zone(terms.time_zone):
        yield Violation("terms.time_zone", "must be an IANA zone, such as Europe/Berlin")


def _order_violations(terms: Terms, offer: Offer) -> Iterator[Violation]:
    """What is asked for and not offered, or not offered like that."""
    package = offer.package
    if terms.package_id and package is None:
        yield Violation("terms.package_id", "is not offered")
    if package and package.duration and terms.end_ts - terms.start_ts != package.duration:
        minutes = package.duration // timedelta(minutes=1)
        yield Violation("terms.end_ts", f"must be {minutes} minutes after start_ts, as the package says")
    seen: set[str] = set()
    for index, extra in enumerate(terms.extras):
        if offer.rate(RateKind.EXTRA, extra.code) is None:
            yield Violation(f"terms.extras[{index}].code", "is not offered")
        if extra.code in seen:
            yield Violation(f"terms.extras[{index}].code", "must not be named twice")
        if extra.qty <= 0:
            yield Violation(f"terms.extras[{index}].qty", "must be more than 0")
        seen.add(extra.code)
    if terms.travel_miles is not None and terms.location_kind not in _WHERE_THE_PROVIDER_TRAVELS:
        yield Violation("terms.travel_miles", "must be empty where the provider does not travel")
    if terms.license_tier and not (_includes_license(terms, offer) or _license(terms, offer)):
        yield Violation("terms.license_tier", "is not offered")


def _lines(terms: Terms, offer: Offer) -> Iterator[LineItem]:
    """The package or the hours, then extras in the buyer's order, travel, and the licence."""
    package = offer.package
    if package is not None:
        yield line(LineItemKind.PACKAGE, package.title, _ONE, package.price_cents)
    else:
        duration = hours(terms.end_ts - terms.start_ts)
        yield line(LineItemKind.PACKAGE, offer.profile.title, duration, offer.profile.hourly_cents)
    for extra in terms.extras:
        if rate := offer.rate(RateKind.EXTRA, extra.code):
            yield line(LineItemKind.EXTRA, rate.title, extra.qty, rate.unit_cents)
    mile = offer.rate(RateKind.TRAVEL, MILE)
    if mile is not None and terms.travel_miles:
        yield line(LineItemKind.TRAVEL, mile.title, terms.travel_miles, mile.unit_cents)
    license_rate = _license(terms, offer)
    if license_rate is not None and not _includes_license(terms, offer):
        yield line(LineItemKind.LICENSE, license_rate.title, _ONE, license_rate.unit_cents)


def _license(terms: Terms, offer: Offer) -> OfferedRate | None:
    return offer.rate(RateKind.LICENSE, terms.license_tier)


def _includes_license(terms: Terms, offer: Offer) -> bool:
    return offer.package is not None and offer.package.license_tier == terms.license_tier


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
        package_id=terms.package_id,
        travel_miles=terms.travel_miles,
        license_tier=terms.license_tier,
        price=agreed.price,
        quote_hash=agreed.quote_hash,
        line_items=agreed.line_items,
        cancellation=offer.cancellation,
        refund_bands=refund_bands(offer.cancellation, terms.start_ts),
        busy_from=terms.start_ts,
        busy_to=terms.end_ts + offer.travel_buffer,
        version=1,
        created_at=now,
        updated_at=now,
    )
