"""Rows of search_document and what they mean."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

import asyncpg

from callsheet.sql.growth_saved_searches import Queries
from server.core.db import Record, Tx, load_queries
from server.growth.saved_searches.domain import DayRange, SearchDocument, SearchScope

_queries = load_queries("server.growth.saved_searches", Queries)
_A_DAY = timedelta(days=1)


class SearchDocumentRepository:
    """Reads and writes documents on the caller's transaction."""

    async def save(self, tx: Tx, documents: Sequence[SearchDocument], *, now: datetime) -> int:
        """Stores documents and tells how many differed.

        The cities stay locked until the transaction ends, and changes are numbered under the lock: within a city a
        change that commits later has a higher number, so whoever has looked up to a number has missed nothing.
        """
        await _queries.lock_cities(tx, cities=sorted({document.city for document in documents}))
        before = await _queries.newest_change_anywhere(tx)
        ordered = sorted(documents, key=lambda document: document.document_id)
        await _queries.upsert_document(tx, [{**_row(document), "now": now} for document in ordered])
        changed = await _queries.count_changed(tx, document_ids=[row.document_id for row in ordered], after=before)
        return changed if isinstance(changed, int) else 0

    async def delete(self, tx: Tx, document_ids: Sequence[str]) -> int:
        return len(await _queries.delete_documents(tx, document_ids=sorted(document_ids)))

    async def by_id(self, tx: Tx, document_ids: Sequence[str]) -> dict[str, SearchDocument]:
        """Those that exist, by their ids."""
        rows = await _queries.documents_by_id(tx, document_ids=list(document_ids))
        return {row["document_id"]: _document(row) for row in rows}


def _row(document: SearchDocument) -> dict[str, object]:
    return {
        "document_id": document.document_id,
        "scope": document.scope,
        "owner_user_id": document.owner_user_id,
        "city": document.city,
        "title": document.title,
        "roles": list(document.roles),
        "tags": list(document.tags),
        "price_cents": document.price_cents,
        "rating_hundredths": document.rating_hundredths,
        "verified": document.verified,
        "available": [asyncpg.Range(days.first, days.last + _A_DAY) for days in document.available],
        "latitude": None if document.latitude is None else Decimal(str(document.latitude)),
        "longitude": None if document.longitude is None else Decimal(str(document.longitude)),
    }


def _document(row: Record) -> SearchDocument:
    return SearchDocument(
        document_id=row["document_id"],
        scope=SearchScope(row["scope"]),
        owner_user_id=row["owner_user_id"],
        city=row["city"],
        title=row["title"],
        roles=tuple(row["roles"]),
        tags=tuple(row["tags"]),
        price_cents=row["price_cents"],
        rating_hundredths=row["rating_hundredths"],
        verified=row["verified"],
        available=tuple(_days(days) for days in row["available"]),
        latitude=None if row["latitude"] is None else float(row["latitude"]),
        longitude=None if row["longitude"] is None else float(row["longitude"]),
    )


def _days(stored: "asyncpg.Range[date]") -> DayRange:
    if stored.lower is None or stored.upper is None:
        raise ValueError("availability has a beginning and an end")
    return DayRange(stored.lower, stored.upper - _A_DAY)
