"""What ingest reads of campaigns, advertisers and the stream, and the devices that it notes."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from callsheet.sql.promo_ingest import Queries
from server.core.db import Tx, load_queries

_queries = load_queries("server.promo.ingest", Queries)


class Owner(NamedTuple):
    """Whose a campaign is."""

    campaign_id: str
    advertiser_id: str
    user_id: str


class Device(NamedTuple):
    """A device that an advertiser was seen on."""

    advertiser_id: str
    device_hash: str
    last_seen_at: datetime


class IngestRepository:
    """Rows, on the caller's transaction."""

    async def owners(self, tx: Tx, *, after: str, limit: int) -> list[Owner]:
        """Of the next campaigns after this one, by id."""
        rows = await _queries.campaign_owners(tx, after=after, limit=limit)
        return [Owner(row["campaign_id"], row["advertiser_id"], row["user_id"]) for row in rows]

    async def devices(self, tx: Tx, *, seen_after: datetime) -> list[Device]:
        rows = await _queries.advertiser_devices(tx, seen_after=seen_after)
        return [Device(row["advertiser_id"], row["device_hash"], row["last_seen_at"]) for row in rows]

    async def note_devices(self, tx: Tx, seen: Sequence[tuple[str, str]], now: datetime) -> None:
        """Notes on which devices people were seen, of those who are advertisers."""
        await _queries.note_devices(
            tx, user_ids=[user_id for user_id, _ in seen], device_hashes=[device for _, device in seen], now=now
        )

    async def forget_devices(self, tx: Tx, *, seen_before: datetime) -> None:
        await _queries.forget_devices(tx, seen_before=seen_before)

    async def committed(self, tx: Tx, log: str) -> dict[int, int]:
        """How far the stream has committed each partition that it has ever taken."""
        rows = await _queries.committed_offsets(tx, log=log)
        return {row["partition"]: row["last_offset"] for row in rows}
