"""Several servers behind one gateway."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import grpc
import pytest

from devstack.ports import free_port
from tests.gateway.fake import Seen, serving
from tests.gateway.running import Gateway, running_gateway


@pytest.fixture
def ports() -> tuple[int, int]:
    return free_port(), free_port()


@pytest.fixture
async def servers(ports: tuple[int, int]) -> AsyncIterator[list[grpc.aio.Server]]:
    """Two servers, first and second."""
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(serving(port, Seen(), name))
            for port, name in zip(ports, ("first", "second"), strict=True)
        ]


@pytest.fixture
def gateway(
    gateway_binary: Path, tmp_path: Path, ports: tuple[int, int], servers: list[grpc.aio.Server]
) -> Iterator[Gateway]:
    targets = ",".join(f"127.0.0.1:{port}" for port in ports)
    with running_gateway(gateway_binary, tmp_path / "gateway.log", targets) as running:
        yield running


async def answers(http: aiohttp.ClientSession, calls: int) -> Counter[str]:
    """Who answered how often. Every call must succeed."""
    names: Counter[str] = Counter()
    for _ in range(calls):
        async with http.get("/v1/orders/ord_1") as answer:
            body = await answer.json()
        assert answer.status == 200, body
        names[body["order"]["provider_user_id"]] += 1
    return names


async def test_calls_take_turns_and_none_fails_when_a_server_goes(
    http: aiohttp.ClientSession, servers: list[grpc.aio.Server]
) -> None:
    # Each connection finds its servers in its own time; from then on it takes turns between them, whoever begins.
    rounds = [await answers(http, 20) for _ in range(20)]
    assert min(rounds[-1].values()) >= 8
    assert set(rounds[-1]) == {"first", "second"}
    await servers[1].stop(0)
    assert await answers(http, 40) == Counter(first=40)
