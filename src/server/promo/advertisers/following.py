"""Lets campaigns follow their advertiser, in the transaction that moves the advertiser.

Searches look at the advertiser themselves; the click stream knows campaigns only, so each of them is suspended to stop
charging, and the stream hears of all of them as soon as of one.
"""

from datetime import datetime

from server.core.db import Tx
from server.promo.campaigns.records import CampaignBook
from server.promo.campaigns.repository import CampaignRepository
from server.promo.domain.advertiser import Advertiser
from server.promo.domain.campaign import WITH_ADVERTISER, Campaign, CampaignStatus, apply, following
from server.promo.domain.history import By, CampaignStep, step

MAY_FOLLOW = frozenset({CampaignStatus.ACTIVE, CampaignStatus.PAUSED, CampaignStatus.SUSPENDED})


class AdvertiserFollowing:
    """Moves campaigns."""

    def __init__(self, campaigns: CampaignRepository, book: CampaignBook) -> None:
        self._campaigns = campaigns
        self._book = book

    async def follow(self, tx: Tx, advertiser: Advertiser, by: By, *, now: datetime) -> None:
        """Moves every campaign that does not stand as its advertiser, whose row is locked, has it."""
        await self._campaigns.lock_of(tx, advertiser.advertiser_id)
        campaigns = await self._campaigns.page(tx, advertiser.advertiser_id, MAY_FOLLOW, before=None, limit=None)
        moves = [move for campaign in campaigns if (move := _move(campaign, advertiser, by, now))]
        if moves:
            await self._book.moved_together(tx, moves)


def _move(campaign: Campaign, advertiser: Advertiser, by: By, now: datetime) -> tuple[Campaign, CampaignStep] | None:
    event = following(campaign, advertiser.status)
    if event is None:
        return None
    after = apply(campaign, event, now=now, reason=WITH_ADVERTISER)
    return after, step(campaign, after, event, by, WITH_ADVERTISER)
