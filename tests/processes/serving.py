"""`callsheet serve` as a child of the test, and callers that follow the published retry policy."""

import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen

import grpc

from devstack.ports import free_port
from devstack.probes import grpc_serves
from devstack.program import Program, running
from devstack.roles import DatabaseUrls
from tests.rpc.harness import JWT_KEY, PERSONAL_DATA_KEY, TOKEN_KEYS
from tests.support.nobody import NOBODY

ROOT = Path(__file__).parents[2]
SERVICE_CONFIG = (ROOT / "docs" / "grpc_service_config.json").read_text()


@dataclass(frozen=True, slots=True)
class Serving:
    """A running server: its first process, and where it listens."""

    first: "Popen[bytes]"
    grpc_port: int
    metrics_port: int

    def members(self) -> set[int]:
        """The processes that the first one started."""
        children = Path(f"/proc/{self.first.pid}/task/{self.first.pid}/children").read_text()
        return {int(pid) for pid in children.split()}

    @asynccontextmanager
    async def channel(self) -> AsyncIterator[grpc.aio.Channel]:
        """A connection of its own, with the service config that the project publishes."""
        options = [("grpc.service_config", SERVICE_CONFIG), ("grpc.use_local_subchannel_pool", 1)]
        async with grpc.aio.insecure_channel(f"127.0.0.1:{self.grpc_port}", options) as channel:
            yield channel


@contextmanager
def serving(urls: DatabaseUrls, logs: Path, *arguments: str, **settings: str) -> Iterator[Serving]:
    """Runs `callsheet serve` until the block ends."""
    grpc_port, metrics_port = free_port(), free_port()
    environment = {
        **os.environ,
        "CALLSHEET_DATABASE_URL": urls.app_url,
        "CALLSHEET_GRPC_PORT": str(grpc_port),
        "CALLSHEET_METRICS_PORT": str(metrics_port),
        "CALLSHEET_JWT_KEY": JWT_KEY,
        "CALLSHEET_PEPPER": "pepper",
        "CALLSHEET_PAGE_TOKEN_KEY": "page-token-key",
        "CALLSHEET_IMPRESSION_TOKEN_KEYS": TOKEN_KEYS,
        "CALLSHEET_PERSONAL_DATA_KEY": PERSONAL_DATA_KEY,
        "CALLSHEET_CALLS_PER_SECOND": "10000",
        "CALLSHEET_STRIPE_API_BASE": NOBODY,
        "CALLSHEET_LOG_LEVEL": "warning",
        **settings,
    }
    program = Program(
        name="server",
        argv=(sys.executable, "-m", "server.cli", "serve", *arguments),
        probe=grpc_serves(f"127.0.0.1:{grpc_port}"),
        environment=environment,
        directory=ROOT,
    )
    with running(program, logs / "server.log", stop_seconds=30) as first:
        yield Serving(first, grpc_port, metrics_port)
