"""Bringing money into a campaign's budget, inside the caller's transaction."""

from dataclasses import replace

from server.core.clock import Clock
from server.core.db import Tx
from server.promo.campaigns.records import Announcements
from server.promo.domain.campaign import Campaign
from server.promo.domain.ledger import Entry, Movement, link
from server.promo.money.repository import LedgerRepository


class Funding:
    """The one writer of the funding chains."""

    def __init__(self, ledger: LedgerRepository, feed: Announcements, clock: Clock) -> None:
        self._ledger = ledger
        self._feed = feed
        self._clock = clock

    async def bring(self, tx: Tx, campaign: Campaign, movement: Movement) -> Entry:
        """Writes money into a locked campaign's funding chain, and tells the stream the new totals: absolute ones, so
        that hearing of them twice adds nothing.
        """
        now = self._clock.now()
        version = await self._ledger.raise_limits_version(tx, campaign.campaign_id)
        before = await self._ledger.lock_funding(tx, campaign.campaign_id)
        written = link(before, movement)
        after = written.head(before)
        await self._ledger.append(tx, written, after, now=now)
        restored = campaign.restored_cents + movement.restored_cents
        told = replace(campaign, funded=after.funds, restored_cents=restored, limits_version=version)
        await self._feed.limits_changed(tx, told)
        return Entry(written, now)
