"""Orders as a whole, and their history."""

from collections.abc import AsyncIterator

from callsheet.booking.v1 import ordering_pb2
from server.booking import convert
from server.booking.servicer.parts import Answering
from server.core.call import current_actor


class OrderCalls(Answering):
    """Orders as a whole, and their history."""

    async def QuoteOrder(
        self, request: ordering_pb2.QuoteOrderRequest, context: object
    ) -> ordering_pb2.QuoteOrderResponse:
        terms = convert.terms(request.terms)
        quote = await self._do.orders.quote(terms)
        return convert.quote_order_response(quote)

    async def CreateOrder(
        self, request: ordering_pb2.CreateOrderRequest, context: object
    ) -> ordering_pb2.CreateOrderResponse:
        command = convert.create_order(request, current_actor())
        result = await self._do.orders.create(command, self._once(request, convert.create_order_response))
        return convert.create_order_response(result)

    async def GetOrder(self, request: ordering_pb2.GetOrderRequest, context: object) -> ordering_pb2.GetOrderResponse:
        actor = current_actor()
        order = await self._do.orders.get(request.order_id, actor)
        return convert.get_order_response(order, actor)

    async def ListOrders(
        self, request: ordering_pb2.ListOrdersRequest, context: object
    ) -> ordering_pb2.ListOrdersResponse:
        command = convert.list_orders(request, current_actor())
        page = await self._do.orders.list(command)
        return convert.list_orders_response(page, command.actor)

    async def ListOrderEvents(
        self, request: ordering_pb2.ListOrderEventsRequest, context: object
    ) -> ordering_pb2.ListOrderEventsResponse:
        command = convert.list_order_events(request, current_actor())
        page = await self._do.orders.list_events(command)
        return convert.list_order_events_response(page)

    async def WatchOrder(
        self, request: ordering_pb2.WatchOrderRequest, context: object
    ) -> AsyncIterator[ordering_pb2.WatchOrderResponse]:
        command = convert.watch_order(request, current_actor())
        async for event in self._do.orders.watch(command):
            yield convert.watch_order_response(event)
