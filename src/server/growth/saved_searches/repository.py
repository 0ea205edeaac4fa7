"""Rows of saved searches and what they mean."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from callsheet.sql.growth_saved_searches import Queries
from server.core.db import Record, Tx, load_queries
from server.growth.saved_searches.domain import Alert, SavedSearch, SearchDocument, SearchScope
from server.growth.saved_searches.query import canonical, parse, query_hash

_queries = load_queries("server.growth.saved_searches", Queries)


@dataclass(frozen=True, slots=True)
class StoredAlert:
    """An alert and the ids of its items, latest change first."""

    alert: Alert
    document_ids: tuple[str, ...]

    def showing(self, documents: Mapping[str, SearchDocument]) -> Alert:
        """The alert with those of its items that still exist."""
        found = (documents.get(document_id) for document_id in self.document_ids)
        return replace(self.alert, documents=tuple(document for document in found if document is not None))


class SavedSearchRepository:
    """Reads and writes saved searches on the caller's transaction."""

    async def count(self, tx: Tx, user_id: str) -> int:
        """How many somebody has, holding others off until the transaction ends."""
        await _queries.lock_person(tx, user_id=user_id)
        return _number(await _queries.count_searches(tx, user_id=user_id))

    async def insert(self, tx: Tx, search: SavedSearch) -> None:
        await _queries.insert_search(
            tx,
            search_id=search.search_id,
            user_id=search.user_id,
            scope=search.scope,
            query=canonical(search.query),
            query_hash=query_hash(search.query),
            city=search.city,
            time_zone=search.time_zone,
            seen_through=search.seen_through,
            now=search.created_at,
        )

    async def get(self, tx: Tx, search_id: str) -> SavedSearch | None:
        row = await _queries.get_search(tx, search_id=search_id)
        return None if row is None else _search(row)

    async def page(self, tx: Tx, user_id: str, *, before: str | None, limit: int) -> list[SavedSearch]:
        """Somebody's searches, newest first, older than the given id."""
        return [_search(row) for row in await _queries.searches_of(tx, user_id=user_id, before=before, limit=limit)]

    async def delete(self, tx: Tx, search_id: str, user_id: str) -> bool:
        """Whether there was such a search of theirs."""
        return await _queries.delete_search(tx, search_id=search_id, user_id=user_id) is not None

    async def lock(self, tx: Tx, search_id: str, user_id: str) -> SavedSearch | None:
        """A search of this owner, held until the transaction ends."""
        row = await _queries.lock_search(tx, search_id=search_id, user_id=user_id)
        return None if row is None else _search(row)

    async def save(self, tx: Tx, search: SavedSearch) -> None:
        """Writes what an owner may change."""
        await _queries.update_search(
            tx,
            search_id=search.search_id,
            query=canonical(search.query),
            query_hash=query_hash(search.query),
            city=search.city,
            time_zone=search.time_zone,
            paused_until=search.paused_until,
            seen_through=search.seen_through,
            now=search.updated_at,
        )

    async def alerts(
        self, tx: Tx, user_id: str, search_id: str, *, before: str | None, limit: int
    ) -> list[StoredAlert]:
        """What somebody's searches found, newest first, older than the given id."""
        rows = await _queries.alerts_of(tx, user_id=user_id, search_id=search_id, before=before, limit=limit)
        return [_alert(row) for row in rows]

    async def newest_change(self, tx: Tx, scope: SearchScope, city: str) -> int:
        """Everything up to here is committed, and nothing up to here will be: see the lock of the writers."""
        return _number(await _queries.newest_change(tx, scope=scope, city=city))


def _number(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError("a count is a number")
    return value


def _search(row: Record) -> SavedSearch:
    return SavedSearch(
        search_id=row["search_id"],
        user_id=row["user_id"],
        scope=SearchScope(row["scope"]),
        query=parse(json.loads(row["query_json"])),
        city=row["city"],
        time_zone=row["time_zone"],
        paused_until=row["paused_until"],
        last_alert_dt=row["last_alert_dt"],
        seen_through=row["seen_through"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


def _alert(row: Record) -> StoredAlert:
    return StoredAlert(
        Alert(
            alert_id=row["alert_id"],
            search_id=row["search_id"],
            alert_dt=row["alert_dt"],
            match_count=row["match_count"],
            documents=(),
            email_sent=row["email_sent"],
            created_at=row["created_at"],
        ),
        tuple(row["document_ids"] or ()),
    )
