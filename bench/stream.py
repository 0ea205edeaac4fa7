"""How many events the stream brings from the log to the ledger in a second, beside two other ways to write their rows.

The log is filled before. Every run writes into a database of its own, made from one template, on a durable cluster: the
stream as a process reads, decides and commits everything; the baseline writes the same rows, decided already, as tuples
through staging; they take turns. Then the bare binary copy of the events shows where the limit is, and at half of the
stream's rate it is measured how long a click takes to be seen.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import redis

from bench import stream_baseline as baseline
from bench.processes import cpu_seconds
from bench.report import console, median, result, spread
from bench.stream_copy import bare_copy
from bench.stream_events import REPEATED, Load, Records
from bench.stream_latency import RUNS, latencies
from bench.stream_place import LOG_BYTES, Place, made
from bench.stream_world import campaign_ids, controls, heartbeat
from devstack.program import complete, running
from devstack.roles import DatabaseUrls
from server.adapters.eventlog.port import Partition
from server.adapters.eventlog.valkey import valkey_log
from server.core.clock import SystemClock
from server.promo.domain.partitions import CLICK_LOG

LOOK_SECONDS = 0.02
APPEND_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Took:
    """What it took to write everything."""

    seconds: float
    process_seconds: float
    database_seconds: float
    """Of processors, for the process itself and for its sessions in the database."""


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=800_000)
    parser.add_argument("--partitions", type=int, default=4)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--one-by-one", type=int, default=2_000, help="events for the obvious consumer")
    parser.add_argument("--latency-seconds", type=int, default=20)
    parser.add_argument("--latency-runs", type=int, default=RUNS)
    chosen = parser.parse_args()
    load = Load(chosen.events, chosen.partitions)
    campaigns = campaign_ids(load.campaigns, datetime.now(UTC) - timedelta(days=1))
    with made(load, campaigns) as place:
        last = complete(filled(place, load, campaigns))
        with place.database() as urls:
            # The first run warms the machine up, and what it writes is what the baseline is given.
            streamed(place, urls, last)
            batches = complete(baseline.read_back(urls.stream_url, REPEATED))
            complete(report_rows(urls))
        events = sum(len(batch.events) for batch in batches)
        mine, others = [], []
        for number in range(chosen.runs):
            with place.database() as urls:
                mine.append(streamed(place, urls, last))
            with place.database() as urls:
                others.append(timed(urls, batches))
            console.print(f"run {number + 1}: stream {told(mine[-1], events)}, baseline {told(others[-1], events)}")
        with place.database() as urls:
            obvious = chosen.one_by_one / one_by_one(urls, batches, chosen.one_by_one)
        with place.database() as urls:
            limit = complete(bare_copy(urls.stream_url, batches))
    ours, theirs = ([events / took.seconds for took in runs] for runs in (mine, others))
    console.print(f"stream    {spread(ours)} events/s\nbaseline  {spread(theirs)} events/s")
    result("stream_events", median(ours), "events/s")
    result("stream_baseline", median(theirs), "events/s")
    result("stream_ratio", median([one / other for one, other in zip(ours, theirs, strict=True)]), "x")
    for name, runs in (("stream", mine), ("stream_baseline", others)):
        result(f"{name}_process_cpu", median([took.process_seconds for took in runs]) / events * 1e6, "us/event")
        result(f"{name}_database_cpu", median([took.database_seconds for took in runs]) / events * 1e6, "us/event")
    result("stream_obvious", obvious, "events/s")
    result("stream_vs_obvious", median(ours) / obvious, "x")
    result("stream_copy_limit", limit, "events/s")
    result("stream_of_copy_limit", median(ours) / limit, "x")
    console.rule("at half of that rate")
    latencies(int(median(ours) / 2), chosen.latency_seconds, chosen.partitions, chosen.latency_runs)


def told(took: Took, events: int) -> str:
    """A rate, and where the processors were."""
    process, database = (seconds / events * 1e6 for seconds in (took.process_seconds, took.database_seconds))
    return f"{events / took.seconds:,.0f}/s ({process:.1f} + {database:.1f} µs of processors an event)"


async def filled(place: Place, load: Load, campaigns: Sequence[str]) -> list[int]:
    """Puts control records and events into the log; where each partition ends."""
    began = datetime.now(UTC) - timedelta(hours=1)
    after = began + timedelta(seconds=load.events / load.per_second + 10)
    waiting = controls(campaigns, load.partitions, began)
    async with valkey_log(place.log.url, SystemClock(), partition_bytes=LOG_BYTES) as log:
        await log.ensure(CLICK_LOG, load.partitions)
        for partition, _, record in Records(load, campaigns, began):
            waiting[partition].append(record)
            if len(waiting[partition]) >= APPEND_AT_ONCE:
                await log.append(Partition(CLICK_LOG, partition), waiting[partition])
                waiting[partition] = []
        # What comes last moves every clock past everything before it.
        return [
            await log.append(Partition(CLICK_LOG, number), [*waiting[number], heartbeat(after)])
            for number in range(load.partitions)
        ]


def streamed(place: Place, urls: DatabaseUrls, last: Sequence[int]) -> Took:
    """Lets a stream that knows nothing read the whole log; what it takes from its first step to its last commit."""
    with redis.Redis(port=place.budgets.port) as client:
        client.flushall()
    with tempfile.TemporaryDirectory(dir=place.home) as state:
        output = place.home / "stream.log"
        with running(place.stream(urls, Path(state)), output) as child:
            return complete(_until_committed(urls.stream_url, last, child.pid))


async def _until_committed(url: str, last: Sequence[int], pid: int) -> Took:
    connection = await asyncpg.connect(url)
    try:
        began, before = 0.0, 0.0
        while True:
            rows = await connection.fetch("select partition, last_offset from stream_partition")
            if rows and not began:
                began, before = time.perf_counter(), cpu_seconds(pid)
            there = {row["partition"]: row["last_offset"] for row in rows}
            if all(there.get(number, -1) >= end for number, end in enumerate(last)):
                seconds, own = time.perf_counter() - began, cpu_seconds(pid) - before
                return Took(seconds, own, await _sessions(connection))
            await asyncio.sleep(LOOK_SECONDS)
    finally:
        await connection.close()


async def _sessions(connection: "asyncpg.Connection[asyncpg.Record]") -> float:
    """What the other sessions of this database have cost."""
    rows = await connection.fetch(
        "select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
        " and backend_type = 'client backend'"
    )
    return sum(cpu_seconds(row["pid"]) for row in rows)


def timed(urls: DatabaseUrls, batches: Sequence[baseline.Batch]) -> Took:
    began, before = time.perf_counter(), time.process_time()
    sessions = complete(baseline.write(urls.stream_url, batches))
    return Took(time.perf_counter() - began, time.process_time() - before, sessions)


def one_by_one(urls: DatabaseUrls, batches: Sequence[baseline.Batch], events: int) -> float:
    began = time.perf_counter()
    complete(baseline.write_one_by_one(urls.stream_url, batches, events))
    return time.perf_counter() - began


async def report_rows(urls: DatabaseUrls) -> None:
    """What the stream made of the log, so that nobody takes a rate for work that was not done."""
    connection = await asyncpg.connect(urls.stream_url)
    try:
        for name in ("promo_event", "promo_click_decision", "promo_budget_ledger", "promo_rollup_15m"):
            console.print(f"{name}: {await connection.fetchval(f'select count(*) from {name}'):,} rows")
        for row in await connection.fetch(
            "select verdict, rule, count(*) as clicks from promo_click_decision group by 1, 2 order by 3 desc"
        ):
            console.print(f"  {row['verdict']} {row['rule'] or ''}: {row['clicks']:,}")
    finally:
        await connection.close()


if __name__ == "__main__":
    main()
