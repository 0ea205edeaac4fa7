"""Rows of what is offered and what they mean."""

from datetime import timedelta
from typing import cast

from callsheet.sql.booking_catalogue import Queries
from server.booking.catalogue.domain import Package, Rate, RateKind, ServiceProfile
from server.core.db import Record, Tx, load_queries
from server.core.errors import NotFound

_queries = load_queries("server.booking.catalogue", Queries)


class CatalogueRepository:
    """Reads and writes the catalogue on the caller's transaction."""

    async def save_service_profile(self, tx: Tx, profile: ServiceProfile) -> ServiceProfile:
        """Creates or replaces a profile; NotFound where the id is somebody else's."""
        row = await _queries.upsert_service_profile(
            tx,
            service_profile_id=profile.service_profile_id,
            provider_user_id=profile.provider_user_id,
            title=profile.title,
            city=profile.city,
            hourly_cents=profile.hourly_cents,
            currency=profile.currency,
            active=profile.active,
            now=profile.updated_at,
        )
        if row is None:
            raise NotFound(profile.service_profile_id)
        return service_profile(row)

    async def owner(self, tx: Tx, service_profile_id: str) -> str:
        """Whose profile it is; NotFound where there is none."""
        found = await _queries.owner_of(tx, service_profile_id=service_profile_id)
        if found is None:
            raise NotFound(service_profile_id)
        return cast("str", found)

    async def lock_profile(self, tx: Tx, service_profile_id: str, provider_user_id: str) -> None:
        """Keeps others from adding to a profile until the transaction ends; NotFound where it is not the owner's."""
        found = await _queries.lock_profile(
            tx, service_profile_id=service_profile_id, provider_user_id=provider_user_id
        )
        if found is None:
            raise NotFound(service_profile_id)

    async def count_packages(self, tx: Tx, service_profile_id: str) -> int:
        return cast("int", await _queries.count_packages(tx, service_profile_id=service_profile_id))

    async def save_package(self, tx: Tx, package: Package) -> Package:
        """Creates or replaces a package; NotFound where the id is of another profile."""
        row = await _queries.upsert_package(
            tx,
            package_id=package.package_id,
            service_profile_id=package.service_profile_id,
            title=package.title,
            description=package.description or None,
            price_cents=package.price_cents,
            duration_minutes=package.duration // timedelta(minutes=1) if package.duration else None,
            license_tier=package.license_tier or None,
            active=package.active,
            now=package.updated_at,
        )
        if row is None:
            raise NotFound(package.package_id)
        return _package(row)

    async def packages(
        self, tx: Tx, service_profile_id: str, *, retired_too: bool, after: str, limit: int
    ) -> list[Package]:
        """A profile's packages, oldest first, newer than the given id."""
        rows = await _queries.list_packages(
            tx, service_profile_id=service_profile_id, retired_too=retired_too, after=after, limit=limit
        )
        return [_package(row) for row in rows]

    async def count_other_rates(self, tx: Tx, rate: Rate) -> int:
        count = await _queries.count_other_rates(
            tx, service_profile_id=rate.service_profile_id, kind=rate.kind, code=rate.code
        )
        return cast("int", count)

    async def save_rate(self, tx: Tx, rate: Rate) -> Rate:
        """Creates a rate or replaces the one of that kind and code, whose id stays."""
        row = await _queries.upsert_rate(
            tx,
            rate_id=rate.rate_id,
            service_profile_id=rate.service_profile_id,
            kind=rate.kind,
            code=rate.code,
            title=rate.title,
            unit_cents=rate.unit_cents,
            active=rate.active,
            now=rate.updated_at,
        )
        if row is None:
            raise AssertionError("an upsert gives its row back")
        return _rate(row)

    async def rates(self, tx: Tx, service_profile_id: str, *, retired_too: bool, after: str, limit: int) -> list[Rate]:
        """A profile's rates, oldest first, newer than the given id."""
        rows = await _queries.list_rates(
            tx, service_profile_id=service_profile_id, retired_too=retired_too, after=after, limit=limit
        )
        return [_rate(row) for row in rows]


def service_profile(row: Record) -> ServiceProfile:
    """A profile from any row that has its columns."""
    return ServiceProfile(
        service_profile_id=row["service_profile_id"],
        provider_user_id=row["provider_user_id"],
        title=row["title"],
        city=row["city"],
        hourly_cents=row["hourly_cents"],
        currency=row["currency"],
        active=row["active"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


def _package(row: Record) -> Package:
    minutes = row["duration_minutes"]
    return Package(
        package_id=row["package_id"],
        service_profile_id=row["service_profile_id"],
        title=row["title"],
        description=row["description"] or "",
        price_cents=row["price_cents"],
        duration=timedelta(minutes=minutes) if minutes else None,
        license_tier=row["license_tier"] or "",
        active=row["active"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


def _rate(row: Record) -> Rate:
    return Rate(
        rate_id=row["rate_id"],
        service_profile_id=row["service_profile_id"],
        kind=RateKind(row["kind"]),
        code=row["code"],
        title=row["title"],
        unit_cents=row["unit_cents"],
        active=row["active"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )
