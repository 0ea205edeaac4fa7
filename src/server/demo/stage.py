"""What stories about bookings have in common: providers who can be paid, cards, bookings, and patience.

What a buyer's device and a provider's form do at the processor is done at its sandbox.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from rich.console import Console

from callsheet.booking.v1 import (
    card_pb2,
    fulfilment_pb2,
    negotiation_pb2,
    offering_pb2,
    order_pb2,
    ordering_pb2,
    payment_pb2,
    policy_pb2,
    provider_pb2,
)
from callsheet.booking.v1.booking_pb2_grpc import BookingServiceStub
from server.core.grpc.proto import timestamp
from server.demo.caller import Caller

PATIENCE: Final = timedelta(seconds=60)
LENGTH: Final = timedelta(minutes=10)
IB, RTB = order_pb2.BOOKING_MODE_IB, order_pb2.BOOKING_MODE_RTB


class Stage:
    """Where bookings are told of. It says what happens on it."""

    def __init__(self, calls: Caller, output: Console) -> None:
        self.calls = calls
        self.output = output
        self.booking = BookingServiceStub(calls.channel)
        self._starts = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=5)

    async def offers(self, provider: str) -> str:
        """Somebody who can be paid, and books instantly; their service profile."""
        booking, who = self.booking, self.calls.as_(provider)
        profile = provider_pb2.UpsertProviderProfileRequest(
            time_zone="Europe/Berlin", cancellation_policy=provider_pb2.CANCELLATION_POLICY_FLEXIBLE
        )
        await booking.UpsertProviderProfile(profile, metadata=who)
        onboarding = payment_pb2.CreatePayoutOnboardingRequest(
            country="DE", refresh_url=f"{self._base}/_sandbox/health", return_url=f"{self._base}/_sandbox/health"
        )
        link = await booking.CreatePayoutOnboarding(onboarding, metadata=who)
        await self._send("POST", link.url, {})
        reading = provider_pb2.GetProviderProfileRequest(provider_user_id=provider)

        async def enabled() -> bool:
            return (await booking.GetProviderProfile(reading, metadata=who)).provider_profile.payouts_enabled

        await self.until(enabled, "the provider can be paid")
        offer = offering_pb2.UpsertServiceProfileRequest(
            title="Portraits", city="berlin", hourly_cents=60_000, currency="usd"
        )
        found = (await booking.UpsertServiceProfile(offer, metadata=who)).service_profile.service_profile_id
        rule = policy_pb2.CreateAutoAcceptRuleRequest(service_profile_id=found, allow_ib=True, min_price_cents=15_000)
        await booking.CreateAutoAcceptRule(rule, metadata=who)
        return found

    async def card(self, user_id: str) -> str:
        """A card of the buyer's, saved by their device."""
        buyer = self.calls.as_(user_id)
        intent = await self.booking.CreateSetupIntent(card_pb2.CreateSetupIntentRequest(), metadata=buyer)
        form = {"payment_method": "pm_card_visa", "client_secret": intent.client_secret}
        await self._send("POST", f"{self._base}/v1/setup_intents/{intent.setup_intent_id}/confirm", form)
        found: list[str] = []

        async def saved() -> bool:
            listed = await self.booking.ListSavedCards(card_pb2.ListSavedCardsRequest(), metadata=buyer)
            found[:] = [card.payment_method_id for card in listed.cards]
            return bool(found)

        await self.until(saved, "the card is saved")
        return found[0]

    async def drafted(
        self, buyer: str, profile: str, mode: order_pb2.BookingMode.ValueType, quarters: int = 1
    ) -> order_pb2.Order:
        """A draft at the quoted price."""
        start, who = self.next_start(), self.calls.as_(buyer)
        terms = order_pb2.BookingTerms(
            service_profile_id=profile,
            mode=mode,
            start_ts=timestamp(start),
            end_ts=timestamp(start + quarters * LENGTH),
            time_zone="Europe/Berlin",
            location_kind=order_pb2.LOCATION_KIND_PROVIDER_STUDIO,
        )
        quote = await self.booking.QuoteOrder(ordering_pb2.QuoteOrderRequest(terms=terms), metadata=who)
        request = ordering_pb2.CreateOrderRequest(terms=terms, quote_hash=quote.quote_hash)
        order = (await self.booking.CreateOrder(request, metadata=who)).order
        self.output.print(f"{order.order_id}: quoted at {money(quote.price.total_cents)}")
        return order

    def next_start(self) -> datetime:
        """Bookings of a story do not overlap, and all begin within the hour in which a provider may check in."""
        start = self._starts
        self._starts += 2 * LENGTH + timedelta(minutes=1)
        return start

    async def submitted(self, buyer: str, order_id: str, card: str) -> None:
        """The draft is sent, and paid by the card where its price stands."""
        request = negotiation_pb2.SubmitOrderRequest(order_id=order_id, payment_method_id=card)
        await self.booking.SubmitOrder(request, metadata=self.calls.as_(buyer))

    async def instant(self, buyer: str, profile: str, card: str) -> str:
        """A booking that is confirmed as soon as it is paid; its id."""
        order_id = (await self.drafted(buyer, profile, IB, quarters=2)).order_id
        await self.submitted(buyer, order_id, card)
        await self.reached(buyer, order_id, order_pb2.BOOKING_STATUS_CONFIRMED)
        return order_id

    async def finished(self, buyer: str, order_id: str) -> None:
        """Checked in, handed over, approved."""
        calls, booking = self.calls, self.booking
        order = await self.read(buyer, order_id)
        provider = calls.as_(order.provider_user_id)
        await booking.StartOrder(fulfilment_pb2.StartOrderRequest(order_id=order_id), metadata=provider)
        await booking.DeliverOrder(fulfilment_pb2.DeliverOrderRequest(order_id=order_id), metadata=provider)
        completing = fulfilment_pb2.CompleteOrderRequest(order_id=order_id)
        await booking.CompleteOrder(completing, metadata=calls.as_(buyer))

    async def read(self, buyer: str, order_id: str) -> order_pb2.Order:
        request = ordering_pb2.GetOrderRequest(order_id=order_id)
        return (await self.booking.GetOrder(request, metadata=self.calls.as_(buyer))).order

    async def receipt(self, buyer: str, order_id: str) -> payment_pb2.GetReceiptResponse:
        request = payment_pb2.GetReceiptRequest(order_id=order_id)
        return await self.booking.GetReceipt(request, metadata=self.calls.as_(buyer))

    async def earned(self, *providers: str) -> int:
        """What providers have got, reversals taken off."""
        cents = 0
        for who in providers:
            answer = await self.booking.GetEarnings(payment_pb2.GetEarningsRequest(), metadata=self.calls.as_(who))
            cents += sum(month.net_cents for month in answer.months)
        return cents

    async def reached(self, buyer: str, order_id: str, status: order_pb2.BookingStatus.ValueType) -> None:
        """Waits until the order stands there, and says so."""

        async def there() -> bool:
            return (await self.read(buyer, order_id)).status == status

        name = status_of(status)
        await self.until(there, f"{order_id} is {name}")
        self.output.print(f"{order_id}: {name}")

    async def until(self, true: Callable[[], Awaitable[bool]], what: str) -> None:
        """Waits for what jobs and webhooks bring about."""
        async with asyncio.timeout(PATIENCE.total_seconds()):
            while not await true():
                await self.pause()
        self.output.print(f"[dim]{what}[/]")

    async def pause(self) -> None:
        await asyncio.sleep(0.2)

    async def charge_of(self, order_id: str) -> str:
        """The charge that paid an order."""
        newest: dict[str, Any] = await self._send("GET", f"{self._base}/v1/charges?limit=100", {})
        return next(str(one["id"]) for one in newest["data"] if one["metadata"].get("order_id") == order_id)

    async def switch(self, path: str, **body: object) -> dict[str, Any]:
        """What a bank or a cardholder does past the API."""
        return await self._send("POST", f"{self._base}/_sandbox/{path}", body)

    @property
    def _base(self) -> str:
        return self.calls.settings.stripe_api_base

    async def _send(self, method: str, url: str, form: dict[str, Any]) -> dict[str, Any]:
        key = self.calls.settings.stripe_api_key.get_secret_value()
        request = Request(  # noqa: S310  the address of our own sandbox
            url,
            data=urlencode(form).encode() if method == "POST" else None,
            headers={"Authorization": f"Bearer {key}"},
            method=method,
        )

        def send() -> dict[str, Any]:
            with urlopen(request, timeout=10) as answer:  # noqa: S310  the same
                body = answer.read()
                told: dict[str, Any] = json.loads(body) if body.startswith(b"{") else {}
                return told

        return await asyncio.to_thread(send)


def status_of(status: order_pb2.BookingStatus.ValueType) -> str:
    """A status as the documents spell it."""
    return order_pb2.BookingStatus.Name(status).removeprefix("BOOKING_STATUS_").lower()


def money(cents: int) -> str:
    """Dollars and cents."""
    return f"{cents / 100:,.2f}"
