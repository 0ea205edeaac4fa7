"""What providers offer, over a socket: packages, rates, and prices made from both."""

from datetime import timedelta

import grpc
import pytest

from callsheet.booking.v1 import offering_pb2 as pb
from callsheet.booking.v1 import order_pb2, ordering_pb2
from callsheet.booking.v1.booking_pb2_grpc import BookingServiceStub
from server.booking.catalogue import usecases
from server.core.call import Role
from tests.rpc.booking import BUYER, PROVIDER, STRANGER, change, created, offered, package_of, rate_of, terms
from tests.rpc.harness import Running, as_user, refusal


async def test_a_package_is_created_replaced_and_retired(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    profile = await offered(booking)
    request = pb.UpsertPackageRequest(
        service_profile_id=profile,
        title="A day",
        description="Eight hours",
        price_cents=80_000,
        duration_minutes=480,
        license_tier="editorial",
    )
    package = (await booking.UpsertPackage(request, metadata=as_user(PROVIDER))).package
    assert (package.title, package.price_cents, package.duration_minutes, package.license_tier, package.retired) == (
        "A day",
        80_000,
        480,
        "editorial",
        False,
    )

    request.package_id, request.retired = package.package_id, True
    retired = (await booking.UpsertPackage(request, metadata=as_user(PROVIDER))).package
    assert (retired.package_id, retired.retired, retired.created_at) == (package.package_id, True, package.created_at)

    listing = pb.ListPackagesRequest(service_profile_id=profile)
    for viewer, seen in ((as_user(PROVIDER), 1), (as_user("usr_agent", Role.AGENT), 1), (as_user(BUYER), 0)):
        assert len((await booking.ListPackages(listing, metadata=viewer)).packages) == seen


async def test_rates_are_one_for_each_kind_and_code(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    profile = await offered(booking)
    first = await rate_of(booking, profile, pb.RATE_KIND_EXTRA, "prints", 1_333)
    again = await rate_of(booking, profile, pb.RATE_KIND_EXTRA, "prints", 1_500)
    other = await rate_of(booking, profile, pb.RATE_KIND_LICENSE, "prints", 9_900)
    assert (first.rate_id, again.unit_cents) == (again.rate_id, 1_500)
    assert other.rate_id != first.rate_id
    listed = await booking.ListRates(pb.ListRatesRequest(service_profile_id=profile), metadata=as_user(BUYER))
    assert list(listed.rates) == [again, other]


async def test_lists_go_on_where_they_stopped(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    profile = await offered(booking)
    made = [await package_of(booking, profile, price_cents=price) for price in (100, 200, 300)]
    request = pb.ListPackagesRequest(service_profile_id=profile, page_size=2)
    first = await booking.ListPackages(request, metadata=as_user(BUYER))
    request.page_token = first.next_page_token
    second = await booking.ListPackages(request, metadata=as_user(BUYER))
    assert [package.package_id for package in (*first.packages, *second.packages)] == made
    assert second.next_page_token == ""
    assert (await refusal(booking.ListPackages(request, metadata=as_user(STRANGER)))).reason == "PAGE_TOKEN_INVALID"


@pytest.mark.parametrize(
    "request_",
    [
        pb.UpsertPackageRequest(title="Mine now", price_cents=1),
        pb.UpsertRateRequest(kind=pb.RATE_KIND_EXTRA, code="mine", title="Mine", unit_cents=1),
    ],
)
async def test_somebody_elses_profile_does_not_exist_for_others(
    server: Running, request_: pb.UpsertPackageRequest | pb.UpsertRateRequest
) -> None:
    booking = BookingServiceStub(server.channel)
    call = getattr(booking, type(request_).__name__.removesuffix("Request"))
    for profile in (await offered(booking), "srv_01jd3x0000000000000000000"):
        request_.service_profile_id = profile
        refused = await refusal(call(request_, metadata=as_user(STRANGER)))
        assert (refused.code, refused.reason) == (grpc.StatusCode.NOT_FOUND, "NOT_FOUND")


async def test_a_package_of_another_profile_is_not_moved_here(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    package = await package_of(booking, await offered(booking))
    request = pb.UpsertPackageRequest(
        service_profile_id=await offered(booking), package_id=package, title="Moved", price_cents=1
    )
    assert (await refusal(booking.UpsertPackage(request, metadata=as_user(PROVIDER)))).reason == "NOT_FOUND"


async def test_what_belongs_to_a_profile_that_is_not_there_is_not_listed(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    packages = pb.ListPackagesRequest(service_profile_id="srv_none")
    rates = pb.ListRatesRequest(service_profile_id="srv_none")
    assert (await refusal(booking.ListPackages(packages, metadata=as_user(BUYER)))).reason == "NOT_FOUND"
    assert (await refusal(booking.ListRates(rates, metadata=as_user(BUYER)))).reason == "NOT_FOUND"


async def test_a_profile_has_room_for_so_many_and_no_more(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usecases, "MOST_PACKAGES", 1)
    monkeypatch.setattr(usecases, "MOST_RATES", 1)
    booking = BookingServiceStub(server.channel)
    profile = await offered(booking)
    kept = await package_of(booking, profile)
    await package_of(booking, profile, package_id=kept)
    await rate_of(booking, profile, pb.RATE_KIND_EXTRA, "prints", 1)
    await rate_of(booking, profile, pb.RATE_KIND_EXTRA, "prints", 2)

    package = pb.UpsertPackageRequest(service_profile_id=profile, title="One more", price_cents=1)
    refused = await refusal(booking.UpsertPackage(package, metadata=as_user(PROVIDER)))
    assert (refused.code, refused.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "LIMIT_REACHED")
    assert (refused.metadata["things"], refused.metadata["limit"]) == ("packages of a service profile", "1")
    rate = pb.UpsertRateRequest(
        service_profile_id=profile, kind=pb.RATE_KIND_EXTRA, code="other", title="Other", unit_cents=1
    )
    assert (await refusal(booking.UpsertRate(rate, metadata=as_user(PROVIDER)))).reason == "LIMIT_REACHED"


@pytest.mark.parametrize(
    ("rpc", "changes", "field"),
    [
        ("UpsertPackage", {"price_cents": 0}, "price_cents"),
        ("UpsertPackage", {"price_cents": -1}, "price_cents"),
        ("UpsertPackage", {"duration_minutes": 43_201}, "duration_minutes"),
        ("UpsertPackage", {"title": ""}, "title"),
        ("UpsertPackage", {"license_tier": "Not a code"}, "license_tier"),
        ("UpsertPackage", {"package_id": "pkg_short"}, "package_id"),
        ("UpsertRate", {"unit_cents": -1}, "unit_cents"),
        ("UpsertRate", {"code": "Not a code"}, "code"),
        ("UpsertRate", {"kind": pb.RATE_KIND_UNSPECIFIED}, "kind"),
        ("UpsertRate", {"kind": pb.RATE_KIND_TRAVEL, "code": "kilometre"}, "request"),
    ],
)
async def test_a_field_that_breaks_its_rule_is_named(
    server: Running, rpc: str, changes: dict[str, object], field: str
) -> None:
    booking = BookingServiceStub(server.channel)
    profile = await offered(booking)
    request: pb.UpsertPackageRequest | pb.UpsertRateRequest = (
        pb.UpsertPackageRequest(service_profile_id=profile, title="A day", price_cents=1)
        if rpc == "UpsertPackage"
        else pb.UpsertRateRequest(
            service_profile_id=profile, kind=pb.RATE_KIND_EXTRA, code="prints", title="Prints", unit_cents=1
        )
    )
    change(request, changes)
    refused = await refusal(getattr(booking, rpc)(request, metadata=as_user(PROVIDER)))
    assert (refused.code, refused.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "FIELD_INVALID")
    assert field in refused.violations


async def test_an_order_is_made_of_what_is_offered(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    profile = await offered(booking)
    package = await package_of(booking, profile, duration_minutes=150)
    await rate_of(booking, profile, pb.RATE_KIND_EXTRA, "prints", 1_333)
    await rate_of(booking, profile, pb.RATE_KIND_TRAVEL, "mile", 67)
    await rate_of(booking, profile, pb.RATE_KIND_LICENSE, "buyout", 50_000)
    asked = terms(
        profile,
        package_id=package,
        extras=[order_pb2.BookingExtra(code="prints", qty="1.5")],
        travel_miles="12.25",
        license_tier="buyout",
        credit_cents=900,
    )
    quote = await booking.QuoteOrder(ordering_pb2.QuoteOrderRequest(terms=asked), metadata=as_user(BUYER))
    order_id = await created(booking, asked)
    order = (await booking.GetOrder(ordering_pb2.GetOrderRequest(order_id=order_id), metadata=as_user(BUYER))).order

    assert order.price == quote.price
    assert list(order.line_items) == list(quote.line_items)
    assert [item.total_cents for item in order.line_items] == [80_000, 2_000, 821, 50_000]
    assert (order.package_id, order.travel_miles, order.license_tier) == (package, "12.25", "buyout")
    price = order.price
    assert price.credit_cents == 900
    assert price.total_cents == (
        price.subtotal_cents + price.platform_fee_cents + price.tax_cents + price.tip_cents - price.credit_cents
    )


async def test_what_is_retired_cannot_be_booked(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    profile = await offered(booking)
    package = await package_of(booking, profile)
    await package_of(booking, profile, package_id=package, retired=True)
    asked = ordering_pb2.QuoteOrderRequest(terms=terms(profile, package_id=package))
    refused = await refusal(booking.QuoteOrder(asked, metadata=as_user(BUYER)))
    assert refused.violations == {"terms.package_id": "is not offered"}

    request = pb.UpsertServiceProfileRequest(
        service_profile_id=profile, title="Gone", city="berlin", hourly_cents=1, currency="usd", retired=True
    )
    assert (await booking.UpsertServiceProfile(request, metadata=as_user(PROVIDER))).service_profile.retired
    gone = ordering_pb2.QuoteOrderRequest(terms=terms(profile))
    assert (await refusal(booking.QuoteOrder(gone, metadata=as_user(BUYER)))).reason == "NOT_FOUND"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"extras": [order_pb2.BookingExtra(code="prints", qty="-1")]}, "terms.extras[0].qty"),
        ({"extras": [order_pb2.BookingExtra(code="prints", qty="0")]}, "terms.extras[0].qty"),
        ({"extras": [order_pb2.BookingExtra(code="drone", qty="1")]}, "terms.extras[0].code"),
        ({"travel_miles": "far"}, "terms.travel_miles"),
        ({"travel_miles": "3", "location_kind": order_pb2.LOCATION_KIND_REMOTE}, "terms.travel_miles"),
        ({"license_tier": "worldwide"}, "terms.license_tier"),
        ({"credit_cents": -1}, "terms.credit_cents"),
        ({"tip_cents": 10_000_001}, "terms.tip_cents"),
    ],
)
async def test_terms_that_cannot_be_priced_name_the_field(
    server: Running, changes: dict[str, object], field: str
) -> None:
    booking = BookingServiceStub(server.channel)
    profile = await offered(booking)
    await rate_of(booking, profile, pb.RATE_KIND_EXTRA, "prints", 1_333)
    request = ordering_pb2.QuoteOrderRequest(terms=terms(profile))
    change(request.terms, changes)
    refused = await refusal(booking.QuoteOrder(request, metadata=as_user(BUYER)))
    assert (refused.code, refused.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "FIELD_INVALID")
    assert field in refused.violations


async def test_a_total_beyond_the_limit_is_refused(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    request = ordering_pb2.QuoteOrderRequest(terms=terms(await offered(booking, hourly_cents=10_000_000), hours=720))
    refused = await refusal(booking.QuoteOrder(request, metadata=as_user(BUYER)))
    assert refused.violations == {"terms": "the total may be at most 50000000 cents"}


async def test_a_retry_makes_no_second_package(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    profile = await offered(booking)
    made = {await package_of(booking, profile, idempotency_key="package-1") for _ in range(3)}
    assert len(made) == 1


@pytest.mark.parametrize(
    ("method", "most"), [("UpsertPackage", 3), ("ListPackages", 2), ("UpsertRate", 3), ("ListRates", 2)]
)
async def test_each_rpc_keeps_its_statement_budget(server: Running, method: str, most: int) -> None:
    booking = BookingServiceStub(server.channel)
    profile = await offered(booking)
    requests = {
        "UpsertPackage": pb.UpsertPackageRequest(service_profile_id=profile, title="A day", price_cents=1),
        "ListPackages": pb.ListPackagesRequest(service_profile_id=profile),
        "UpsertRate": pb.UpsertRateRequest(
            service_profile_id=profile, kind=pb.RATE_KIND_EXTRA, code="prints", title="Prints", unit_cents=1
        ),
        "ListRates": pb.ListRatesRequest(service_profile_id=profile),
    }
    await getattr(booking, method)(requests[method], metadata=as_user(PROVIDER))
    server.statements.forget()
    await getattr(booking, method)(requests[method], metadata=as_user(PROVIDER))
    assert 0 < server.statements.count(method) <= most


async def test_a_booking_by_the_package_lasts_as_long_as_it_says(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    profile = await offered(booking)
    package = await package_of(booking, profile, duration_minutes=timedelta(hours=8) // timedelta(minutes=1))
    request = ordering_pb2.QuoteOrderRequest(terms=terms(profile, package_id=package))
    refused = await refusal(booking.QuoteOrder(request, metadata=as_user(BUYER)))
    assert refused.violations == {"terms.end_ts": "must be 480 minutes after start_ts, as the package says"}
