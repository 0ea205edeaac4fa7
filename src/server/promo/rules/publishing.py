"""Publishes rules: to the table that keeps them and to every partition of the log, in one transaction."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from callsheet.sql.promo_rules import Queries
from server.core.clock import Clock
from server.core.db import Database, Tx, load_queries
from server.promo.outgoing import ControlFeed

_queries = load_queries("server.promo.rules", Queries)

Written: TypeAlias = Callable[[int], str]
"""A book's text under the version that it is given."""


class BookMoved(Exception):
    """Somebody else has published meanwhile: what is to be published has not seen what stands."""

    def __init__(self, expected: int, found: int) -> None:
        super().__init__(f"version {found} stands, not {expected}")


@dataclass(frozen=True, slots=True)
class Published:
    """A book in the table."""

    version: int
    book: str
    note: str
    published_by: str
    published_at: datetime


async def newest(database: Database) -> Published | None:
    """What was published last; None where nothing ever was."""
    async with database.read() as tx:
        return await _newest(tx)


async def publish(
    database: Database, feed: ControlFeed, clock: Clock, *, written: Written, after: int, note: str, by: str
) -> int:
    """Publishes a book that was made to follow that version, and answers its own; BookMoved where another stands."""

    async def work(tx: Tx) -> int:
        stands = await _newest(tx)
        found = stands.version if stands else 0
        version = after + 1
        text = written(version)
        kept = found == after and await _queries.insert_book(
            tx, version=version, book=text, note=note, published_by=by, now=clock.now()
        )
        if not kept:
            raise BookMoved(after, found)
        await feed.rules_changed(tx, version, text)
        return version

    return await database.run(work)


async def _newest(tx: Tx) -> Published | None:
    row = await _queries.newest_book(tx)
    if row is None:
        return None
    return Published(row["version"], row["book"], row["note"], row["published_by"], row["published_at"])
