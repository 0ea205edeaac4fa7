"""Cases and their conversation."""

from collections.abc import AsyncIterator

from callsheet.support.v1 import cases_pb2
from server.core.call import current_actor
from server.support.convert import cases
from server.support.servicer.parts import Answering


class CaseCalls(Answering):
    """Cases and their conversation."""

    async def OpenCase(self, request: cases_pb2.OpenCaseRequest, context: object) -> cases_pb2.OpenCaseResponse:
        command = cases.open_case(request, current_actor())
        case = await self._do.opening.open(command, self._once(request, cases.open_case_response))
        return cases.open_case_response(case)

    async def GetCase(self, request: cases_pb2.GetCaseRequest, context: object) -> cases_pb2.GetCaseResponse:
        case = await self._do.reading.get(request.case_id, current_actor())
        return cases.get_case_response(case)

    async def ListCases(self, request: cases_pb2.ListCasesRequest, context: object) -> cases_pb2.ListCasesResponse:
        command = cases.list_cases(request, current_actor())
        page = await self._do.reading.list(command)
        return cases.list_cases_response(page)

    async def PostMessage(
        self, request: cases_pb2.PostMessageRequest, context: object
    ) -> cases_pb2.PostMessageResponse:
        command = cases.post_message(request, current_actor())
        message = await self._do.talking.post(command, self._once(request, cases.post_message_response))
        return cases.post_message_response(message)

    async def ListMessages(
        self, request: cases_pb2.ListMessagesRequest, context: object
    ) -> cases_pb2.ListMessagesResponse:
        command = cases.list_messages(request, current_actor())
        page = await self._do.reading.messages(command)
        return cases.list_messages_response(page)

    async def ListCaseEvents(
        self, request: cases_pb2.ListCaseEventsRequest, context: object
    ) -> cases_pb2.ListCaseEventsResponse:
        command = cases.list_case_events(request, current_actor())
        page = await self._do.reading.events(command)
        return cases.list_case_events_response(page)

    async def WatchCase(
        self, request: cases_pb2.WatchCaseRequest, context: object
    ) -> AsyncIterator[cases_pb2.WatchCaseResponse]:
        command = cases.watch_case(request, current_actor())
        async for event in self._do.reading.watch(command):
            yield cases.watch_case_response(event)
