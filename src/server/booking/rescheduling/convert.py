"""Proposals to move a booking: protobuf and domain, in both directions."""

from callsheet.booking.v1 import reschedule_pb2 as pb
from server.booking.convert import SIDES, order_for
from server.booking.domain.reschedule import Reschedule, RescheduleStatus
from server.booking.providers.hours import Window
from server.booking.rescheduling.usecases import Propose, Replied, Reply
from server.core.call import Actor, current_actor
from server.core.grpc.proto import EnumMap, instant, timestamp

STATUSES = EnumMap(pb.RescheduleStatus, RescheduleStatus, "RESCHEDULE_STATUS_", pb.RescheduleStatus.ValueType)


def propose_reschedule(request: pb.ProposeRescheduleRequest, actor: Actor) -> Propose:
    return Propose(
        actor=actor,
        order_id=request.order_id,
        times=Window(instant(request.start_ts, "start_ts"), instant(request.end_ts, "end_ts")),
        payment_method_id=request.payment_method_id,
        version=request.version,
    )


def propose_reschedule_response(proposal: Reschedule) -> pb.ProposeRescheduleResponse:
    return pb.ProposeRescheduleResponse(reschedule=_reschedule(proposal))


def respond_to_reschedule(request: pb.RespondToRescheduleRequest, actor: Actor) -> Reply:
    return Reply(actor, request.reschedule_id, request.accept, request.total_cents, request.payment_method_id)


def respond_to_reschedule_response(answered: Replied) -> pb.RespondToRescheduleResponse:
    return pb.RespondToRescheduleResponse(
        order=order_for(answered.order, current_actor()), reschedule=_reschedule(answered.proposal)
    )


def _reschedule(proposal: Reschedule) -> pb.Reschedule:
    return pb.Reschedule(
        reschedule_id=proposal.reschedule_id,
        order_id=proposal.order_id,
        proposed_side=SIDES.number(proposal.proposed_side),
        status=STATUSES.number(proposal.status),
        start_ts=timestamp(proposal.start_ts),
        end_ts=timestamp(proposal.end_ts),
        subtotal_change_cents=proposal.subtotal_change_cents,
        total_cents=proposal.total_cents,
        expires_at=timestamp(proposal.expires_at),
        answered_at=timestamp(proposal.answered_at) if proposal.answered_at else None,
        created_at=timestamp(proposal.created_at),
    )
