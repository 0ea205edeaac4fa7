"""The story of four bookings: one booked at once, one negotiated, one by invitation, and one that ends in a dispute;
each from a quote to its payout, and where every cent of it is.

Everybody in it is new each time, so that it can be told again. What a buyer's device and a provider's form do at the
processor is done at its sandbox.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from rich.console import Console
from rich.table import Table

from callsheet.booking.v1 import (
    card_pb2,
    dispute_pb2,
    fulfilment_pb2,
    invite_pb2,
    negotiation_pb2,
    offering_pb2,
    order_pb2,
    ordering_pb2,
    payment_pb2,
    policy_pb2,
    provider_pb2,
)
from callsheet.booking.v1.booking_pb2_grpc import BookingServiceStub
from server.config import Settings
from server.core.call import Role
from server.core.clock import SystemClock
from server.core.grpc.proto import timestamp
from server.core.ids import SystemIds
from server.core.money import half_up
from server.demo.caller import Caller, caller

PATIENCE: Final = timedelta(seconds=60)
LENGTH: Final = timedelta(minutes=10)
COMMISSION_BIPS: Final = 1000
IB, RTB = order_pb2.BOOKING_MODE_IB, order_pb2.BOOKING_MODE_RTB


@dataclass(frozen=True, slots=True)
class Cast:
    """Who takes part."""

    buyer: str
    photographer: str
    model: str
    agent: str
    approver: str


class Story:
    """Tells it, step by step."""

    def __init__(self, calls: Caller, output: Console) -> None:
        self._calls = calls
        self._output = output
        self._booking = BookingServiceStub(calls.channel)
        ids = SystemIds(SystemClock())
        self._cast = Cast(*(ids.new("usr") for _ in range(5)))
        self._starts = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=5)

    async def tell(self) -> bool:
        """Whether every cent is where it belongs."""
        profiles = [await self._offers(who) for who in (self._cast.photographer, self._cast.model)]
        card = await self._card()
        told = {
            "instant": await self._instant(profiles[0], card),
            "negotiated": await self._negotiated(profiles[0], card),
            "invited": await self._invited(profiles, card),
        }
        for order in told.values():
            await self._finished(order)
        told["disputed"] = await self._disputed(profiles[0], card)
        return await self._trail(told)

    async def _offers(self, provider: str) -> str:
        """Somebody who can be paid, and books instantly; their service profile."""
        calls, booking = self._calls, self._booking
        who = calls.as_(provider)
        profile = provider_pb2.UpsertProviderProfileRequest(
            time_zone="Europe/Berlin", cancellation_policy=provider_pb2.CANCELLATION_POLICY_FLEXIBLE
        )
        await booking.UpsertProviderProfile(profile, metadata=who)
        onboarding = payment_pb2.CreatePayoutOnboardingRequest(
            country="DE", refresh_url=f"{self._sandbox}/health", return_url=f"{self._sandbox}/health"
        )
        link = await booking.CreatePayoutOnboarding(onboarding, metadata=who)
        await self._processor(link.url, {})
        reading = provider_pb2.GetProviderProfileRequest(provider_user_id=provider)

        async def enabled() -> bool:
            return (await booking.GetProviderProfile(reading, metadata=who)).provider_profile.payouts_enabled

        await self._until(enabled, "the provider can be paid")
        offer = offering_pb2.UpsertServiceProfileRequest(
            title="Portraits", city="berlin", hourly_cents=60_000, currency="usd"
        )
        found = (await booking.UpsertServiceProfile(offer, metadata=who)).service_profile.service_profile_id
        rule = policy_pb2.CreateAutoAcceptRuleRequest(service_profile_id=found, allow_ib=True, min_price_cents=15_000)
        await booking.CreateAutoAcceptRule(rule, metadata=who)
        return found

    async def _card(self) -> str:
        """A card of the buyer's, saved by their device."""
        buyer = self._calls.as_(self._cast.buyer)
        intent = await self._booking.CreateSetupIntent(card_pb2.CreateSetupIntentRequest(), metadata=buyer)
        form = {"payment_method": "pm_card_visa", "client_secret": intent.client_secret}
        base = self._calls.settings.stripe_api_base
        await self._processor(f"{base}/v1/setup_intents/{intent.setup_intent_id}/confirm", form)
        found: list[str] = []

        async def saved() -> bool:
            listed = await self._booking.ListSavedCards(card_pb2.ListSavedCardsRequest(), metadata=buyer)
            found[:] = [card.payment_method_id for card in listed.cards]
            return bool(found)

        await self._until(saved, "the card is saved")
        return found[0]

    async def _instant(self, profile: str, card: str) -> str:
        order_id = await self._drafted(profile, IB, quarters=2)
        await self._submitted(order_id, card)
        await self._status(order_id, order_pb2.BOOKING_STATUS_CONFIRMED)
        return order_id

    async def _negotiated(self, profile: str, card: str) -> str:
        """Too small for the rule: the photographer asks for more, and the buyer agrees."""
        calls, booking, cast = self._calls, self._booking, self._cast
        order_id = await self._drafted(profile, RTB)
        await self._submitted(order_id, card)
        listing = negotiation_pb2.ListRequestsRequest(order_id=order_id)
        (offer,) = (await booking.ListRequests(listing, metadata=calls.as_(cast.buyer))).requests
        more = negotiation_pb2.CounterRequestRequest(
            request_id=offer.request_id,
            line_items=[
                negotiation_pb2.CounterLine(
                    kind=order_pb2.LINE_ITEM_KIND_PACKAGE, title="Portraits, with a dog", qty="1", unit_cents=12_333
                )
            ],
        )
        counter = (await booking.CounterRequest(more, metadata=calls.as_(cast.photographer))).request
        agreeing = negotiation_pb2.AcceptRequestRequest(request_id=counter.request_id, total_cents=counter.total_cents)
        await booking.AcceptRequest(agreeing, metadata=calls.as_(cast.buyer))
        await self._status(order_id, order_pb2.BOOKING_STATUS_CONFIRMED)
        return order_id

    async def _invited(self, profiles: list[str], card: str) -> str:
        """Two are asked, both would come, and the buyer chooses the model."""
        calls, booking, cast = self._calls, self._booking, self._cast
        start = self._next_start()
        request = invite_pb2.CreateInviteRequest(
            service_profile_ids=profiles,
            recipient_cap=2,
            award_mode=invite_pb2.AWARD_MODE_BUYER_AWARDS,
            terms=invite_pb2.InviteTerms(
                start_ts=timestamp(start),
                end_ts=timestamp(start + LENGTH),
                time_zone="Europe/Berlin",
                location_kind=order_pb2.LOCATION_KIND_PROVIDER_STUDIO,
                tip_cents=500,
            ),
            title="Who has time today?",
            payment_method_id=card,
            expires_at=timestamp(start),
        )
        invite = (await booking.CreateInvite(request, metadata=calls.as_(cast.buyer))).invite
        for recipient in invite.recipients:
            answer = invite_pb2.RespondToInviteRequest(invite_id=invite.invite_id, accept=True)
            await booking.RespondToInvite(answer, metadata=calls.as_(recipient.recipient_user_id))
        (chosen,) = (one for one in invite.recipients if one.recipient_user_id == cast.model)
        award = invite_pb2.AwardInviteRequest(
            invite_id=invite.invite_id, recipient_user_id=cast.model, total_cents=chosen.total_cents
        )
        order_id = (await booking.AwardInvite(award, metadata=calls.as_(cast.buyer))).order.order_id
        await self._status(order_id, order_pb2.BOOKING_STATUS_CONFIRMED)
        return order_id

    async def _disputed(self, profile: str, card: str) -> str:
        """The buyer complains; two of support give half of it back."""
        calls, booking, cast = self._calls, self._booking, self._cast
        order_id = await self._instant(profile, card)
        complaint = dispute_pb2.OpenDisputeRequest(order_id=order_id, reason="no_show", description="An hour late.")
        dispute = (await booking.OpenDispute(complaint, metadata=calls.as_(cast.buyer))).dispute.dispute_id
        agent, approver = calls.as_(cast.agent, Role.AGENT), calls.as_(cast.approver, Role.AGENT)
        await booking.StartDisputeReview(dispute_pb2.StartDisputeReviewRequest(dispute_id=dispute), metadata=agent)
        half = dispute_pb2.ProposeDisputeDecisionRequest(
            dispute_id=dispute,
            result=dispute_pb2.DISPUTE_RESULT_SPLIT,
            refund_subtotal_cents=10_000,
            fee_refundable=True,
            reason="They came, but late.",
        )
        proposed = (await booking.ProposeDisputeDecision(half, metadata=agent)).decision.decision_id
        approval = dispute_pb2.ApproveDisputeDecisionRequest(decision_id=proposed)
        await booking.ApproveDisputeDecision(approval, metadata=approver)
        await self._status(order_id, order_pb2.BOOKING_STATUS_RESOLVED)
        return order_id

    async def _finished(self, order_id: str) -> None:
        """Checked in, handed over, approved."""
        calls, booking = self._calls, self._booking
        order = await self._read(order_id)
        provider, buyer = calls.as_(order.provider_user_id), calls.as_(self._cast.buyer)
        await booking.StartOrder(fulfilment_pb2.StartOrderRequest(order_id=order_id), metadata=provider)
        await booking.DeliverOrder(fulfilment_pb2.DeliverOrderRequest(order_id=order_id), metadata=provider)
        await booking.CompleteOrder(fulfilment_pb2.CompleteOrderRequest(order_id=order_id), metadata=buyer)

    async def _trail(self, told: dict[str, str]) -> bool:
        """Prints what was paid, what went back, what the platform keeps, and what providers got of it."""
        table = Table("booking", "order", "status", "charged", "given back", "platform", "providers", title="The money")
        paid = kept = 0
        for name, order_id in told.items():
            order, receipt = await self._read(order_id), await self._receipt(order_id)
            share = _of_provider(receipt)
            paid, kept = paid + receipt.paid_cents, kept + receipt.paid_cents - share
            status = order_pb2.BookingStatus.Name(order.status).removeprefix("BOOKING_STATUS_").lower()
            amounts = (receipt.charged_cents, receipt.refunded_cents, receipt.paid_cents - share, share)
            table.add_row(name, order_id, status, *map(_money, amounts))

        async def paid_out() -> bool:
            return await self._earned() == paid - kept

        await self._until(paid_out, "the providers are paid")
        earned = await self._earned()
        table.add_row("", "", "sum", _money(paid), "", _money(kept), _money(earned), style="bold")
        self._output.print(table)
        self._output.print(f"{_money(paid)} paid = {_money(earned)} paid out + {_money(kept)} kept ✓")
        return paid == earned + kept

    async def _earned(self) -> int:
        cents = 0
        for who in (self._cast.photographer, self._cast.model):
            asked = payment_pb2.GetEarningsRequest()
            answer = await self._booking.GetEarnings(asked, metadata=self._calls.as_(who))
            cents += sum(month.net_cents for month in answer.months)
        return cents

    async def _drafted(self, profile: str, mode: order_pb2.BookingMode.ValueType, quarters: int = 1) -> str:
        """A draft at the quoted price."""
        start, buyer = self._next_start(), self._calls.as_(self._cast.buyer)
        terms = order_pb2.BookingTerms(
            service_profile_id=profile,
            mode=mode,
            start_ts=timestamp(start),
            end_ts=timestamp(start + quarters * LENGTH),
            time_zone="Europe/Berlin",
            location_kind=order_pb2.LOCATION_KIND_PROVIDER_STUDIO,
        )
        quote = await self._booking.QuoteOrder(ordering_pb2.QuoteOrderRequest(terms=terms), metadata=buyer)
        request = ordering_pb2.CreateOrderRequest(terms=terms, quote_hash=quote.quote_hash)
        order = (await self._booking.CreateOrder(request, metadata=buyer)).order
        self._output.print(f"{order.order_id}: quoted at {_money(quote.price.total_cents)}")
        return order.order_id

    def _next_start(self) -> datetime:
        """Bookings of this story do not overlap, and all begin within the hour in which a provider may check in."""
        start = self._starts
        self._starts += 2 * LENGTH + timedelta(minutes=1)
        return start

    async def _submitted(self, order_id: str, card: str) -> None:
        request = negotiation_pb2.SubmitOrderRequest(order_id=order_id, payment_method_id=card)
        await self._booking.SubmitOrder(request, metadata=self._calls.as_(self._cast.buyer))

    async def _read(self, order_id: str) -> order_pb2.Order:
        request = ordering_pb2.GetOrderRequest(order_id=order_id)
        return (await self._booking.GetOrder(request, metadata=self._calls.as_(self._cast.buyer))).order

    async def _receipt(self, order_id: str) -> payment_pb2.GetReceiptResponse:
        request = payment_pb2.GetReceiptRequest(order_id=order_id)
        return await self._booking.GetReceipt(request, metadata=self._calls.as_(self._cast.buyer))

    async def _status(self, order_id: str, status: order_pb2.BookingStatus.ValueType) -> None:
        async def reached() -> bool:
            return (await self._read(order_id)).status == status

        name = order_pb2.BookingStatus.Name(status).removeprefix("BOOKING_STATUS_").lower()
        await self._until(reached, f"{order_id} is {name}")
        self._output.print(f"{order_id}: {name}")

    async def _until(self, true: Callable[[], Awaitable[bool]], what: str) -> None:
        """Waits for what jobs and webhooks bring about."""
        async with asyncio.timeout(PATIENCE.total_seconds()):
            while not await true():
                await self._pause()
        self._output.print(f"[dim]{what}[/]")

    async def _pause(self) -> None:
        await asyncio.sleep(0.2)

    @property
    def _sandbox(self) -> str:
        return f"{self._calls.settings.stripe_api_base}/_sandbox"

    async def _processor(self, url: str, form: dict[str, str]) -> None:
        """What somebody's device does at the processor."""
        key = self._calls.settings.stripe_api_key.get_secret_value()
        request = Request(  # noqa: S310  the address of our own sandbox
            url, data=urlencode(form).encode(), headers={"Authorization": f"Bearer {key}"}, method="POST"
        )

        def send() -> None:
            with urlopen(request, timeout=10) as answer:  # noqa: S310  the same
                answer.read()

        await asyncio.to_thread(send)


def _of_provider(receipt: payment_pb2.GetReceiptResponse) -> int:
    """What of an order is its provider's: the subtotal that was not given back, less the commission on it, and the
    tip.
    """
    left = receipt.subtotal_cents - sum(refund.subtotal_cents for refund in receipt.refunds)
    return left - half_up(left * COMMISSION_BIPS, 10_000) + receipt.tip_cents


def _money(cents: int) -> str:
    return f"{cents / 100:,.2f}"


async def play(settings: Settings, output: Console) -> bool:
    """Tells the story against the stack that the settings name; whether every cent is where it belongs."""
    async with caller(settings) as calls:
        return await Story(calls, output).tell()
