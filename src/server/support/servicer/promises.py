"""Calendars and policies."""

from callsheet.support.v1 import sla_pb2
from server.core.call import current_actor
from server.support.convert import sla
from server.support.servicer.parts import Answering


class PromiseCalls(Answering):
    """Calendars and policies."""

    async def PutCalendar(self, request: sla_pb2.PutCalendarRequest, context: object) -> sla_pb2.PutCalendarResponse:
        command = sla.put_calendar(request)
        calendar = await self._do.sla.put_calendar(command, self._once(request, sla.put_calendar_response))
        return sla.put_calendar_response(calendar)

    async def ListCalendars(
        self, request: sla_pb2.ListCalendarsRequest, context: object
    ) -> sla_pb2.ListCalendarsResponse:
        command = sla.list_calendars(request, current_actor())
        page = await self._do.sla.calendars(command)
        return sla.list_calendars_response(page)

    async def PutSlaPolicy(self, request: sla_pb2.PutSlaPolicyRequest, context: object) -> sla_pb2.PutSlaPolicyResponse:
        command = sla.put_sla_policy(request)
        policy = await self._do.sla.put_policy(command, self._once(request, sla.put_sla_policy_response))
        return sla.put_sla_policy_response(policy)

    async def ListSlaPolicies(
        self, request: sla_pb2.ListSlaPoliciesRequest, context: object
    ) -> sla_pb2.ListSlaPoliciesResponse:
        command = sla.list_sla_policies(request, current_actor())
        page = await self._do.sla.policies(command)
        return sla.list_sla_policies_response(page)
