"""Protobuf and cancellations, in both directions."""

from callsheet.booking.v1 import cancelling_pb2, order_pb2, ordering_pb2
from server.booking.cancelling.decision import Band, Cancellation
from server.booking.cancelling.usecases import Cancelled, CancelOrder
from server.booking.convert import STATUSES, order_for
from server.booking.domain.order import TRANSITIONS, Order
from server.core.call import Actor, current_actor
from server.core.grpc.proto import EnumMap, timestamp

BANDS = EnumMap(cancelling_pb2.CancellationBand, Band, "CANCELLATION_BAND_", cancelling_pb2.CancellationBand.ValueType)


def cancel_order(request: ordering_pb2.CancelOrderRequest, actor: Actor) -> CancelOrder:
    return CancelOrder(actor=actor, order_id=request.order_id, reason=request.reason, version=request.version)


def cancel_order_response(cancelled: Cancelled) -> ordering_pb2.CancelOrderResponse:
    order, decided = cancelled.order, cancelled.cancellation
    return ordering_pb2.CancelOrderResponse(
        order=order_for(order, current_actor()), cancellation=_cancellation(STATUSES.number(order.status), decided)
    )


def preview_cancellation_response(preview: Cancelled) -> cancelling_pb2.PreviewCancellationResponse:
    order, decided = preview.order, preview.cancellation
    status = STATUSES.number(TRANSITIONS[order.status, decided.event])
    message = cancelling_pb2.PreviewCancellationResponse(
        cancellation=_cancellation(status, decided), version=order.version
    )
    if order.confirmed_at is not None:
        _set_instants(message, order)
    return message


def _set_instants(message: cancelling_pb2.PreviewCancellationResponse, order: Order) -> None:
    message.full_refund_until.CopyFrom(timestamp(order.refund_bands.full_until))
    message.half_refund_until.CopyFrom(timestamp(order.refund_bands.half_until))
    if order.grace_until is not None:
        message.grace_until.CopyFrom(timestamp(order.grace_until))


def _cancellation(status: order_pb2.BookingStatus.ValueType, decided: Cancellation) -> cancelling_pb2.Cancellation:
    message = cancelling_pb2.Cancellation(
        status=status, band=BANDS.number(decided.band), provider_keeps_cents=decided.provider_keeps_cents
    )
    refund = decided.refund
    if refund is not None:
        message.refund_cents = refund.cash_cents
        message.subtotal_cents = refund.subtotal_cents
        message.platform_fee_cents = refund.fee_cents
        message.tax_cents = refund.tax_cents
        message.tip_cents = refund.tip_cents
        message.credit_cents = refund.credit_cents
    return message
