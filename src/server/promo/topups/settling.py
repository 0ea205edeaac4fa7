"""Applies what the processor says of payments: in any order, late and twice alike.

An answer, an event and a look at the processor all end in `_apply`. Under the lock of the campaign it compares what was
seen with what is known, and books the money by an entry whose id follows from the payment's.
"""

from dataclasses import replace

import structlog

from server.adapters.stripe.objects import PaymentIntent, PaymentIntentStatus
from server.adapters.stripe.port import PaymentProcessor
from server.core.clock import Clock
from server.core.crash import point
from server.core.db import Database, Tx
from server.core.errors import NotFound
from server.payments.ports import CallBook, CallStatus, StoredCall
from server.promo.campaigns.records import CampaignBook
from server.promo.campaigns.repository import CampaignRepository
from server.promo.domain.campaign import Campaign, CampaignEvent, without_automatic_topups
from server.promo.domain.funds import Funds
from server.promo.domain.history import SYSTEM
from server.promo.domain.ledger import EntryKind, Movement
from server.promo.domain.notice import NoticeKind
from server.promo.domain.topup import PaymentSeen, Refusal, TopUp, TopUpCause, TopUpEvent, TopUpStatus, seen
from server.promo.money.funding import Funding
from server.promo.notices.telling import Notices
from server.promo.topups.repository import TopUpRepository

_EVENTS = {
    PaymentIntentStatus.SUCCEEDED: TopUpEvent.PAY,
    PaymentIntentStatus.REQUIRES_ACTION: TopUpEvent.REQUIRE_ACTION,
    PaymentIntentStatus.CANCELED: TopUpEvent.CANCEL,
}


class TopUpSettling:
    """Settles payments."""

    def __init__(
        self,
        database: Database,
        topups: TopUpRepository,
        campaigns: CampaignRepository,
        book: CampaignBook,
        funding: Funding,
        notices: Notices,
        calls: CallBook,
        processor: PaymentProcessor,
        clock: Clock,
    ) -> None:
        self._database = database
        self._topups = topups
        self._campaigns = campaigns
        self._book = book
        self._funding = funding
        self._notices = notices
        self._calls = calls
        self._processor = processor
        self._clock = clock
        self._log = structlog.get_logger("topups")

    async def answered(self, call_id: str) -> TopUp:
        """Applies the outcome of the call that makes a payment."""

        async def work(tx: Tx) -> TopUp:
            call = await self._calls.get(tx, call_id)
            return await self._apply(tx, call.owner.id, self._outcome(call))

        topup = await self._database.run(work)
        await point("topup.settled")
        return topup

    async def look(self, topup_id: str, payment_intent_id: str) -> TopUp:
        """Looks at the processor's payment, and applies what is seen."""
        payment = payment_seen(await self._processor.payment_intent(payment_intent_id))
        return await self._database.run(lambda tx: self._apply(tx, topup_id, payment))

    def _outcome(self, call: StoredCall) -> PaymentSeen:
        result = self._calls.result(call)
        if isinstance(result, PaymentIntent):
            return payment_seen(result)
        if call.status is CallStatus.FAILED and call.failure is not None:
            refusal = Refusal(call.failure.code, call.failure.decline_code)
            return PaymentSeen(TopUpEvent.FAIL, call.failure.payment_intent_id, refusal=refusal)
        return PaymentSeen(None, None)

    async def _apply(self, tx: Tx, topup_id: str, payment: PaymentSeen) -> TopUp:
        campaign, before = await self._locked(tx, topup_id)
        after = seen(before, payment, now=self._clock.now())
        if after is None or payment.event is None:
            return before
        if after.status is TopUpStatus.PAID:
            after = replace(after, entry_id=await self._bring(tx, campaign, after))
        await self._topups.save(tx, before, after, payment.event)
        if after.status is TopUpStatus.FAILED and after.cause is TopUpCause.AUTOMATIC:
            await self.stop_automatic(tx, campaign, after.refusal, cause=topup_id)
        self._log.info("payment moved", topup_id=topup_id, status=after.status.value)
        return after

    async def stop_automatic(self, tx: Tx, campaign: Campaign, refusal: Refusal | None, *, cause: str) -> None:
        """A card that was declined once is not tried again and again: its owner hears of it and decides."""
        after = without_automatic_topups(campaign, now=self._clock.now())
        if after is not None:
            await self._book.changed(tx, campaign, after, CampaignEvent.STOP_AUTOMATIC_TOPUPS, SYSTEM)
        failure = refusal or Refusal("no_card")
        payload = {"failure_code": failure.code, "decline_code": failure.decline_code or ""}
        await self._notices.tell(tx, campaign, NoticeKind.AUTOMATIC_TOPUP_FAILED, cause, payload)

    async def _bring(self, tx: Tx, campaign: Campaign, topup: TopUp) -> str:
        movement = Movement(
            entry_id=f"pble_{topup.topup_id.partition('_')[2]}",
            campaign_id=campaign.campaign_id,
            kind=EntryKind.TOPUP,
            funds=Funds(promo_cents=0, cash_cents=topup.amount_cents),
            processor_ref=topup.charge_id,
        )
        return (await self._funding.bring(tx, campaign, movement)).link.movement.entry_id

    async def _locked(self, tx: Tx, topup_id: str) -> tuple[Campaign, TopUp]:
        """The payment as nobody else changes it until the transaction ends, and its campaign."""
        found = await self._topups.get(tx, topup_id)
        campaign = await self._campaigns.lock(tx, found.campaign_id) if found else None
        topup = await self._topups.get(tx, topup_id)
        if campaign is None or topup is None:
            raise NotFound(topup_id)
        return campaign, topup


def payment_seen(intent: PaymentIntent) -> PaymentSeen:
    """What the processor's payment means. One that waits for a card has failed only once a card was tried."""
    event, refusal = _EVENTS.get(intent.status), None
    if intent.status is PaymentIntentStatus.REQUIRES_PAYMENT_METHOD and intent.last_error is not None:
        event, refusal = TopUpEvent.FAIL, Refusal(intent.last_error.code, intent.last_error.decline_code)
    charge_id = intent.latest_charge.id if intent.latest_charge else None
    return PaymentSeen(event, intent.id, charge_id, refusal)
