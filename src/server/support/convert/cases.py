"""Requests about cases and their conversation, and the answers."""

from callsheet.support.v1 import cases_pb2
from server.core.call import Actor
from server.core.grpc.proto import EnumMap
from server.core.pagination import Page
from server.support.cases import domain
from server.support.cases.conversation import Message
from server.support.cases.opening import OpenCase
from server.support.cases.reading import ListCases, ListOfCase, Queue, Seen, WatchCase
from server.support.cases.talking import PostMessage
from server.support.convert import case as wire

QUEUES = EnumMap(cases_pb2.Queue, Queue, "QUEUE_", cases_pb2.Queue.ValueType, default=Queue.OWN)


def open_case(request: cases_pb2.OpenCaseRequest, actor: Actor) -> OpenCase:
    return OpenCase(
        actor=actor,
        customer_user_id=request.customer_user_id,
        type=wire.TYPES.member(request.type),
        subtype=request.subtype,
        subject=domain.Subject(
            leg_id=request.leg_id or None,
            order_id=request.order_id or None,
            studio_id=request.studio_id or None,
            creator_id=request.creator_id or None,
            payout_id=request.payout_id or None,
            content_id=request.content_id or None,
        ),
        body_md=request.body_md,
    )


def list_cases(request: cases_pb2.ListCasesRequest, actor: Actor) -> ListCases:
    return ListCases(
        actor=actor,
        queue=QUEUES.member(request.queue),
        page_size=request.page_size,
        page_token=request.page_token,
    )


def post_message(request: cases_pb2.PostMessageRequest, actor: Actor) -> PostMessage:
    return PostMessage(
        actor=actor,
        case_id=request.case_id,
        visibility=wire.VISIBILITIES.member(request.visibility),
        body_md=request.body_md,
    )


def list_messages(request: cases_pb2.ListMessagesRequest, actor: Actor) -> ListOfCase:
    return ListOfCase(actor=actor, case_id=request.case_id, page_size=request.page_size, page_token=request.page_token)


def list_case_events(request: cases_pb2.ListCaseEventsRequest, actor: Actor) -> ListOfCase:
    return ListOfCase(actor=actor, case_id=request.case_id, page_size=request.page_size, page_token=request.page_token)


def watch_case(request: cases_pb2.WatchCaseRequest, actor: Actor) -> WatchCase:
    return WatchCase(actor=actor, case_id=request.case_id, after_sequence=request.after_sequence)


def open_case_response(seen: Seen[domain.Case]) -> cases_pb2.OpenCaseResponse:
    return cases_pb2.OpenCaseResponse(case=wire.case(seen))


def get_case_response(seen: Seen[domain.Case]) -> cases_pb2.GetCaseResponse:
    return cases_pb2.GetCaseResponse(case=wire.case(seen))


def list_cases_response(page: Page[Seen[domain.Case]]) -> cases_pb2.ListCasesResponse:
    return cases_pb2.ListCasesResponse(cases=map(wire.case, page.items), next_page_token=page.next_token)


def post_message_response(seen: Seen[Message]) -> cases_pb2.PostMessageResponse:
    return cases_pb2.PostMessageResponse(message=wire.message(seen))


def list_messages_response(page: Page[Seen[Message]]) -> cases_pb2.ListMessagesResponse:
    return cases_pb2.ListMessagesResponse(messages=map(wire.message, page.items), next_page_token=page.next_token)


def list_case_events_response(page: Page[Seen[domain.CaseEvent]]) -> cases_pb2.ListCaseEventsResponse:
    return cases_pb2.ListCaseEventsResponse(events=map(wire.event, page.items), next_page_token=page.next_token)


def watch_case_response(seen: Seen[domain.CaseEvent]) -> cases_pb2.WatchCaseResponse:
    return cases_pb2.WatchCaseResponse(event=wire.event(seen))
