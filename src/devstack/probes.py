"""Questions that tell whether a program is ready."""

import aiohttp
import grpc
import grpc.aio
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse

from devstack.program import NotReady, Probe

_TIMEOUT = aiohttp.ClientTimeout(total=2)


def http_answers(url: str) -> Probe:
    """Passes when a URL answers 200."""

    async def probe() -> None:
        try:
            async with aiohttp.ClientSession(timeout=_TIMEOUT) as session, session.get(url) as response:
                if response.status != 200:
                    raise NotReady(f"{url} answered {response.status}: {(await response.text())[:200]}")
        except (aiohttp.ClientError, TimeoutError) as error:
            raise NotReady(f"{url} did not answer: {error}") from error

    return probe


def grpc_serves(target: str) -> Probe:
    """Passes when the server as a whole reports SERVING."""

    async def probe() -> None:
        async with grpc.aio.insecure_channel(target) as channel:
            check = channel.unary_unary(
                "/grpc.health.v1.Health/Check",
                request_serializer=HealthCheckRequest.SerializeToString,
                response_deserializer=HealthCheckResponse.FromString,
            )
            try:
                answer = await check(HealthCheckRequest(), timeout=2)
            except grpc.aio.AioRpcError as error:
                raise NotReady(f"gRPC health: {error.details()}") from error
        if answer.status != HealthCheckResponse.SERVING:
            raise NotReady(f"gRPC health: {HealthCheckResponse.ServingStatus.Name(answer.status)}")

    return probe
