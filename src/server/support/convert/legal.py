"""Notices on the wire."""

from callsheet.support.v1 import legal_pb2
from server.core.call import Actor
from server.core.grpc.proto import EnumMap, timestamp
from server.support.cases.domain import Case
from server.support.cases.reading import Seen
from server.support.convert import case as wire
from server.support.legal.domain import Element
from server.support.legal.usecases import FileCounterNotice, Filed, FileDmcaNotice, LegalStep

ELEMENTS = EnumMap(legal_pb2.NoticeElement, Element, "NOTICE_ELEMENT_", legal_pb2.NoticeElement.ValueType)


def file_dmca_notice(request: legal_pb2.FileDmcaNoticeRequest, actor: Actor) -> FileDmcaNotice:
    return FileDmcaNotice(
        actor=actor,
        content_id=request.content_id,
        complainant_user_id=request.complainant_user_id,
        name=request.name,
        contact=request.contact,
        statement=request.statement,
        elements=frozenset(map(ELEMENTS.member, request.elements)),
    )


def file_counter_notice(request: legal_pb2.FileCounterNoticeRequest, actor: Actor) -> FileCounterNotice:
    return FileCounterNotice(
        actor=actor,
        case_id=request.case_id,
        name=request.name,
        contact=request.contact,
        statement=request.statement,
        elements=frozenset(map(ELEMENTS.member, request.elements)),
    )


def record_court_action(request: legal_pb2.RecordCourtActionRequest, actor: Actor) -> LegalStep:
    return LegalStep(actor, request.case_id, request.reference)


def restore_content(request: legal_pb2.RestoreContentRequest, actor: Actor) -> LegalStep:
    return LegalStep(actor, request.case_id, request.reason)


def file_dmca_notice_response(filed: Filed) -> legal_pb2.FileDmcaNoticeResponse:
    return legal_pb2.FileDmcaNoticeResponse(
        case=wire.case(filed.case),
        notice_id=filed.notice.notice_id,
        notices_against_respondent=filed.notices_against_respondent,
    )


def file_counter_notice_response(filed: Filed) -> legal_pb2.FileCounterNoticeResponse:
    window = filed.notice.restore_window
    return legal_pb2.FileCounterNoticeResponse(
        case=wire.case(filed.case),
        notice_id=filed.notice.notice_id,
        restore_from=timestamp(window.start) if window else None,
        restore_until=timestamp(window.end) if window else None,
    )


def record_court_action_response(seen: Seen[Case]) -> legal_pb2.RecordCourtActionResponse:
    return legal_pb2.RecordCourtActionResponse(case=wire.case(seen))


def restore_content_response(seen: Seen[Case]) -> legal_pb2.RestoreContentResponse:
    return legal_pb2.RestoreContentResponse(case=wire.case(seen))
