"""Where the stream is measured: a database on a durable cluster, a log, budgets, and the stream as a process."""

import asyncio
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.memory import warm
from bench.stream_events import Load
from bench.stream_world import seed
from devstack.migrate import migrate
from devstack.ports import free_port
from devstack.postgres import open_cluster
from devstack.program import Program, complete, running
from devstack.roles import Administration, DatabaseUrls, create_database, ensure_roles
from devstack.valkey import Valkey, budgets, event_log
from tests.support.database import MIGRATIONS
from tests.support.parts import running_valkey

TEMPLATE = "bench_template"
LOOPBACK_ONLY = "loopback-and-one-run-only"
LOG_BYTES = 400 << 20


@dataclass(frozen=True, slots=True)
class Place:
    """Where everything is that is measured."""

    home: Path
    administration: Administration
    log: Valkey
    budgets: Valkey
    partitions: int

    @contextmanager
    def database(self) -> Iterator[DatabaseUrls]:
        """A database that nobody has written to, on a machine that has the memory to fill it."""
        name = f"bench_{time.monotonic_ns()}"
        warm()
        complete(self._create(name))
        try:
            yield self.administration.urls(name)
        finally:
            complete(self._drop(name))

    def stream(self, urls: DatabaseUrls, state: Path) -> Program:
        port = free_port()
        return Program(
            name="stream",
            argv=(sys.executable, "-m", "server.cli", "stream"),
            probe=_answering(port),
            environment={
                **os.environ,
                "CALLSHEET_STREAM_DATABASE_URL": urls.stream_url,
                "CALLSHEET_LOG_URL": self.log.url,
                "CALLSHEET_BUDGET_URL": self.budgets.url,
                "CALLSHEET_LOG_PARTITIONS": str(self.partitions),
                "CALLSHEET_LOG_PARTITION_BYTES": str(LOG_BYTES),
                "CALLSHEET_STATE_DIR": str(state),
                "CALLSHEET_STREAM_METRICS_PORT": str(port),
                "CALLSHEET_LOG_FORMAT": "console",
            },
        )

    async def _create(self, name: str) -> None:
        async with self.administration.connect() as connection:
            await create_database(connection, name, template=TEMPLATE)
            await connection.execute(f'grant temporary on database "{name}" to callsheet_stream')

    async def _drop(self, name: str) -> None:
        async with self.administration.connect() as connection:
            await connection.execute(f'drop database "{name}" with (force)')


@contextmanager
def made(load: Load, campaigns: Sequence[str]) -> Iterator[Place]:
    """The parts, all of them durable, on the disk."""
    home = Path(tempfile.mkdtemp(prefix="callsheet-bench-"))
    home.chmod(0o755)
    cluster = open_cluster(home / "postgres", port=free_port(), password=LOOPBACK_ONLY, durable=True)
    try:
        cluster.initialise()
        with (
            running(cluster.postmaster(), home / "postgres.log"),
            running_valkey(event_log(home / "log", free_port())) as log,
            running_valkey(budgets(home / "budgets", free_port())) as there,
        ):
            administration = Administration(cluster.administrator_url, seed=LOOPBACK_ONLY)
            complete(prepared(administration))
            migrate(administration.urls(TEMPLATE), MIGRATIONS)
            complete(seed(administration.urls(TEMPLATE).owner_url, campaigns))
            yield Place(home, administration, log, there, load.partitions)
    finally:
        shutil.rmtree(cluster.home, ignore_errors=True)
        shutil.rmtree(home, ignore_errors=True)


async def prepared(administration: Administration) -> None:
    async with administration.connect() as connection:
        await ensure_roles(administration, connection)
        await create_database(connection, TEMPLATE)


def _answering(port: int) -> Callable[[], Awaitable[None]]:
    async def probe() -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.close()

    return probe
