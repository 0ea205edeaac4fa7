"""How many events the stream brings from the log to the ledger in a second, beside two other ways to write their rows.

The log is filled before. Every run writes into a database of its own, made from one template, on a durable cluster: the
stream as a process reads, decides and commits everything; the baseline writes the same rows, decided already, as tuples
through staging; they take turns. At the end the bare binary copy of the events shows where the limit is.
"""

import argparse
import asyncio
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import redis

from bench import stream_baseline as baseline
from bench.report import console, median, result, spread
from bench.stream_copy import bare_copy
from bench.stream_events import REPEATED, Load, Records
from bench.stream_world import campaign_ids, controls, heartbeat, seed
from devstack.migrate import migrate
from devstack.ports import free_port
from devstack.postgres import open_cluster
from devstack.program import Program, complete, running
from devstack.roles import Administration, DatabaseUrls, create_database, ensure_roles
from devstack.valkey import Valkey, budgets, event_log
from server.adapters.eventlog.port import Partition
from server.adapters.eventlog.valkey import valkey_log
from server.core.clock import SystemClock
from server.promo.domain.partitions import CLICK_LOG
from tests.support.database import MIGRATIONS
from tests.support.parts import running_valkey

TEMPLATE = "bench_template"
LOOPBACK_ONLY = "loopback-and-one-run-only"
LOG_BYTES = 400 << 20
LOOK_SECONDS = 0.01
APPEND_AT_ONCE = 20


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
        """A database that nobody has written to."""
        name = f"bench_{time.monotonic_ns()}"
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


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=800_000)
    parser.add_argument("--partitions", type=int, default=4)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--one-by-one", type=int, default=2_000, help="events for the obvious consumer")
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
        ours, theirs = [], []
        for number in range(chosen.runs):
            with place.database() as urls:
                ours.append(events / streamed(place, urls, last))
            with place.database() as urls:
                theirs.append(events / timed(urls, batches))
            console.print(f"run {number + 1}: stream {ours[-1]:,.0f}/s, baseline {theirs[-1]:,.0f}/s")
        with place.database() as urls:
            obvious = chosen.one_by_one / one_by_one(urls, batches, chosen.one_by_one)
        with place.database() as urls:
            limit = complete(bare_copy(urls.stream_url, batches))
    console.print(f"stream    {spread(ours)} events/s\nbaseline  {spread(theirs)} events/s")
    result("stream_events", median(ours), "events/s")
    result("stream_baseline", median(theirs), "events/s")
    result("stream_ratio", median([mine / other for mine, other in zip(ours, theirs, strict=True)]), "x")
    result("stream_obvious", obvious, "events/s")
    result("stream_vs_obvious", median(ours) / obvious, "x")
    result("stream_copy_limit", limit, "events/s")
    result("stream_of_copy_limit", median(ours) / limit, "x")


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


def streamed(place: Place, urls: DatabaseUrls, last: Sequence[int]) -> float:
    """Lets a stream that knows nothing read the whole log; how long it takes from its first step to its last commit."""
    with redis.Redis(port=place.budgets.port) as client:
        client.flushall()
    with tempfile.TemporaryDirectory(dir=place.home) as state:
        output = place.home / "stream.log"
        with running(place.stream(urls, Path(state)), output):
            return complete(_until_committed(urls.stream_url, last))


async def _until_committed(url: str, last: Sequence[int]) -> float:
    connection = await asyncpg.connect(url)
    began = None
    try:
        while True:
            rows = await connection.fetch("select partition, last_offset from stream_partition")
            if rows and began is None:
                began = time.perf_counter()
            there = {row["partition"]: row["last_offset"] for row in rows}
            if began is not None and all(there.get(number, -1) >= end for number, end in enumerate(last)):
                return time.perf_counter() - began
            await asyncio.sleep(LOOK_SECONDS)
    finally:
        await connection.close()


def timed(urls: DatabaseUrls, batches: Sequence[baseline.Batch]) -> float:
    began = time.perf_counter()
    complete(baseline.write(urls.stream_url, batches))
    return time.perf_counter() - began


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


def _answering(port: int) -> Callable[[], Awaitable[None]]:
    async def probe() -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.close()

    return probe


if __name__ == "__main__":
    main()
