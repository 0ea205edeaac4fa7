"""Protobuf and fulfilment, in both directions."""

from collections.abc import Sequence

from callsheet.booking.v1 import fulfilment_pb2, milestone_pb2
from server.booking.convert import order_for
from server.booking.domain.order import Order
from server.booking.fulfilment.agreeing import AddAdjustment, AddTip
from server.booking.fulfilment.extras import Adjustment, AdjustmentKind, AdjustmentStatus
from server.booking.fulfilment.milestone_steps import MilestoneStep, NewMilestone, SetMilestones
from server.booking.fulfilment.milestones import Milestone, MilestoneStatus
from server.booking.fulfilment.usecases import OrderStep
from server.core.call import Actor, current_actor
from server.core.grpc.proto import EnumMap, instant, timestamp

MILESTONES = EnumMap(
    milestone_pb2.MilestoneStatus, MilestoneStatus, "MILESTONE_STATUS_", milestone_pb2.MilestoneStatus.ValueType
)
KINDS = EnumMap(
    fulfilment_pb2.AdjustmentKind, AdjustmentKind, "ADJUSTMENT_KIND_", fulfilment_pb2.AdjustmentKind.ValueType
)
STATUSES = EnumMap(
    fulfilment_pb2.AdjustmentStatus, AdjustmentStatus, "ADJUSTMENT_STATUS_", fulfilment_pb2.AdjustmentStatus.ValueType
)


def start_order(request: fulfilment_pb2.StartOrderRequest, actor: Actor) -> OrderStep:
    return OrderStep(actor, request.order_id, request.note, request.version)


def deliver_order(request: fulfilment_pb2.DeliverOrderRequest, actor: Actor) -> OrderStep:
    return OrderStep(actor, request.order_id, request.note, request.version)


def request_changes(request: fulfilment_pb2.RequestChangesRequest, actor: Actor) -> OrderStep:
    return OrderStep(actor, request.order_id, request.reason, request.version)


def complete_order(request: fulfilment_pb2.CompleteOrderRequest, actor: Actor) -> OrderStep:
    return OrderStep(actor, request.order_id, "", request.version)


def add_tip(request: fulfilment_pb2.AddTipRequest, actor: Actor) -> AddTip:
    return AddTip(actor, request.order_id, request.tip_cents, request.payment_method_id)


def add_adjustment(request: fulfilment_pb2.AddAdjustmentRequest, actor: Actor) -> AddAdjustment:
    return AddAdjustment(
        actor=actor,
        order_id=request.order_id,
        title=request.title,
        amount_cents=request.amount_cents,
        charge_cents=request.charge_cents,
        payment_method_id=request.payment_method_id,
    )


def set_milestones(request: milestone_pb2.SetMilestonesRequest, actor: Actor) -> SetMilestones:
    return SetMilestones(
        actor=actor,
        order_id=request.order_id,
        milestones=tuple(_new(item, index) for index, item in enumerate(request.milestones)),
        version=request.version,
    )


def _new(item: milestone_pb2.NewMilestone, index: int) -> NewMilestone:
    due = instant(item.due_ts, f"milestones[{index}].due_ts") if item.HasField("due_ts") else None
    return NewMilestone(item.title, due, item.amount_cents)


def deliver_milestone(request: milestone_pb2.DeliverMilestoneRequest, actor: Actor) -> MilestoneStep:
    return MilestoneStep(actor, request.milestone_id, request.note)


def reopen_milestone(request: milestone_pb2.ReopenMilestoneRequest, actor: Actor) -> MilestoneStep:
    return MilestoneStep(actor, request.milestone_id, request.reason)


def approve_milestone(request: milestone_pb2.ApproveMilestoneRequest, actor: Actor) -> MilestoneStep:
    return MilestoneStep(actor, request.milestone_id, "")


def start_order_response(order: Order) -> fulfilment_pb2.StartOrderResponse:
    return fulfilment_pb2.StartOrderResponse(order=order_for(order, current_actor()))


def deliver_order_response(order: Order) -> fulfilment_pb2.DeliverOrderResponse:
    return fulfilment_pb2.DeliverOrderResponse(order=order_for(order, current_actor()))


def request_changes_response(order: Order) -> fulfilment_pb2.RequestChangesResponse:
    return fulfilment_pb2.RequestChangesResponse(order=order_for(order, current_actor()))


def complete_order_response(order: Order) -> fulfilment_pb2.CompleteOrderResponse:
    return fulfilment_pb2.CompleteOrderResponse(order=order_for(order, current_actor()))


def add_tip_response(adjustment: Adjustment) -> fulfilment_pb2.AddTipResponse:
    return fulfilment_pb2.AddTipResponse(adjustment=_adjustment(adjustment))


def add_adjustment_response(adjustment: Adjustment) -> fulfilment_pb2.AddAdjustmentResponse:
    return fulfilment_pb2.AddAdjustmentResponse(adjustment=_adjustment(adjustment))


def set_milestones_response(milestones: Sequence[Milestone]) -> milestone_pb2.SetMilestonesResponse:
    return milestone_pb2.SetMilestonesResponse(milestones=map(_milestone, milestones))


def list_milestones_response(milestones: Sequence[Milestone]) -> milestone_pb2.ListMilestonesResponse:
    return milestone_pb2.ListMilestonesResponse(milestones=map(_milestone, milestones))


def deliver_milestone_response(milestone: Milestone) -> milestone_pb2.DeliverMilestoneResponse:
    return milestone_pb2.DeliverMilestoneResponse(milestone=_milestone(milestone))


def reopen_milestone_response(milestone: Milestone) -> milestone_pb2.ReopenMilestoneResponse:
    return milestone_pb2.ReopenMilestoneResponse(milestone=_milestone(milestone))


def approve_milestone_response(milestone: Milestone) -> milestone_pb2.ApproveMilestoneResponse:
    return milestone_pb2.ApproveMilestoneResponse(milestone=_milestone(milestone))


def _milestone(milestone: Milestone) -> milestone_pb2.Milestone:
    message = milestone_pb2.Milestone(
        milestone_id=milestone.milestone_id,
        order_id=milestone.order_id,
        position=milestone.position,
        title=milestone.title,
        amount_cents=milestone.amount_cents,
        status=MILESTONES.number(milestone.status),
    )
    for name in ("due_ts", "delivered_at", "review_until", "settled_at"):
        at = getattr(milestone, name)
        if at is not None:
            getattr(message, name).CopyFrom(timestamp(at))
    return message


def _adjustment(adjustment: Adjustment) -> fulfilment_pb2.Adjustment:
    return fulfilment_pb2.Adjustment(
        adjustment_id=adjustment.adjustment_id,
        order_id=adjustment.order_id,
        kind=KINDS.number(adjustment.kind),
        status=STATUSES.number(adjustment.status),
        title=adjustment.title,
        amount_cents=adjustment.amount_cents,
        charge_cents=adjustment.charge_cents,
        payment_id=adjustment.payment_id,
    )
