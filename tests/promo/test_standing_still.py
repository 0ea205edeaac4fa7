"""The log stands still under load: what waits for it stays within its bound, and nothing that was taken is missing."""

import asyncio
import signal
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import grpc

from callsheet.promo.v1 import events_pb2 as pb
from callsheet.promo.v1.promo_pb2_grpc import PromoServiceStub
from devstack import valkey
from devstack.ports import free_port
from devstack.roles import DatabaseUrls
from tests.promo.test_durability import started
from tests.rpc.events import BFF, event, logged, placement
from tests.rpc.harness import Running, read_refusal, refusal, running_server
from tests.support.waiting import eventually

MOST_WAITING = 500
CALLERS = 20
STREAMS = 20
BATCH = 60
BATCHES = 5
REFUSALS = 200


class Watch:
    """The most that was ever seen waiting: looked at in each turn of the loop, of which none takes from it unseen while
    the log stands.
    """

    def __init__(self, server: Running) -> None:
        self._registry = server.app.core.registry
        self.most = 0.0

    async def look(self) -> None:
        while True:
            self.most = max(self.most, self._registry.get_sample_value("callsheet_ingest_waiting_events") or 0)
            await asyncio.sleep(0)


class Crowd:
    """Callers and streams that send until everything of theirs was taken."""

    def __init__(self, promo: PromoServiceStub) -> None:
        self._promo = promo
        self.taken: list[str] = []
        self.reasons: Counter[str] = Counter()
        self.ends: list[str] = []

    async def call(self) -> None:
        for _ in range(BATCHES):
            request = pb.RecordEventsRequest(events=[event(placement()) for _ in range(BATCH)])
            while not await self._recorded(request):  # noqa: ASYNC110  as a client would
                await asyncio.sleep(0.01)

    async def _recorded(self, request: pb.RecordEventsRequest) -> bool:
        """Whether it was taken; if not, for a reason that says when to come again."""
        call = self._promo.RecordEvents(request, metadata=BFF)
        if await call.code() is grpc.StatusCode.OK:
            self._take((await call).outcomes)
            return True
        refused = await refusal(call)
        self.reasons[refused.reason] += refused.retry_after is not None
        return False

    async def stream(self) -> None:
        """A stream is not refused for want of room: it waits, and so does its client."""
        left = {
            number: pb.IngestEventsRequest(sequence=number, events=[event(placement()) for _ in range(BATCH)])
            for number in range(1, BATCHES + 1)
        }
        while left:
            try:
                async for answer in self._promo.IngestEvents(iter(list(left.values())), metadata=BFF):
                    self._take(answer.outcomes)
                    del left[answer.sequence]
            except grpc.aio.AioRpcError as error:
                self.ends.append(read_refusal(error).reason)

    def _take(self, outcomes: Iterable[pb.EventOutcome]) -> None:
        self.taken += [outcome.event_id for outcome in outcomes]

    async def until_refused(self) -> None:
        async with asyncio.timeout(60):
            while self.reasons["INGEST_BUSY"] < REFUSALS:  # noqa: ASYNC110  the callers only count
                await asyncio.sleep(0.01)


async def test_what_waits_is_bounded_while_the_log_stands_still(database: DatabaseUrls, tmp_path: Path) -> None:
    log = valkey.event_log(tmp_path / "log", free_port())
    async with (
        started(log, tmp_path / "output") as process,
        running_server(database, log_url=log.url, ingest_waiting_events=MOST_WAITING) as server,
    ):
        promo, watch = PromoServiceStub(server.channel), Watch(server)

        async def answers() -> bool:
            first = promo.RecordEvents(pb.RecordEventsRequest(events=[event(placement())]), metadata=BFF)
            return await first.code() is grpc.StatusCode.OK

        await eventually(answers, "the log to answer")
        crowd, looking = Crowd(promo), asyncio.create_task(watch.look())
        process.send_signal(signal.SIGSTOP)
        try:
            working = [asyncio.create_task(crowd.call()) for _ in range(CALLERS)]
            working += [asyncio.create_task(crowd.stream()) for _ in range(STREAMS)]
            await crowd.until_refused()
        finally:
            process.send_signal(signal.SIGCONT)
        await asyncio.gather(*working)
        looking.cancel()
        stored = {str(row["event_id"]) for row in await logged(server.app.core.log)}
    assert {*crowd.reasons, *crowd.ends} <= {"INGEST_BUSY", "DEPENDENCY_DOWN"}
    assert "INGEST_BUSY" not in crowd.ends
    assert MOST_WAITING - BATCH < watch.most <= MOST_WAITING
    assert len(set(crowd.taken)) == len(crowd.taken) == (CALLERS + STREAMS) * BATCHES * BATCH
    assert set(crowd.taken) - stored == set()
