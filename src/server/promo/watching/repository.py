"""What a watcher looks at besides the budget and the clicks."""

from dataclasses import dataclass
from datetime import date

from callsheet.sql.promo_watching import Queries
from server.core.db import Tx, load_queries

_queries = load_queries("server.promo.watching", Queries)

MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Pace:
    """How a day is planned and paced."""

    planned_cents: int
    pass_through_ppm: int


class WatchRepository:
    """Reads how things stand, on the caller's transaction."""

    async def pace(self, tx: Tx, campaign_id: str, day: date) -> Pace | None:
        """How the day is paced; None where it is not, or not yet."""
        row = await _queries.pace_of(tx, campaign_id=campaign_id, budget_day=day)
        return None if row is None else Pace(row["planned_cents"], int(row["pass_through"] * MILLION))

    async def spends(self, tx: Tx, campaign_id: str) -> int:
        """How long the campaign's spend chain is."""
        row = await _queries.spend_length(tx, campaign_id=campaign_id)
        return 0 if row is None else row["sequence"]

    async def newest_offset(self, tx: Tx, partition: int) -> int:
        """Where the stream has got to in a partition; 0 where it has never been."""
        row = await _queries.newest_place(tx, log_partition=partition)
        return 0 if row is None else row["last_offset"]
