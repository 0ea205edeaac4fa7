"""What can be booked, when, and by whose rules."""

from google.api.httpbody_pb2 import HttpBody

from callsheet.booking.v1 import offering_pb2, policy_pb2, provider_pb2
from server.booking.catalogue import convert as catalogue
from server.booking.providers import convert as providers
from server.booking.rules import convert as rules
from server.booking.servicer.parts import Answering
from server.core.call import current_actor


class OfferingCalls(Answering):
    """What can be booked, when, and by whose rules."""

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
