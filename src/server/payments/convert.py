"""Protobuf and what the use cases take."""

from collections.abc import Awaitable
from typing import TypeAlias

from google.api.httpbody_pb2 import HttpBody
from grpc.aio import ServicerContext

WebhookContext: TypeAlias = ServicerContext[HttpBody, Awaitable[HttpBody]]

_SIGNATURE = "stripe-signature"


def signature(context: WebhookContext) -> str:
    """The signature in the call's metadata, where the gateway puts the header; empty where there is none."""
    found = [value for name, value in context.invocation_metadata() or () if name == _SIGNATURE]
    return found[-1] if found and isinstance(found[-1], str) else ""


def taken() -> HttpBody:
    """What the processor is answered: nothing, with a good status."""
    return HttpBody(content_type="application/json")
