"""Processes that are killed at a named point, and those that come after them."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg

from devstack.ports import free_port
from devstack.program import tethered
from devstack.roles import DatabaseUrls
from devstack.valkey import Valkey
from tests.processes.serving import Serving, serving
from tests.rpc.harness import PERSONAL_DATA_KEY, TOKEN_KEYS
from tests.support.nobody import NOBODY
from tests.support.waiting import eventually

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Workplace:
    """What the processes of this test work on."""

    database: DatabaseUrls
    log: Valkey
    output: Path
    settings: Mapping[str, str] = field(default_factory=dict)

    async def dies_at(self, point: str) -> None:
        """Runs a worker until it passes the point, which must be its end; then lets the time pass for which its jobs
        were its own.
        """
        worker = await self._worker(point)
        status = await _ended(worker)
        assert status == -signal.SIGKILL, f"the worker ended with {status} instead:\n{self.output.read_text()}"
        await self.leases_run_out()

    async def leases_run_out(self) -> None:
        """The time passes for which jobs belong to a worker that is dead."""
        await self.rows("update core.job set lease_until = now() - interval '1 second' where status = 'running'")

    @asynccontextmanager
    async def worker(self, *, dies_at: str = "") -> AsyncIterator[asyncio.subprocess.Process]:
        """A worker for the block; one that is alive at the end of it has to end well."""
        worker = await self._worker(dies_at)
        try:
            yield worker
        finally:
            if worker.returncode is None:
                worker.terminate()
                assert await _ended(worker) == 0

    async def works_until(self, condition: Callable[[], Awaitable[bool]], what: str) -> None:
        """Runs such a worker until the condition holds and nothing that is due is left."""

        async def idle() -> bool:
            return not await self.rows(
                "select from core.job where status = 'running' or (status = 'queued' and run_at <= now())"
            )

        async with self.worker():
            await eventually(condition, what)
            await eventually(idle, "the worker to have nothing to do")

    @asynccontextmanager
    async def server(self, *, dies_at: str = "") -> AsyncIterator[Serving]:
        """A server for the block; where a point is named, the block leads it there and sees it `killed`."""
        starting = serving(self.database, self.output.parent, CALLSHEET_CRASH_POINT=dies_at, **self.settings)
        # In a thread, because both ends wait, and what this test serves has to go on meanwhile.
        with ExitStack() as stack:
            try:
                yield await asyncio.to_thread(stack.enter_context, starting)
            finally:
                await asyncio.to_thread(stack.close)

    async def rows(self, sql: str, *arguments: object) -> list[asyncpg.Record]:
        connection = await asyncpg.connect(self.database.app_url)
        try:
            return await connection.fetch(sql, *arguments)
        finally:
            await connection.close()

    async def _worker(self, point: str = "") -> asyncio.subprocess.Process:
        environment = {
            **os.environ,
            "CALLSHEET_DATABASE_URL": self.database.app_url,
            "CALLSHEET_LOG_URL": self.log.url,
            "CALLSHEET_WORKER_METRICS_PORT": str(free_port()),
            "CALLSHEET_PEPPER": "pepper",
            "CALLSHEET_PAGE_TOKEN_KEY": "page-token-key",
            "CALLSHEET_IMPRESSION_TOKEN_KEYS": TOKEN_KEYS,
            "CALLSHEET_PERSONAL_DATA_KEY": PERSONAL_DATA_KEY,
            "CALLSHEET_STRIPE_API_BASE": NOBODY,
            "CALLSHEET_CRASH_POINT": point,
            **self.settings,
        }
        command = tethered((sys.executable, "-m", "server.cli", "worker"))
        with self.output.open("ab") as output:
            return await asyncio.create_subprocess_exec(
                *command, env=environment, cwd=ROOT, stdout=output, stderr=output
            )


async def _ended(process: asyncio.subprocess.Process) -> int:
    """Waits for the process to end; where it does not, it is ended, so that it works on nothing of the next test."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await process.wait()
    finally:
        if process.returncode is None:
            process.kill()


async def killed(server: Serving) -> None:
    """Waits for the server's end, which must have been the point."""
    status = await asyncio.to_thread(server.first.wait, PATIENCE_SECONDS)
    assert status == -signal.SIGKILL, f"the server ended with {status} instead"
