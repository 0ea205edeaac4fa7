"""What can be done with advertisers."""

from server.core.call import Actor
from server.core.clock import Clock
from server.core.db import Database, Guard, Tx
from server.core.errors import NotFound
from server.core.ids import Ids
from server.promo.advertisers.repository import AdvertiserRepository
from server.promo.domain.advertiser import Advertiser, AdvertiserStatus


class AdvertiserUseCases:
    """The operations on advertisers."""

    def __init__(self, database: Database, repository: AdvertiserRepository, clock: Clock, ids: Ids) -> None:
        self._database = database
        self._repository = repository
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

    async def get(self, advertiser_id: str, actor: Actor) -> Advertiser:
        """An advertiser, for its user, staff and services; for anybody else it does not exist."""
        async with self._database.read() as tx:
            return await visible_advertiser(self._repository, tx, advertiser_id, actor)


async def visible_advertiser(repository: AdvertiserRepository, tx: Tx, advertiser_id: str, actor: Actor) -> Advertiser:
    """The advertiser, where the caller may know of it; NotFound otherwise."""
    advertiser = await repository.get(tx, advertiser_id)
    if advertiser is None or not (actor.sees_everybody or actor.user_id == advertiser.user_id):
        raise NotFound(advertiser_id)
    return advertiser
