"""Support's RPCs: parse, call, render."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from callsheet.support.v1 import cases_pb2, evidence_pb2, holds_pb2, legal_pb2, sla_pb2
from callsheet.support.v1 import handling_pb2 as pb
from callsheet.support.v1.support_pb2_grpc import SupportServiceServicer
from server.core.call import current_actor
from server.core.grpc.once import IdempotentCalls
from server.support.cases.handling import Handling
from server.support.cases.merging import Merging
from server.support.cases.opening import Opening
from server.support.cases.reading import Reading
from server.support.cases.talking import Talking
from server.support.convert import cases, handling, holds, legal, sla
from server.support.convert import evidence as files
from server.support.evidence.usecases import EvidenceUseCases
from server.support.holds.usecases import HoldUseCases
from server.support.legal.usecases import LegalUseCases
from server.support.sla.usecases import SlaUseCases


@dataclass(frozen=True, slots=True)
class SupportUseCases:
    """The operations of the support slice, by theme."""

    opening: Opening
    reading: Reading
    talking: Talking
    handling: Handling
    merging: Merging
    sla: SlaUseCases
    evidence: EvidenceUseCases
    holds: HoldUseCases
    legal: LegalUseCases


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

    async def CreateEvidenceUpload(
        self, request: evidence_pb2.CreateEvidenceUploadRequest, context: object
    ) -> evidence_pb2.CreateEvidenceUploadResponse:
        command = files.create_evidence_upload(request, current_actor())
        once = self._once(request, files.create_evidence_upload_response)
        return files.create_evidence_upload_response(await self._do.evidence.create_upload(command, once))

    async def CompleteEvidenceUpload(
        self, request: evidence_pb2.CompleteEvidenceUploadRequest, context: object
    ) -> evidence_pb2.CompleteEvidenceUploadResponse:
        evidence = await self._do.evidence.complete_upload(request.evidence_id, current_actor())
        return files.complete_evidence_upload_response(evidence)

    async def GetEvidenceUrl(
        self, request: evidence_pb2.GetEvidenceUrlRequest, context: object
    ) -> evidence_pb2.GetEvidenceUrlResponse:
        url = await self._do.evidence.link(request.evidence_id, current_actor())
        return files.get_evidence_url_response(url)

    async def ListEvidence(
        self, request: evidence_pb2.ListEvidenceRequest, context: object
    ) -> evidence_pb2.ListEvidenceResponse:
        command = files.list_evidence(request, current_actor())
        page = await self._do.evidence.list(command)
        return files.list_evidence_response(page)

    async def ReleaseHold(
        self, request: holds_pb2.ReleaseHoldRequest, context: object
    ) -> holds_pb2.ReleaseHoldResponse:
        command = holds.release_hold(request, current_actor())
        hold = await self._do.holds.release(command, self._once(request, holds.release_hold_response))
        return holds.release_hold_response(hold)

    async def ListHolds(self, request: holds_pb2.ListHoldsRequest, context: object) -> holds_pb2.ListHoldsResponse:
        command = holds.list_holds(request, current_actor())
        page = await self._do.holds.list(command)
        return holds.list_holds_response(page)

    async def FileDmcaNotice(
        self, request: legal_pb2.FileDmcaNoticeRequest, context: object
    ) -> legal_pb2.FileDmcaNoticeResponse:
        command = legal.file_dmca_notice(request, current_actor())
        filed = await self._do.legal.file_notice(command, self._once(request, legal.file_dmca_notice_response))
        return legal.file_dmca_notice_response(filed)

    async def FileCounterNotice(
        self, request: legal_pb2.FileCounterNoticeRequest, context: object
    ) -> legal_pb2.FileCounterNoticeResponse:
        command = legal.file_counter_notice(request, current_actor())
        once = self._once(request, legal.file_counter_notice_response)
        return legal.file_counter_notice_response(await self._do.legal.file_counter_notice(command, once))

    async def RecordCourtAction(
        self, request: legal_pb2.RecordCourtActionRequest, context: object
    ) -> legal_pb2.RecordCourtActionResponse:
        command = legal.record_court_action(request, current_actor())
        once = self._once(request, legal.record_court_action_response)
        return legal.record_court_action_response(await self._do.legal.record_court_action(command, once))

    async def RestoreContent(
        self, request: legal_pb2.RestoreContentRequest, context: object
    ) -> legal_pb2.RestoreContentResponse:
        command = legal.restore_content(request, current_actor())
        case = await self._do.legal.restore(command, self._once(request, legal.restore_content_response))
        return legal.restore_content_response(case)
