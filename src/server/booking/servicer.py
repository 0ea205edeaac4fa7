"""Booking's RPCs: parse, call, render."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from google.api.httpbody_pb2 import HttpBody

from callsheet.booking.v1 import card_pb2, offering_pb2, ordering_pb2, policy_pb2, provider_pb2
from callsheet.booking.v1.booking_pb2_grpc import BookingServiceServicer
from server.booking import convert
from server.booking.cards import convert as cards
from server.booking.cards.usecases import Cards
from server.booking.catalogue import convert as catalogue
from server.booking.catalogue.usecases import Catalogue
from server.booking.fees import convert as fees
from server.booking.fees.usecases import Fees
from server.booking.providers import convert as providers
from server.booking.providers.usecases import Providers
from server.booking.rules import convert as rules
from server.booking.rules.usecases import Rules
from server.booking.usecases import BookingUseCases
from server.core.call import current_actor
from server.core.grpc.once import IdempotentCalls


@dataclass(frozen=True, slots=True)
class BookingParts:
    """The operations of the booking slice, by theme."""

    orders: BookingUseCases
    catalogue: Catalogue
    providers: Providers
    rules: Rules
    fees: Fees
    cards: Cards


class BookingServicer(BookingServiceServicer):
    """Answers `callsheet.booking.v1.BookingService`."""

    def __init__(self, parts: BookingParts, calls: IdempotentCalls) -> None:
        self._do = parts
        self._once = calls.once

    async def QuoteOrder(
        self, request: ordering_pb2.QuoteOrderRequest, context: object
    ) -> ordering_pb2.QuoteOrderResponse:
        terms = convert.terms(request.terms)
        quote = await self._do.orders.quote(terms)
        return convert.quote_order_response(quote)

    async def CreateOrder(
        self, request: ordering_pb2.CreateOrderRequest, context: object
    ) -> ordering_pb2.CreateOrderResponse:
        command = convert.create_order(request, current_actor())
        result = await self._do.orders.create(command, self._once(request, convert.create_order_response))
        return convert.create_order_response(result)

    async def GetOrder(self, request: ordering_pb2.GetOrderRequest, context: object) -> ordering_pb2.GetOrderResponse:
        actor = current_actor()
        order = await self._do.orders.get(request.order_id, actor)
        return convert.get_order_response(order, actor)

    async def ListOrders(
        self, request: ordering_pb2.ListOrdersRequest, context: object
    ) -> ordering_pb2.ListOrdersResponse:
        command = convert.list_orders(request, current_actor())
        page = await self._do.orders.list(command)
        return convert.list_orders_response(page, command.actor)

    async def CancelOrder(
        self, request: ordering_pb2.CancelOrderRequest, context: object
    ) -> ordering_pb2.CancelOrderResponse:
        command = convert.cancel_order(request, current_actor())
        result = await self._do.orders.cancel(command, self._once(request, convert.cancel_order_response))
        return convert.cancel_order_response(result)

    async def ListOrderEvents(
        self, request: ordering_pb2.ListOrderEventsRequest, context: object
    ) -> ordering_pb2.ListOrderEventsResponse:
        command = convert.list_order_events(request, current_actor())
        page = await self._do.orders.list_events(command)
        return convert.list_order_events_response(page)

    async def WatchOrder(
        self, request: ordering_pb2.WatchOrderRequest, context: object
    ) -> AsyncIterator[ordering_pb2.WatchOrderResponse]:
        command = convert.watch_order(request, current_actor())
        async for event in self._do.orders.watch(command):
            yield convert.watch_order_response(event)

    async def UpsertServiceProfile(
        self, request: offering_pb2.UpsertServiceProfileRequest, context: object
    ) -> offering_pb2.UpsertServiceProfileResponse:
        command = catalogue.upsert_service_profile(request, current_actor())
        result = await self._do.catalogue.upsert_service_profile(
            command, self._once(request, catalogue.upsert_service_profile_response)
        )
        return catalogue.upsert_service_profile_response(result)

    async def UpsertPackage(
        self, request: offering_pb2.UpsertPackageRequest, context: object
    ) -> offering_pb2.UpsertPackageResponse:
        command = catalogue.upsert_package(request, current_actor())
        result = await self._do.catalogue.upsert_package(
            command, self._once(request, catalogue.upsert_package_response)
        )
        return catalogue.upsert_package_response(result)

    async def ListPackages(
        self, request: offering_pb2.ListPackagesRequest, context: object
    ) -> offering_pb2.ListPackagesResponse:
        command = catalogue.list_packages(request, current_actor())
        page = await self._do.catalogue.list_packages(command)
        return catalogue.list_packages_response(page)

    async def UpsertRate(
        self, request: offering_pb2.UpsertRateRequest, context: object
    ) -> offering_pb2.UpsertRateResponse:
        command = catalogue.upsert_rate(request, current_actor())
        result = await self._do.catalogue.upsert_rate(command, self._once(request, catalogue.upsert_rate_response))
        return catalogue.upsert_rate_response(result)

    async def ListRates(
        self, request: offering_pb2.ListRatesRequest, context: object
    ) -> offering_pb2.ListRatesResponse:
        command = catalogue.list_rates(request, current_actor())
        page = await self._do.catalogue.list_rates(command)
        return catalogue.list_rates_response(page)

    async def UpsertProviderProfile(
        self, request: provider_pb2.UpsertProviderProfileRequest, context: object
    ) -> provider_pb2.UpsertProviderProfileResponse:
        command = providers.upsert_provider_profile(request, current_actor())
        result = await self._do.providers.upsert(
            command, self._once(request, providers.upsert_provider_profile_response)
        )
        return providers.upsert_provider_profile_response(result)

    async def GetProviderProfile(
        self, request: provider_pb2.GetProviderProfileRequest, context: object
    ) -> provider_pb2.GetProviderProfileResponse:
        actor = current_actor()
        profile = await self._do.providers.get(request.provider_user_id)
        return providers.get_provider_profile_response(profile, actor)

    async def SetAvailability(
        self, request: provider_pb2.SetAvailabilityRequest, context: object
    ) -> provider_pb2.SetAvailabilityResponse:
        command = providers.set_availability(request, current_actor())
        result = await self._do.providers.set_availability(
            command, self._once(request, providers.set_availability_response)
        )
        return providers.set_availability_response(result)

    async def CheckAvailability(
        self, request: provider_pb2.CheckAvailabilityRequest, context: object
    ) -> provider_pb2.CheckAvailabilityResponse:
        command = providers.check_availability(request)
        obstacles = await self._do.providers.check(command)
        return providers.check_availability_response(obstacles)

    async def RotateCalendarLink(
        self, request: provider_pb2.RotateCalendarLinkRequest, context: object
    ) -> provider_pb2.RotateCalendarLinkResponse:
        url = await self._do.providers.rotate_calendar_link(current_actor())
        return providers.rotate_calendar_link_response(url)

    async def RevokeCalendarLink(
        self, request: provider_pb2.RevokeCalendarLinkRequest, context: object
    ) -> provider_pb2.RevokeCalendarLinkResponse:
        once = self._once(request, providers.revoke_calendar_link_response)
        await self._do.providers.revoke_calendar_link(current_actor(), once)
        return providers.revoke_calendar_link_response(None)

    async def GetCalendarFeed(self, request: provider_pb2.GetCalendarFeedRequest, context: object) -> HttpBody:
        text = await self._do.providers.calendar_feed(request.secret)
        return providers.calendar_feed(text)

    async def CreateAutoAcceptRule(
        self, request: policy_pb2.CreateAutoAcceptRuleRequest, context: object
    ) -> policy_pb2.CreateAutoAcceptRuleResponse:
        command = rules.create_rule(request, current_actor())
        result = await self._do.rules.create(command, self._once(request, rules.create_rule_response))
        return rules.create_rule_response(result)

    async def UpdateAutoAcceptRule(
        self, request: policy_pb2.UpdateAutoAcceptRuleRequest, context: object
    ) -> policy_pb2.UpdateAutoAcceptRuleResponse:
        command = rules.update_rule(request, current_actor())
        result = await self._do.rules.update(command, self._once(request, rules.update_rule_response))
        return rules.update_rule_response(result)

    async def DeleteAutoAcceptRule(
        self, request: policy_pb2.DeleteAutoAcceptRuleRequest, context: object
    ) -> policy_pb2.DeleteAutoAcceptRuleResponse:
        once = self._once(request, rules.delete_rule_response)
        await self._do.rules.delete(request.rule_id, current_actor(), once)
        return rules.delete_rule_response(None)

    async def ListAutoAcceptRules(
        self, request: policy_pb2.ListAutoAcceptRulesRequest, context: object
    ) -> policy_pb2.ListAutoAcceptRulesResponse:
        command = rules.list_rules(request, current_actor())
        page = await self._do.rules.list(command)
        return rules.list_rules_response(page)

    async def PutFeePolicy(
        self, request: policy_pb2.PutFeePolicyRequest, context: object
    ) -> policy_pb2.PutFeePolicyResponse:
        command = fees.put_fee_policy(request, current_actor())
        result = await self._do.fees.put(command, self._once(request, fees.put_fee_policy_response))
        return fees.put_fee_policy_response(result)

    async def ListFeePolicies(
        self, request: policy_pb2.ListFeePoliciesRequest, context: object
    ) -> policy_pb2.ListFeePoliciesResponse:
        command = fees.list_fee_policies(request, current_actor())
        page = await self._do.fees.list(command)
        return fees.list_fee_policies_response(page)

    async def CreateSetupIntent(
        self, request: card_pb2.CreateSetupIntentRequest, context: object
    ) -> card_pb2.CreateSetupIntentResponse:
        intent = await self._do.cards.begin(current_actor(), cards.key_of(request))
        return cards.create_setup_intent_response(intent)

    async def ListSavedCards(
        self, request: card_pb2.ListSavedCardsRequest, context: object
    ) -> card_pb2.ListSavedCardsResponse:
        found = await self._do.cards.list(current_actor())
        return cards.list_saved_cards_response(found)

    async def RemoveSavedCard(
        self, request: card_pb2.RemoveSavedCardRequest, context: object
    ) -> card_pb2.RemoveSavedCardResponse:
        once = self._once(request, cards.remove_saved_card_response)
        await self._do.cards.remove(current_actor(), request.payment_method_id, once)
        return cards.remove_saved_card_response(None)
