"""Adjustments: proposed by one, approved by another. What brings money is applied at once, the rest by the stream."""

from dataclasses import dataclass
from typing import Protocol

from server.core.call import Actor
from server.core.clock import Clock
from server.core.db import Database, Guard, Tx
from server.core.errors import NotFound
from server.core.ids import Ids
from server.promo.campaigns.repository import CampaignRepository
from server.promo.domain.adjustment import Adjustment, AdjustmentStatus, approve, check_funds
from server.promo.domain.campaign import Campaign
from server.promo.domain.funds import Funds
from server.promo.domain.ledger import EntryKind, Movement
from server.promo.money.funding import Funding
from server.promo.money.repository import LedgerRepository


@dataclass(frozen=True, slots=True)
class ProposeAdjustment:
    """Somebody of the staff asks for money to be put right."""

    actor: Actor
    campaign_id: str
    funds: Funds
    reason: str


class Requests(Protocol):
    """Asks the click stream to take money, from the transaction that decides to."""

    async def debit_requested(self, tx: Tx, debit_id: str, campaign: Campaign, funds: Funds) -> None: ...


class AdjustmentUseCases:
    """The operations on adjustments."""

    def __init__(
        self,
        database: Database,
        ledger: LedgerRepository,
        campaigns: CampaignRepository,
        funding: Funding,
        requests: Requests,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._database = database
        self._ledger = ledger
        self._campaigns = campaigns
        self._funding = funding
        self._requests = requests
        self._clock = clock
        self._ids = ids

    async def propose(self, command: ProposeAdjustment, once: Guard[Adjustment] | None) -> Adjustment:
        """Stores what is asked for; no money moves."""
        check_funds(command.funds)

        async def work(tx: Tx) -> Adjustment:
            if await self._campaigns.get(tx, command.campaign_id) is None:
                raise NotFound(command.campaign_id)
            adjustment = Adjustment(
                adjustment_id=self._ids.new("padj"),
                campaign_id=command.campaign_id,
                funds=command.funds,
                reason=command.reason,
                status=AdjustmentStatus.PROPOSED,
                proposed_by=command.actor.user_id,
                proposed_at=self._clock.now(),
            )
            await self._ledger.insert_adjustment(tx, adjustment)
            return adjustment

        return await self._database.run(work, once=once)

    async def approve(self, adjustment_id: str, actor: Actor, once: Guard[Adjustment] | None) -> Adjustment:
        """Puts money in at once, or asks the stream to take it, which refuses where it is not there any more."""

        async def work(tx: Tx) -> Adjustment:
            proposed = await self._ledger.adjustment(tx, adjustment_id)
            if proposed is None:
                raise NotFound(adjustment_id)
            campaign = await self._campaigns.lock(tx, proposed.campaign_id)
            if campaign is None:
                raise NotFound(proposed.campaign_id)
            approved = approve(proposed, actor.user_id, now=self._clock.now())
            await self._ledger.approve_adjustment(tx, approved)
            await self._carry_out(tx, campaign, approved)
            return approved

        return await self._database.run(work, once=once)

    async def _carry_out(self, tx: Tx, campaign: Campaign, adjustment: Adjustment) -> None:
        if adjustment.takes:
            await self._requests.debit_requested(tx, adjustment.adjustment_id, campaign, adjustment.funds)
            return
        movement = Movement(
            entry_id=self._ids.new("pble"),
            campaign_id=campaign.campaign_id,
            kind=EntryKind.ADJUSTMENT,
            funds=adjustment.funds,
            reason=adjustment.reason,
        )
        await self._funding.bring(tx, campaign, movement)
