"""Support's RPCs: parse, call, render."""

from dataclasses import dataclass

from callsheet.support.v1 import cases_pb2
from callsheet.support.v1.support_pb2_grpc import SupportServiceServicer
from server.core.call import current_actor
from server.core.grpc.once import IdempotentCalls
from server.support.cases.opening import Opening
from server.support.cases.reading import Reading
from server.support.cases.talking import Talking
from server.support.convert import cases


@dataclass(frozen=True, slots=True)
class SupportUseCases:
    """The operations of the support slice, by theme."""

    opening: Opening
    reading: Reading
    talking: Talking


class SupportServicer(SupportServiceServicer):
    """Answers `callsheet.support.v1.SupportService`."""

    def __init__(self, usecases: SupportUseCases, calls: IdempotentCalls) -> None:
        self._do = usecases
        self._once = calls.once

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
