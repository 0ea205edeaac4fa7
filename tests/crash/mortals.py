"""Processes that go on dying at one named point after another, while callers go on calling."""

import asyncio
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import grpc

from tests.crash.victim import Workplace

LOOKS_EVERY_SECONDS = 0.05
PASSES_AT_MOST = 2


@dataclass(frozen=True, slots=True)
class Mortal:
    """A point at which a process is to die, and the kind of story that leads there."""

    dies_at: str
    story: str


@dataclass(slots=True)
class Household:
    """One server and one worker at a time. Each has a list of deaths before it, and when that is over it lives on."""

    place: Workplace
    servers: Sequence[Mortal]
    workers: Sequence[Mortal]
    chance: random.Random
    deaths: Counter[str] = field(default_factory=Counter)
    _awaited: dict[str, str] = field(default_factory=dict)
    _serving: asyncio.Event = field(default_factory=asyncio.Event)
    _channel: grpc.aio.Channel | None = None
    _over: asyncio.Event = field(default_factory=asyncio.Event)

    def wanted(self) -> list[str]:
        """The kinds of stories that lead to the deaths which are next."""
        return list(self._awaited.values())

    @property
    def outlived(self) -> bool:
        """Whether everybody has died as often as they were to."""
        return self.deaths.total() == len(self.servers) + len(self.workers)

    async def channel(self) -> grpc.aio.Channel:
        """The way to the server that serves now, or to the next one."""
        await self._serving.wait()
        assert self._channel is not None
        return self._channel

    @asynccontextmanager
    async def living(self) -> AsyncIterator[None]:
        """The house is inhabited for the block."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._servers())
            tasks.create_task(self._workers())
            try:
                yield
            finally:
                self._over.set()

    async def _servers(self) -> None:
        for mortal in (*self.servers, None):
            async with self.place.server(dies_at=self._armed(mortal)) as server:
                # Left open: closing it would cancel those who are still waiting for the dead to answer.
                self._channel = grpc.aio.insecure_channel(f"127.0.0.1:{server.grpc_port}")
                self._serving.set()
                status = await self._end(mortal, server.first.poll)
                self._serving.clear()
            self._buried("server", mortal, status)
            if status is None:
                return

    async def _workers(self) -> None:
        for mortal in (*self.workers, None):
            async with self.place.worker(dies_at=self._armed(mortal)) as worker:
                status = await self._end(mortal, lambda worker=worker: worker.returncode)  # type: ignore[misc]
            self._buried("worker", mortal, status)
            if status is None:
                return
            await self.place.leases_run_out()

    def _armed(self, mortal: Mortal | None) -> str:
        if mortal is None:
            return ""
        return f"{mortal.dies_at}:{self.chance.randint(0, PASSES_AT_MOST)}"

    async def _end(self, mortal: Mortal | None, status: Callable[[], int | None]) -> int | None:
        """How the process ended; none where the house was left before."""
        if mortal is not None:
            self._awaited[mortal.dies_at] = mortal.story
        while (ended := status()) is None and not self._over.is_set():  # noqa: ASYNC110  nobody tells us of a death
            await asyncio.sleep(LOOKS_EVERY_SECONDS)
        return ended

    def _buried(self, who: str, mortal: Mortal | None, status: int | None) -> None:
        if status is None:
            return
        assert mortal is not None, f"the last {who} ended with {status}"
        assert status == -signal.SIGKILL, f"the {who} was to die at {mortal.dies_at} and ended with {status}"
        del self._awaited[mortal.dies_at]
        self.deaths[mortal.dies_at] += 1
