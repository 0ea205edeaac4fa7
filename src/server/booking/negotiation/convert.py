"""Offers: protobuf and domain, in both directions."""

from decimal import Decimal

from callsheet.booking.v1 import negotiation_pb2 as pb
from server.booking.convert import LINES, SIDES, line_item, order_for
from server.booking.domain.order import Order
from server.booking.domain.request import Request, RequestStatus
from server.booking.negotiation.answering import AcceptOffer, CounterOffer, DeclineOffer
from server.booking.negotiation.reading import ListOffers
from server.booking.negotiation.submitting import SubmitOrder
from server.booking.pricing import LineItem, line
from server.booking.providers.hours import Window
from server.core.call import Actor, current_actor
from server.core.errors import FieldInvalid, Violation
from server.core.grpc.proto import EnumMap, instant, timestamp
from server.core.pagination import Page

STATUSES = EnumMap(pb.RequestStatus, RequestStatus, "REQUEST_STATUS_", pb.RequestStatus.ValueType)


def submit_order(request: pb.SubmitOrderRequest, actor: Actor) -> SubmitOrder:
    return SubmitOrder(actor, request.order_id, request.payment_method_id, request.message, request.version)


def submit_order_response(order: Order) -> pb.SubmitOrderResponse:
    return pb.SubmitOrderResponse(order=order_for(order, current_actor()))


def accept_request(request: pb.AcceptRequestRequest, actor: Actor) -> AcceptOffer:
    return AcceptOffer(actor, request.request_id, request.total_cents)


def accept_request_response(order: Order) -> pb.AcceptRequestResponse:
    return pb.AcceptRequestResponse(order=order_for(order, current_actor()))


def decline_request(request: pb.DeclineRequestRequest, actor: Actor) -> DeclineOffer:
    return DeclineOffer(actor, request.request_id, request.reason)


def decline_request_response(order: Order) -> pb.DeclineRequestResponse:
    return pb.DeclineRequestResponse(order=order_for(order, current_actor()))


def counter_request(request: pb.CounterRequestRequest, actor: Actor) -> CounterOffer:
    return CounterOffer(
        actor=actor,
        request_id=request.request_id,
        lines=[_line(index, message) for index, message in enumerate(request.line_items)],
        times=Window(instant(request.start_ts, "start_ts"), instant(request.end_ts, "end_ts"))
        if request.HasField("start_ts")
        else None,
        message=request.message,
    )


def counter_request_response(request: Request) -> pb.CounterRequestResponse:
    return pb.CounterRequestResponse(request=request_message(request))


def list_requests(request: pb.ListRequestsRequest, actor: Actor) -> ListOffers:
    return ListOffers(
        actor=actor,
        side=SIDES.member(request.side),
        order_id=request.order_id,
        statuses=frozenset(STATUSES.member(status) for status in request.statuses),
        page_size=request.page_size,
        page_token=request.page_token,
    )


def list_requests_response(page: Page[Request]) -> pb.ListRequestsResponse:
    return pb.ListRequestsResponse(requests=map(request_message, page.items), next_page_token=page.next_token)


def request_message(request: Request) -> pb.BookingRequest:
    """An offer as both parties see it."""
    return pb.BookingRequest(
        request_id=request.request_id,
        order_id=request.order_id,
        buyer_user_id=request.buyer_user_id,
        provider_user_id=request.provider_user_id,
        status=STATUSES.number(request.status),
        offered_by=SIDES.number(request.offered_by),
        round=request.round,
        supersedes_request_id=request.supersedes_request_id or "",
        total_cents=request.total_cents,
        line_items=map(line_item, request.lines or ()),
        start_ts=timestamp(request.start_ts) if request.start_ts else None,
        end_ts=timestamp(request.end_ts) if request.end_ts else None,
        message=request.message,
        shown=request.shown_at is not None,
        expires_at=timestamp(request.expires_at),
        answered_at=timestamp(request.answered_at) if request.answered_at else None,
        answer_reason=request.answer_reason,
        created_at=timestamp(request.created_at),
    )


def _line(index: int, message: pb.CounterLine) -> LineItem:
    qty = Decimal(message.qty)
    if qty <= 0:
        raise FieldInvalid(Violation(f"line_items[{index}].qty", "must be more than 0"))
    return line(LINES.member(message.kind), message.title, qty, message.unit_cents)
