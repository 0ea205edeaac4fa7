"""Begins payments: the intent, the call that makes it and the day on which it is given up, in one transaction."""

from dataclasses import dataclass
from datetime import timedelta

from server.adapters.stripe.requests import CreatePaymentIntent
from server.core.clock import Clock
from server.core.db import Tx
from server.core.errors import AlreadyExists
from server.core.ids import Ids
from server.core.jobs import Jobs
from server.payments.ports import INLINE, CallBook, Owner, Payer, SliceName, StoredCall
from server.promo.domain.campaign import Campaign
from server.promo.domain.topup import TopUp, TopUpCause, TopUpStatus
from server.promo.topups.repository import TopUpRepository
from server.promo.topups.timers import GIVE_UP_TOPUP, PATIENCE, TOPUP_ANSWERED

CURRENCY = "usd"


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """How a payment is to be made. Without a card, the payer's device brings one."""

    payer: Payer
    amount_cents: int
    payment_method_id: str | None = None
    save_card: bool = False
    return_url: str | None = None


class TopUpBeginning:
    """Begins payments, inside the caller's transaction."""

    def __init__(self, topups: TopUpRepository, calls: CallBook, jobs: Jobs, clock: Clock, ids: Ids) -> None:
        self._topups = topups
        self._calls = calls
        self._jobs = jobs
        self._clock = clock
        self._ids = ids

    async def begin(self, tx: Tx, campaign: Campaign, payment: Payment, cause: TopUpCause) -> tuple[TopUp, StoredCall]:
        """Of a locked campaign. AlreadyExists where an automatic payment is to be begun beside another."""
        now = self._clock.now()
        topup = TopUp(
            topup_id=self._ids.new("ptop"),
            campaign_id=campaign.campaign_id,
            payer_user_id=payment.payer.user_id,
            amount_cents=payment.amount_cents,
            cause=cause,
            status=TopUpStatus.PENDING,
            version=1,
            created_at=now,
            updated_at=now,
        )
        if not await self._topups.insert(tx, topup):
            raise AlreadyExists(f"an automatic payment into {campaign.campaign_id}")
        call = await self._calls.store(
            tx,
            _request(topup, payment),
            key=f"topup:{topup.topup_id}",
            owner=owner_of(topup.topup_id),
            reply=TOPUP_ANSWERED,
            after=INLINE if cause is TopUpCause.ADVERTISER else timedelta(0),
        )
        await self._jobs.enqueue(tx, GIVE_UP_TOPUP, key=topup.topup_id, run_at=now + PATIENCE)
        return topup, call


def owner_of(topup_id: str) -> Owner:
    """Whose the calls and the processor's objects of a payment are."""
    return Owner(SliceName.PROMO, "topup", topup_id)


def _request(topup: TopUp, payment: Payment) -> CreatePaymentIntent:
    """A saved card is charged at once; nobody is there to prove anything where the payment is automatic."""
    return CreatePaymentIntent(
        amount_cents=topup.amount_cents,
        currency=CURRENCY,
        customer_id=payment.payer.customer_id,
        payment_method_id=payment.payment_method_id,
        confirm=payment.payment_method_id is not None,
        off_session=topup.cause is TopUpCause.AUTOMATIC,
        save_card=payment.save_card,
        description="Advertising on Callsheet",
        return_url=payment.return_url if payment.payment_method_id else None,
        metadata={"topup_id": topup.topup_id, "campaign_id": topup.campaign_id},
    )
