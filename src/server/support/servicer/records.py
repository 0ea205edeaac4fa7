"""Evidence, and what the law prescribes."""

from callsheet.support.v1 import evidence_pb2, legal_pb2
from server.core.call import current_actor
from server.support.convert import evidence as files
from server.support.convert import legal
from server.support.servicer.parts import Answering


class RecordCalls(Answering):
    """Evidence, and what the law prescribes."""

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
