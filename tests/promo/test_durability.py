"""The log's server is killed under load: every event that was answered as taken is there, each once."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

import grpc

from callsheet.promo.v1 import events_pb2 as pb
from callsheet.promo.v1.promo_pb2_grpc import PromoServiceStub
from devstack import valkey
from devstack.ports import free_port
from devstack.roles import DatabaseUrls
from devstack.valkey import Valkey
from tests.rpc.events import BFF, event, logged, placement
from tests.rpc.harness import running_server

KILLS = 3
CLIENTS = 4
BATCHES_BETWEEN_KILLS = 20


class Clients:
    """Some who send batches until each was taken, whatever becomes of the log."""

    def __init__(self, promo: PromoServiceStub) -> None:
        self._promo = promo
        self.taken: list[str] = []
        self.refused = 0
        self.ends: Counter[grpc.StatusCode] = Counter()
        self.stop = False

    async def insist(self) -> None:
        while not self.stop:
            events = [event(placement()) for _ in range(10)]
            while not await self._sent(events):
                self.refused += 1
                await asyncio.sleep(0.02)

    async def insist_on_a_stream(self) -> None:
        """The same over IngestEvents: when a stream ends, what it has not answered goes into the next one."""
        numbers = count(1)
        left: dict[int, pb.IngestEventsRequest] = {}
        while left or not self.stop:
            while len(left) < 5:
                number, events = next(numbers), [event(placement()) for _ in range(10)]
                left[number] = pb.IngestEventsRequest(sequence=number, events=events)
            try:
                async for answer in self._promo.IngestEvents(iter(list(left.values())), metadata=BFF):
                    self.taken += [outcome.event_id for outcome in answer.outcomes]
                    del left[answer.sequence]
            except grpc.aio.AioRpcError as error:
                self.ends[error.code()] += 1
                await asyncio.sleep(0.02)

    async def _sent(self, events: list[pb.ViewerEvent]) -> bool:
        call = self._promo.RecordEvents(pb.RecordEventsRequest(events=events), metadata=BFF)
        code = await call.code()
        if code is grpc.StatusCode.OK:
            self.taken += [outcome.event_id for outcome in (await call).outcomes]
            return True
        assert code in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED)
        return False

    async def until_taken(self, more: int) -> None:
        goal = len(self.taken) + more
        async with asyncio.timeout(60):
            while len(self.taken) < goal:  # noqa: ASYNC110  the clients only count
                await asyncio.sleep(0.01)


@asynccontextmanager
async def started(log: Valkey, output: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """The log's server, until the block ends; whoever asks it waits until it answers."""
    program = log.program()
    with output.open("ab") as lines:
        process = await asyncio.create_subprocess_exec(*program.tethered(), stdout=lines, stderr=lines)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_what_was_answered_survives_its_log_being_killed(database: DatabaseUrls, tmp_path: Path) -> None:
    log, output = valkey.event_log(tmp_path / "log", free_port()), tmp_path / "output"
    async with running_server(database, log_url=log.url) as server:
        clients = Clients(PromoServiceStub(server.channel))
        working = [asyncio.create_task(clients.insist()) for _ in range(CLIENTS)]
        working += [asyncio.create_task(clients.insist_on_a_stream()) for _ in range(CLIENTS)]
        for _ in range(KILLS):
            async with started(log, output) as process:
                await clients.until_taken(10 * BATCHES_BETWEEN_KILLS)
                process.kill()
                await process.wait()
        async with started(log, output):
            await clients.until_taken(10 * BATCHES_BETWEEN_KILLS)
            clients.stop = True
            await asyncio.gather(*working)
            stored = Counter(row["event_id"] for row in await logged(server.app.core.log))
    assert clients.refused > 0
    assert clients.ends[grpc.StatusCode.UNAVAILABLE] > 0
    assert clients.ends.keys() <= {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED}
    assert set(clients.taken) - stored.keys() == set()
    assert len(clients.taken) == len(set(clients.taken))
