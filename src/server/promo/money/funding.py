"""Bringing money into a campaign's budget, inside the caller's transaction."""

from collections.abc import Sequence
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
        (entry,) = await self.bring_all(tx, campaign, [movement])
        return entry

    async def bring_all(self, tx: Tx, campaign: Campaign, movements: Sequence[Movement]) -> list[Entry]:
        """The same for several movements at once, in their order: one statement for all of them, one new total."""
        now = self._clock.now()
        version = await self._ledger.raise_limits_version(tx, campaign.campaign_id)
        head = await self._ledger.lock_funding(tx, campaign.campaign_id)
        links = []
        for movement in movements:
            links.append(link(head, movement))
            head = links[-1].head(head)
        await self._ledger.append(tx, links, head, now=now)
        restored = campaign.restored_cents + sum(movement.restored_cents for movement in movements)
        told = replace(campaign, funded=head.funds, restored_cents=restored, limits_version=version)
        await self._feed.limits_changed(tx, [told])
        return [Entry(written, now) for written in links]
