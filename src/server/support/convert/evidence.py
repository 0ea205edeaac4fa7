"""Evidence on the wire."""

from callsheet.support.v1 import evidence_pb2
from server.core.call import Actor
from server.core.grpc.proto import EnumMap, timestamp
from server.core.pagination import Page
from server.support.cases.reading import ListOfCase
from server.support.evidence import domain
from server.support.evidence.content import Mime
from server.support.evidence.usecases import CreateEvidenceUpload, Uploading

STATUSES = EnumMap(
    evidence_pb2.EvidenceStatus,
    domain.EvidenceStatus,
    "EVIDENCE_STATUS_",
    evidence_pb2.EvidenceStatus.ValueType,
)


def create_evidence_upload(request: evidence_pb2.CreateEvidenceUploadRequest, actor: Actor) -> CreateEvidenceUpload:
    return CreateEvidenceUpload(actor, request.case_id, Mime(request.mime), request.bytes, request.sha256)


def list_evidence(request: evidence_pb2.ListEvidenceRequest, actor: Actor) -> ListOfCase:
    return ListOfCase(actor, request.case_id, request.page_size, request.page_token)


def create_evidence_upload_response(uploading: Uploading) -> evidence_pb2.CreateEvidenceUploadResponse:
    return evidence_pb2.CreateEvidenceUploadResponse(
        evidence=_evidence(uploading.evidence),
        upload_url=uploading.link.url,
        upload_headers=uploading.link.headers,
        upload_expires_at=timestamp(uploading.evidence.upload_expires_at),
    )


def complete_evidence_upload_response(evidence: domain.Evidence) -> evidence_pb2.CompleteEvidenceUploadResponse:
    return evidence_pb2.CompleteEvidenceUploadResponse(evidence=_evidence(evidence))


def get_evidence_url_response(url: str) -> evidence_pb2.GetEvidenceUrlResponse:
    return evidence_pb2.GetEvidenceUrlResponse(url=url)


def list_evidence_response(page: Page[domain.Evidence]) -> evidence_pb2.ListEvidenceResponse:
    return evidence_pb2.ListEvidenceResponse(evidence=map(_evidence, page.items), next_page_token=page.next_token)


def _evidence(evidence: domain.Evidence) -> evidence_pb2.Evidence:
    return evidence_pb2.Evidence(
        evidence_id=evidence.evidence_id,
        case_id=evidence.case_id,
        uploaded_by=evidence.uploaded_by,
        status=STATUSES.number(evidence.status),
        mime=evidence.mime,
        bytes=evidence.length,
        sha256=evidence.sha256,
        retention_until=timestamp(evidence.retention_until) if evidence.retention_until else None,
        legal_hold=evidence.legal_hold,
        rejected_reason=evidence.rejected_reason or "",
        created_at=timestamp(evidence.created_at),
        stored_at=timestamp(evidence.stored_at) if evidence.stored_at else None,
    )
