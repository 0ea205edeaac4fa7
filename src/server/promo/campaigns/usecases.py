"""What can be done with campaigns: open a transaction, load and lock, decide, save, tell the stream."""

from collections.abc import Callable
from dataclasses import dataclass

from server.core.call import Actor
from server.core.clock import Clock
from server.core.db import Database, Guard, Tx
from server.core.errors import NotFound, StaleVersion
from server.core.ids import Ids
from server.core.pagination import Listing, Page, PageTokens, page_size
from server.promo.advertisers.repository import AdvertiserRepository
from server.promo.advertisers.usecases import visible_advertiser
from server.promo.campaigns.records import CampaignBook
from server.promo.campaigns.repository import CampaignRepository
from server.promo.domain.advertiser import AdvertiserStatus
from server.promo.domain.campaign import (
    Campaign,
    CampaignEvent,
    CampaignStatus,
    CampaignTerms,
    apply,
    check_terms,
    lift,
    revise,
)
from server.promo.domain.history import SYSTEM, ActorKind, By
from server.promo.domain.policy import check_activation, check_change
from server.promo.errors import AdvertiserInactive
from server.promo.policies.repository import PolicyRepository

ENDED_AT_ONCE = 100


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


@dataclass(frozen=True, slots=True)
class UpdateCampaign:
    """An advertiser changes terms; `revised` gives the new ones from those in force."""

    actor: Actor
    campaign_id: str
    version: int
    revised: Callable[[CampaignTerms], CampaignTerms]


@dataclass(frozen=True, slots=True)
class MoveCampaign:
    """Somebody starts, stops or ends a campaign; `reason` is kept in its history."""

    actor: Actor
    campaign_id: str
    version: int
    reason: str = ""


class CampaignUseCases:
    """The operations on campaigns."""

    def __init__(
        self,
        database: Database,
        repository: CampaignRepository,
        book: CampaignBook,
        advertisers: AdvertiserRepository,
        policies: PolicyRepository,
        clock: Clock,
        ids: Ids,
        pages: PageTokens,
    ) -> None:
        self._database = database
        self._repository = repository
        self._book = book
        self._advertisers = advertisers
        self._policies = policies
        self._clock = clock
        self._ids = ids
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
            await self._book.created(tx, campaign, By(ActorKind.ADVERTISER, command.actor.user_id))
            return campaign

        return await self._database.run(work, once=once)

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

    async def update(self, command: UpdateCampaign, once: Guard[Campaign] | None) -> Campaign:
        """Changes what the advertiser decides. Lowering a cap below what is spent is legal: it stops charging."""

        async def work(tx: Tx) -> Campaign:
            before = await self._own(tx, command.campaign_id, command.actor, command.version)
            after = revise(before, command.revised(before.terms), now=self._clock.now())
            check_change(after, await self._policies.of(tx, after))
            by = By(ActorKind.ADVERTISER, command.actor.user_id)
            await self._book.changed(tx, before, after, CampaignEvent.UPDATE, by)
            return after

        return await self._database.run(work, once=once)

    async def activate(self, command: MoveCampaign, once: Guard[Campaign] | None) -> Campaign:
        """Shows a campaign from now on, while dates, hours and budget allow."""

        async def work(tx: Tx) -> Campaign:
            advertiser = await self._advertisers.hold_of(tx, command.campaign_id)
            before = await self._own(tx, command.campaign_id, command.actor, command.version)
            after = apply(before, CampaignEvent.ACTIVATE, now=self._clock.now())
            policies = await self._policies.of(tx, before)
            check_activation(before, advertiser.status, policies, now=self._clock.now())
            by = By(ActorKind.ADVERTISER, command.actor.user_id)
            await self._book.changed(tx, before, after, CampaignEvent.ACTIVATE, by)
            return after

        return await self._database.run(work, once=once)

    async def pause(self, command: MoveCampaign, once: Guard[Campaign] | None) -> Campaign:
        """Stops showing a campaign; clicks on what was shown before are still charged."""
        return await self._database.run(lambda tx: self._moved_by_owner(tx, command, CampaignEvent.PAUSE), once=once)

    async def end(self, command: MoveCampaign, once: Guard[Campaign] | None) -> Campaign:
        """Ends a campaign for good."""
        return await self._database.run(lambda tx: self._moved_by_owner(tx, command, CampaignEvent.END), once=once)

    async def suspend(self, command: MoveCampaign, once: Guard[Campaign] | None) -> Campaign:
        """Stops showing and charging a campaign at once, by the marketplace."""

        async def work(tx: Tx) -> Campaign:
            before = await self._locked(tx, command)
            return await self._moved_by_staff(tx, before, command, CampaignEvent.SUSPEND)

        return await self._database.run(work, once=once)

    async def lift_suspension(self, command: MoveCampaign, once: Guard[Campaign] | None) -> Campaign:
        """Puts a suspended campaign back to where it stood."""

        async def work(tx: Tx) -> Campaign:
            advertiser = await self._advertisers.hold_of(tx, command.campaign_id)
            before = await self._locked(tx, command)
            event = lift(before)
            if advertiser.status is AdvertiserStatus.SUSPENDED:
                raise AdvertiserInactive(advertiser.advertiser_id, advertiser.status)
            return await self._moved_by_staff(tx, before, command, event)

        return await self._database.run(work, once=once)

    async def end_what_is_over(self) -> None:
        """Ends every running campaign whose last day has passed in its own zone."""
        while True:
            async with self._database.read() as tx:
                over = await self._repository.past_their_end(tx, self._clock.now(), ENDED_AT_ONCE)
            for campaign_id in over:
                await self._end_by_date(campaign_id)
            if len(over) < ENDED_AT_ONCE:
                return

    async def _end_by_date(self, campaign_id: str) -> None:
        async def work(tx: Tx) -> None:
            now = self._clock.now()
            before = await self._repository.lock(tx, campaign_id)
            if before is not None and before.is_over(now):
                after = apply(before, CampaignEvent.END_DATE_PASSED, now=now)
                await self._book.changed(tx, before, after, CampaignEvent.END_DATE_PASSED, SYSTEM)

        await self._database.run(work)

    async def _moved_by_owner(self, tx: Tx, command: MoveCampaign, event: CampaignEvent) -> Campaign:
        before = await self._own(tx, command.campaign_id, command.actor, command.version)
        after = apply(before, event, now=self._clock.now())
        by = By(ActorKind.ADVERTISER, command.actor.user_id)
        await self._book.changed(tx, before, after, event, by, command.reason)
        return after

    async def _moved_by_staff(self, tx: Tx, before: Campaign, command: MoveCampaign, event: CampaignEvent) -> Campaign:
        after = apply(before, event, now=self._clock.now(), reason=command.reason)
        by = By(ActorKind.STAFF, command.actor.user_id)
        await self._book.changed(tx, before, after, event, by, command.reason)
        return after

    async def _locked(self, tx: Tx, command: MoveCampaign) -> Campaign:
        campaign = await self._repository.lock(tx, command.campaign_id)
        if campaign is None:
            raise NotFound(command.campaign_id)
        _check_version(campaign, command.version)
        return campaign

    async def _own(self, tx: Tx, campaign_id: str, actor: Actor, version: int) -> Campaign:
        """The campaign, locked, where it is the caller's own; for anybody else it does not exist."""
        campaign = await self._repository.lock(tx, campaign_id)
        if campaign is None or campaign.owner_user_id != actor.user_id:
            raise NotFound(campaign_id)
        _check_version(campaign, version)
        return campaign


def _check_version(campaign: Campaign, seen: int) -> None:
    """Refuses a change by somebody who has not seen the newest state; 0 means that they do not mind."""
    if seen not in (0, campaign.version):
        raise StaleVersion(campaign.campaign_id, campaign.version)


def visible_campaign(campaign: Campaign | None, campaign_id: str, actor: Actor) -> Campaign:
    """The campaign, where the caller may know of it; NotFound otherwise."""
    if campaign is None or not (actor.sees_everybody or actor.user_id == campaign.owner_user_id):
        raise NotFound(campaign_id)
    return campaign
