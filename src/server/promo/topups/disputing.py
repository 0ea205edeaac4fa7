"""What is taken back of payments: by their banks, or by refunds that nobody here asked for.

Either is owed from then on and suspends the campaign, so that what is left of its budget is neither spent nor
withdrawn. An event only says where to look; the sums that are looked up never fall.
"""

from server.adapters.stripe.port import PaymentProcessor
from server.adapters.stripe.requests import CALL_REFERENCE
from server.adapters.stripe.webhooks import ProcessorEvent
from server.core.clock import Clock
from server.core.crash import point
from server.core.db import Database, Tx
from server.core.errors import NotFound
from server.payments.ports import Park
from server.promo.campaigns.records import CampaignBook
from server.promo.campaigns.repository import CampaignRepository
from server.promo.domain.campaign import Campaign, suspended_for
from server.promo.domain.history import SYSTEM
from server.promo.domain.notice import NoticeKind
from server.promo.domain.topup import TopUp, TopUpEvent, moved
from server.promo.notices.telling import Notices
from server.promo.topups.repository import TopUpRepository
from server.promo.topups.settling import TopUpSettling

REASON = "a top-up was taken back by the payer's bank"


class TopUpDisputing:
    """Books what is taken back."""

    def __init__(
        self,
        database: Database,
        topups: TopUpRepository,
        campaigns: CampaignRepository,
        book: CampaignBook,
        settling: TopUpSettling,
        notices: Notices,
        processor: PaymentProcessor,
        clock: Clock,
    ) -> None:
        self._database = database
        self._topups = topups
        self._campaigns = campaigns
        self._book = book
        self._settling = settling
        self._notices = notices
        self._processor = processor
        self._clock = clock

    async def disputed(self, topup_id: str, dispute_id: str) -> None:
        """Looks at a complaint. One about a payment that is not booked yet books it first."""
        dispute = await self._processor.dispute(dispute_id)
        if dispute.payment_intent_id is not None:
            await self._settling.look(topup_id, dispute.payment_intent_id)
        await self._took_back(topup_id, dispute.id, dispute.withdrawn_cents, dispute.reinstated_cents)

    async def refunded(self, topup_id: str, event: ProcessorEvent) -> None:
        """Looks at a charge of which something went back. What we refund ourselves is no debt."""
        before = await self._ours(topup_id)
        charge = await self._processor.charge(event.object_id)
        # A refund of ours may begin or fail while the processor is asked: the larger sum accuses nobody wrongly.
        foreign = charge.amount_refunded_cents - max(before, await self._ours(topup_id))
        if foreign > 0:
            await self._took_back(topup_id, charge.id, foreign, 0)

    async def refund_moved(self, event: ProcessorEvent) -> None:
        """A refund whose withdrawal does not know it yet waits for it; one that is not ours counts with its charge."""
        if CALL_REFERENCE in event.metadata:
            raise Park("its refund is not settled yet")

    async def _ours(self, topup_id: str) -> int:
        async with self._database.read() as tx:
            return await self._topups.refunds_of(tx, topup_id)

    async def _took_back(self, topup_id: str, processor_ref: str, taken_cents: int, returned_cents: int) -> None:
        if taken_cents == 0:
            return

        async def work(tx: Tx) -> None:
            campaign, topup = await self._locked(tx, topup_id)
            await self._topups.raise_receivable(
                tx,
                processor_ref,
                topup_id,
                taken_cents=taken_cents,
                returned_cents=returned_cents,
                now=self._clock.now(),
            )
            await self._follow(tx, campaign, topup, await self._topups.missing_of(tx, topup_id))

        await self._database.run(work)
        await point("topup.taken_back")

    async def _follow(self, tx: Tx, campaign: Campaign, topup: TopUp, missing_cents: int) -> None:
        event = TopUpEvent.CHARGE_BACK if missing_cents > 0 else TopUpEvent.REINSTATE
        after = moved(topup, event, now=self._clock.now())
        if after is None:
            return
        await self._topups.save(tx, topup, after, event)
        if event is TopUpEvent.CHARGE_BACK:
            stopped = suspended_for(campaign, REASON, now=self._clock.now())
            if stopped is not None:
                await self._book.changed(tx, campaign, *stopped, SYSTEM, REASON)
            cause = f"{topup.topup_id}:{after.version}"
            await self._notices.tell(tx, campaign, NoticeKind.TOPUP_CHARGED_BACK, cause, {"owed_cents": missing_cents})

    async def _locked(self, tx: Tx, topup_id: str) -> tuple[Campaign, TopUp]:
        found = await self._topups.get(tx, topup_id)
        campaign = await self._campaigns.lock(tx, found.campaign_id) if found else None
        topup = await self._topups.get(tx, topup_id)
        if campaign is None or topup is None:
            raise NotFound(topup_id)
        return campaign, topup
