"""What other services hear of orders."""

from datetime import timedelta

from callsheet.booking.v1 import order_pb2
from server.booking import convert
from server.booking.domain.order import Order, OrderEvent
from server.core.db import Tx
from server.core.outbox import Outbox, Topic

ORDERS = Topic("orders", "every change of an order, in order per order", kept=timedelta(days=7))


class OrderFeed:
    """Publishes every change of an order, from the transaction that makes it."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    async def changed(self, tx: Tx, order: Order, event: OrderEvent) -> None:
        message = order_pb2.OrderChanged(
            order_id=order.order_id,
            version=order.version,
            event=convert.order_event(event),
            buyer_user_id=order.buyer_user_id,
            provider_user_id=order.provider_user_id,
        )
        await self._outbox.publish(
            tx, ORDERS, key=order.order_id, version=order.version, payload=message.SerializeToString()
        )
