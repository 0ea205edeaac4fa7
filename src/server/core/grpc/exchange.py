"""One call on its way through the layers."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias, cast

from google.protobuf.message import Message
from grpc import StatusCode
from grpc.aio import ServicerContext

from server.core.call import Actor, Call
from server.core.grpc.methods import Method

Context: TypeAlias = ServicerContext[bytes, bytes]


@dataclass(slots=True)
class Exchange:
    """What the layers know of a call and tell each other about it."""

    method: Method
    context: Context
    raw: bytes | AsyncIterator[bytes]
    metadata: dict[str, str]
    call: Call | None = None
    actor: Actor | None = None
    request: Message | AsyncIterator[Message] | None = None
    code: StatusCode = StatusCode.OK
    reason: str = ""
    replayed: bool = False
    sent_metadata: list[tuple[str, str | bytes]] = field(default_factory=list)


Proceed: TypeAlias = Callable[[Exchange], Awaitable[bytes | None]]
"""The rest of the way: the answer's bytes, or None where the answers were streamed."""


class Layer(Protocol):
    """Something every call passes. Made once at start for each method, so that a call builds nothing."""

    def around(self, method: Method, proceed: Proceed) -> Proceed: ...


def text_metadata(context: Context) -> dict[str, str]:
    """The textual metadata of a request; of a repeated key the last value stands."""
    pairs = cast("tuple[tuple[str, str | bytes], ...]", context.invocation_metadata() or ())
    return {key: value for key, value in pairs if isinstance(value, str)}
