"""What can be done with a provider's profile, availability and calendar."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from server.booking.cancellation import CancellationPolicy
from server.booking.providers.domain import (
    Availability,
    Obstacle,
    ProviderProfile,
    busy_range,
    obstacles,
)
from server.booking.providers.hours import Interval, Weekday, Window, checked
from server.booking.providers.ical import calendar
from server.booking.providers.repository import ProviderRepository
from server.core.call import Actor
from server.core.clock import Clock, is_zone
from server.core.db import Database, Guard, Tx
from server.core.errors import FieldInvalid, NotFound, Violation

LONGEST_QUESTION = timedelta(days=30)
CALENDAR_PAST = timedelta(days=30)
CALENDAR_FUTURE = timedelta(days=730)
CALENDAR_ENTRIES = 2_000


@dataclass(frozen=True, slots=True)
class UpsertProviderProfile:
    """A provider describes themselves."""

    actor: Actor
    time_zone: str
    travel_buffer: timedelta
    cancellation_policy: CancellationPolicy


@dataclass(frozen=True, slots=True)
class SetAvailability:
    """A provider says when they work and when not."""

    actor: Actor
    hours: Mapping[Weekday, Sequence[Interval]]
    blackouts: Sequence[Window]


@dataclass(frozen=True, slots=True)
class CheckAvailability:
    """Somebody asks whether a provider has time."""

    provider_user_id: str
    asked: Window


class Providers:
    """The operations on providers."""

    def __init__(
        self,
        database: Database,
        repository: ProviderRepository,
        clock: Clock,
        secret: Callable[[], str],
        public_url: str,
    ) -> None:
        self._database = database
        self._repository = repository
        self._clock = clock
        self._secret = secret
        self._public_url = public_url

    async def upsert(self, command: UpsertProviderProfile, once: Guard[ProviderProfile] | None) -> ProviderProfile:
        """Stores the caller's profile; availability stays as it was, working hours are now meant in the new zone."""
        if not is_zone(command.time_zone):
            raise FieldInvalid(Violation("time_zone", "must be an IANA zone, such as Europe/Berlin"))

        async def work(tx: Tx) -> ProviderProfile:
            await self._repository.save(
                tx,
                command.actor.user_id,
                time_zone=command.time_zone,
                travel_buffer=command.travel_buffer,
                cancellation_policy=command.cancellation_policy,
                now=self._clock.now(),
            )
            return await self._profile(tx, command.actor.user_id)

        return await self._database.run(work, once=once)

    async def get(self, provider_user_id: str) -> ProviderProfile:
        """A provider's profile."""
        async with self._database.read() as tx:
            return await self._profile(tx, provider_user_id)

    async def set_availability(self, command: SetAvailability, once: Guard[ProviderProfile] | None) -> ProviderProfile:
        """Replaces the caller's working hours and blackouts; bookings that were agreed already stay."""
        hours = checked(command.hours)
        provider = command.actor.user_id

        async def work(tx: Tx) -> ProviderProfile:
            now = self._clock.now()
            if not await self._repository.set_availability(tx, provider, hours, command.blackouts, now):
                raise NotFound("the provider profile")
            return await self._profile(tx, provider)

        return await self._database.run(work, once=once)

    async def check(self, command: CheckAvailability) -> list[Obstacle]:
        """What stands in the way of a booking at that time; nothing is held by asking."""
        asked = command.asked
        if asked.end - asked.start > LONGEST_QUESTION:
            raise FieldInvalid(Violation("end_ts", f"must be at most {LONGEST_QUESTION.days} days after start_ts"))
        async with self._database.read() as tx:
            availability = await self._availability(tx, command.provider_user_id)
            busy = await self._repository.busy(
                tx, command.provider_user_id, busy_range(asked, availability.travel_buffer)
            )
        return obstacles(availability, asked, busy)

    async def rotate_calendar_link(self, actor: Actor) -> str:
        """A new link to the caller's calendar. Only its hash is kept, so that it cannot be read from the database."""
        secret = self._secret()
        await self._set_link(actor, _hash(secret), None)
        return f"{self._public_url}/v1/calendars/{secret}"

    async def revoke_calendar_link(self, actor: Actor, once: Guard[None] | None) -> None:
        """Takes the link back; where there is none, nothing changes."""
        await self._set_link(actor, None, once)

    async def calendar_feed(self, secret: str) -> str:
        """The calendar that a link leads to."""
        now = self._clock.now()
        during = Window(now - CALENDAR_PAST, now + CALENDAR_FUTURE)
        async with self._database.read() as tx:
            provider = await self._repository.of_link(tx, _hash(secret))
            if provider is None:
                raise NotFound("the calendar")
            profile = await self._profile(tx, provider)
            entries = await self._repository.entries(tx, provider, during, CALENDAR_ENTRIES)
        blackouts = [blackout for blackout in profile.availability.blackouts if blackout.within(during)]
        return calendar(entries, blackouts, now=profile.updated_at)

    async def _set_link(self, actor: Actor, secret_hash: bytes | None, once: Guard[None] | None) -> None:
        async def work(tx: Tx) -> None:
            if not await self._repository.set_calendar_link(tx, actor.user_id, secret_hash, self._clock.now()):
                raise NotFound("the provider profile")

        await self._database.run(work, once=once)

    async def _profile(self, tx: Tx, provider_user_id: str) -> ProviderProfile:
        profile = await self._repository.get(tx, provider_user_id)
        if profile is None:
            raise NotFound("the provider profile")
        return profile

    async def _availability(self, tx: Tx, provider_user_id: str) -> Availability:
        """Somebody who offers something and said nothing of their time has time."""
        profile = await self._repository.get(tx, provider_user_id)
        if profile is not None:
            return profile.availability
        if await self._repository.offers_something(tx, provider_user_id):
            return Availability()
        raise NotFound(provider_user_id)


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
