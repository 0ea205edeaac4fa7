"""A client that is given the published service config behaves as the config says."""

from collections.abc import AsyncIterator

import grpc
import pytest

from callsheet.directory.v1 import directory_pb2 as pb
from callsheet.directory.v1.directory_pb2_grpc import DirectoryServiceStub
from devstack.codegen.layout import DOCS
from devstack.docs.service_config import MAX_ATTEMPTS, WRITE_TIMEOUT
from server.config import Settings


class Unavailable(grpc.GenericRpcHandler):
    """A server that takes every call down and is never there for it."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> "grpc.RpcMethodHandler[bytes, bytes]":
        async def refuse(request: bytes, context: "grpc.aio.ServicerContext[bytes, bytes]") -> bytes:
            self.calls.append(handler_call_details.method.rpartition("/")[2])
            await context.abort(grpc.StatusCode.UNAVAILABLE, "going away")

        return grpc.unary_unary_rpc_method_handler(refuse)


@pytest.fixture
def unavailable() -> Unavailable:
    return Unavailable()


@pytest.fixture
async def directory(unavailable: Unavailable) -> AsyncIterator[DirectoryServiceStub]:
    server = grpc.aio.server(handlers=[unavailable])
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    config = (DOCS / "grpc_service_config.json").read_text(encoding="utf-8")
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}", options=[("grpc.service_config", config)]) as channel:
        yield DirectoryServiceStub(channel)
    await server.stop(grace=None)


async def test_a_read_is_tried_again(unavailable: Unavailable, directory: DirectoryServiceStub) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await directory.GetUser(pb.GetUserRequest(user_id="usr_1"))
    assert error.value.code() is grpc.StatusCode.UNAVAILABLE
    assert unavailable.calls == ["GetUser"] * MAX_ATTEMPTS


def test_a_client_waits_as_long_as_the_server_works() -> None:
    seconds: float = Settings.model_fields["default_deadline_seconds"].default
    assert f"{seconds:g}s" == WRITE_TIMEOUT
