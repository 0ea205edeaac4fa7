"""The gRPC server: every method wrapped in its layers once, health per service, graceful stop."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import grpc
from google.protobuf.descriptor import ServiceDescriptor
from google.protobuf.message import Message
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from server.core.grpc.exchange import Context, Exchange, Layer, Proceed
from server.core.grpc.methods import Method, Servicer, methods_of

_Unary = Callable[[object, Context], Awaitable[Message]]
_Streaming = Callable[[object, Context], AsyncIterator[Message]]


@dataclass(frozen=True, slots=True)
class Service:
    """A service and what answers it."""

    descriptor: ServiceDescriptor
    servicer: Servicer


@dataclass(frozen=True, slots=True)
class Tls:
    """Files of a server's identity; with a client CA, callers must show a certificate of it."""

    certificate: Path
    key: Path
    client_ca: Path | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """What the transport refuses by itself."""

    message_bytes: int
    concurrent_calls: int
    streams_per_client: int


class Router(grpc.GenericRpcHandler):
    """Finds a method's handler by its path. Handlers take and give bytes: the layers parse, so that bytes which are no
    message get the documented error.
    """

    def __init__(self, services: Iterable[Service], layers: Sequence[Layer]) -> None:
        self._handlers = {
            method.path: _handler(method, service.servicer, layers)
            for service in services
            for method in methods_of(service.descriptor)
        }

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> "grpc.RpcMethodHandler[bytes, bytes] | None":
        return self._handlers.get(handler_call_details.method)


class GrpcServer:
    """A server on one port, with its health. Its processes share the port, each with an event loop of its own."""

    def __init__(
        self,
        services: Sequence[Service],
        layers: Sequence[Layer],
        *,
        limits: Limits,
        with_reflection: bool,
        shares_port: bool,
    ) -> None:
        self._names = [service.descriptor.full_name for service in services]
        self._server = grpc.aio.server(
            options=[
                # The layers refuse what is over the limit, with its reason; the transport refuses what is far over it.
                ("grpc.max_receive_message_length", limits.message_bytes * 4),
                ("grpc.max_concurrent_streams", limits.streams_per_client),
                # Without this, a second server would take half of the calls of a forgotten first one, silently.
                ("grpc.so_reuseport", int(shares_port)),
            ],
            maximum_concurrent_rpcs=limits.concurrent_calls,
        )
        self._server.add_generic_rpc_handlers((Router(services, layers),))
        self._health = health.aio.HealthServicer()
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        if with_reflection:
            names = (*self._names, health.SERVICE_NAME, reflection.SERVICE_NAME)
            reflection.enable_server_reflection(names, self._server)

    async def start(self, address: str, tls: Tls | None) -> int:
        """Listens and serves, not yet healthy; tells the port, which the system chose where 0 was asked."""
        port = (
            self._server.add_insecure_port(address)
            if tls is None
            else self._server.add_secure_port(address, _credentials(tls))
        )
        await self.report(serving=False)
        await self._server.start()
        return port

    async def report(self, *, serving: bool) -> None:
        """Tells load balancers, for each service and for the whole, whether to send calls here."""
        status = health_pb2.HealthCheckResponse.SERVING if serving else health_pb2.HealthCheckResponse.NOT_SERVING
        for name in ("", *self._names):
            await self._health.set(name, status)

    async def stop(self, drain_seconds: float) -> None:
        """Says so first, takes no new calls, and lets those that began end within the time."""
        await self._health.enter_graceful_shutdown()
        await self._server.stop(drain_seconds)


def _handler(method: Method, servicer: Servicer, layers: Sequence[Layer]) -> "grpc.RpcMethodHandler[bytes, bytes]":
    behaviour = getattr(servicer, method.name)
    proceed = _unary_end(behaviour) if method.unary else _stream_end(behaviour)
    for layer in reversed(layers):
        proceed = layer.around(method, proceed)

    async def answer(raw: object, context: Context) -> bytes | None:
        return await proceed(Exchange(method, context, cast("bytes | AsyncIterator[bytes]", raw), {}))

    make = {
        (False, False): grpc.unary_unary_rpc_method_handler,
        (False, True): grpc.unary_stream_rpc_method_handler,
        (True, True): grpc.stream_stream_rpc_method_handler,
        (True, False): grpc.stream_unary_rpc_method_handler,
    }[method.client_streaming, method.server_streaming]
    return cast("grpc.RpcMethodHandler[bytes, bytes]", make(answer, None, None))


def _unary_end(behaviour: _Unary) -> Proceed:
    async def end(exchange: Exchange) -> bytes:
        return (await behaviour(exchange.request, exchange.context)).SerializeToString()

    return end


def _stream_end(behaviour: _Streaming) -> Proceed:
    """Writes answers as they come. The library waits for the transport with each one, so a slow reader slows the source
    and fills no queue.
    """

    async def end(exchange: Exchange) -> None:
        answers = behaviour(exchange.request, exchange.context)
        try:
            async for answer in answers:
                await exchange.context.write(answer.SerializeToString())
        finally:
            close = getattr(answers, "aclose", None)
            if close is not None:
                await close()

    return end


def _credentials(tls: Tls) -> grpc.ServerCredentials:
    pair = (tls.key.read_bytes(), tls.certificate.read_bytes())
    client_ca = tls.client_ca.read_bytes() if tls.client_ca else None
    return grpc.ssl_server_credentials([pair], client_ca, require_client_auth=client_ca is not None)


async def keep_reporting(server: GrpcServer, healthy: Callable[[], Awaitable[bool]], every: float) -> None:
    """Reports for as long as the process lives whether what the services depend on answers."""
    serving: bool | None = None
    while True:
        now = await healthy()
        if now != serving:
            await server.report(serving=now)
            serving = now
        await asyncio.sleep(every)
