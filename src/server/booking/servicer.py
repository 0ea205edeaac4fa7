"""Booking's RPCs: parse, call, render."""

from collections.abc import AsyncIterator

from callsheet.booking.v1 import booking_pb2 as pb
from callsheet.booking.v1.booking_pb2_grpc import BookingServiceServicer
from server.booking import convert
from server.booking.usecases import BookingUseCases
from server.core.call import current_actor
from server.core.grpc.once import IdempotentCalls


class BookingServicer(BookingServiceServicer):
    """Answers `callsheet.booking.v1.BookingService`."""

    def __init__(self, usecases: BookingUseCases, calls: IdempotentCalls) -> None:
        self._usecases = usecases
        self._once = calls.once

    async def UpsertServiceProfile(
        self, request: pb.UpsertServiceProfileRequest, context: object
    ) -> pb.UpsertServiceProfileResponse:
        command = convert.upsert_service_profile(request, current_actor())
        once = self._once(request, convert.upsert_service_profile_response)
        return convert.upsert_service_profile_response(await self._usecases.upsert_service_profile(command, once))

    async def QuoteOrder(self, request: pb.QuoteOrderRequest, context: object) -> pb.QuoteOrderResponse:
        terms = convert.terms(request.terms)
        quote = await self._usecases.quote(terms)
        return convert.quote_order_response(quote)

    async def CreateOrder(self, request: pb.CreateOrderRequest, context: object) -> pb.CreateOrderResponse:
        command = convert.create_order(request, current_actor())
        order = await self._usecases.create(command, self._once(request, convert.create_order_response))
        return convert.create_order_response(order)

    async def GetOrder(self, request: pb.GetOrderRequest, context: object) -> pb.GetOrderResponse:
        actor = current_actor()
        order = await self._usecases.get(request.order_id, actor)
        return convert.get_order_response(order, actor)

    async def ListOrders(self, request: pb.ListOrdersRequest, context: object) -> pb.ListOrdersResponse:
        command = convert.list_orders(request, current_actor())
        page = await self._usecases.list(command)
        return convert.list_orders_response(page, command.actor)

    async def CancelOrder(self, request: pb.CancelOrderRequest, context: object) -> pb.CancelOrderResponse:
        command = convert.cancel_order(request, current_actor())
        order = await self._usecases.cancel(command, self._once(request, convert.cancel_order_response))
        return convert.cancel_order_response(order)

    async def WatchOrder(self, request: pb.WatchOrderRequest, context: object) -> AsyncIterator[pb.WatchOrderResponse]:
        command = convert.watch_order(request, current_actor())
        async for event in self._usecases.watch(command):
            yield convert.watch_order_response(event)
