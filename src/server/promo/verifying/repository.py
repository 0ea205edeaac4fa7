"""What the verifier compares, as the database has it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from callsheet.sql.promo_verifying import Queries
from server.core.db import Tx, load_queries
from server.promo.domain.agreement import DaySums

_queries = load_queries("server.promo.verifying", Queries)


@dataclass(frozen=True, slots=True)
class Place:
    """How far the stream is in a partition, under which fence, of which log."""

    partition: int
    fence: int
    last_offset: int
    generation: str | None


class VerifyingRepository:
    """Reads sums and places on the caller's transaction."""

    async def active_since(self, tx: Tx, since: datetime) -> dict[str, str]:
        """Campaigns that were charged since then, with their zones."""
        return {row["campaign_id"]: row["time_zone"] for row in await _queries.active_since(tx, since=since)}

    async def places(self, tx: Tx) -> dict[int, Place]:
        """Every partition that the stream has written."""
        rows = await _queries.positions(tx)
        return {
            row["partition"]: Place(row["partition"], row["fence"], row["last_offset"], row["generation"])
            for row in rows
        }

    async def in_ledger(self, tx: Tx, campaign_id: str, keys: Sequence[str]) -> frozenset[str]:
        """Which of these clicks were charged for good."""
        rows = await _queries.in_ledger(tx, campaign_id=campaign_id, click_keys=list(keys))
        return frozenset(row["click_key"] for row in rows)

    async def clicked(self, tx: Tx, campaign_ids: Collection[str]) -> dict[str, int]:
        """What clicks have cost in all, by campaign."""
        rows = await _queries.clicked_in_all(tx, campaign_ids=list(campaign_ids))
        return {row["campaign_id"]: row["cents"] for row in rows}

    async def days(self, tx: Tx, zones: Mapping[str, str], first_days: Mapping[str, date]) -> dict[str, list[DaySums]]:
        """Two days of each campaign, from the given one on."""
        rows = await _queries.day_sums(
            tx,
            campaign_ids=list(zones),
            zones=list(zones.values()),
            first_days=[first_days[campaign] for campaign in zones],
        )
        found: dict[str, list[DaySums]] = {campaign: [] for campaign in zones}
        for row in rows:
            sums = DaySums(row["day"], row["ledger_cents"], row["decided_cents"], row["rollup_cents"])
            found[row["campaign_id"]].append(sums)
        return found
