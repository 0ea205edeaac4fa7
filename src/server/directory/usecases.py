"""What can be done with people's profiles."""

from collections.abc import Sequence
from dataclasses import dataclass

from server.core.call import Actor
from server.core.clock import Clock
from server.core.db import Database, Guard, Tx
from server.core.errors import NotFound
from server.core.ids import Ids
from server.directory.domain import Export, UserProfile, UserUpsert, check_batch
from server.directory.ports import Forgets
from server.directory.repository import DirectoryRepository


@dataclass(frozen=True, slots=True)
class EraseUser:
    """An administrator answers a person's request to be forgotten."""

    actor: Actor
    user_id: str


class DirectoryUseCases:
    """The operations of the directory slice."""

    def __init__(
        self, database: Database, repository: DirectoryRepository, clock: Clock, ids: Ids, forgetting: Sequence[Forgets]
    ) -> None:
        self._database = database
        self._repository = repository
        self._clock = clock
        self._ids = ids
        self._forgetting = tuple(forgetting)

    async def upsert(self, users: Sequence[UserUpsert], once: Guard[list[UserProfile]] | None) -> list[UserProfile]:
        """Stores all profiles or none. People who were erased stay so, and are answered by their pseudonym."""
        check_batch(users)

        async def work(tx: Tx) -> list[UserProfile]:
            ids = [user.user_id for user in users]
            await self._repository.lock(tx, *ids)
            erased = await self._repository.pseudonyms(tx, ids)
            present = [user for user in users if user.user_id not in erased]
            stored = await self._repository.save(tx, present, now=self._clock.now())
            stored |= await self._repository.get_all(tx, list(erased.values()))
            return [stored[erased.get(user_id, user_id)] for user_id in ids]

        return await self._database.run(work, once=once)

    async def get(self, user_id: str) -> UserProfile:
        async with self._database.read() as tx:
            profile = await self._repository.get(tx, user_id)
        if profile is None:
            raise NotFound(user_id)
        return profile

    async def export(self, user_id: str) -> Export:
        """Everything stored about a person, as of one instant."""
        async with self._database.snapshot() as tx:
            sections = await self._repository.export(tx, user_id)
        return Export(user_id, self._clock.now(), sections)

    async def erase(self, command: EraseUser, once: Guard[str] | None) -> str:
        """Replaces a person by a pseudonym, everywhere, and tells it; the same one however often this is asked."""

        async def work(tx: Tx) -> str:
            await self._repository.lock(tx, command.user_id)
            erased = await self._repository.pseudonyms(tx, [command.user_id])
            if command.user_id in erased:
                return erased[command.user_id]
            if await self._repository.get(tx, command.user_id) is None:
                raise NotFound(command.user_id)
            for holder in self._forgetting:
                await holder.forget(tx, command.user_id)
            pseudonym = self._ids.new("usr")
            await self._repository.erase(
                tx, command.user_id, pseudonym, requested_by=command.actor.user_id, now=self._clock.now()
            )
            return pseudonym

        return await self._database.run(work, once=once)
