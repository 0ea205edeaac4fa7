"""What a booking costs, to the cent."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from server.booking.cancellation import CancellationPolicy
from server.booking.catalogue.domain import RateKind, ServiceProfile
from server.booking.domain.terms import Extra, LocationKind, Mode, Terms
from server.booking.pricing import FeePolicy, LineItemKind, line, price_of
from server.booking.quoting import Offer, OfferedPackage, OfferedRate, quote
from server.core.errors import FieldInvalid

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
START = NOW + timedelta(days=20)
POLICY = FeePolicy(
    fee_policy_id="fpl_1",
    fee_bips=1250,
    fee_min_cents=0,
    fee_max_cents=None,
    tax_bips=888,
    credit_shrinks_tax=False,
    commission_bips=1000,
)
PROFILE = ServiceProfile("srv_1", "usr_provider", "Portraits", "berlin", 10_000, "usd", True, NOW, NOW)
DAY = OfferedPackage("pkg_1", "A day", 80_000, timedelta(hours=8), "editorial")
RATES = (
    OfferedRate(RateKind.EXTRA, "assistant", "Second assistant", 4_000),
    OfferedRate(RateKind.EXTRA, "prints", "Prints", 1_333),
    OfferedRate(RateKind.TRAVEL, "mile", "Travel", 67),
    OfferedRate(RateKind.LICENSE, "buyout", "Buyout", 50_000),
)
OFFER = Offer(PROFILE, None, RATES, POLICY, CancellationPolicy.STANDARD, timedelta(0))
TERMS = Terms(
    service_profile_id="srv_1",
    mode=Mode.RTB,
    start_ts=START,
    end_ts=START + timedelta(hours=2, minutes=30),
    time_zone="Europe/Berlin",
    location_kind=LocationKind.BUYER,
    location_address="Somewhere 1",
    tip_cents=0,
    package_id="",
    extras=(),
    travel_miles=None,
    license_tier="",
    credit_cents=0,
)


def test_the_worked_example_is_right_to_the_cent() -> None:
    lines = (
        line(LineItemKind.PACKAGE, "A morning", Decimal(1), 25_000),
        line(LineItemKind.EXTRA, "Second assistant", Decimal(1), 4_000),
        line(LineItemKind.TRAVEL, "Travel", Decimal(1), 1_333),
        line(LineItemKind.LICENSE, "Editorial", Decimal(1), 5_000),
    )
    price = price_of(lines, POLICY, tip_cents=0, credit_offered_cents=0, currency="usd")
    assert (price.subtotal_cents, price.platform_fee_cents, price.tax_cents, price.total_cents) == (
        35_333,
        4_417,
        392,
        40_142,
    )


def test_every_kind_of_line_is_priced_by_the_providers_rate() -> None:
    terms = replace(
        TERMS,
        extras=(Extra("prints", Decimal("1.5")), Extra("assistant", Decimal(2))),
        travel_miles=Decimal("12.25"),
        license_tier="buyout",
        tip_cents=700,
    )
    agreed = quote(terms, OFFER, now=NOW)
    assert [(item.kind, item.title, item.total_cents) for item in agreed.line_items] == [
        (LineItemKind.PACKAGE, "Portraits", 25_000),
        (LineItemKind.EXTRA, "Prints", 2_000),
        (LineItemKind.EXTRA, "Second assistant", 8_000),
        (LineItemKind.TRAVEL, "Travel", 821),
        (LineItemKind.LICENSE, "Buyout", 50_000),
    ]
    assert agreed.price.subtotal_cents == 85_821
    assert agreed.price.total_cents == 85_821 + 10_728 + 953 + 700


def test_a_package_has_its_price_and_its_licence() -> None:
    terms = replace(TERMS, package_id="pkg_1", end_ts=START + timedelta(hours=8), license_tier="editorial")
    agreed = quote(terms, replace(OFFER, package=DAY), now=NOW)
    assert [(item.kind, item.title, item.total_cents) for item in agreed.line_items] == [
        (LineItemKind.PACKAGE, "A day", 80_000)
    ]
    with_buyout = quote(replace(terms, license_tier="buyout"), replace(OFFER, package=DAY), now=NOW)
    assert with_buyout.price.subtotal_cents == 130_000


def test_miles_cost_nothing_where_the_provider_asks_nothing_for_them() -> None:
    free = replace(OFFER, rates=())
    agreed = quote(replace(TERMS, travel_miles=Decimal(30)), free, now=NOW)
    assert [item.kind for item in agreed.line_items] == [LineItemKind.PACKAGE]


@pytest.mark.parametrize(
    ("least", "most", "fee"), [(0, None, 3_125), (4_000, None, 4_000), (0, 3_000, 3_000), (3_125, 3_125, 3_125)]
)
def test_the_fee_stays_within_its_bounds(least: int, most: int | None, fee: int) -> None:
    offer = replace(OFFER, policy=replace(POLICY, fee_min_cents=least, fee_max_cents=most))
    price = quote(TERMS, offer, now=NOW).price
    assert price.platform_fee_cents == fee
    assert price.total_cents == 25_000 + fee + price.tax_cents


@pytest.mark.parametrize(
    ("offered", "shrinks_tax", "credit", "tax"),
    [(1_000, False, 1_000, 278), (1_000, True, 1_000, 189), (9_999, False, 3_125, 278), (9_999, True, 3_125, 0)],
)
def test_credit_pays_for_the_fee_and_for_nothing_else(offered: int, shrinks_tax: bool, credit: int, tax: int) -> None:
    offer = replace(OFFER, policy=replace(POLICY, credit_shrinks_tax=shrinks_tax))
    price = quote(replace(TERMS, credit_cents=offered, tip_cents=50), offer, now=NOW).price
    assert (price.credit_cents, price.tax_cents) == (credit, tax)
    assert price.total_cents == 25_000 + 3_125 + tax + 50 - credit


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"package_id": "pkg_other"}, "terms.package_id"),
        ({"extras": (Extra("drone", Decimal(1)),)}, "terms.extras[0].code"),
        ({"extras": (Extra("prints", Decimal(1)), Extra("prints", Decimal(1)))}, "terms.extras[1].code"),
        ({"extras": (Extra("prints", Decimal(0)),)}, "terms.extras[0].qty"),
        ({"extras": (Extra("mile", Decimal(1)),)}, "terms.extras[0].code"),
        ({"travel_miles": Decimal(3), "location_kind": LocationKind.REMOTE}, "terms.travel_miles"),
        ({"travel_miles": Decimal(3), "location_kind": LocationKind.PROVIDER_STUDIO}, "terms.travel_miles"),
        ({"license_tier": "worldwide"}, "terms.license_tier"),
        ({"end_ts": START + timedelta(days=31)}, "terms.end_ts"),
        ({"start_ts": NOW}, "terms.start_ts"),
        ({"tip_cents": 50_000_000}, "terms"),
    ],
)
def test_what_is_not_offered_is_named(change: dict[str, object], field: str) -> None:
    with pytest.raises(FieldInvalid) as refused:
        quote(replace(TERMS, **change), OFFER, now=NOW)  # type: ignore[arg-type]  # a table of fields of many types
    assert field in {violation.field for violation in refused.value.violations}


def test_a_package_takes_as_long_as_it_takes() -> None:
    terms = replace(TERMS, package_id="pkg_1")
    with pytest.raises(FieldInvalid) as refused:
        quote(terms, replace(OFFER, package=DAY), now=NOW)
    assert refused.value.message == "terms.end_ts: must be 480 minutes after start_ts, as the package says"


@pytest.mark.parametrize(
    "change",
    [
        {"tip_cents": 1},
        {"credit_cents": 1},
        {"end_ts": TERMS.end_ts + timedelta(seconds=1)},
        {"travel_miles": Decimal(1)},
        {"extras": (Extra("prints", Decimal(1)),)},
        {"license_tier": "buyout"},
    ],
)
def test_the_hash_confirms_everything_that_was_agreed(change: dict[str, object]) -> None:
    other = replace(TERMS, **change)  # type: ignore[arg-type]  # a table of fields of many types
    assert quote(other, OFFER, now=NOW).quote_hash != quote(TERMS, OFFER, now=NOW).quote_hash
    assert quote(TERMS, OFFER, now=NOW + timedelta(hours=1)) == quote(TERMS, OFFER, now=NOW)


def test_the_hash_confirms_the_terms_of_cancellation() -> None:
    strict = replace(OFFER, cancellation=CancellationPolicy.STRICT)
    assert quote(TERMS, strict, now=NOW).quote_hash != quote(TERMS, OFFER, now=NOW).quote_hash
