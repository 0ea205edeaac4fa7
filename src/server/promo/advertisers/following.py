"""Lets campaigns follow their advertiser, one by one, whichever way the advertiser stands by then.

Searches look at the advertiser themselves; the click stream knows campaigns only, so each of them is suspended to stop
charging. Late, twice or in between: every look ends where the advertiser is.
"""

from functools import partial

from server.core.clock import Clock
from server.core.db import Database, Tx
from server.promo.advertisers.repository import AdvertiserRepository
from server.promo.campaigns.records import CampaignBook
from server.promo.campaigns.repository import CampaignRepository
from server.promo.domain.campaign import WITH_ADVERTISER, CampaignStatus, apply, following
from server.promo.domain.history import SYSTEM

AT_ONCE = 200
MAY_FOLLOW = frozenset({CampaignStatus.ACTIVE, CampaignStatus.PAUSED, CampaignStatus.SUSPENDED})


class AdvertiserFollowing:
    """Moves campaigns."""

    def __init__(
        self,
        database: Database,
        advertisers: AdvertiserRepository,
        campaigns: CampaignRepository,
        book: CampaignBook,
        clock: Clock,
    ) -> None:
        self._database = database
        self._advertisers = advertisers
        self._campaigns = campaigns
        self._book = book
        self._clock = clock

    async def follow(self, advertiser_id: str) -> None:
        """Moves every campaign that does not stand as its advertiser has it."""
        before: str | None = None
        while True:
            async with self._database.read() as tx:
                page = await self._campaigns.page(tx, advertiser_id, MAY_FOLLOW, before=before, limit=AT_ONCE)
            for campaign in page:
                await self._database.run(partial(self._move, campaign_id=campaign.campaign_id))
            if len(page) < AT_ONCE:
                return
            before = page[-1].campaign_id

    async def _move(self, tx: Tx, campaign_id: str) -> None:
        advertiser = await self._advertisers.hold_of(tx, campaign_id)
        campaign = await self._campaigns.lock(tx, campaign_id)
        event = following(campaign, advertiser.status) if campaign else None
        if campaign is not None and event is not None:
            after = apply(campaign, event, now=self._clock.now(), reason=WITH_ADVERTISER)
            await self._book.changed(tx, campaign, after, event, SYSTEM, WITH_ADVERTISER)
