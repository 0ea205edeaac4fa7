"""What can be done with a campaign's money: open a transaction, lock, decide, write down, tell the stream."""

from dataclasses import dataclass
from datetime import date, datetime

from server.core.call import Actor
from server.core.clock import Clock
from server.core.db import Database, Guard, Tx
from server.core.errors import NotFound
from server.core.ids import Ids
from server.core.pagination import Listing, Page, PageTokens, page_size
from server.promo.campaigns.repository import CampaignRepository
from server.promo.campaigns.usecases import visible_campaign
from server.promo.domain.campaign import Campaign
from server.promo.domain.charging import Charging
from server.promo.domain.funds import Funds
from server.promo.domain.ledger import CreditSource, Entry, EntryKind, Movement
from server.promo.domain.statement import Statement
from server.promo.money.charging import ChargingReader
from server.promo.money.funding import Funding
from server.promo.money.repository import LedgerRepository
from server.promo.topups.repository import TopUpRepository


@dataclass(frozen=True, slots=True)
class GrantCredit:
    """Staff gives a campaign promotional credit."""

    campaign_id: str
    amount_cents: int
    source: CreditSource
    reason: str


@dataclass(frozen=True, slots=True)
class ListEntries:
    """A page of a campaign's ledger."""

    actor: Actor
    campaign_id: str
    page_size: int
    page_token: str


@dataclass(frozen=True, slots=True)
class Budget:
    """What a campaign has, spends and may spend."""

    campaign: Campaign
    today: date
    spent_today_cents: int
    owed_cents: int
    charging: Charging


class MoneyUseCases:
    """The operations on campaigns' money."""

    def __init__(
        self,
        database: Database,
        ledger: LedgerRepository,
        campaigns: CampaignRepository,
        funding: Funding,
        topups: TopUpRepository,
        charging: ChargingReader,
        clock: Clock,
        ids: Ids,
        pages: PageTokens,
    ) -> None:
        self._database = database
        self._ledger = ledger
        self._campaigns = campaigns
        self._funding = funding
        self._topups = topups
        self._charging = charging
        self._clock = clock
        self._ids = ids
        self._pages = pages

    async def grant_credit(self, command: GrantCredit, once: Guard[Entry] | None) -> Entry:
        """Gives promotional credit, which is spent before cash and never paid out."""

        async def work(tx: Tx) -> Entry:
            campaign = await self._campaigns.lock(tx, command.campaign_id)
            if campaign is None:
                raise NotFound(command.campaign_id)
            movement = Movement(
                entry_id=self._ids.new("pble"),
                campaign_id=campaign.campaign_id,
                kind=EntryKind.CREDIT,
                funds=Funds(promo_cents=command.amount_cents, cash_cents=0),
                reason=command.reason,
                credit_source=command.source,
            )
            return await self._funding.bring(tx, campaign, movement)

        return await self._database.run(work, once=once)

    async def budget(self, campaign_id: str, actor: Actor) -> Budget:
        """What a campaign has and what its present day has cost."""
        async with self._database.snapshot() as tx:
            campaign = visible_campaign(await self._campaigns.get(tx, campaign_id), campaign_id, actor)
            return await self.budget_of(tx, campaign)

    async def budget_of(self, tx: Tx, campaign: Campaign) -> Budget:
        """The same inside the caller's transaction, for a campaign that was read in it."""
        today = campaign.terms.schedule.today(self._clock.now())
        return Budget(
            campaign=campaign,
            today=today,
            spent_today_cents=await self._ledger.spent_on(tx, campaign.campaign_id, today),
            owed_cents=await self._topups.owed_by(tx, campaign.campaign_id),
            charging=await self._charging.of(tx, campaign),
        )

    async def entries(self, command: ListEntries) -> Page[Entry]:
        """A campaign's ledger, newest first."""
        listing = Listing("ListBudgetEntries", command.actor.user_id, {"campaign_id": command.campaign_id})
        position = self._pages.position(listing, command.page_token, length=2)
        before = (datetime.fromisoformat(position[0]), position[1]) if position else None
        size = page_size(command.page_size)
        async with self._database.read() as tx:
            visible_campaign(await self._campaigns.get(tx, command.campaign_id), command.campaign_id, command.actor)
            entries = await self._ledger.page(tx, command.campaign_id, before, size + 1)
        return self._pages.page(
            listing, entries, size, lambda entry: (entry.created_at.isoformat(), entry.link.movement.entry_id)
        )

    async def statement(self, campaign_id: str, month: date, actor: Actor) -> Statement:
        """What moved in one month of the campaign's zone."""
        async with self._database.snapshot() as tx:
            campaign = visible_campaign(await self._campaigns.get(tx, campaign_id), campaign_id, actor)
            return await self._ledger.statement(tx, campaign, month)
