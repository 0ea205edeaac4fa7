"""What people do with their saved searches."""

from dataclasses import dataclass

from server.core.call import Actor
from server.core.clock import Clock
from server.core.db import Database, Guard, Tx
from server.core.errors import FieldInvalid, NotFound, Violation
from server.core.ids import Ids
from server.core.pagination import Listing, Page, PageTokens, page_size
from server.directory.ports import People
from server.growth.errors import LimitReached
from server.growth.saved_searches.domain import MOST_SEARCHES, SavedSearch, SearchScope, check_zone
from server.growth.saved_searches.query import Node
from server.growth.saved_searches.repository import SavedSearchRepository


@dataclass(frozen=True, slots=True)
class CreateSavedSearch:
    """Somebody saves a search; no zone means the zone of their profile."""

    actor: Actor
    scope: SearchScope
    query: Node
    city: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class DeleteSavedSearch:
    """Somebody gives up a search."""

    actor: Actor
    search_id: str


@dataclass(frozen=True, slots=True)
class ListSavedSearches:
    """A page of the caller's searches."""

    actor: Actor
    page_size: int
    page_token: str


class SavedSearchUseCases:
    """The operations on saved searches."""

    def __init__(
        self,
        database: Database,
        repository: SavedSearchRepository,
        people: People,
        clock: Clock,
        ids: Ids,
        pages: PageTokens,
    ) -> None:
        self._database = database
        self._repository = repository
        self._people = people
        self._clock = clock
        self._ids = ids
        self._pages = pages

    async def create(self, command: CreateSavedSearch, once: Guard[SavedSearch] | None) -> SavedSearch:
        """Stores the search. It looks at what changes from now on: what is there already is for the preview."""
        user_id = command.actor.user_id

        async def work(tx: Tx) -> SavedSearch:
            if await self._repository.count(tx, user_id) >= MOST_SEARCHES:
                raise LimitReached("saved searches", MOST_SEARCHES)
            now = self._clock.now()
            search = SavedSearch(
                search_id=self._ids.new("ssv"),
                user_id=user_id,
                scope=command.scope,
                query=command.query,
                city=command.city,
                time_zone=await self._zone(tx, user_id, command.time_zone),
                paused_until=None,
                last_alert_dt=None,
                seen_through=await self._repository.newest_change(tx, command.scope, command.city),
                created_at=now,
                updated_at=now,
            )
            await self._repository.insert(tx, search)
            return search

        return await self._database.run(work, once=once)

    async def get(self, search_id: str, actor: Actor) -> SavedSearch:
        """A search, for its owner, staff and services; for anybody else it does not exist."""
        async with self._database.read() as tx:
            return _visible(await self._repository.get(tx, search_id), search_id, actor)

    async def list(self, command: ListSavedSearches) -> Page[SavedSearch]:
        """The caller's own searches, newest first."""
        listing = Listing("ListSavedSearches", command.actor.user_id, {})
        position = self._pages.position(listing, command.page_token, length=1)
        size = page_size(command.page_size)
        async with self._database.read() as tx:
            searches = await self._repository.page(
                tx, command.actor.user_id, before=position[0] if position else None, limit=size + 1
            )
        return self._pages.page(listing, searches, size, lambda search: (search.search_id,))

    async def delete(self, command: DeleteSavedSearch, once: Guard[None] | None) -> None:
        """Deletes the caller's search with its alerts."""

        async def work(tx: Tx) -> None:
            if not await self._repository.delete(tx, command.search_id, command.actor.user_id):
                raise NotFound(command.search_id)

        await self._database.run(work, once=once)

    async def _zone(self, tx: Tx, user_id: str, asked: str) -> str:
        if asked:
            check_zone(asked)
            return asked
        profile = await self._people.get(tx, user_id)
        if profile is None:
            raise FieldInvalid(Violation("time_zone", "is required for somebody without a profile"))
        return profile.time_zone


def _visible(search: SavedSearch | None, search_id: str, actor: Actor) -> SavedSearch:
    if search is None or not (actor.sees_everybody or actor.user_id == search.user_id):
        raise NotFound(search_id)
    return search
