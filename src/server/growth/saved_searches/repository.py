"""Rows of saved searches and what they mean."""

import json

from callsheet.sql.growth_saved_searches import Queries
from server.core.db import Record, Tx, load_queries
from server.growth.saved_searches.domain import SavedSearch, SearchScope
from server.growth.saved_searches.query import canonical, parse, query_hash

_queries = load_queries("server.growth.saved_searches", Queries)


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
