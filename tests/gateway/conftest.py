"""The gateway, built once, and started before a server whose behaviour is known."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest

from devstack.golang import GoUnavailable, build_gateway
from devstack.ports import free_port
from tests.gateway.fake import Seen, serving
from tests.gateway.running import Gateway, running_gateway
from tests.support.require import require


@pytest.fixture(scope="session")
def gateway_binary() -> Path:
    try:
        return build_gateway()
    except GoUnavailable as failure:
        require("go", available=False, reason=str(failure))
        raise


@pytest.fixture
def seen() -> Seen:
    """What reached the fake server in this test."""
    return Seen()


@pytest.fixture
def server_port() -> int:
    """Where the fake server listens, or would."""
    return free_port()


@pytest.fixture
async def fake_server(server_port: int, seen: Seen) -> AsyncIterator[None]:
    async with serving(server_port, seen):
        yield


@pytest.fixture
def settings() -> dict[str, str]:
    """What a test's gateway is configured with, beyond its port and its target; tests override it."""
    return {}


@pytest.fixture
def gateway(gateway_binary: Path, tmp_path: Path, server_port: int, settings: dict[str, str]) -> Iterator[Gateway]:
    with running_gateway(gateway_binary, tmp_path / "gateway.log", f"127.0.0.1:{server_port}", **settings) as running:
        yield running


@pytest.fixture
async def http(gateway: Gateway) -> AsyncIterator[aiohttp.ClientSession]:
    """A client of the gateway; paths are relative to it."""
    async with aiohttp.ClientSession(gateway.url) as session:
        yield session
