"""From a request to the guard that makes its effect happen once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from google.protobuf.message import Message

from server.core.call import current_actor, current_call
from server.core.clock import Clock
from server.core.errors import FieldInvalid, Violation
from server.core.idempotency import Once, content_hash

T = TypeVar("T")
KEY_LIMIT = 128


@dataclass(frozen=True, slots=True)
class IdempotentCalls:
    """Builds guards for the call being answered."""

    clock: Clock

    def once(self, request: Message, render: Callable[[T], Message]) -> Once[T] | None:
        """The guard for a request that names an idempotency key, in its field or in the header; None without one.

        `render` makes the answer that is stored and replayed: the same that the handler gives.
        """
        call = current_call()
        field: str = getattr(request, "idempotency_key", "")
        header = call.idempotency_key if call else ""
        key = field or header
        if not key or call is None:
            return None
        _check(field, header)
        bare = type(request)()
        bare.CopyFrom(request)
        bare.ClearField("idempotency_key")
        return Once(
            key=key,
            principal=current_actor().user_id,
            method=call.method,
            request_hash=content_hash(bare.SerializeToString(deterministic=True)),
            encode=lambda result: render(result).SerializeToString(),
            clock=self.clock,
        )


def _check(field: str, header: str) -> None:
    if field and header and field != header:
        raise FieldInvalid(Violation("idempotency_key", "must equal the idempotency-key header where both are given"))
    if len(header) > KEY_LIMIT or "\x00" in header:
        raise FieldInvalid(Violation("idempotency_key", f"must be at most {KEY_LIMIT} characters"))
