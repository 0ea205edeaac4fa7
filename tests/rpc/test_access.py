"""Who may call what: every RPC of every service, as its access option says, before any handler runs."""

from collections.abc import Iterator

import grpc
import pytest
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor

from callsheet.options.v1 import access_pb2
from server.core.call import Role
from tests.architecture.api import access, services
from tests.rpc.harness import Running, as_user, read_refusal

Metadata = tuple[tuple[str, str], ...]
PEOPLE = {role: ("svc_somebody" if role is Role.SERVICE else "usr_somebody") for role in Role}


def admitted(method: MethodDescriptor) -> set[Role]:
    names = (access_pb2.Role.Name(number) for number in access(method).roles)
    return {Role(name.removeprefix("ROLE_").lower()) for name in names}


def callers(method: MethodDescriptor) -> Iterator[tuple[str, Metadata, tuple[grpc.StatusCode, str]]]:
    """Everybody whom the option does not admit, and how each is refused."""
    yield "nobody", (), (grpc.StatusCode.UNAUTHENTICATED, "TOKEN_MISSING")
    for role in sorted(set(Role) - admitted(method)):
        yield role, as_user(PEOPLE[role], role), (grpc.StatusCode.PERMISSION_DENIED, "ROLE_REQUIRED")


async def ended(server: Running, method: MethodDescriptor, metadata: Metadata) -> tuple[grpc.StatusCode, str]:
    """How a call with an empty request ends: nothing of it is looked at before the caller is. On the wire one message
    is a stream of one.
    """
    path = f"/{method.containing_service.full_name}/{method.name}"
    call: grpc.aio.StreamStreamMultiCallable[bytes, bytes] = server.channel.stream_stream(path)
    try:
        async for _ in call(iter([b""]), metadata=metadata):
            pass
    except grpc.aio.AioRpcError as error:
        return error.code(), read_refusal(error).reason
    return grpc.StatusCode.OK, ""


@pytest.mark.parametrize("service", services(), ids=lambda service: service.name)
async def test_nobody_is_let_in_whom_the_option_does_not_name(server: Running, service: ServiceDescriptor) -> None:
    breaches = [
        f"{who} may call {method.name}, or is refused otherwise"
        for method in service.methods
        if not access(method).anonymous
        for who, metadata, expected in callers(method)
        if await ended(server, method, metadata) != expected
    ]
    assert breaches == []
