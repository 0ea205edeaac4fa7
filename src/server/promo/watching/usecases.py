"""Following a campaign while its clicks are decided.

The stream says nothing to anybody when it commits: a notification would make its partitions wait for each other. So a
watcher looks, four times a second, at rows that are found by key; what has not changed is not sent. In between it
glances at the one row that moves whenever a click costs something.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from server.core.call import Actor
from server.core.db import Database, Tx
from server.promo.campaigns.repository import CampaignRepository
from server.promo.campaigns.usecases import visible_campaign
from server.promo.clicks.repository import ClickRepository, StandingClick
from server.promo.domain.campaign import Campaign, PacingMode
from server.promo.domain.partitions import partition_of
from server.promo.money.usecases import Budget, MoneyUseCases
from server.promo.watching.repository import MILLION, Pace, WatchRepository

GLANCE_EVERY_SECONDS = 0.05
GLANCES = 5
"""After so many that showed nothing, it is looked at everything else."""

CLICKS_AT_ONCE = 100
_LAST_INDEX = 999_999_999


@dataclass(frozen=True, slots=True)
class WatchCampaign:
    """Somebody follows a campaign; no place begins with what comes next."""

    actor: Actor
    campaign_id: str
    place: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Seen:
    """How a campaign stands, and what was decided since the look before."""

    budget: Budget
    pace: Pace
    clicks: Sequence[StandingClick]
    place: tuple[int, int]

    def tells_more_than(self, other: "Seen | None") -> bool:
        return other is None or bool(self.clicks) or (self.budget, self.pace) != (other.budget, other.pace)


class WatchUseCases:
    """The operations on campaigns that run."""

    def __init__(
        self,
        database: Database,
        campaigns: CampaignRepository,
        clicks: ClickRepository,
        money: MoneyUseCases,
        repository: WatchRepository,
        partitions: int,
    ) -> None:
        self._database = database
        self._campaigns = campaigns
        self._clicks = clicks
        self._money = money
        self._repository = repository
        self._partitions = partitions

    async def watch(self, command: WatchCampaign) -> AsyncIterator[Seen]:
        """How the campaign stands, at once, and again whenever that has changed, until the caller goes."""
        place, before = command.place, None
        while True:
            written = await self._glance(command)
            seen = await self._look(command, place)
            if seen.tells_more_than(before):
                yield seen
            place, before = seen.place, seen
            if len(seen.clicks) < CLICKS_AT_ONCE:
                await self._look_forward(command, written)

    async def _look_forward(self, command: WatchCampaign, written: int) -> None:
        """Until something was written to the campaign's spend chain, and not for long where nothing is."""
        for _ in range(GLANCES):
            await asyncio.sleep(GLANCE_EVERY_SECONDS)
            if await self._glance(command) != written:
                return

    async def _glance(self, command: WatchCampaign) -> int:
        async with self._database.read() as tx:
            return await self._repository.spends(tx, command.campaign_id)

    async def _look(self, command: WatchCampaign, place: tuple[int, int] | None) -> Seen:
        partition = partition_of(command.campaign_id, self._partitions)
        async with self._database.snapshot() as tx:
            found = await self._campaigns.get(tx, command.campaign_id)
            campaign = visible_campaign(found, command.campaign_id, command.actor)
            budget = await self._money.budget_of(tx, campaign)
            if place is None:
                place = (await self._repository.newest_offset(tx, partition), _LAST_INDEX)
            clicks = await self._clicks.after(tx, command.campaign_id, partition, place, CLICKS_AT_ONCE)
            pace = await self._pace(tx, campaign, budget)
        return Seen(budget, pace, clicks, clicks[-1].place if clicks else place)

    async def _pace(self, tx: Tx, campaign: Campaign, budget: Budget) -> Pace:
        """Where a campaign takes every chance, all of its day may be spent at once."""
        planned = await self._repository.pace(tx, campaign.campaign_id, budget.today)
        if planned is None or campaign.terms.budget.pacing is PacingMode.ACCELERATED:
            return Pace(campaign.terms.budget.daily_cents, MILLION)
        return planned
