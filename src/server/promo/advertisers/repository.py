"""Rows of promo_advertiser and what they mean."""

from callsheet.sql.promo_advertisers import Queries
from server.core.db import Tx, load_queries
from server.core.errors import AlreadyExists
from server.promo.domain.advertiser import Advertiser, AdvertiserStatus

_queries = load_queries("server.promo.advertisers", Queries)


class AdvertiserRepository:
    """Reads and writes advertisers on the caller's transaction."""

    async def insert(self, tx: Tx, advertiser: Advertiser) -> None:
        """Stores a new advertiser; AlreadyExists where the person is one."""
        stored = await _queries.insert_advertiser(
            tx,
            advertiser_id=advertiser.advertiser_id,
            user_id=advertiser.user_id,
            status=advertiser.status,
            now=advertiser.created_at,
        )
        if stored is None:
            raise AlreadyExists(f"the advertiser of {advertiser.user_id}")

    async def get(self, tx: Tx, advertiser_id: str) -> Advertiser | None:
        row = await _queries.get_advertiser(tx, advertiser_id=advertiser_id)
        if row is None:
            return None
        return Advertiser(
            advertiser_id=row["advertiser_id"],
            user_id=row["user_id"],
            status=AdvertiserStatus(row["status"]),
            version=row["version"],
            created_at=row["created_at"],
            updated_at=row["updated_at"],
        )
