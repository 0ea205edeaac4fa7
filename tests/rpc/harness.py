"""A server on a socket of this test's own, in this test's event loop, and callers with tokens."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import cast

import grpc
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2
from prometheus_client import CollectorRegistry

from devstack.roles import DatabaseUrls
from server.bootstrap.application import application
from server.bootstrap.parts import Application
from server.config import Settings
from server.core.call import Role
from server.core.clock import Clock, SystemClock
from server.core.grpc.auth import Expected, issue_development_token
from server.core.grpc.server import GrpcServer, Limits
from server.core.metrics import JobMetrics
from server.core.notify import listen
from server.core.worker import Worker
from server.processes import tls_of
from tests.support.nobody import NOBODY
from tests.support.statements import StatementLog

JWT_KEY = "a-development-key-of-at-least-32-bytes"
TOKEN_KEYS = "2:bi1uLW4tbi1uLW4tbi1uLW4tbi1uLW4tbi1uLW4tbi0=,1:by1vLW8tby1vLW8tby1vLW8tby1vLW8tby1vLW8tby0="
PERSONAL_DATA_KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="


def settings_for(urls: DatabaseUrls, **changes: object) -> Settings:
    """Settings of a server that uses this test's database and nothing else of the machine."""
    values: dict[str, object] = {
        "database_url": urls.app_url,
        "jwt_key": JWT_KEY,
        "personal_data_key": PERSONAL_DATA_KEY,
        "pepper": "pepper",
        "page_token_key": "page-token-key",
        "impression_token_keys": TOKEN_KEYS,
        "calls_per_second": 10_000,
        "stripe_api_base": NOBODY,
        "log_level": "error",
        **changes,
    }
    return Settings.model_validate(values)


def token(user_id: str, *roles: Role, lifetime: timedelta = timedelta(hours=1), key: str = JWT_KEY) -> str:
    """A bearer token for that person."""
    return issue_development_token(
        key,
        Expected("callsheet", "callsheet"),
        subject=user_id,
        roles=roles or (Role.USER,),
        now=SystemClock().now(),
        lifetime=lifetime,
    )


def as_user(user_id: str, *roles: Role, **headers: str) -> tuple[tuple[str, str], ...]:
    """Call metadata of that person; header names with underscores stand for dashes."""
    extra = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return (("authorization", f"Bearer {token(user_id, *roles)}"), *extra)


@dataclass(frozen=True, slots=True)
class Running:
    """A server under test."""

    app: Application
    channel: grpc.aio.Channel
    address: str
    statements: StatementLog

    def worker(self) -> Worker:
        """A worker over the same application; tests run what is due by hand."""
        core = self.app.core
        return Worker(
            core.database,
            core.jobs,
            core.clock,
            self.app.jobs,
            self.app.crons,
            JobMetrics(CollectorRegistry()),
            concurrency=4,
        )


@asynccontextmanager
async def running_server(
    urls: DatabaseUrls, *, clock: Clock | None = None, beside: bool = False, **changes: object
) -> AsyncIterator[Running]:
    """Serves until the block ends; what a server does beside answering, only where the test is about it."""
    settings = settings_for(urls, **changes)
    statements = StatementLog()
    async with AsyncExitStack() as stack:
        app = await stack.enter_async_context(
            application(settings, "test", clock=clock, observer=statements.transaction)
        )
        server = GrpcServer(
            app.services,
            app.layers,
            limits=Limits(settings.message_limit_bytes, settings.concurrent_calls, settings.streams_per_client),
            with_reflection=True,
            shares_port=False,
        )
        port = await server.start("127.0.0.1:0", tls_of(settings))
        await server.report(serving=True)
        stack.push_async_callback(server.stop, 1)
        listening = asyncio.create_task(listen(settings.listening_url, app.channels, app.core.wakeups))
        stack.callback(listening.cancel)
        if beside:
            await stack.enter_async_context(_beside(app))
        address = f"127.0.0.1:{port}"
        channel = await stack.enter_async_context(grpc.aio.insecure_channel(address))
        yield Running(app, channel, address, statements)
        statements.assert_lock_order()
        statements.assert_budgets()


@asynccontextmanager
async def _beside(app: Application) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(task()) for task in app.beside]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def raw_call(server: Running, path: str, raw: bytes, user_id: str) -> "grpc.aio.UnaryUnaryCall[bytes, bytes]":
    """A call of arbitrary bytes to an arbitrary method."""
    method: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = server.channel.unary_unary(path)
    return method(raw, metadata=as_user(user_id))


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error as a client sees it."""

    code: grpc.StatusCode
    reason: str
    message: str
    metadata: Mapping[str, str]
    violations: Mapping[str, str] = field(default_factory=dict)
    retry_after: timedelta | None = None


async def refusal(call: "grpc.aio.UnaryUnaryCall[Message, Message] | object") -> Refusal:
    """Awaits a call that must fail, and reads its error whole."""
    try:
        answer = await cast("grpc.aio.UnaryUnaryCall[Message, Message]", call)
    except grpc.aio.AioRpcError as error:
        return read_refusal(error)
    raise AssertionError(f"the call was to fail and answered {answer}")


def read_refusal(error: grpc.aio.AioRpcError) -> Refusal:
    """The parts of an error's status."""
    details = dict(error.trailing_metadata() or ())
    status = status_pb2.Status.FromString(cast("bytes", details.get("grpc-status-details-bin", b"")))
    info = error_details_pb2.ErrorInfo()
    bad_request = error_details_pb2.BadRequest()
    retry = error_details_pb2.RetryInfo()
    found: set[str] = set()
    for detail in status.details:
        for message in (info, bad_request, retry):
            if detail.Unpack(message):
                found.add(message.DESCRIPTOR.name)
    return Refusal(
        code=error.code(),
        reason=info.reason,
        message=error.details() or "",
        metadata=dict(info.metadata),
        violations={violation.field: violation.description for violation in bad_request.field_violations},
        retry_after=retry.retry_delay.ToTimedelta() if "RetryInfo" in found else None,
    )
