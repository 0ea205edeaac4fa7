"""What can be done about payments into budgets: begin one, read one, list them, give one up."""

from dataclasses import dataclass, field

from server.adapters.stripe.objects import PaymentIntent
from server.adapters.stripe.port import PaymentProcessor
from server.adapters.stripe.requests import CancellationReason, CancelPaymentIntent
from server.core.call import Actor
from server.core.clock import Clock
from server.core.crash import point
from server.core.db import Database, Guard, Tx
from server.core.errors import Failure, FailureKind, NotFound
from server.core.jobs import Postpone
from server.core.pagination import Listing, Page, PageTokens, page_size
from server.payments.ports import CallBook, Payer, Performer, Wallets
from server.promo.advertisers.repository import AdvertiserRepository
from server.promo.campaigns.repository import CampaignRepository
from server.promo.campaigns.usecases import visible_campaign
from server.promo.domain.topup import TopUp, TopUpCause, TopUpStatus, check_payable
from server.promo.topups.beginning import Payment, TopUpBeginning, owner_of
from server.promo.topups.repository import TopUpRepository
from server.promo.topups.settling import TopUpSettling
from server.promo.topups.timers import ASKED_AGAIN, TOPUP_GIVEN_UP


@dataclass(frozen=True, slots=True)
class TopUpCampaign:
    """An advertiser pays into a campaign's budget."""

    actor: Actor
    campaign_id: str
    amount_cents: int
    payment_method_id: str
    save_card: bool
    return_url: str


@dataclass(frozen=True, slots=True)
class ListTopUps:
    """A page of a campaign's payments."""

    actor: Actor
    campaign_id: str
    page_size: int
    page_token: str


@dataclass(frozen=True, slots=True)
class Payable:
    """A payment and what the payer's device needs to complete it, which is passed on and kept nowhere."""

    topup: TopUp
    client_secret: str = field(default="", repr=False)
    redirect_url: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class _Begun:
    payable: Payable
    call_id: str


class TopUpUseCases:
    """The operations on payments into budgets."""

    def __init__(
        self,
        database: Database,
        topups: TopUpRepository,
        campaigns: CampaignRepository,
        advertisers: AdvertiserRepository,
        beginning: TopUpBeginning,
        settling: TopUpSettling,
        calls: CallBook,
        performer: Performer,
        wallets: Wallets,
        processor: PaymentProcessor,
        clock: Clock,
        pages: PageTokens,
    ) -> None:
        self._database = database
        self._topups = topups
        self._campaigns = campaigns
        self._advertisers = advertisers
        self._beginning = beginning
        self._settling = settling
        self._calls = calls
        self._performer = performer
        self._wallets = wallets
        self._processor = processor
        self._clock = clock
        self._pages = pages

    async def top_up(self, command: TopUpCampaign, once: Guard[Payable] | None) -> Payable:
        """Begins a payment, makes its call at once, and books what is paid. Where the processor does not answer, the
        payment is pending and a job goes on.
        """
        payer = await self._wallets.payer(command.actor.user_id)
        calls: list[str] = []

        async def work(tx: Tx) -> Payable:
            begun = await self._begin(tx, command, payer)
            calls[:] = [begun.call_id]
            return begun.payable

        payable = await self._database.run(work, once=once)
        await point("topup.begun")
        return await self._make(payable, calls[0])

    async def get(self, topup_id: str, actor: Actor) -> Payable:
        """A payment, for its campaign's advertiser, staff and services. Its payer also gets, from the processor, what
        is needed to complete it.
        """
        async with self._database.read() as tx:
            topup = await self._visible(tx, topup_id, actor)
            intent_id = await self._intent_of(tx, topup)
        if not topup.is_open or intent_id is None or actor.user_id != topup.payer_user_id:
            return Payable(topup)
        return _payable(topup, await self._processor.payment_intent(intent_id))

    async def list(self, command: ListTopUps) -> Page[TopUp]:
        """A campaign's payments, newest first."""
        listing = Listing("ListTopUps", command.actor.user_id, {"campaign_id": command.campaign_id})
        position = self._pages.position(listing, command.page_token, length=1)
        size = page_size(command.page_size)
        async with self._database.read() as tx:
            visible_campaign(await self._campaigns.get(tx, command.campaign_id), command.campaign_id, command.actor)
            topups = await self._topups.page(
                tx, command.campaign_id, before=position[0] if position else None, limit=size + 1
            )
        return self._pages.page(listing, topups, size, lambda topup: (topup.topup_id,))

    async def give_up(self, topup_id: str) -> None:
        """Has a payment canceled that is still open. Where nobody knows yet whether it was made, that is asked again
        later.
        """

        async def work(tx: Tx) -> bool:
            topup = await self._topups.get(tx, topup_id)
            intent_id = await self._intent_of(tx, topup) if topup else None
            if topup is None or not topup.is_open:
                return True
            if intent_id is None:
                return topup.status is not TopUpStatus.PENDING
            request = CancelPaymentIntent(payment_intent_id=intent_id, reason=CancellationReason.ABANDONED)
            await self._calls.store(
                tx, request, key=f"topup_cancel:{topup_id}", owner=owner_of(topup_id), reply=TOPUP_GIVEN_UP
            )
            return True

        if not await self._database.run(work):
            raise Postpone(self._clock.now() + ASKED_AGAIN)

    async def given_up(self, call_id: str) -> None:
        """Looks at what became of a payment that was to be canceled: it may have been paid just before."""
        async with self._database.read() as tx:
            call = await self._calls.get(tx, call_id)
            topup = await self._topups.get(tx, call.owner.id)
            intent_id = await self._intent_of(tx, topup) if topup else None
        if topup is not None and intent_id is not None:
            await self._settling.look(topup.topup_id, intent_id)

    async def _begin(self, tx: Tx, command: TopUpCampaign, payer: Payer) -> _Begun:
        advertiser = await self._advertisers.hold_of(tx, command.campaign_id)
        campaign = await self._campaigns.lock(tx, command.campaign_id)
        if campaign is None or campaign.owner_user_id != command.actor.user_id:
            raise NotFound(command.campaign_id)
        check_payable(campaign, advertiser.status)
        if command.payment_method_id:
            cards = await self._wallets.cards(tx, command.actor.user_id)
            if command.payment_method_id not in {card.payment_method_id for card in cards}:
                raise NotFound(command.payment_method_id)
        payment = Payment(
            payer=payer,
            amount_cents=command.amount_cents,
            payment_method_id=command.payment_method_id or None,
            save_card=command.save_card,
            return_url=command.return_url or None,
        )
        topup, call = await self._beginning.begin(tx, campaign, payment, TopUpCause.ADVERTISER)
        return _Begun(Payable(topup), call.call_id)

    async def _make(self, begun: Payable, call_id: str) -> Payable:
        try:
            _, result = await self._performer.perform(call_id)
        except Failure as failure:
            if failure.kind is not FailureKind.UNAVAILABLE:
                raise
            return begun
        topup = await self._settling.answered(call_id)
        return _payable(topup, result) if isinstance(result, PaymentIntent) else Payable(topup)

    async def _visible(self, tx: Tx, topup_id: str, actor: Actor) -> TopUp:
        topup = await self._topups.get(tx, topup_id)
        if topup is None:
            raise NotFound(topup_id)
        visible_campaign(await self._campaigns.get(tx, topup.campaign_id), topup_id, actor)
        return topup

    async def _intent_of(self, tx: Tx, topup: TopUp) -> str | None:
        """By which of the processor's payments it is made. A payment that waits for its payer's card has not moved
        yet, so only its call knows.
        """
        if topup.payment_intent_id:
            return topup.payment_intent_id
        results = [self._calls.result(call) for call in await self._calls.of_owner(tx, owner_of(topup.topup_id))]
        return next((result.id for result in results if isinstance(result, PaymentIntent)), None)


def _payable(topup: TopUp, intent: PaymentIntent) -> Payable:
    if not topup.is_open:
        return Payable(topup)
    redirect = intent.next_action.redirect_url if intent.next_action else None
    return Payable(topup, intent.client_secret, redirect or "")
