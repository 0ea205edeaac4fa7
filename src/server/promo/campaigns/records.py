"""What every change of a campaign leaves behind, whoever makes it."""

from collections.abc import Sequence
from typing import Protocol

from server.core.db import Tx
from server.promo.campaigns.repository import CampaignRepository
from server.promo.domain.campaign import Campaign, CampaignEvent
from server.promo.domain.history import By, CampaignStep, step


class Announcements(Protocol):
    """Tells the click stream what is in force, from the transaction that decides it."""

    async def limits_changed(self, tx: Tx, campaigns: Sequence[Campaign]) -> None: ...


class CampaignBook:
    """Writes campaigns with their history, and tells the stream where a change is about money."""

    def __init__(self, repository: CampaignRepository, feed: Announcements) -> None:
        self._repository = repository
        self._feed = feed

    async def created(self, tx: Tx, campaign: Campaign, by: By) -> None:
        await self._repository.insert(tx, campaign)
        await self._repository.record(tx, [step(None, campaign, CampaignEvent.CREATE, by)])
        await self._feed.limits_changed(tx, [campaign])

    async def changed(
        self, tx: Tx, before: Campaign, after: Campaign, event: CampaignEvent, by: By, reason: str = ""
    ) -> None:
        await self._repository.save(tx, before, after)
        await self._repository.record(tx, [step(before, after, event, by, reason)])
        if after.limits_version != before.limits_version:
            await self._feed.limits_changed(tx, [after])

    async def moved_together(self, tx: Tx, moves: Sequence[tuple[Campaign, CampaignStep]]) -> None:
        """Writes several locked campaigns after one step each, in as many statements as one would need."""
        campaigns = [campaign for campaign, _ in moves]
        await self._repository.save_statuses(tx, campaigns)
        await self._repository.record(tx, [taken for _, taken in moves])
        await self._feed.limits_changed(tx, campaigns)
