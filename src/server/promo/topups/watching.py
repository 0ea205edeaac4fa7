"""Watches what is left of the budgets of active campaigns: pays into those that ask for it, and says what runs out."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from functools import partial

from server.core.clock import Clock
from server.core.db import Database, Tx
from server.core.errors import AlreadyExists
from server.payments.ports import Wallets
from server.promo.advertisers.repository import AdvertiserRepository
from server.promo.campaigns.repository import CampaignRepository
from server.promo.domain.advertiser import AdvertiserStatus
from server.promo.domain.campaign import Campaign, CampaignStatus
from server.promo.domain.notice import Due, due
from server.promo.domain.topup import TopUpCause
from server.promo.money.repository import LedgerRepository
from server.promo.notices.telling import Notices
from server.promo.topups.beginning import Payment, TopUpBeginning
from server.promo.topups.settling import TopUpSettling

LOOKED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Glance:
    """An active campaign and what its present day has cost."""

    campaign: Campaign
    today: date
    spent_today_cents: int


class BudgetWatching:
    """Looks at every active campaign, a page at a time."""

    def __init__(
        self,
        database: Database,
        campaigns: CampaignRepository,
        advertisers: AdvertiserRepository,
        ledger: LedgerRepository,
        beginning: TopUpBeginning,
        settling: TopUpSettling,
        notices: Notices,
        wallets: Wallets,
        clock: Clock,
    ) -> None:
        self._database = database
        self._campaigns = campaigns
        self._advertisers = advertisers
        self._ledger = ledger
        self._beginning = beginning
        self._settling = settling
        self._notices = notices
        self._wallets = wallets
        self._clock = clock

    async def look(self) -> None:
        """One round. What is said or paid is said or paid once, however often somebody looks."""
        after = ""
        while True:
            async with self._database.snapshot() as tx:
                campaigns = await self._campaigns.active(tx, after, LOOKED_AT_ONCE)
                glances = await self._glances(tx, campaigns)
                news = await self._news(tx, glances)
            for glance in glances:
                await self._pay(glance.campaign)
            for campaign, told in news:
                await self._database.run(partial(self._tell, campaign=campaign, told=told))
            if len(campaigns) < LOOKED_AT_ONCE:
                return
            after = campaigns[-1].campaign_id

    async def _glances(self, tx: Tx, campaigns: list[Campaign]) -> list[Glance]:
        now = self._clock.now()
        days = {campaign.campaign_id: campaign.terms.schedule.today(now) for campaign in campaigns}
        spent = await self._ledger.spent_on_days(tx, days)
        return [
            Glance(campaign, days[campaign.campaign_id], spent.get(campaign.campaign_id, 0)) for campaign in campaigns
        ]

    async def _news(self, tx: Tx, glances: list[Glance]) -> list[tuple[Campaign, list[Due]]]:
        """What each campaign's owner should hear and has not heard yet."""
        asked = [
            (glance.campaign.campaign_id, one)
            for glance in glances
            for one in due(glance.campaign, glance.today, glance.spent_today_cents)
        ]
        by_campaign: dict[str, list[Due]] = defaultdict(list)
        for campaign_id, one in await self._notices.news(tx, asked):
            by_campaign[campaign_id].append(one)
        campaigns = {glance.campaign.campaign_id: glance.campaign for glance in glances}
        return [(campaigns[campaign_id], told) for campaign_id, told in by_campaign.items()]

    async def _tell(self, tx: Tx, campaign: Campaign, told: list[Due]) -> None:
        for one in told:
            await self._notices.tell(tx, campaign, one.kind, one.cause, one.payload)

    async def _pay(self, campaign: Campaign) -> None:
        """Charges the advertiser's card where the balance is low enough for it, unless a payment is under way. Whoever
        has paused everything of theirs pays for nothing by itself.
        """
        if not _wants_money(campaign):
            return
        payer = await self._wallets.payer(campaign.owner_user_id)

        async def work(tx: Tx) -> None:
            locked = await self._campaigns.lock(tx, campaign.campaign_id)
            if locked is None or not _wants_money(locked) or locked.terms.budget.topups is None:
                return
            advertiser = await self._advertisers.get(tx, locked.advertiser_id)
            if advertiser is None or advertiser.status is not AdvertiserStatus.ACTIVE:
                return
            card = advertiser.default_payment_method_id or payer.default_payment_method_id
            if card is None:
                await self._settling.stop_automatic(tx, locked, None, cause=f"no_card:{locked.version}")
                return
            amount = locked.terms.budget.topups.amount_cents
            payment = Payment(payer=payer, amount_cents=amount, payment_method_id=card)
            await self._beginning.begin(tx, locked, payment, TopUpCause.AUTOMATIC)

        try:
            await self._database.run(work)
        except AlreadyExists:
            return


def _wants_money(campaign: Campaign) -> bool:
    topups = campaign.terms.budget.topups
    runs = campaign.status is CampaignStatus.ACTIVE
    return runs and topups is not None and campaign.balance_cents < topups.below_cents
