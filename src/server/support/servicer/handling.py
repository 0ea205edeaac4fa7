"""What staff do with cases, and how customers end and reopen them."""

from callsheet.support.v1 import handling_pb2 as pb
from server.core.call import current_actor
from server.support.convert import handling
from server.support.servicer.parts import Answering


class HandlingCalls(Answering):
    """What staff do with cases, and how customers end and reopen them."""

    async def AssignCase(self, request: pb.AssignCaseRequest, context: object) -> pb.AssignCaseResponse:
        command = handling.assign_case(request, current_actor())
        case = await self._do.handling.assign(command, self._once(request, handling.assign_case_response))
        return handling.assign_case_response(case)

    async def UpdateCaseSeverity(
        self, request: pb.UpdateCaseSeverityRequest, context: object
    ) -> pb.UpdateCaseSeverityResponse:
        command = handling.update_case_severity(request, current_actor())
        case = await self._do.handling.set_severity(
            command, self._once(request, handling.update_case_severity_response)
        )
        return handling.update_case_severity_response(case)

    async def AddWatcher(self, request: pb.AddWatcherRequest, context: object) -> pb.AddWatcherResponse:
        command = handling.add_watcher(request, current_actor())
        case = await self._do.handling.add_watcher(command, self._once(request, handling.add_watcher_response))
        return handling.add_watcher_response(case)

    async def RemoveWatcher(self, request: pb.RemoveWatcherRequest, context: object) -> pb.RemoveWatcherResponse:
        command = handling.remove_watcher(request, current_actor())
        case = await self._do.handling.remove_watcher(command, self._once(request, handling.remove_watcher_response))
        return handling.remove_watcher_response(case)

    async def InvestigateCase(self, request: pb.InvestigateCaseRequest, context: object) -> pb.InvestigateCaseResponse:
        command = handling.investigate_case(request, current_actor())
        case = await self._do.handling.investigate(command, self._once(request, handling.investigate_case_response))
        return handling.investigate_case_response(case)

    async def AwaitCustomer(self, request: pb.AwaitCustomerRequest, context: object) -> pb.AwaitCustomerResponse:
        command = handling.await_customer(request, current_actor())
        case = await self._do.handling.await_customer(command, self._once(request, handling.await_customer_response))
        return handling.await_customer_response(case)

    async def AwaitSeller(self, request: pb.AwaitSellerRequest, context: object) -> pb.AwaitSellerResponse:
        command = handling.await_seller(request, current_actor())
        case = await self._do.handling.await_seller(command, self._once(request, handling.await_seller_response))
        return handling.await_seller_response(case)

    async def RequestDecision(self, request: pb.RequestDecisionRequest, context: object) -> pb.RequestDecisionResponse:
        command = handling.request_decision(request, current_actor())
        case = await self._do.handling.request_decision(
            command, self._once(request, handling.request_decision_response)
        )
        return handling.request_decision_response(case)

    async def DenyCase(self, request: pb.DenyCaseRequest, context: object) -> pb.DenyCaseResponse:
        command = handling.deny_case(request, current_actor())
        case = await self._do.handling.deny(command, self._once(request, handling.deny_case_response))
        return handling.deny_case_response(case)

    async def GrantGoodwill(self, request: pb.GrantGoodwillRequest, context: object) -> pb.GrantGoodwillResponse:
        command = handling.grant_goodwill(request, current_actor())
        case = await self._do.handling.grant_goodwill(command, self._once(request, handling.grant_goodwill_response))
        return handling.grant_goodwill_response(case)

    async def EscalateCase(self, request: pb.EscalateCaseRequest, context: object) -> pb.EscalateCaseResponse:
        command = handling.escalate_case(request, current_actor())
        case = await self._do.handling.escalate(command, self._once(request, handling.escalate_case_response))
        return handling.escalate_case_response(case)

    async def CloseCase(self, request: pb.CloseCaseRequest, context: object) -> pb.CloseCaseResponse:
        command = handling.close_case(request, current_actor())
        case = await self._do.handling.close(command, self._once(request, handling.close_case_response))
        return handling.close_case_response(case)

    async def ReopenCase(self, request: pb.ReopenCaseRequest, context: object) -> pb.ReopenCaseResponse:
        command = handling.reopen_case(request, current_actor())
        case = await self._do.handling.reopen(command, self._once(request, handling.reopen_case_response))
        return handling.reopen_case_response(case)

    async def MergeCases(self, request: pb.MergeCasesRequest, context: object) -> pb.MergeCasesResponse:
        command = handling.merge_cases(request, current_actor())
        case = await self._do.merging.merge(command, self._once(request, handling.merge_cases_response))
        return handling.merge_cases_response(case)
