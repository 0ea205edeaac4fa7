"""What can be done with what is offered."""

from dataclasses import dataclass
from datetime import timedelta

from server.booking.catalogue.domain import MOST_PACKAGES, MOST_RATES, Package, Rate, RateKind, ServiceProfile
from server.booking.catalogue.repository import CatalogueRepository
from server.booking.errors import LimitReached
from server.core.call import Actor
from server.core.clock import Clock
from server.core.db import Database, Guard, Tx
from server.core.ids import Ids
from server.core.pagination import Listing, Page, PageTokens, page_size


@dataclass(frozen=True, slots=True)
class UpsertServiceProfile:
    """A provider describes what they offer; an empty id creates a profile."""

    actor: Actor
    service_profile_id: str
    title: str
    city: str
    hourly_cents: int
    currency: str
    retired: bool


@dataclass(frozen=True, slots=True)
class UpsertPackage:
    """A provider describes a package; an empty id creates one."""

    actor: Actor
    service_profile_id: str
    package_id: str
    title: str
    description: str
    price_cents: int
    duration: timedelta | None
    license_tier: str
    retired: bool


@dataclass(frozen=True, slots=True)
class UpsertRate:
    """A provider says what one of something costs."""

    actor: Actor
    service_profile_id: str
    kind: RateKind
    code: str
    title: str
    unit_cents: int
    retired: bool


@dataclass(frozen=True, slots=True)
class ListOffered:
    """A page of what belongs to a profile."""

    actor: Actor
    service_profile_id: str
    page_size: int
    page_token: str


class Catalogue:
    """The operations on what is offered."""

    def __init__(
        self, database: Database, repository: CatalogueRepository, clock: Clock, ids: Ids, pages: PageTokens
    ) -> None:
        self._database = database
        self._repository = repository
        self._clock = clock
        self._ids = ids
        self._pages = pages

    async def upsert_service_profile(
        self, command: UpsertServiceProfile, once: Guard[ServiceProfile] | None
    ) -> ServiceProfile:
        """Stores the profile under its owner; an id that is somebody else's does not exist for the caller."""
        now = self._clock.now()
        profile = ServiceProfile(
            service_profile_id=command.service_profile_id or self._ids.new("srv"),
            provider_user_id=command.actor.user_id,
            title=command.title,
            city=command.city,
            hourly_cents=command.hourly_cents,
            currency=command.currency,
            active=not command.retired,
            created_at=now,
            updated_at=now,
        )
        return await self._database.run(lambda tx: self._repository.save_service_profile(tx, profile), once=once)

    async def upsert_package(self, command: UpsertPackage, once: Guard[Package] | None) -> Package:
        """Stores a package of the caller's profile, as long as there are not too many."""
        now = self._clock.now()
        package = Package(
            package_id=command.package_id or self._ids.new("pkg"),
            service_profile_id=command.service_profile_id,
            title=command.title,
            description=command.description,
            price_cents=command.price_cents,
            duration=command.duration,
            license_tier=command.license_tier,
            active=not command.retired,
            created_at=now,
            updated_at=now,
        )

        async def work(tx: Tx) -> Package:
            await self._repository.lock_profile(tx, package.service_profile_id, command.actor.user_id)
            if not command.package_id:
                count = await self._repository.count_packages(tx, package.service_profile_id)
                _check_room("packages", count, MOST_PACKAGES)
            return await self._repository.save_package(tx, package)

        return await self._database.run(work, once=once)

    async def list_packages(self, command: ListOffered) -> Page[Package]:
        """A profile's packages, oldest first."""
        listing, after, size = self._listing("ListPackages", command)
        async with self._database.read() as tx:
            owner = await self._repository.owner(tx, command.service_profile_id)
            found = await self._repository.packages(
                tx,
                command.service_profile_id,
                retired_too=_sees_retired(command.actor, owner),
                after=after,
                limit=size + 1,
            )
        return self._pages.page(listing, found, size, lambda package: (package.package_id,))

    async def upsert_rate(self, command: UpsertRate, once: Guard[Rate] | None) -> Rate:
        """Stores a rate of the caller's profile, as long as there are not too many."""
        now = self._clock.now()
        rate = Rate(
            rate_id=self._ids.new("rat"),
            service_profile_id=command.service_profile_id,
            kind=command.kind,
            code=command.code,
            title=command.title,
            unit_cents=command.unit_cents,
            active=not command.retired,
            created_at=now,
            updated_at=now,
        )

        async def work(tx: Tx) -> Rate:
            await self._repository.lock_profile(tx, rate.service_profile_id, command.actor.user_id)
            _check_room("rates", await self._repository.count_other_rates(tx, rate), MOST_RATES)
            return await self._repository.save_rate(tx, rate)

        return await self._database.run(work, once=once)

    async def list_rates(self, command: ListOffered) -> Page[Rate]:
        """A profile's rates, oldest first."""
        listing, after, size = self._listing("ListRates", command)
        async with self._database.read() as tx:
            owner = await self._repository.owner(tx, command.service_profile_id)
            found = await self._repository.rates(
                tx,
                command.service_profile_id,
                retired_too=_sees_retired(command.actor, owner),
                after=after,
                limit=size + 1,
            )
        return self._pages.page(listing, found, size, lambda rate: (rate.rate_id,))

    def _listing(self, method: str, command: ListOffered) -> tuple[Listing, str, int]:
        listing = Listing(method, command.actor.user_id, {"service_profile_id": command.service_profile_id})
        position = self._pages.position(listing, command.page_token, length=1)
        return listing, position[0] if position else "", page_size(command.page_size)


def _sees_retired(actor: Actor, owner: str) -> bool:
    return actor.user_id == owner or actor.sees_everybody


def _check_room(things: str, count: int, most: int) -> None:
    if count >= most:
        raise LimitReached(f"{things} of a service profile", most)
