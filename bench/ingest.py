"""How fast events become durable: `IngestEvents` in messages of 100, `RecordEvents` in batches of 500, one process.

Server and log are processes of their own, the log with `appendfsync always`; a click or impression in fifty bears its
own token, signed before the measurement, and every event its own id, viewer and address. Beside each rate stands the
server's CPU time per event. Then the log is stopped, while clients go on sending. What the server, warm before, holds
more than it did is what a slow log costs; it has to stay there, so that the most of the second half is no more than the
most of the first.
"""

import asyncio
import os
import random
import signal
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import grpc
from rich.progress import track

from bench.processes import cpu_seconds, resident_bytes
from bench.report import console, median, result, spread
from callsheet.promo.v1 import events_pb2 as pb
from devstack import valkey
from devstack.ports import free_port
from devstack.program import complete, running
from devstack.valkey import Valkey
from server.core.clock import SystemClock
from server.core.ids import SystemIds
from tests.processes.serving import Serving, serving
from tests.rpc.events import BFF, event, placement
from tests.support.database import database_server

ROUNDS = 5
EVENTS = 50_000
CAMPAIGNS = 200
STREAMS = 4
STREAM_MESSAGE = 100
CALLS_AT_ONCE = 4
CALL_BATCH = 500
STALLED_CLIENTS = 40
STALLED_SECONDS = 20
REFUSALS = (grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)
INGEST = "/callsheet.promo.v1.PromoService/IngestEvents"
RECORD = "/callsheet.promo.v1.PromoService/RecordEvents"
_ROOM = {"CALLSHEET_LOG_PARTITION_BYTES": str(256 * 1024 * 1024), "CALLSHEET_CALLS_PER_SECOND": "1000000"}

Load = Callable[[grpc.aio.Channel, Sequence[bytes]], Awaitable[int]]


def main() -> None:
    """Measures and prints."""
    with (
        tempfile.TemporaryDirectory(prefix="callsheet-bench-") as directory,
        database_server() as database,
        database.clone("callsheet_bench_ingest") as urls,
    ):
        logs = Path(directory)
        log = valkey.event_log(logs / "log", free_port())
        with running(log.program(), logs / "log.log") as child:
            with serving(urls, logs, CALLSHEET_LOG_URL=log.url, **_ROOM) as server:
                rates(server, log)
            with serving(urls, logs, CALLSHEET_LOG_URL=log.url, **_ROOM) as server:
                stall(server, child.pid)


def rates(server: Serving, log: Valkey) -> None:
    """Both ways in turn, so that a machine that wavers wavers for both."""
    ways: dict[str, tuple[Load, int]] = {
        "ingest_stream": (through_streams, STREAM_MESSAGE),
        "ingest_record": (through_calls, CALL_BATCH),
    }
    found: dict[str, list[float]] = {name: [] for name in ways}
    spent: dict[str, list[float]] = {name: [] for name in ways}
    for _ in track(range(ROUNDS), "streams and calls in turn", console=console):
        for name, (load, size) in ways.items():
            messages = [packed(events) for events in batches(EVENTS, size)]
            before, began = cpu_seconds(server.first.pid), time.perf_counter()
            taken = complete(loaded(server, load, messages))
            seconds = time.perf_counter() - began
            assert taken == EVENTS, f"{taken} of {EVENTS} events were taken"
            found[name].append(EVENTS / seconds)
            spent[name].append((cpu_seconds(server.first.pid) - before) / EVENTS * 1e6)
    for name, values in found.items():
        console.print(f"{name}: {spread(values)} events a second, {median(spent[name]):.1f} µs of CPU each")
        result(name, median(values), "events/s")
        result(f"{name}_cpu", median(spent[name]), "us/event")


def stall(server: Serving, log_pid: int) -> None:
    """Stops the log under load; the memory of the server, which has taken events before, and how it grows."""
    messages = [packed(events) for events in batches(20_000, CALL_BATCH)]
    complete(loaded(server, through_calls, messages))
    again = [packed(events) for events in batches(20_000, CALL_BATCH)]
    before = resident_bytes(server.first.pid)
    os.kill(log_pid, signal.SIGSTOP)
    try:
        held = complete(stalled(server, again))
    finally:
        os.kill(log_pid, signal.SIGCONT)
    earlier, later = max(held[: len(held) // 2]), max(held[len(held) // 2 :])
    console.print(
        f"memory: {before / 1e6:,.0f} MB; in {STALLED_SECONDS} seconds in which the log stood still at most "
        f"{earlier / 1e6:,.0f} MB in the first half, {later / 1e6:,.0f} MB in the second"
    )
    result("ingest_stalled_plateau", (max(held) - before) / 1e6, "MB")
    result("ingest_stalled_growth", (later - earlier) / 1e6, "MB")


async def stalled(server: Serving, messages: Sequence[bytes]) -> list[int]:
    """Clients that never give up, against a log that never answers; what the server held, ten times a second."""
    streamed = [packed(events) for events in batches(20_000, STREAM_MESSAGE)]
    until = time.monotonic() + STALLED_SECONDS
    held = []

    async def insist(channel: grpc.aio.Channel) -> None:
        record: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(RECORD)
        while time.monotonic() < until:
            call = record(random.choice(messages), metadata=BFF, timeout=STALLED_SECONDS)  # noqa: S311  any will do
            code = await call.code()
            assert code in REFUSALS, code
            await asyncio.sleep(0.05)

    async def stream(channel: grpc.aio.Channel) -> None:
        ingest: grpc.aio.StreamStreamMultiCallable[bytes, bytes] = channel.stream_stream(INGEST)
        while time.monotonic() < until:
            call = ingest(iter(streamed), metadata=BFF, timeout=STALLED_SECONDS)
            await call.code()
            await asyncio.sleep(0.05)

    streamed = [packed(events) for events in batches(20_000, STREAM_MESSAGE)]
    async with server.channel() as channel:
        clients = [asyncio.create_task(insist(channel)) for _ in range(STALLED_CLIENTS)]
        clients += [asyncio.create_task(stream(channel)) for _ in range(STREAMS)]
        while time.monotonic() < until:
            held.append(resident_bytes(server.first.pid))
            await asyncio.sleep(0.1)
        await asyncio.gather(*clients)
    return held


async def loaded(server: Serving, load: Load, messages: Sequence[bytes]) -> int:
    async with server.channel() as channel:
        return await load(channel, messages)


async def through_streams(channel: grpc.aio.Channel, messages: Sequence[bytes]) -> int:
    """How many events were taken, over several streams at once."""

    async def one(share: Sequence[bytes]) -> int:
        ingest: grpc.aio.StreamStreamMultiCallable[bytes, bytes] = channel.stream_stream(INGEST)
        answers = ingest(iter(share), metadata=BFF)
        return sum([accepted(pb.IngestEventsResponse.FromString(answer).outcomes) async for answer in answers])

    return sum(await asyncio.gather(*[one(messages[number::STREAMS]) for number in range(STREAMS)]))


async def through_calls(channel: grpc.aio.Channel, messages: Sequence[bytes]) -> int:
    """The same, over several calls at once."""
    record: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(RECORD)
    waiting = iter(messages)

    async def one() -> int:
        taken = 0
        for message in waiting:
            answer = await record(message, metadata=BFF)
            taken += accepted(pb.RecordEventsResponse.FromString(answer).outcomes)
        return taken

    return sum(await asyncio.gather(*[one() for _ in range(CALLS_AT_ONCE)]))


def accepted(outcomes: Sequence[pb.EventOutcome]) -> int:
    return sum(outcome.result == pb.EVENT_RESULT_ACCEPTED for outcome in outcomes)


def packed(events: Sequence[pb.ViewerEvent]) -> bytes:
    """A batch as bytes that both messages read: they number their lists of events differently."""
    if len(events) == CALL_BATCH:
        return pb.RecordEventsRequest(events=events).SerializeToString()
    return pb.IngestEventsRequest(sequence=1, events=events).SerializeToString()


def batches(count: int, size: int) -> Iterator[list[pb.ViewerEvent]]:
    """Events of many campaigns and viewers, two clicks in a hundred."""
    rng = random.Random(1)  # noqa: S311  nothing secret
    ids = SystemIds(SystemClock())
    campaigns = [ids.new("pcmp") for _ in range(CAMPAIGNS)]
    made = (
        event(
            placement(rng.choice(campaigns)),
            type=pb.EVENT_TYPE_CLICK if rng.random() < 0.02 else pb.EVENT_TYPE_IMPRESSION,
            device=f"device-{rng.randrange(10_000)}",
            ip_address=f"100.64.{rng.randrange(256)}.{rng.randrange(256)}",
        )
        for _ in range(count)
    )
    while batch := list(islice(made, size)):
        yield batch


if __name__ == "__main__":
    main()
