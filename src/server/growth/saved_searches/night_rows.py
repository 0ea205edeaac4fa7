"""Rows of the nightly run: what is due, what was claimed, what was told."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from callsheet.sql.growth_saved_searches import Queries
from server.core.db import Tx, load_queries
from server.growth.saved_searches.domain import SearchScope
from server.growth.saved_searches.query import Node, parse

_queries = load_queries("server.growth.saved_searches", Queries)


@dataclass(frozen=True, slots=True)
class SearchGroup:
    """Equal searches, and how far the one that looked least has looked."""

    query_hash: str
    query: Node
    seen_through: int


@dataclass(frozen=True, slots=True)
class ClaimedSearch:
    """A search that this run has taken for the day."""

    search_id: str
    user_id: str
    query_hash: str
    seen_through: int


@dataclass(frozen=True, slots=True)
class Item:
    """A document that an alert would tell a person of."""

    user_id: str
    document_id: str
    alert_id: str
    change_seq: int


@dataclass(frozen=True, slots=True)
class NewAlert:
    """What a search has found."""

    alert_id: str
    search_id: str
    user_id: str
    match_count: int


class NightRepository:
    """Reads and writes for the nightly run, on the caller's transaction."""

    async def zones(self, tx: Tx) -> list[str]:
        return [row["time_zone"] for row in await _queries.search_zones(tx)]

    async def due_cities(self, tx: Tx, time_zone: str, day: date) -> list[tuple[SearchScope, str]]:
        rows = await _queries.due_cities(tx, time_zone=time_zone, day=day)
        return [(SearchScope(row["scope"]), row["city"]) for row in rows]

    async def newest_change(self, tx: Tx, scope: SearchScope, city: str) -> int:
        """Everything up to here is committed: writers of a city number their changes one after the other."""
        newest = await _queries.newest_change(tx, scope=scope, city=city)
        return newest if isinstance(newest, int) else 0

    async def due_groups(
        self, tx: Tx, time_zone: str, scope: SearchScope, city: str, day: date, *, after: str, limit: int
    ) -> list[SearchGroup]:
        """Groups of equal searches that are due, in order of their hash, after the given one."""
        rows = await _queries.due_groups(
            tx, time_zone=time_zone, scope=scope, city=city, day=day, after=after, limit=limit
        )
        return [SearchGroup(row["query_hash"], parse(json.loads(row["query"])), row["seen_through"]) for row in rows]

    async def claim(
        self,
        tx: Tx,
        time_zone: str,
        scope: SearchScope,
        city: str,
        day: date,
        query_hashes: Sequence[str],
        through: int,
        *,
        limit: int,
    ) -> list[ClaimedSearch]:
        """Takes due searches of these groups; what another worker is taking right now is passed over."""
        rows = await _queries.claim_searches(
            tx,
            time_zone=time_zone,
            scope=scope,
            city=city,
            query_hashes=list(query_hashes),
            day=day,
            through=through,
            limit=limit,
        )
        return [ClaimedSearch(row["search_id"], row["user_id"], row["query_hash"], row["seen_through"]) for row in rows]

    async def keep_items(self, tx: Tx, items: Sequence[Item], day: date) -> Mapping[str, int]:
        """Keeps what a person was not told of today; how many that are, by alert."""
        rows = await _queries.tell_items(
            tx,
            user_ids=[item.user_id for item in items],
            document_ids=[item.document_id for item in items],
            alert_ids=[item.alert_id for item in items],
            change_seqs=[item.change_seq for item in items],
            day=day,
        )
        return Counter(row["alert_id"] for row in rows)

    async def insert_alerts(
        self, tx: Tx, alerts: Sequence[NewAlert], day: date, through: int, *, now: datetime
    ) -> None:
        """Stores alerts and dates their searches."""
        await _queries.insert_alerts(
            tx,
            alert_ids=[alert.alert_id for alert in alerts],
            search_ids=[alert.search_id for alert in alerts],
            match_counts=[alert.match_count for alert in alerts],
            day=day,
            through=through,
            now=now,
        )
        await _queries.mark_alerted(tx, search_ids=[alert.search_id for alert in alerts], day=day)
