"""What other services hear of orders."""

from collections.abc import Sequence
from datetime import timedelta

from callsheet.booking.v1 import order_pb2
from server.booking import convert
from server.booking.domain.order import Order, OrderEvent
from server.core.db import Tx
from server.core.outbox import Event, Outbox, Topic

ORDERS = Topic("orders", "every change of an order, in order per order", kept=timedelta(days=7))


class OrderFeed:
    """Publishes every change of an order, from the transaction that makes it."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    async def changed(self, tx: Tx, changes: Sequence[tuple[Order, OrderEvent]]) -> None:
        await self._outbox.publish_all(
            tx, ORDERS, [Event(order.order_id, event.sequence, _message(order, event)) for order, event in changes]
        )


def _message(order: Order, event: OrderEvent) -> bytes:
    message = order_pb2.OrderChanged(
        order_id=order.order_id,
        version=event.sequence,
        event=convert.order_event(event),
        buyer_user_id=order.buyer_user_id,
        provider_user_id=order.provider_user_id,
    )
    return message.SerializeToString()
