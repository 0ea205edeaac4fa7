"""What can be done about clicks: list them, claim one, decide a claim."""

from dataclasses import dataclass
from datetime import date

from server.core.call import STAFF, Actor
from server.core.clock import Clock
from server.core.db import Database, Guard, Tx
from server.core.errors import NotFound
from server.core.ids import Ids
from server.core.pagination import Listing, Page, PageTokens, page_size
from server.promo.campaigns.repository import CampaignRepository
from server.promo.campaigns.usecases import visible_campaign
from server.promo.clicks.crediting import Crediting
from server.promo.clicks.repository import ClickRepository, StandingClick
from server.promo.domain.claim import ClickClaim, ClickClaimStatus, check_claimable, decided
from server.promo.domain.crediting import FoundInvalid
from server.promo.domain.verdicts import Rule, Verdict
from server.promo.errors import SecondPersonNeeded


@dataclass(frozen=True, slots=True)
class ListClicks:
    """A page of a campaign's clicks."""

    actor: Actor
    campaign_id: str
    day: date | None
    verdicts: frozenset[Verdict]
    page_size: int
    page_token: str


@dataclass(frozen=True, slots=True)
class ClaimInvalidClick:
    """An advertiser says that a charged click was none."""

    actor: Actor
    campaign_id: str
    event_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class ListClickClaims:
    """A page of claims; no campaign means all of them, for staff."""

    actor: Actor
    campaign_id: str
    statuses: frozenset[ClickClaimStatus]
    page_size: int
    page_token: str


@dataclass(frozen=True, slots=True)
class DecideClickClaim:
    """Somebody of the marketplace says whether a claim is right."""

    actor: Actor
    claim_id: str
    granted: bool
    reason: str


class ClickUseCases:
    """The operations on clicks and on claims about them."""

    def __init__(
        self,
        database: Database,
        clicks: ClickRepository,
        campaigns: CampaignRepository,
        crediting: Crediting,
        clock: Clock,
        ids: Ids,
        pages: PageTokens,
    ) -> None:
        self._database = database
        self._clicks = clicks
        self._campaigns = campaigns
        self._crediting = crediting
        self._clock = clock
        self._ids = ids
        self._pages = pages

    async def list(self, command: ListClicks) -> Page[StandingClick]:
        """A campaign's clicks as they stand, newest first."""
        filters = {
            "campaign_id": command.campaign_id,
            "day": command.day.isoformat() if command.day else "",
            "verdicts": sorted(command.verdicts),
        }
        listing = Listing("ListClicks", command.actor.user_id, filters)
        position = self._pages.position(listing, command.page_token, length=1)
        size = page_size(command.page_size)
        async with self._database.read() as tx:
            visible_campaign(await self._campaigns.get(tx, command.campaign_id), command.campaign_id, command.actor)
            clicks = await self._clicks.page(
                tx,
                command.campaign_id,
                before=position[0] if position else None,
                day=command.day,
                verdicts=command.verdicts,
                limit=size + 1,
            )
        return self._pages.page(listing, clicks, size, lambda click: (click.event_id,))

    async def claim(self, command: ClaimInvalidClick, once: Guard[ClickClaim] | None) -> ClickClaim:
        """Stores a claim about a charged click; nothing moves before somebody has looked at it."""

        async def work(tx: Tx) -> ClickClaim:
            campaign = await self._campaigns.lock(tx, command.campaign_id)
            if campaign is None or campaign.owner_user_id != command.actor.user_id:
                raise NotFound(command.campaign_id)
            if not await self._clicks.exists(tx, command.campaign_id, command.event_id):
                raise NotFound(command.event_id)
            charged = await self._clicks.charged(tx, command.campaign_id, [command.event_id])
            now = self._clock.now()
            click = check_claimable(command.event_id, charged.get(command.event_id), now=now)
            claim = ClickClaim(
                claim_id=self._ids.new("pclm"),
                campaign_id=command.campaign_id,
                event_id=command.event_id,
                spend_entry_id=click.spend_entry_id,
                claimed_by=command.actor.user_id,
                reason=command.reason,
                status=ClickClaimStatus.OPEN,
                version=1,
                created_at=now,
                updated_at=now,
            )
            await self._clicks.insert_claim(tx, claim)
            return claim

        return await self._database.run(work, once=once)

    async def claims(self, command: ListClickClaims) -> Page[ClickClaim]:
        """Claims, newest first: of one campaign for its advertiser, of any for staff."""
        filters = {"campaign_id": command.campaign_id, "statuses": sorted(command.statuses)}
        listing = Listing("ListClickClaims", command.actor.user_id, filters)
        position = self._pages.position(listing, command.page_token, length=1)
        size = page_size(command.page_size)
        async with self._database.read() as tx:
            if command.campaign_id or not command.actor.has(*STAFF):
                campaign = await self._campaigns.get(tx, command.campaign_id)
                visible_campaign(campaign, command.campaign_id, command.actor)
            claims = await self._clicks.claims(
                tx,
                command.campaign_id or None,
                command.statuses,
                before=position[0] if position else None,
                limit=size + 1,
            )
        return self._pages.page(listing, claims, size, lambda claim: (claim.claim_id,))

    async def decide(self, command: DecideClickClaim, once: Guard[ClickClaim] | None) -> ClickClaim:
        """Decides a claim; one that is granted gives the click back, unless something else did meanwhile."""

        async def work(tx: Tx) -> ClickClaim:
            found = await self._clicks.claim(tx, command.claim_id)
            campaign = await self._campaigns.lock(tx, found.campaign_id) if found else None
            before = await self._clicks.claim(tx, command.claim_id)
            if campaign is None or before is None:
                raise NotFound(command.claim_id)
            if command.actor.user_id == before.claimed_by:
                raise SecondPersonNeeded(command.claim_id)
            after, event = decided(
                before, granted=command.granted, by=command.actor.user_id, reason=command.reason, now=self._clock.now()
            )
            await self._clicks.save_claim(tx, before, after, event)
            if after.status is ClickClaimStatus.GRANTED:
                invalid = FoundInvalid(after.event_id, Rule.CLAIMED, {"claim_id": after.claim_id})
                await self._crediting.credit(tx, campaign, [invalid], decided_by=command.actor.user_id)
            return after

        return await self._database.run(work, once=once)
