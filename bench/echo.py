"""The least a `grpc.aio` server can do: take a call, give bytes back. `python -m bench.echo PORT METHOD FILE`: the file
has the bytes of the answer.
"""

import asyncio
import sys
from pathlib import Path

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc


class Echo(grpc.GenericRpcHandler):
    """Answers one method with the same bytes every time, parsing nothing."""

    def __init__(self, path: str, answer: bytes) -> None:
        self._path = path

        async def give(request: bytes, context: object) -> bytes:
            return answer

        self._handler: grpc.RpcMethodHandler[bytes, bytes] = grpc.unary_unary_rpc_method_handler(give)

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> "grpc.RpcMethodHandler[bytes, bytes] | None":
        return self._handler if handler_call_details.method == self._path else None


async def serve(port: int, path: str, answer: bytes) -> None:
    """Serves until the process is ended."""
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((Echo(path, answer),))
    checks = health.aio.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(checks, server)
    await checks.set("", health_pb2.HealthCheckResponse.SERVING)
    server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    await server.wait_for_termination()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), sys.argv[2], Path(sys.argv[3]).read_bytes()))
