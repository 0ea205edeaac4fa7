"""What the hourly pass looks at, and how far it has looked."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from callsheet.sql.promo_late import Queries
from server.core.db import Tx, load_queries
from server.core.ids import first_of, id_time
from server.promo.domain.late import BASELINE, SPIKE_CLICKS, HourOfCampaign, LateClick
from server.promo.domain.verdicts import Rule

_queries = load_queries("server.promo.late", Queries)

_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a partition: charged clicks, and up to which offset they go."""

    clicks: tuple[LateClick, ...]
    through: int


class LateRepository:
    """Reads what was charged and what was recorded, on the caller's transaction."""

    async def looked_through(self, tx: Tx, rule: Rule, part: int = 0) -> int | None:
        """How far a rule has looked: in offsets of a partition, or in seconds since 1970."""
        through = await _queries.looked_through(tx, rule=rule, part=part)
        return through if isinstance(through, int) else None

    async def look_through(self, tx: Tx, rule: Rule, through: int, part: int = 0) -> None:
        await _queries.look_through(tx, rule=rule, part=part, through=through)

    async def partitions(self, tx: Tx) -> list[int]:
        return [row["partition"] for row in await _queries.partitions(tx)]

    async def charged_after(self, tx: Tx, partition: int, after: int, before: datetime, limit: int) -> Stretch:
        """Charged clicks behind an offset that were decided before an instant. A stretch that was cut ends where a
        record of the log does: the last one may have more clicks, and is left to the next.
        """
        rows = await _queries.charged_after(
            tx, log_partition=partition, after=after, decided_before=before, limit=limit
        )
        whole = rows
        if len(rows) == limit and rows[0]["log_offset"] != rows[-1]["log_offset"]:
            whole = [row for row in rows if row["log_offset"] != rows[-1]["log_offset"]]
        clicks = tuple(
            LateClick(row["campaign_id"], row["event_id"], row["impression_id"], id_time(row["event_id"]))
            for row in whole
        )
        return Stretch(clicks, whole[-1]["log_offset"] if whole else after)

    async def recorded(
        self, tx: Tx, impression_ids: Collection[str], since: datetime, until: datetime
    ) -> frozenset[str]:
        """Which of these impressions were recorded, by events whose ids are of that time."""
        rows = await _queries.recorded_impressions(
            tx, since=first_of("pevt", since), until=first_of("pevt", until), impression_ids=list(impression_ids)
        )
        return frozenset(row["impression_id"] for row in rows)

    async def busy_hours(self, tx: Tx, hour: datetime) -> list[HourOfCampaign]:
        """Campaigns that were clicked often enough in an hour, with their past."""
        rows = await _queries.busy_hours(tx, hour=hour, baseline_from=hour - BASELINE, least_clicks=SPIKE_CLICKS)
        return [
            HourOfCampaign(
                row["campaign_id"],
                hour,
                row["impressions"],
                row["clicks"],
                row["baseline_impressions"],
                row["baseline_clicks"],
            )
            for row in rows
        ]

    async def charged_in(self, tx: Tx, campaign_id: str, hour: datetime) -> list[str]:
        """A campaign's charged clicks of one hour, whatever its zone calls the day."""
        rows = await _queries.charged_within(
            tx,
            campaign_id=campaign_id,
            first_day=(hour - _A_DAY).date(),
            last_day=(hour + _A_DAY).date(),
            since=hour,
            until=hour + timedelta(hours=1),
        )
        return [row["event_id"] for row in rows]
