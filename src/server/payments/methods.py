"""A kind of stored call: how it is written down, made, looked up, and what it makes."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final, Generic, Protocol, TypeVar, cast

from pydantic import TypeAdapter

from server.adapters.stripe.objects import Result
from server.adapters.stripe.port import PaymentProcessor
from server.adapters.stripe.requests import Request, referring
from server.payments.domain import Document

Q = TypeVar("Q", bound=Request)
R = TypeVar("R", bound=Result)

_SECRETS: Final = {"client_secret", "url"}
"""Fields of results that open something to whoever holds them."""


@dataclass(frozen=True, slots=True)
class Sought:
    """The call whose effect is looked for."""

    call_id: str
    since: datetime


class CallMethod(Protocol):
    """One kind of stored call."""

    @property
    def name(self) -> str: ...
    @property
    def request(self) -> type[object]: ...
    def write(self, request: Request) -> Document: ...
    async def make(self, processor: PaymentProcessor, params: Document, *, key: str, call_id: str) -> Result: ...
    async def look_up(self, processor: PaymentProcessor, params: Document, sought: Sought) -> Result | None: ...
    def write_result(self, result: Result) -> Document: ...
    def read_result(self, outcome: Document) -> Result: ...
    def made(self, result: Result) -> tuple[str, ...]: ...


class Method(Generic[Q, R]):
    """A kind of call, from its types and its three functions."""

    def __init__(
        self,
        name: str,
        request: type[Q],
        result: type[R],
        make: Callable[[PaymentProcessor, Q, str], Awaitable[R]],
        look_up: Callable[[PaymentProcessor, Q, Sought], Awaitable[R | None]],
        made: Callable[[R], tuple[str, ...]],
    ) -> None:
        self.name = name
        self.request = request
        self._requests = TypeAdapter(request)
        self._results = TypeAdapter(result)
        self._make = make
        self._look_up = look_up
        self._made = made

    def write(self, request: Request) -> Document:
        """The request as it is stored."""
        return cast("Document", self._requests.dump_python(cast("Q", request), mode="json"))

    async def make(self, processor: PaymentProcessor, params: Document, *, key: str, call_id: str) -> Result:
        """Makes the call; what it makes at the processor carries the call's id."""
        request = referring(self._requests.validate_python(params), call_id)
        return await self._make(processor, cast("Q", request), key)

    async def look_up(self, processor: PaymentProcessor, params: Document, sought: Sought) -> Result | None:
        """What the call led to, if it happened."""
        return await self._look_up(processor, self._requests.validate_python(params), sought)

    def write_result(self, result: Result) -> Document:
        """The result as it is stored: without secrets."""
        return cast("Document", self._results.dump_python(cast("R", result), mode="json", exclude=_SECRETS))

    def read_result(self, outcome: Document) -> Result:
        return self._results.validate_python(outcome)

    def made(self, result: Result) -> tuple[str, ...]:
        """The ids of what the call made, whose events are its owner's."""
        return self._made(cast("R", result))


def call_method(
    name: str,
    request: type[Q],
    result: type[R],
    make: Callable[[PaymentProcessor, Q, str], Awaitable[R]],
    look_up: Callable[[PaymentProcessor, Q, Sought], Awaitable[R | None]],
    made: Callable[[R], tuple[str, ...]] = lambda _: (),
) -> CallMethod:
    """A kind of call, its types checked against each other and then forgotten, so that a table can hold all of them."""
    method: Method[Q, R] = Method(name, request, result, make, look_up, made)
    return method


def params_hash(method: str, params: Document) -> bytes:
    """Equal for equal requests."""
    return sha256(json.dumps([method, params], sort_keys=True).encode()).digest()
