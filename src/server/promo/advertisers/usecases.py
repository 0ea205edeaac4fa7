"""What can be done with advertisers."""

from dataclasses import dataclass

from server.core.call import Actor
from server.core.clock import Clock
from server.core.db import Database, Guard, Tx
from server.core.errors import NotFound, StaleVersion
from server.core.ids import Ids
from server.payments.ports import Wallets
from server.promo.advertisers.following import AdvertiserFollowing
from server.promo.advertisers.repository import AdvertiserRepository
from server.promo.domain.advertiser import (
    Advertiser,
    AdvertiserEvent,
    AdvertiserStatus,
    Wishes,
    moved_by_staff,
    revised,
)
from server.promo.domain.history import ActorKind, By


@dataclass(frozen=True, slots=True)
class UpdateAdvertiser:
    """An advertiser stops, goes on, or chooses the card that automatic top-ups charge."""

    actor: Actor
    advertiser_id: str
    version: int
    wishes: Wishes


@dataclass(frozen=True, slots=True)
class MoveAdvertiser:
    """Staff stops everything of an advertiser's, or lets them go on."""

    actor: Actor
    advertiser_id: str
    version: int
    event: AdvertiserEvent
    reason: str = ""


class AdvertiserUseCases:
    """The operations on advertisers."""

    def __init__(
        self,
        database: Database,
        repository: AdvertiserRepository,
        following: AdvertiserFollowing,
        wallets: Wallets,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._database = database
        self._repository = repository
        self._following = following
        self._wallets = wallets
        self._clock = clock
        self._ids = ids

    async def create(self, actor: Actor, once: Guard[Advertiser] | None) -> Advertiser:
        """Makes a person an advertiser."""

        async def work(tx: Tx) -> Advertiser:
            now = self._clock.now()
            advertiser = Advertiser(
                advertiser_id=self._ids.new("padv"),
                user_id=actor.user_id,
                status=AdvertiserStatus.ACTIVE,
                version=1,
                created_at=now,
                updated_at=now,
            )
            await self._repository.insert(tx, advertiser)
            return advertiser

        return await self._database.run(work, once=once)

    async def update(self, command: UpdateAdvertiser, once: Guard[Advertiser] | None) -> Advertiser:
        """Changes what an advertiser decides of themselves."""

        async def work(tx: Tx) -> Advertiser:
            before = await self._repository.get(tx, command.advertiser_id)
            if before is None or before.user_id != command.actor.user_id:
                raise NotFound(command.advertiser_id)
            _check_version(before, command.version)
            await self._check_card(tx, command)
            after, event = revised(before, command.wishes, now=self._clock.now())
            await self._repository.save(tx, before, after, event, command.actor.user_id)
            return after

        return await self._database.run(work, once=once)

    async def move(self, command: MoveAdvertiser, once: Guard[Advertiser] | None) -> Advertiser:
        """Suspends an advertiser or lifts it, and every campaign of theirs with them: nothing of theirs is charged from
        then on, as nothing is of a campaign that is suspended alone.
        """

        async def work(tx: Tx) -> Advertiser:
            before = await self._repository.get(tx, command.advertiser_id)
            if before is None:
                raise NotFound(command.advertiser_id)
            _check_version(before, command.version)
            now = self._clock.now()
            after = moved_by_staff(before, command.event, now=now, reason=command.reason)
            await self._repository.save(tx, before, after, command.event, command.actor.user_id)
            await self._following.follow(tx, after, By(ActorKind.STAFF, command.actor.user_id), now=now)
            return after

        return await self._database.run(work, once=once)

    async def _check_card(self, tx: Tx, command: UpdateAdvertiser) -> None:
        chosen = command.wishes.default_payment_method_id
        if not chosen:
            return
        cards = await self._wallets.cards(tx, command.actor.user_id)
        if chosen not in {card.payment_method_id for card in cards}:
            raise NotFound(chosen)

    async def get(self, advertiser_id: str, actor: Actor) -> Advertiser:
        """An advertiser, for its user, staff and services; for anybody else it does not exist."""
        async with self._database.read() as tx:
            return await visible_advertiser(self._repository, tx, advertiser_id, actor)


def _check_version(advertiser: Advertiser, seen: int) -> None:
    """Refuses a change by somebody who has not seen the newest state; 0 means that they do not mind."""
    if seen not in (0, advertiser.version):
        raise StaleVersion(advertiser.advertiser_id, advertiser.version)


async def visible_advertiser(repository: AdvertiserRepository, tx: Tx, advertiser_id: str, actor: Actor) -> Advertiser:
    """The advertiser, where the caller may know of it; NotFound otherwise."""
    advertiser = await repository.get(tx, advertiser_id)
    if advertiser is None or not (actor.sees_everybody or actor.user_id == advertiser.user_id):
        raise NotFound(advertiser_id)
    return advertiser
