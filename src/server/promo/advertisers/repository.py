"""Rows of promo_advertiser and what they mean."""

from callsheet.sql.promo_advertisers import Queries
from server.core.db import Record, Tx, load_queries
from server.core.errors import AlreadyExists, NotFound, StaleVersion
from server.promo.domain.advertiser import Advertiser, AdvertiserEvent, AdvertiserStatus
from server.promo.domain.step import Step
from server.promo.history.repository import History

_queries = load_queries("server.promo.advertisers", Queries)


class AdvertiserRepository:
    """Reads and writes advertisers, with their history, on the caller's transaction."""

    def __init__(self, history: History) -> None:
        self._history = history

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
        await self._record(tx, None, advertiser, AdvertiserEvent.CREATE, advertiser.user_id)

    async def get(self, tx: Tx, advertiser_id: str) -> Advertiser | None:
        return _maybe(await _queries.get_advertiser(tx, advertiser_id=advertiser_id))

    async def hold_of(self, tx: Tx, campaign_id: str) -> Advertiser:
        """Reads a campaign's advertiser and keeps others from moving them; NotFound where there is no such campaign."""
        advertiser = _maybe(await _queries.hold_advertiser_of(tx, campaign_id=campaign_id))
        if advertiser is None:
            raise NotFound(campaign_id)
        return advertiser

    async def save(
        self, tx: Tx, before: Advertiser, after: Advertiser, event: AdvertiserEvent, by_user_id: str
    ) -> None:
        """Writes a change; StaleVersion where the advertiser is no longer what it was decided from."""
        saved = await _queries.save_advertiser(
            tx,
            advertiser_id=after.advertiser_id,
            expected_version=before.version,
            status=after.status,
            default_payment_id=after.default_payment_method_id,
            suspended_reason=after.suspended_reason,
            version=after.version,
            now=after.updated_at,
        )
        if saved is None:
            raise StaleVersion(after.advertiser_id, after.version)
        await self._record(tx, before, after, event, by_user_id)

    async def _record(
        self, tx: Tx, before: Advertiser | None, after: Advertiser, event: AdvertiserEvent, by_user_id: str
    ) -> None:
        from_status = before.status if before else None
        step = Step(after.advertiser_id, after.version, event, from_status, after.status, by_user_id, after.updated_at)
        await self._history.record(tx, step)


def _maybe(row: Record | None) -> Advertiser | None:
    if row is None:
        return None
    return Advertiser(
        advertiser_id=row["advertiser_id"],
        user_id=row["user_id"],
        status=AdvertiserStatus(row["status"]),
        version=row["version"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        default_payment_method_id=row["default_payment_id"],
        suspended_reason=row["suspended_reason"],
    )
