"""The layers around every handler, outermost first: context → observation → failures → auth → rate → validation."""

import asyncio
import logging
import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import protovalidate
import structlog
from google.protobuf.message import DecodeError, Message
from grpc import StatusCode

from server.core import call as calls
from server.core.errors import (
    DeadlineExceeded,
    Failure,
    FieldInvalid,
    Internal,
    MalformedRequest,
    MessageTooLarge,
    NotSelf,
    RateLimited,
    Violation,
)
from server.core.grpc.auth import Authenticator, check_roles
from server.core.grpc.exchange import Exchange, Proceed, text_metadata
from server.core.grpc.failures import DETAILS_KEY, code_of, status_of
from server.core.grpc.methods import Method
from server.core.grpc.wire import field_path, strings_with_nul
from server.core.idempotency import Replay
from server.core.ids import Ids
from server.core.metrics import CallMetrics
from server.core.rates import Rates

CORRELATION_HEADER = "x-correlation-id"
REPLAY_HEADER = "idempotent-replay"
_CORRELATION_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")


class ContextLayer:
    """Gives the call its id and its deadline, and makes it the current one. Every call is a task of its own, so what is
    set here ends with it.
    """

    def __init__(self, ids: Ids, default_deadline: float) -> None:
        self._ids = ids
        self._default_deadline = default_deadline

    def around(self, method: Method, proceed: Proceed) -> Proceed:
        async def serve(exchange: Exchange) -> bytes | None:
            exchange.metadata = text_metadata(exchange.context)
            remaining = exchange.context.time_remaining()
            exchange.call = self._call(method, exchange.metadata, remaining)
            exchange.sent_metadata.append((CORRELATION_HEADER, exchange.call.correlation_id))
            calls.enter(exchange.call)
            return await proceed(exchange)

        return serve

    def _call(self, method: Method, metadata: dict[str, str], remaining: float | None) -> calls.Call:
        given = metadata.get(CORRELATION_HEADER, "")
        return calls.Call(
            method=method.path,
            correlation_id=given if _CORRELATION_ID.fullmatch(given) else self._ids.new("cor"),
            deadline=asyncio.get_running_loop().time() + (self._default_deadline if remaining is None else remaining),
            client_set_deadline=remaining is not None,
            idempotency_key=metadata.get("idempotency-key", ""),
            traceparent=metadata.get("traceparent", ""),
        )


class ObservationLayer:
    """Counts and times every call and writes one line about it: who, what, how it ended. Never what was in it."""

    def __init__(self, metrics: CallMetrics) -> None:
        self._metrics = metrics
        self._log = structlog.get_logger("access")

    def around(self, method: Method, proceed: Proceed) -> Proceed:
        observed = self._metrics.of(method.path)

        async def serve(exchange: Exchange) -> bytes | None:
            began = time.perf_counter()
            observed.began()
            try:
                return await proceed(exchange)
            except asyncio.CancelledError:
                exchange.code = StatusCode.CANCELLED
                raise
            finally:
                seconds = time.perf_counter() - began
                observed.ended(exchange.code.name, seconds)
                self._write(exchange, seconds)

        return serve

    def _write(self, exchange: Exchange, seconds: float) -> None:
        level = logging.ERROR if exchange.code is StatusCode.INTERNAL else logging.INFO
        actor = exchange.actor
        self._log.log(
            level,
            "call",
            method=exchange.method.path,
            code=exchange.code.name,
            reason=exchange.reason,
            ms=round(seconds * 1000, 3),
            principal=actor.user_id if actor else "",
            service=actor.service if actor else None,
            correlation_id=exchange.call.correlation_id if exchange.call else "",
            replayed=exchange.replayed,
        )


class FailureLayer:
    """Turns failures into statuses. What nobody foresaw becomes INTERNAL with a constant text, and a trace in the
    log.
    """

    def __init__(self) -> None:
        self._log = structlog.get_logger("failure")

    def around(self, method: Method, proceed: Proceed) -> Proceed:
        async def serve(exchange: Exchange) -> bytes | None:
            answer: bytes | None = None
            try:
                answer = await self._within_deadline(exchange, proceed)
            except Replay as replay:
                exchange.replayed = True
                exchange.sent_metadata.append((REPLAY_HEADER, "true"))
                answer = replay.response
            except Failure as failure:
                self._refuse(exchange, failure)
            except Exception:  # noqa: BLE001  the last resort: whatever it is, the caller gets the constant text
                self._log.exception("unforeseen", method=method.path, correlation_id=calls.correlation_id())
                self._refuse(exchange, Internal())
            exchange.context.set_trailing_metadata(tuple(exchange.sent_metadata))
            return answer

        return serve

    async def _within_deadline(self, exchange: Exchange, proceed: Proceed) -> bytes | None:
        """The library cancels a call whose client set a deadline; ours holds for unary calls whose client set none."""
        call = exchange.call
        if call is None or call.client_set_deadline or not exchange.method.unary:
            return await proceed(exchange)
        try:
            async with asyncio.timeout_at(call.deadline):
                return await proceed(exchange)
        except TimeoutError as error:
            raise DeadlineExceeded from error

    def _refuse(self, exchange: Exchange, failure: Failure) -> None:
        """Sets the status, with which the call ends when it returns. `abort` would raise: its exception is kept by the
        call's context and keeps all frames that it went through, which keep the context. Every refused request would
        then stay in memory until cycles are looked for, and the more are refused the more of it.
        """
        exchange.code = code_of(failure)
        exchange.reason = failure.reason
        status = status_of(failure, calls.correlation_id())
        exchange.sent_metadata.append((DETAILS_KEY, status.SerializeToString()))
        exchange.context.set_code(exchange.code)
        exchange.context.set_details(failure.message)


class AuthLayer:
    """Finds out who calls and whether one of their roles is admitted."""

    def __init__(self, authenticator: Authenticator) -> None:
        self._authenticator = authenticator

    def around(self, method: Method, proceed: Proceed) -> Proceed:
        async def serve(exchange: Exchange) -> bytes | None:
            exchange.actor = await self._authenticator.actor(exchange.metadata, exchange.context.auth_context())
            check_roles(method, exchange.actor)
            calls.act_as(exchange.actor)
            return await proceed(exchange)

        return serve


class RateLayer:
    """Limits how often one caller calls one process."""

    def __init__(self, rates: Rates) -> None:
        self._rates = rates

    def around(self, method: Method, proceed: Proceed) -> Proceed:
        async def serve(exchange: Exchange) -> bytes | None:
            wait = self._rates.take(exchange.actor.user_id if exchange.actor else exchange.context.peer())
            if wait:
                raise RateLimited(timedelta(seconds=wait))
            return await proceed(exchange)

        return serve


@dataclass(frozen=True, slots=True)
class ValidationLayer:
    """Makes messages of bytes and holds them to the rules of their proto; then checks that the request names the caller
    where it must.
    """

    message_limit: int

    def around(self, method: Method, proceed: Proceed) -> Proceed:
        async def serve(exchange: Exchange) -> bytes | None:
            if isinstance(exchange.raw, bytes):
                exchange.request = self._checked(method, exchange.raw, exchange.actor)
            else:
                exchange.request = self._each_checked(method, exchange.raw, exchange.actor)
            return await proceed(exchange)

        return serve

    async def _each_checked(
        self, method: Method, raws: AsyncIterator[bytes], actor: calls.Actor | None
    ) -> AsyncIterator[Message]:
        async for raw in raws:
            yield self._checked(method, raw, actor)

    def _checked(self, method: Method, raw: bytes, actor: calls.Actor | None) -> Message:
        if len(raw) > self.message_limit:
            raise MessageTooLarge(self.message_limit)
        try:
            request = method.request_type.FromString(raw)
        except DecodeError as error:
            raise MalformedRequest(method.request_type.DESCRIPTOR.full_name) from error
        violations = [
            Violation(field_path(violation), violation.proto.message)
            for violation in protovalidate.collect_violations(request)
        ]
        if b"\x00" in raw:
            violations += [Violation(path, "must not contain NUL") for path in strings_with_nul(request)]
        if violations:
            raise FieldInvalid(*violations)
        if method.self_field and not _names_caller(request, method.self_field, actor):
            raise NotSelf(method.self_field)
        return request


def _names_caller(request: Message, field: str, actor: calls.Actor | None) -> bool:
    return actor is not None and (actor.sees_everybody or getattr(request, field) == actor.user_id)
