"""How long it takes from a click's receipt until `GetBudget` and `WatchCampaign` show what it cost, under load.

Server, stream and load are processes of their own. The load is events that are appended as servers append them; beside
it, five times a second, a client sends one click to the server, always of a campaign that nobody else clicks. Its way
is measured in pieces: from the server's stamp until the server has answered, the event being in the log; until the
decision is committed; until either call shows it. The processors are watched meanwhile, to tell what is short.

One click in twenty is one second of a run, so whatever holds the machine up for a second is the run's 95th percentile.
Each figure is the median of several runs, and each run is printed.
"""

import argparse
import asyncio
import itertools
import json
import statistics
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

import asyncpg

from bench.processes import busy_seconds, cpu_seconds
from bench.report import console, median, result
from bench.stream_events import PRICE_CENTS, Load
from bench.stream_place import LOG_BYTES, Place, made
from bench.stream_world import ADVERTISER_USER, campaign_ids, controls
from callsheet.promo.v1 import budget_pb2, events_pb2, report_pb2
from callsheet.promo.v1.promo_pb2_grpc import PromoServiceStub
from devstack.program import running
from devstack.roles import DatabaseUrls
from server.adapters.eventlog.port import Partition
from server.adapters.eventlog.valkey import valkey_log
from server.core.clock import SystemClock
from server.promo.domain.partitions import CLICK_LOG
from tests.processes.serving import ROOT, Serving, serving
from tests.rpc.events import HASHES, event, placement, recorded
from tests.rpc.harness import as_user
from tests.support.waiting import eventually

Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"

PROBE_SECONDS = 0.2
RUNS = 3
SHOWN = ("get_budget", "watch_campaign")
LONGEST_LINE = 1 << 24
ASK_SECONDS = 0.05
LOOK_SECONDS = 0.02
SHOWN_BEFORE = timedelta(seconds=20)
_COMMITTED = "select count(*) from promo_click_decision where campaign_id = $1"
_RECEIVED = """
    select extract(epoch from ts)::float8 as received from promo_event where campaign_id = $1
    order by log_offset, log_index
"""
_SESSIONS = """
    select pid from pg_stat_activity where datname = current_database() and application_name = 'callsheet-stream'
"""


@dataclass(frozen=True, slots=True)
class Spent:
    """What processes have had of the processors, and when that was."""

    at: float
    seconds: Mapping[str, float]

    @classmethod
    async def now(cls, pool: Pool, pids: Mapping[str, int]) -> "Spent":
        seconds = {name: cpu_seconds(pid) for name, pid in pids.items()}
        sessions = [cpu_seconds(row["pid"]) for row in await pool.fetch(_SESSIONS)]
        return cls(time.monotonic(), {**seconds, "stream_sessions": sum(sessions), "whole_machine": busy_seconds()})

    def since(self, before: "Spent") -> dict[str, float]:
        """How many processors each has kept busy."""
        lasted = self.at - before.at
        return {name: (seconds - before.seconds[name]) / lasted for name, seconds in self.seconds.items()}


@dataclass(slots=True)
class Clicks:
    """When each click, in the log's order, had come how far."""

    received: Sequence[float] = ()
    answered: list[float] = field(default_factory=list)
    committed: list[float] = field(default_factory=list)
    budget: list[float] = field(default_factory=list)
    watched: list[float] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        return min(map(len, (self.committed, self.budget, self.watched))) >= len(self.answered)


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=int, default=30_000, help="events a second; half of what `stream` printed")
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--partitions", type=int, default=4)
    parser.add_argument("--runs", type=int, default=RUNS)
    chosen = parser.parse_args()
    latencies(chosen.rate, chosen.seconds, chosen.partitions, chosen.runs)


def latencies(rate: int, seconds: int, partitions: int, runs: int) -> None:
    """Measures and prints, at so many events a second."""
    measured = []
    for number in range(runs):
        measured.append(one_run(rate, seconds, partitions))
        console.print(f"run {number + 1} at {rate:,} events/s: {told(measured[-1])}", soft_wrap=True)
    for name in measured[0]:
        result(f"stream_{name}", median([run[name] for run in measured]), unit_of(name))


def one_run(rate: int, seconds: int, partitions: int) -> dict[str, float]:
    """Every figure of one run, on parts of its own."""
    load = Load(rate * seconds, partitions, per_second=rate)
    campaigns = campaign_ids(load.campaigns + 1, datetime.now(UTC) - timedelta(days=1))
    with made(load, campaigns) as place, place.database() as urls:
        state = place.home / "state"
        state.mkdir()
        settings = {"CALLSHEET_LOG_URL": place.log.url, "CALLSHEET_LOG_PARTITIONS": str(partitions)}
        with (
            running(place.stream(urls, state), place.home / "stream.log") as stream,
            serving(urls, place.home, CALLSHEET_LOG_PARTITION_BYTES=str(LOG_BYTES), **settings) as server,
        ):
            pids = {"stream": stream.pid, "server": server.first.pid}
            return asyncio.run(watched(place, urls, server, pids, load, campaigns))


async def watched(
    place: Place, urls: DatabaseUrls, server: Serving, pids: Mapping[str, int], load: Load, campaigns: Sequence[str]
) -> dict[str, float]:
    """Lets the clicks go their way for as long as the load lasts; how long each piece took."""
    probe, *others = campaigns
    seen = Clicks()
    async with valkey_log(place.log.url, SystemClock(), partition_bytes=LOG_BYTES) as log:
        for number, records in enumerate(controls(campaigns, load.partitions, datetime.now(UTC))):
            await log.append(Partition(CLICK_LOG, number), records)
    console.print("making events")
    async with (
        asyncpg.create_pool(urls.owner_url, min_size=2, max_size=2) as pool,
        loading(place.log.url, load, others) as child,
        server.channel() as channel,
    ):
        promo = PromoServiceStub(channel)
        watching = [
            asyncio.create_task(decided(pool, probe, seen.committed)),
            asyncio.create_task(asked(promo, probe, seen.budget)),
            asyncio.create_task(followed(promo, probe, seen.watched)),
        ]
        before = await Spent.now(pool, pids)
        late = asyncio.create_task(lateness(child))
        await clicked(promo, probe, seen.answered, late)
        used = (await Spent.now(pool, pids)).since(before)

        async def all_seen() -> bool:
            for watcher in watching:
                if watcher.done():
                    watcher.result()
            return seen.complete

        await eventually(all_seen, "every click to be seen")
        for watcher in watching:
            watcher.cancel()
        await asyncio.wait(watching)
        seen.received = [row["received"] for row in await pool.fetch(_RECEIVED, probe)]
    return figures(seen, late.result(), used)


@asynccontextmanager
async def loading(log_url: str, load: Load, campaigns: Sequence[str]) -> AsyncIterator[Process]:
    """The load as a process, from the moment when it has made its records and begins to send."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.stream_load", "--log", log_url, "--partitions", str(load.partitions)),
        *("--rate", str(round(load.per_second)), "--seconds", str(round(load.events / load.per_second))),
        stdin=PIPE,
        stdout=PIPE,
        cwd=ROOT,
        limit=LONGEST_LINE,
    )
    try:
        if child.stdin is None or child.stdout is None:
            raise AssertionError("both are pipes")
        child.stdin.write("\n".join(campaigns).encode())
        child.stdin.close()
        await child.stdout.readline()
        yield child
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()


async def lateness(child: Process) -> list[float]:
    """What the load tells at its end: how many milliseconds after its stamp each record was in the log."""
    if child.stdout is None:
        raise AssertionError("it is a pipe")
    late: list[float] = json.loads(await child.stdout.readline())
    await child.wait()
    return late


async def clicked(
    promo: PromoServiceStub, campaign_id: str, answered: list[float], load: "asyncio.Task[list[float]]"
) -> None:
    """Clicks of one campaign, each by somebody else, as long as the load is sent."""
    for number in itertools.count():
        if load.done():
            return
        device = f"probe-{number}"
        shown = placement(
            campaign_id,
            issued_at=datetime.now(UTC) - SHOWN_BEFORE,
            price_cents=PRICE_CENTS,
            served_today=1,
            viewer_hash=HASHES.viewer("", device),
        )
        address = f"100.64.{number // 250}.{number % 250 + 1}"
        outcomes = await recorded(promo, event(shown, device=device, ip_address=address))
        if outcomes[0].result != events_pb2.EVENT_RESULT_ACCEPTED:
            raise SystemExit(f"a click was not taken: {outcomes[0]}")
        answered.append(time.time())
        await asyncio.sleep(PROBE_SECONDS)


async def decided(pool: Pool, campaign_id: str, seen: list[float]) -> None:
    while True:
        note(seen, await pool.fetchval(_COMMITTED, campaign_id))
        await asyncio.sleep(LOOK_SECONDS)


async def asked(promo: PromoServiceStub, campaign_id: str, seen: list[float]) -> None:
    request = budget_pb2.GetBudgetRequest(campaign_id=campaign_id)
    while True:
        answer = await promo.GetBudget(request, metadata=as_user(ADVERTISER_USER))
        note(seen, answer.budget.spent_on_clicks_cents // PRICE_CENTS)
        await asyncio.sleep(ASK_SECONDS)


async def followed(promo: PromoServiceStub, campaign_id: str, seen: list[float]) -> None:
    request = report_pb2.WatchCampaignRequest(campaign_id=campaign_id)
    async for answer in promo.WatchCampaign(request, metadata=as_user(ADVERTISER_USER)):
        note(seen, answer.budget.spent_on_clicks_cents // PRICE_CENTS)


def note(seen: list[float], clicks: int) -> None:
    """So many clicks are to be seen now."""
    seen += [time.time()] * (clicks - len(seen))


def figures(seen: Clicks, late: Sequence[float], used: Mapping[str, float]) -> dict[str, float]:
    """By name: how long each piece of the way took, and how many processors each part kept busy."""
    pieces = {
        "sender_late": late,
        "received_to_answered": between(seen.received, seen.answered),
        "received_to_committed": between(seen.received, seen.committed),
        "committed_to_get_budget": between(seen.committed, seen.budget),
        "committed_to_watch_campaign": between(seen.committed, seen.watched),
        "get_budget": between(seen.received, seen.budget),
        "watch_campaign": between(seen.received, seen.watched),
    }
    said: dict[str, float] = {}
    for name, milliseconds in pieces.items():
        percentiles = statistics.quantiles(milliseconds, n=100, method="inclusive")
        said |= {f"{name}_p50": percentiles[49], f"{name}_p95": percentiles[94]}
    return said | {f"latency_{name}_cpu": processors for name, processors in used.items()}


def told(run: Mapping[str, float]) -> str:
    """What one looks for in a run."""
    ways = [f"{name} {run[f'{name}_p50']:.0f} · {run[f'{name}_p95']:.0f} ms" for name in SHOWN]
    return f"{', '.join(ways)} (p50 · p95); {run['latency_whole_machine_cpu']:.2f} processors busy"


def unit_of(name: str) -> str:
    return "processors" if name.endswith("_cpu") else "ms"


def between(earlier: Sequence[float], later: Sequence[float]) -> list[float]:
    """Milliseconds, click by click."""
    return [(end - start) * 1000 for start, end in zip(earlier, later, strict=False)]


if __name__ == "__main__":
    main()
