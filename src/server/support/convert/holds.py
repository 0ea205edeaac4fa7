"""Payout holds on the wire."""

from callsheet.support.v1 import holds_pb2
from server.core.call import Actor
from server.core.grpc.proto import EnumMap, timestamp
from server.core.pagination import Page
from server.support.cases.reading import ListOfCase
from server.support.holds import domain
from server.support.holds.usecases import ApplyHold, ReleaseHold

STATUSES = EnumMap(holds_pb2.HoldStatus, domain.HoldStatus, "HOLD_STATUS_", holds_pb2.HoldStatus.ValueType)
REASONS = EnumMap(holds_pb2.ReleaseReason, domain.ReleaseReason, "RELEASE_REASON_", holds_pb2.ReleaseReason.ValueType)


def apply_hold(request: holds_pb2.ApplyHoldRequest, actor: Actor) -> ApplyHold:
    return ApplyHold(actor, request.case_id, request.amount_cents, request.reason)


def release_hold(request: holds_pb2.ReleaseHoldRequest, actor: Actor) -> ReleaseHold:
    return ReleaseHold(actor, request.hold_id, request.reason)


def list_holds(request: holds_pb2.ListHoldsRequest, actor: Actor) -> ListOfCase:
    return ListOfCase(actor, request.case_id, request.page_size, request.page_token)


def apply_hold_response(hold: domain.Hold) -> holds_pb2.ApplyHoldResponse:
    return holds_pb2.ApplyHoldResponse(hold=_hold(hold))


def release_hold_response(hold: domain.Hold) -> holds_pb2.ReleaseHoldResponse:
    return holds_pb2.ReleaseHoldResponse(hold=_hold(hold))


def list_holds_response(page: Page[domain.Hold]) -> holds_pb2.ListHoldsResponse:
    return holds_pb2.ListHoldsResponse(holds=map(_hold, page.items), next_page_token=page.next_token)


def _hold(hold: domain.Hold) -> holds_pb2.Hold:
    released = hold.released_reason
    return holds_pb2.Hold(
        hold_id=hold.hold_id,
        case_id=hold.case_id,
        leg_id=hold.order_id,
        amount_cents=hold.amount_cents,
        status=STATUSES.number(hold.status),
        released_reason=REASONS.number(released) if released else holds_pb2.RELEASE_REASON_UNSPECIFIED,
        created_at=timestamp(hold.created_at),
        expires_at=timestamp(hold.expires_at),
        ended_at=timestamp(hold.released_at) if hold.released_at else None,
    )
