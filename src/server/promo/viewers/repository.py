"""The database's functions about viewers and about the days that events are kept by."""

from dataclasses import dataclass
from datetime import date

from callsheet.sql.promo_viewers import Queries
from server.core.db import Tx, load_queries

_queries = load_queries("server.promo.viewers", Queries)


@dataclass(frozen=True, slots=True)
class ErasedViewer:
    """What stands in a viewer's place, and in how many events it does so since."""

    pseudonym: str
    events: int


class ViewerRepository:
    """Calls the owner's functions on the caller's transaction."""

    async def erase(
        self, tx: Tx, viewer: str, *, viewer_hash: bytes, pseudonym: str, requested_by: str, reason: str
    ) -> ErasedViewer:
        """Forgets a viewer; whoever was forgotten before keeps their pseudonym."""
        row = await _queries.erase_viewer(
            tx, viewer=viewer, hash=viewer_hash, pseudonym=pseudonym, requested_by=requested_by, reason=reason
        )
        if row is None:
            raise AssertionError("the function answers with one row")
        return ErasedViewer(row["pseudonym"], row["events"])

    async def ensure_partitions(self, tx: Tx, first_day: date, last_day: date) -> int:
        made = await _queries.ensure_partitions(tx, first_day=first_day, last_day=last_day)
        return made if isinstance(made, int) else 0

    async def drop_partition(self, tx: Tx, keep_from: date) -> str | None:
        """Lets go of one day before the given one; which partition it was."""
        dropped = await _queries.drop_partition(tx, keep_from=keep_from)
        return dropped if isinstance(dropped, str) else None
