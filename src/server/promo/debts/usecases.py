"""What can be done about debts: see them, ask for one to end, and end it by a second person's word."""

from dataclasses import dataclass

from server.core.call import Actor
from server.core.clock import Clock
from server.core.db import Database, Guard, Tx
from server.core.errors import NotFound
from server.core.ids import Ids
from server.core.pagination import Listing, Page, PageTokens, page_size
from server.promo.campaigns.repository import CampaignRepository
from server.promo.debts.repository import DebtRepository
from server.promo.domain.debt import (
    Debt,
    Settlement,
    SettlementMethod,
    SettlementStatus,
    approve,
    check_amount,
    check_collected,
    check_method,
)


@dataclass(frozen=True, slots=True)
class ListDebts:
    """A page of a campaign's debts."""

    actor: Actor
    campaign_id: str
    page_size: int
    page_token: str


@dataclass(frozen=True, slots=True)
class ProposeSettlement:
    """Somebody of the staff asks for a debt to end."""

    actor: Actor
    topup_id: str
    method: SettlementMethod
    amount_cents: int
    adjustment_id: str
    reason: str


class DebtUseCases:
    """The operations on debts."""

    def __init__(
        self,
        database: Database,
        debts: DebtRepository,
        campaigns: CampaignRepository,
        clock: Clock,
        ids: Ids,
        pages: PageTokens,
    ) -> None:
        self._database = database
        self._debts = debts
        self._campaigns = campaigns
        self._clock = clock
        self._ids = ids
        self._pages = pages

    async def list(self, command: ListDebts) -> Page[Debt]:
        """A campaign's debts, those that have ended included."""
        listing = Listing("ListDebts", command.actor.user_id, {"campaign_id": command.campaign_id})
        position = self._pages.position(listing, command.page_token, length=1)
        size = page_size(command.page_size)
        async with self._database.read() as tx:
            if await self._campaigns.get(tx, command.campaign_id) is None:
                raise NotFound(command.campaign_id)
            debts = await self._debts.page(tx, command.campaign_id, position[0] if position else None, size + 1)
        return self._pages.page(listing, debts, size, lambda debt: (debt.topup_id,))

    async def propose(self, command: ProposeSettlement, once: Guard[Settlement] | None) -> Settlement:
        """Stores what is asked for; as much is owed as before."""
        check_method(command.method, command.adjustment_id)

        async def work(tx: Tx) -> Settlement:
            debt = await self._locked(tx, command.topup_id)
            check_amount(debt, command.amount_cents)
            if command.method is SettlementMethod.COLLECTED:
                found = await self._debts.collected(tx, command.adjustment_id)
                check_collected(found, command.adjustment_id, debt, command.amount_cents)
            settlement = Settlement(
                settlement_id=self._ids.new("pdst"),
                topup_id=debt.topup_id,
                method=command.method,
                amount_cents=command.amount_cents,
                reason=command.reason,
                status=SettlementStatus.PROPOSED,
                version=1,
                proposed_by=command.actor.user_id,
                proposed_at=self._clock.now(),
                adjustment_id=command.adjustment_id or None,
            )
            await self._debts.insert(tx, settlement)
            return settlement

        return await self._database.run(work, once=once)

    async def approve(self, settlement_id: str, actor: Actor, once: Guard[Settlement] | None) -> Settlement:
        """Ends the debt, or a part of it. A suspension that it brought is lifted by itself alone."""

        async def work(tx: Tx) -> Settlement:
            found = await self._debts.settlement(tx, settlement_id)
            if found is None:
                raise NotFound(settlement_id)
            debt = await self._locked(tx, found.topup_id)
            before = next(one for one in debt.settlements if one.settlement_id == settlement_id)
            approved = approve(before, debt, actor.user_id, now=self._clock.now())
            await self._debts.approve(tx, before, approved)
            return approved

        return await self._database.run(work, once=once)

    async def _locked(self, tx: Tx, topup_id: str) -> Debt:
        """The debt as nobody else changes it until the transaction ends: its campaign is held."""
        found = await self._debts.get(tx, topup_id)
        campaign = await self._campaigns.lock(tx, found.campaign_id) if found else None
        debt = await self._debts.get(tx, topup_id)
        if campaign is None or debt is None:
            raise NotFound(topup_id)
        return debt
