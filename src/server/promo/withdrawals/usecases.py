"""What can be done about withdrawals: ask for one, read one."""

from dataclasses import dataclass
from typing import Protocol

from server.core.call import Actor
from server.core.clock import Clock
from server.core.db import Database, Guard, Tx
from server.core.errors import NotFound
from server.core.ids import Ids
from server.core.jobs import Jobs
from server.promo.campaigns.repository import CampaignRepository
from server.promo.campaigns.usecases import visible_campaign
from server.promo.domain.campaign import Campaign
from server.promo.domain.funds import Funds
from server.promo.domain.withdrawal import Withdrawal, WithdrawalStatus, asked, parts
from server.promo.topups.repository import TopUpRepository
from server.promo.withdrawals.repository import WithdrawalRepository
from server.promo.withdrawals.timers import FOLLOW_WITHDRAWAL


@dataclass(frozen=True, slots=True)
class WithdrawBalance:
    """An advertiser asks for cash back; 0 means everything that can be refunded."""

    actor: Actor
    campaign_id: str
    amount_cents: int


class Requests(Protocol):
    """Asks the click stream to take money, from the transaction that decides to."""

    async def debit_requested(self, tx: Tx, debit_id: str, campaign: Campaign, funds: Funds) -> None: ...


class WithdrawalUseCases:
    """The operations on withdrawals."""

    def __init__(
        self,
        database: Database,
        withdrawals: WithdrawalRepository,
        topups: TopUpRepository,
        campaigns: CampaignRepository,
        requests: Requests,
        jobs: Jobs,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._database = database
        self._withdrawals = withdrawals
        self._topups = topups
        self._campaigns = campaigns
        self._requests = requests
        self._jobs = jobs
        self._clock = clock
        self._ids = ids

    async def withdraw(self, command: WithdrawBalance, once: Guard[Withdrawal] | None) -> Withdrawal:
        """Reserves the charges and asks the stream, which alone knows what clicks have spent by then."""

        async def work(tx: Tx) -> Withdrawal:
            campaign = await self._campaigns.lock(tx, command.campaign_id)
            if campaign is None or campaign.owner_user_id != command.actor.user_id:
                raise NotFound(command.campaign_id)
            charges = await self._withdrawals.refundable(tx, campaign.campaign_id)
            owed = await self._topups.owed_by(tx, campaign.campaign_id)
            amount, now = asked(campaign, charges, command.amount_cents, owed), self._clock.now()
            withdrawal = Withdrawal(
                withdrawal_id=self._ids.new("pwdr"),
                campaign_id=campaign.campaign_id,
                requested_by=command.actor.user_id,
                amount_cents=amount,
                status=WithdrawalStatus.REQUESTED,
                parts=tuple(parts(charges, amount)),
                version=1,
                created_at=now,
                updated_at=now,
            )
            await self._withdrawals.insert(tx, withdrawal)
            await self._requests.debit_requested(tx, withdrawal.debit_id, campaign, Funds(0, -amount))
            await self._jobs.enqueue(tx, FOLLOW_WITHDRAWAL, key=withdrawal.withdrawal_id)
            return withdrawal

        return await self._database.run(work, once=once)

    async def get(self, withdrawal_id: str, actor: Actor) -> Withdrawal:
        """A withdrawal, for its campaign's advertiser, staff and services; for anybody else it does not exist."""
        async with self._database.read() as tx:
            withdrawal = await self._withdrawals.get(tx, withdrawal_id)
            if withdrawal is None:
                raise NotFound(withdrawal_id)
            visible_campaign(await self._campaigns.get(tx, withdrawal.campaign_id), withdrawal_id, actor)
            return withdrawal
