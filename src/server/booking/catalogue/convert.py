"""What is offered: protobuf and domain, in both directions."""

from datetime import timedelta

from callsheet.booking.v1 import offering_pb2 as pb
from server.booking.catalogue.domain import Package, Rate, RateKind, ServiceProfile
from server.booking.catalogue.usecases import ListOffered, UpsertPackage, UpsertRate, UpsertServiceProfile
from server.core.call import Actor
from server.core.grpc.proto import EnumMap, timestamp
from server.core.pagination import Page

KINDS = EnumMap(pb.RateKind, RateKind, "RATE_KIND_", pb.RateKind.ValueType)


def upsert_service_profile(request: pb.UpsertServiceProfileRequest, actor: Actor) -> UpsertServiceProfile:
    return UpsertServiceProfile(
        actor=actor,
        service_profile_id=request.service_profile_id,
        title=request.title,
        city=request.city,
        hourly_cents=request.hourly_cents,
        currency=request.currency,
        retired=request.retired,
    )


def upsert_service_profile_response(profile: ServiceProfile) -> pb.UpsertServiceProfileResponse:
    return pb.UpsertServiceProfileResponse(
        service_profile=pb.ServiceProfile(
            service_profile_id=profile.service_profile_id,
            provider_user_id=profile.provider_user_id,
            title=profile.title,
            city=profile.city,
            hourly_cents=profile.hourly_cents,
            currency=profile.currency,
            created_at=timestamp(profile.created_at),
            updated_at=timestamp(profile.updated_at),
            retired=not profile.active,
        )
    )


def upsert_package(request: pb.UpsertPackageRequest, actor: Actor) -> UpsertPackage:
    return UpsertPackage(
        actor=actor,
        service_profile_id=request.service_profile_id,
        package_id=request.package_id,
        title=request.title,
        description=request.description,
        price_cents=request.price_cents,
        duration=timedelta(minutes=request.duration_minutes) if request.duration_minutes else None,
        license_tier=request.license_tier,
        retired=request.retired,
    )


def upsert_package_response(package: Package) -> pb.UpsertPackageResponse:
    return pb.UpsertPackageResponse(package=_package(package))


def list_packages(request: pb.ListPackagesRequest, actor: Actor) -> ListOffered:
    return ListOffered(actor, request.service_profile_id, request.page_size, request.page_token)


def list_packages_response(page: Page[Package]) -> pb.ListPackagesResponse:
    return pb.ListPackagesResponse(packages=map(_package, page.items), next_page_token=page.next_token)


def upsert_rate(request: pb.UpsertRateRequest, actor: Actor) -> UpsertRate:
    return UpsertRate(
        actor=actor,
        service_profile_id=request.service_profile_id,
        kind=KINDS.member(request.kind),
        code=request.code,
        title=request.title,
        unit_cents=request.unit_cents,
        retired=request.retired,
    )


def upsert_rate_response(rate: Rate) -> pb.UpsertRateResponse:
    return pb.UpsertRateResponse(rate=_rate(rate))


def list_rates(request: pb.ListRatesRequest, actor: Actor) -> ListOffered:
    return ListOffered(actor, request.service_profile_id, request.page_size, request.page_token)


def list_rates_response(page: Page[Rate]) -> pb.ListRatesResponse:
    return pb.ListRatesResponse(rates=map(_rate, page.items), next_page_token=page.next_token)


def _package(package: Package) -> pb.Package:
    return pb.Package(
        package_id=package.package_id,
        service_profile_id=package.service_profile_id,
        title=package.title,
        description=package.description,
        price_cents=package.price_cents,
        duration_minutes=package.duration // timedelta(minutes=1) if package.duration else 0,
        license_tier=package.license_tier,
        retired=not package.active,
        created_at=timestamp(package.created_at),
        updated_at=timestamp(package.updated_at),
    )


def _rate(rate: Rate) -> pb.Rate:
    return pb.Rate(
        rate_id=rate.rate_id,
        service_profile_id=rate.service_profile_id,
        kind=KINDS.number(rate.kind),
        code=rate.code,
        title=rate.title,
        unit_cents=rate.unit_cents,
        retired=not rate.active,
        created_at=timestamp(rate.created_at),
        updated_at=timestamp(rate.updated_at),
    )
