"""Follows a withdrawal: to the stream's decision, to the processor, and back into the budget where a refund fails.

    request ──▶ stream takes it ──▶ one refund a charge ──▶ arrived
        │             │                    │
        │             └ refuses: released  └ fails: in the budget again
        └ parts reserved

Each step is decided under the campaign's lock by comparing with what is known, so answers, events and jobs may come
late, twice and in any order.
"""

from dataclasses import replace
from datetime import timedelta

from server.adapters.stripe.objects import Refund, RefundStatus
from server.adapters.stripe.port import PaymentProcessor
from server.adapters.stripe.requests import CreateRefund, RefundReason
from server.core.clock import Clock
from server.core.crash import point
from server.core.db import Database, Tx
from server.core.errors import NotFound
from server.core.ids import Ids
from server.core.jobs import Postpone
from server.payments.ports import CallBook, CallStatus, Owner, SliceName
from server.promo.campaigns.repository import CampaignRepository
from server.promo.domain.campaign import Campaign
from server.promo.domain.funds import Funds
from server.promo.domain.ledger import EntryKind, Movement
from server.promo.domain.notice import NoticeKind
from server.promo.domain.withdrawal import (
    PartEvent,
    Withdrawal,
    WithdrawalEvent,
    WithdrawalPart,
    all_moved,
    moved,
    part_moved,
    with_part,
)
from server.promo.money.funding import Funding
from server.promo.notices.telling import Notices
from server.promo.withdrawals.repository import WithdrawalRepository
from server.promo.withdrawals.timers import REFUND_ANSWERED

SOONEST, LATEST = timedelta(seconds=1), timedelta(minutes=1)
_EVENTS = {
    RefundStatus.SUCCEEDED: PartEvent.ARRIVE,
    RefundStatus.FAILED: PartEvent.FAIL,
    RefundStatus.CANCELED: PartEvent.FAIL,
}


class WithdrawalFollowing:
    """Follows withdrawals to their ends."""

    def __init__(
        self,
        database: Database,
        withdrawals: WithdrawalRepository,
        campaigns: CampaignRepository,
        funding: Funding,
        notices: Notices,
        calls: CallBook,
        processor: PaymentProcessor,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._database = database
        self._withdrawals = withdrawals
        self._campaigns = campaigns
        self._funding = funding
        self._notices = notices
        self._calls = calls
        self._processor = processor
        self._clock = clock
        self._ids = ids

    async def follow(self, withdrawal_id: str) -> None:
        """Acts upon what the stream decided; looks again later, less and less often, where it has not yet."""
        waiting = await self._database.run(lambda tx: self._decided(tx, withdrawal_id))
        await point("withdrawal.decided")
        if waiting is not None:
            now = self._clock.now()
            age = now - waiting.created_at
            raise Postpone(now + min(max(age / 4, SOONEST), LATEST))

    async def answered(self, call_id: str) -> None:
        """Applies the outcome of a refund's call."""

        async def work(tx: Tx) -> None:
            call = await self._calls.get(tx, call_id)
            result, charge_id = self._calls.result(call), call.params["charge_id"]
            if isinstance(result, Refund):
                await self._apply(tx, call.owner.id, result.charge_id or str(charge_id), result)
            elif call.status is CallStatus.FAILED and call.failure is not None:
                await self._move(tx, call.owner.id, str(charge_id), PartEvent.FAIL, None, call.failure.code)

        await self._database.run(work)
        await point("withdrawal.refund_settled")

    async def look(self, withdrawal_id: str, refund_id: str) -> None:
        """Looks at a refund that something happened to."""
        refund = await self._processor.refund(refund_id)
        if refund.charge_id is not None:
            charge_id = refund.charge_id
            await self._database.run(lambda tx: self._apply(tx, withdrawal_id, charge_id, refund))

    async def _decided(self, tx: Tx, withdrawal_id: str) -> Withdrawal | None:
        """Acts upon the stream's decision; the withdrawal that still waits for one where there is none."""
        campaign, before = await self._locked(tx, withdrawal_id)
        taken = await self._withdrawals.was_taken(tx, before.debit_id)
        if taken is None:
            return before
        event = WithdrawalEvent.TAKE if taken else WithdrawalEvent.REFUSE
        after = moved(before, event, now=self._clock.now())
        if after is None:
            return None
        after = all_moved(after, PartEvent.SEND if taken else PartEvent.RELEASE)
        await self._withdrawals.save(tx, before, after, event)
        if taken:
            for part in after.parts:
                await self._refund(tx, after, part)
        else:
            await self._notices.tell(tx, campaign, NoticeKind.WITHDRAWAL_REFUSED, withdrawal_id, {})
        return None

    async def _refund(self, tx: Tx, withdrawal: Withdrawal, part: WithdrawalPart) -> None:
        request = CreateRefund(
            charge_id=part.charge_id,
            amount_cents=part.amount_cents,
            reason=RefundReason.REQUESTED_BY_CUSTOMER,
            metadata={"withdrawal_id": withdrawal.withdrawal_id},
        )
        await self._calls.store(
            tx,
            request,
            key=f"withdrawal:{withdrawal.withdrawal_id}:{part.topup_id}",
            owner=Owner(SliceName.PROMO, "withdrawal", withdrawal.withdrawal_id),
            reply=REFUND_ANSWERED,
        )

    async def _apply(self, tx: Tx, withdrawal_id: str, charge_id: str, refund: Refund) -> None:
        event = _EVENTS.get(refund.status)
        if event is not None:
            failure = refund.failure_reason or refund.raw_status
            await self._move(tx, withdrawal_id, charge_id, event, refund.id, failure)

    async def _move(
        self,
        tx: Tx,
        withdrawal_id: str,
        charge_id: str,
        event: PartEvent,
        refund_id: str | None,
        failure: str,
    ) -> None:
        campaign, before = await self._locked(tx, withdrawal_id)
        part = before.part_of(charge_id)
        after = part_moved(part, event) if part else None
        if after is None:
            return
        after = replace(after, refund_id=refund_id or after.refund_id)
        if event is PartEvent.FAIL:
            entry_id = await self._put_back(tx, campaign, before, after)
            after = replace(after, failure_code=failure, restored_entry_id=entry_id)
            told: dict[str, str | int] = {"amount_cents": after.amount_cents, "failure_code": failure}
            cause = f"{withdrawal_id}:{after.topup_id}"
            await self._notices.tell(tx, campaign, NoticeKind.REFUND_FAILED, cause, told)
        whole, step = with_part(before, after, now=self._clock.now())
        await self._withdrawals.save(tx, before, whole, step)

    async def _put_back(self, tx: Tx, campaign: Campaign, withdrawal: Withdrawal, part: WithdrawalPart) -> str:
        movement = Movement(
            entry_id=self._ids.new("pble"),
            campaign_id=campaign.campaign_id,
            kind=EntryKind.ADJUSTMENT,
            funds=Funds(promo_cents=0, cash_cents=part.amount_cents),
            reason=f"{withdrawal.withdrawal_id} could not be refunded",
            reverses_entry_id=withdrawal.debit_entry_id,
        )
        return (await self._funding.bring(tx, campaign, movement)).link.movement.entry_id

    async def _locked(self, tx: Tx, withdrawal_id: str) -> tuple[Campaign, Withdrawal]:
        """The withdrawal as nobody else changes it until the transaction ends, and its campaign."""
        found = await self._withdrawals.get(tx, withdrawal_id)
        campaign = await self._campaigns.lock(tx, found.campaign_id) if found else None
        withdrawal = await self._withdrawals.get(tx, withdrawal_id)
        if campaign is None or withdrawal is None:
            raise NotFound(withdrawal_id)
        return campaign, withdrawal
