"""A server with the API's own services whose behaviour a test knows by heart: it answers by the order's id."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import grpc
from google.api.httpbody_pb2 import HttpBody
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from callsheet.booking.v1 import offering_pb2, order_pb2, ordering_pb2
from callsheet.growth.v1 import notification_pb2

DETAILS = "grpc-status-details-bin"
Headers: TypeAlias = dict[str, str]
Context: TypeAlias = grpc.aio.ServicerContext[Message, Message]


@dataclass(slots=True)
class Seen:
    """What reached a server, newest last."""

    headers: list[Headers] = field(default_factory=list)
    profiles: list[offering_pb2.UpsertServiceProfileRequest] = field(default_factory=list)
    events: list[HttpBody] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)


class Fake:
    """The handlers. Methods that are missing here are missing on the server."""

    def __init__(self, seen: Seen, name: str) -> None:
        self._seen = seen
        self._name = name

    async def get_order(self, request: ordering_pb2.GetOrderRequest, context: Context) -> ordering_pb2.GetOrderResponse:
        self._seen.headers.append(headers_of(context))
        if request.order_id == "busy":
            await refuse(context, grpc.StatusCode.ABORTED, "IDEMPOTENCY_KEY_IN_USE", retry_after_ms=1200)
        await context.send_initial_metadata((("x-correlation-id", "cor_of_the_server"), ("idempotent-replay", "true")))
        return ordering_pb2.GetOrderResponse(
            order=order_pb2.Order(order_id=request.order_id, version=2**60, provider_user_id=self._name)
        )

    async def upsert_service_profile(
        self, request: offering_pb2.UpsertServiceProfileRequest, context: Context
    ) -> offering_pb2.UpsertServiceProfileResponse:
        self._seen.profiles.append(request)
        return offering_pb2.UpsertServiceProfileResponse(
            service_profile=offering_pb2.ServiceProfile(title=request.title, hourly_cents=request.hourly_cents)
        )

    async def watch_order(
        self, request: ordering_pb2.WatchOrderRequest, context: Context
    ) -> AsyncIterator[ordering_pb2.WatchOrderResponse]:
        if request.order_id == "missing":
            await refuse(context, grpc.StatusCode.NOT_FOUND, "NOT_FOUND")
        for sequence in (1, 2):
            yield ordering_pb2.WatchOrderResponse(event=order_pb2.OrderEvent(sequence=sequence))
        if request.order_id == "breaks":
            await refuse(context, grpc.StatusCode.UNAVAILABLE, "DEPENDENCY_DOWN", retry_after_ms=1000)
        if request.order_id == "stays":
            await asyncio.Event().wait()

    async def receive_stripe_event(self, request: HttpBody, context: Context) -> HttpBody:
        self._seen.headers.append(headers_of(context))
        self._seen.events.append(request)
        return HttpBody()

    async def unsubscribe(
        self, request: notification_pb2.UnsubscribeRequest, context: Context
    ) -> notification_pb2.UnsubscribeResponse:
        self._seen.tokens.append(request.token)
        return notification_pb2.UnsubscribeResponse(topic="saved_search_alert")

    def services(self) -> list[grpc.GenericRpcHandler]:
        """What a server is given."""
        unary, stream = grpc.unary_unary_rpc_method_handler, grpc.unary_stream_rpc_method_handler
        booking: dict[str, grpc.RpcMethodHandler[Any, Any]] = {
            "GetOrder": unary(self.get_order, ordering_pb2.GetOrderRequest.FromString, encode),
            "UpsertServiceProfile": unary(
                self.upsert_service_profile, offering_pb2.UpsertServiceProfileRequest.FromString, encode
            ),
            "WatchOrder": stream(self.watch_order, ordering_pb2.WatchOrderRequest.FromString, encode),
        }
        webhooks: dict[str, grpc.RpcMethodHandler[Any, Any]] = {
            "ReceiveStripeEvent": unary(self.receive_stripe_event, HttpBody.FromString, encode)
        }
        growth: dict[str, grpc.RpcMethodHandler[Any, Any]] = {
            "Unsubscribe": unary(self.unsubscribe, notification_pb2.UnsubscribeRequest.FromString, encode)
        }
        return [
            grpc.method_handlers_generic_handler("callsheet.growth.v1.GrowthService", growth),
            grpc.method_handlers_generic_handler("callsheet.booking.v1.BookingService", booking),
            grpc.method_handlers_generic_handler("callsheet.payments.v1.WebhookService", webhooks),
        ]


@asynccontextmanager
async def serving(
    port: int, seen: Seen, name: str = "fake", credentials: grpc.ServerCredentials | None = None
) -> AsyncIterator[grpc.aio.Server]:
    """Serves on that port until the block ends, in the clear where no credentials are given."""
    server = grpc.aio.server()
    server.add_generic_rpc_handlers(Fake(seen, name).services())
    state = health.aio.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(state, server)
    await state.set("", health_pb2.HealthCheckResponse.SERVING)
    if credentials is None:
        server.add_insecure_port(f"127.0.0.1:{port}")
    else:
        server.add_secure_port(f"127.0.0.1:{port}", credentials)
    await server.start()
    try:
        yield server
    finally:
        await server.stop(0)


def headers_of(context: Context) -> Headers:
    """The metadata that came with a call, without what gRPC itself adds."""
    pairs = context.invocation_metadata() or ()
    return {key: value for key, value in pairs if isinstance(value, str) and key != "user-agent"}


async def refuse(context: Context, code: grpc.StatusCode, reason: str, retry_after_ms: int = 0) -> None:
    """Fails the call as the real server would."""
    details: list[Message] = [error_details_pb2.ErrorInfo(reason=reason, domain="callsheet")]
    if retry_after_ms:
        pause = Duration()
        pause.FromMilliseconds(retry_after_ms)
        details.append(error_details_pb2.RetryInfo(retry_delay=pause))
    number: int = code.value[0]
    status = status_pb2.Status(code=number, message="said by the server", details=[packed(each) for each in details])
    await context.abort(code, status.message, ((DETAILS, status.SerializeToString()),))


def encode(message: Message) -> bytes:
    return message.SerializeToString()


def packed(message: Message) -> AnyMessage:
    result = AnyMessage()
    result.Pack(message)
    return result
