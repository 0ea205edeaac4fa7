"""Tells an advertiser why a campaign is shown as it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from server.core.call import Actor
from server.core.clock import Clock
from server.core.db import Database
from server.promo.campaigns.repository import CampaignRepository
from server.promo.campaigns.usecases import visible_campaign
from server.promo.domain.campaign import Campaign
from server.promo.policies.repository import PolicyRepository
from server.promo.serving.domain.candidate import obstacle
from server.promo.serving.domain.unserved import Obstacle, Unserved
from server.promo.serving.repository import Pacing, ServingRepository
from server.promo.switches.repository import SwitchRepository

LOOKED_BACK: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What keeps a campaign from searches, now and of late."""

    campaign: Campaign
    obstacle: Obstacle | None
    unserved: Sequence[tuple[Unserved, int]]
    pacing: Pacing | None


class Diagnosing:
    """Reads campaigns together with how they are served."""

    def __init__(
        self,
        database: Database,
        campaigns: CampaignRepository,
        policies: PolicyRepository,
        serving: ServingRepository,
        switches: SwitchRepository,
        clock: Clock,
    ) -> None:
        self._database = database
        self._campaigns = campaigns
        self._policies = policies
        self._serving = serving
        self._switches = switches
        self._clock = clock

    async def diagnose(self, campaign_id: str, actor: Actor) -> Diagnosis:
        """A campaign, for its advertiser, staff and services, and why it is shown as it is."""
        now = self._clock.now()
        async with self._database.snapshot() as tx:
            campaign = visible_campaign(await self._campaigns.get(tx, campaign_id), campaign_id, actor)
            [known] = await self._serving.load(tx, [campaign_id], now)
            sold = await self._policies.of(tx, campaign)
            unserved = await self._serving.unserved(tx, campaign_id, now - LOOKED_BACK)
            pacing = await self._serving.pacing(tx, campaign_id)
            switches = await self._switches.get(tx)
        found = obstacle(known.candidate, now)
        if found is None and not sold:
            found = Obstacle.NOT_SOLD
        if found is None and switches.stops(campaign_id):
            found = Obstacle.CHARGING_STOPPED
        return Diagnosis(campaign, found, unserved, pacing)
