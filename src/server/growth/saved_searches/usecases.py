"""What people do with their saved searches."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from server.core.call import Actor
from server.core.clock import Clock
from server.core.db import Database, Guard, Tx
from server.core.errors import FieldInvalid, NotFound, Violation
from server.core.ids import Ids
from server.core.pagination import Listing, Page, PageTokens, page_size
from server.directory.ports import People
from server.growth.errors import LimitReached
from server.growth.saved_searches.document_rows import SearchDocumentRepository
from server.growth.saved_searches.domain import (
    MOST_SEARCHES,
    Alert,
    SavedSearch,
    SearchDocument,
    SearchScope,
    check_zone,
    paused,
    resumed,
)
from server.growth.saved_searches.matching import Ask, SearchIndex
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
class UpdateSavedSearch:
    """Somebody replaces parts of a search; what is None stays."""

    actor: Actor
    search_id: str
    query: Node | None
    city: str | None
    time_zone: str | None


@dataclass(frozen=True, slots=True)
class PauseSavedSearch:
    """Somebody silences a search until a day, or ends that with None."""

    actor: Actor
    search_id: str
    until: date | None


@dataclass(frozen=True, slots=True)
class PreviewSavedSearch:
    """Somebody looks at what a search would find."""

    actor: Actor
    scope: SearchScope
    query: Node
    city: str
    limit: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What a search finds now, and its query in normal form."""

    documents: Sequence[SearchDocument]
    query: Node


@dataclass(frozen=True, slots=True)
class ListAlerts:
    """A page of what the caller's searches found; of one search where its id is given."""

    actor: Actor
    search_id: str
    page_size: int
    page_token: str


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
        documents: SearchDocumentRepository,
        index: SearchIndex,
        people: People,
        clock: Clock,
        ids: Ids,
        pages: PageTokens,
    ) -> None:
        self._database = database
        self._repository = repository
        self._documents = documents
        self._index = index
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

    async def update(self, command: UpdateSavedSearch, once: Guard[SavedSearch] | None) -> SavedSearch:
        """Replaces parts of a search. What it now looks for or where, it looks for from now on."""
        if command.time_zone is not None:
            check_zone(command.time_zone)

        async def work(tx: Tx) -> SavedSearch:
            before = await self._locked(tx, command.search_id, command.actor)
            after = replace(
                before,
                query=before.query if command.query is None else command.query,
                city=before.city if command.city is None else command.city,
                time_zone=before.time_zone if command.time_zone is None else command.time_zone,
                updated_at=self._clock.now(),
            )
            if (after.query, after.city) != (before.query, before.city):
                newest = await self._repository.newest_change(tx, after.scope, after.city)
                after = replace(after, seen_through=newest)
            await self._repository.save(tx, after)
            return after

        return await self._database.run(work, once=once)

    async def pause(self, command: PauseSavedSearch, once: Guard[SavedSearch] | None) -> SavedSearch:
        """Silences a search until a day of its zone, or ends its silence."""

        async def work(tx: Tx) -> SavedSearch:
            search = await self._locked(tx, command.search_id, command.actor)
            now = self._clock.now()
            after = resumed(search, now=now) if command.until is None else paused(search, command.until, now=now)
            await self._repository.save(tx, after)
            return after

        return await self._database.run(work, once=once)

    async def preview(self, command: PreviewSavedSearch) -> Preview:
        """What a search would find now, the caller's own left out; nothing is stored."""
        ask = Ask(command.scope, command.city, command.query, limit=command.limit)
        async with self._database.read() as tx:
            matches = await self._index.matches(tx, ask)
            found = await self._documents.by_id(tx, [match.document_id for match in matches])
        others = [match.document_id for match in matches if match.owner_user_id != command.actor.user_id]
        return Preview([found[document_id] for document_id in others if document_id in found], command.query)

    async def alerts(self, command: ListAlerts) -> Page[Alert]:
        """What the caller's searches found, newest first."""
        listing = Listing("ListSavedSearchAlerts", command.actor.user_id, {"search_id": command.search_id})
        position = self._pages.position(listing, command.page_token, length=1)
        size = page_size(command.page_size)
        async with self._database.read() as tx:
            alerts = await self._repository.alerts(
                tx,
                command.actor.user_id,
                command.search_id,
                before=position[0] if position else None,
                limit=size + 1,
            )
            wanted = {document_id for stored in alerts for document_id in stored.document_ids}
            documents = await self._documents.by_id(tx, sorted(wanted))
        shown = [stored.showing(documents) for stored in alerts]
        return self._pages.page(listing, shown, size, lambda alert: (alert.alert_id,))

    async def _locked(self, tx: Tx, search_id: str, actor: Actor) -> SavedSearch:
        search = await self._repository.lock(tx, search_id, actor.user_id)
        if search is None:
            raise NotFound(search_id)
        return search

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
