"""What can be done with campaigns: open a transaction, load and lock, decide, save, tell the stream."""

from dataclasses import dataclass
from typing import Protocol

from server.core.call import Actor
from server.core.clock import Clock
from server.core.db import Database, Guard, Tx
from server.core.errors import NotFound
from server.core.ids import Ids
from server.core.pagination import Listing, Page, PageTokens, page_size
from server.promo.advertisers.repository import AdvertiserRepository
from server.promo.advertisers.usecases import visible_advertiser
from server.promo.campaigns.repository import CampaignRepository
from server.promo.domain.campaign import Campaign, CampaignStatus, CampaignTerms, check_terms


@dataclass(frozen=True, slots=True)
class CreateCampaign:
    """An advertiser prepares a campaign."""

    actor: Actor
    advertiser_id: str
    terms: CampaignTerms


@dataclass(frozen=True, slots=True)
class ListCampaigns:
    """A page of an advertiser's campaigns."""

    actor: Actor
    advertiser_id: str
    statuses: frozenset[CampaignStatus]
    page_size: int
    page_token: str


class Announcements(Protocol):
    """Tells the click stream what is in force, from the transaction that decides it."""

    async def limits_changed(self, tx: Tx, campaign: Campaign) -> None: ...


class CampaignUseCases:
    """The operations on campaigns."""

    def __init__(
        self,
        database: Database,
        repository: CampaignRepository,
        advertisers: AdvertiserRepository,
        clock: Clock,
        ids: Ids,
        feed: Announcements,
        pages: PageTokens,
    ) -> None:
        self._database = database
        self._repository = repository
        self._advertisers = advertisers
        self._clock = clock
        self._ids = ids
        self._feed = feed
        self._pages = pages

    async def create(self, command: CreateCampaign, once: Guard[Campaign] | None) -> Campaign:
        """Stores a draft."""

        async def work(tx: Tx) -> Campaign:
            now = self._clock.now()
            advertiser = await visible_advertiser(self._advertisers, tx, command.advertiser_id, command.actor)
            check_terms(command.terms, now=now)
            campaign = Campaign(
                campaign_id=self._ids.new("pcmp"),
                advertiser_id=advertiser.advertiser_id,
                owner_user_id=advertiser.user_id,
                status=CampaignStatus.DRAFT,
                terms=command.terms,
                version=1,
                limits_version=1,
                created_at=now,
                updated_at=now,
            )
            await self._repository.insert(tx, campaign)
            await self._feed.limits_changed(tx, campaign)
            return campaign

        return await self._database.run(work, once=once)

    async def get(self, campaign_id: str, actor: Actor) -> Campaign:
        """A campaign, for its advertiser, staff and services; for anybody else it does not exist."""
        async with self._database.read() as tx:
            return _visible(await self._repository.get(tx, campaign_id), campaign_id, actor)

    async def list(self, command: ListCampaigns) -> Page[Campaign]:
        """An advertiser's campaigns, newest first."""
        filters = {"advertiser_id": command.advertiser_id, "statuses": sorted(command.statuses)}
        listing = Listing("ListCampaigns", command.actor.user_id, filters)
        position = self._pages.position(listing, command.page_token, length=1)
        size = page_size(command.page_size)
        async with self._database.read() as tx:
            await visible_advertiser(self._advertisers, tx, command.advertiser_id, command.actor)
            campaigns = await self._repository.page(
                tx,
                command.advertiser_id,
                command.statuses,
                before=position[0] if position else None,
                limit=size + 1,
            )
        return self._pages.page(listing, campaigns, size, lambda campaign: (campaign.campaign_id,))


def _visible(campaign: Campaign | None, campaign_id: str, actor: Actor) -> Campaign:
    if campaign is None or not (actor.sees_everybody or actor.user_id == campaign.owner_user_id):
        raise NotFound(campaign_id)
    return campaign
