"""The stream as a process of its own, and the worker's relay that feeds it."""

import asyncio
import json
import os
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen
from typing import TypedDict, cast

import asyncpg

from callsheet.promo.v1 import campaign_pb2, log_pb2
from devstack.ports import free_port
from devstack.program import POLL_SECONDS, NotReady, Program, running
from devstack.roles import DatabaseUrls
from devstack.valkey import Valkey
from server.adapters.eventlog.port import Partition
from server.adapters.eventlog.valkey import ValkeyLog, valkey_log
from server.core.clock import SystemClock
from server.core.db import Database
from server.core.grpc.proto import timestamp
from server.core.ids import SystemIds
from server.core.notify import listen
from server.core.relay import OUTBOX_CHANNEL, Relay
from tests.payments.sandbox import API_KEY
from tests.rpc.harness import Running, running_server
from tests.support.nobody import NOBODY

PARTITIONS = 2
PARTITION_BYTES = 200 << 20
IDS = SystemIds(SystemClock())
PATIENCE_SECONDS = 90.0


class Health(TypedDict):
    """What `/healthz` answers."""

    healthy: bool
    checks: dict[str, bool]


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream that can be started, killed and started again over the same data."""

    database: DatabaseUrls
    log: Valkey
    budgets: Valkey
    home: Path
    port: int
    processes: int = 1
    kafka_brokers: str = ""
    crash_point: str = ""

    def program(self) -> Program:
        return Program(
            name="stream",
            argv=(sys.executable, "-m", "server.cli", "stream", "--processes", str(self.processes)),
            probe=self._answers,
            environment={
                **os.environ,
                "CALLSHEET_STREAM_DATABASE_URL": self.database.stream_url,
                "CALLSHEET_LOG_URL": self.log.url,
                "CALLSHEET_BUDGET_URL": self.budgets.url,
                "CALLSHEET_KAFKA_BROKERS": self.kafka_brokers,
                "CALLSHEET_LOG_PARTITIONS": str(PARTITIONS),
                "CALLSHEET_LOG_PARTITION_BYTES": str(PARTITION_BYTES),
                "CALLSHEET_STATE_DIR": str(self.home),
                "CALLSHEET_STREAM_METRICS_PORT": str(self.port),
                "CALLSHEET_LOG_FORMAT": "console",
                "CALLSHEET_CRASH_POINT": self.crash_point,
            },
        )

    @property
    def output(self) -> Path:
        return self.home / "output"

    @contextmanager
    def running(self) -> Iterator[Popen[bytes]]:
        self.home.mkdir(exist_ok=True)
        with running(self.program(), self.output) as child:
            yield child

    def health(self) -> Health:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=30) as answer:
                return cast("Health", json.load(answer))
        except urllib.error.HTTPError as unhealthy:
            with unhealthy:
                return cast("Health", json.load(unhealthy))

    def metrics(self) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=30) as answer:
            return cast("bytes", answer.read()).decode()

    async def _answers(self) -> None:
        health = await asyncio.to_thread(self.health)
        if not health["healthy"]:
            raise NotReady(str(health["checks"]))


def stream_in(home: Path, database: DatabaseUrls, log: Valkey, budgets: Valkey, processes: int = 1) -> Stream:
    return Stream(database, log, budgets, home, free_port(), processes)


@asynccontextmanager
async def opened(log: Valkey) -> AsyncIterator[ValkeyLog]:
    async with valkey_log(log.url, SystemClock(), partition_bytes=PARTITION_BYTES) as opened:
        yield opened


@asynccontextmanager
async def relaying_server(
    database: DatabaseUrls, log: Valkey, *, beside: bool = False, stripe_api_base: str = NOBODY
) -> AsyncIterator[Running]:
    """A server whose outgoing events a worker's relays move; when the block ends, all of them are in the log."""
    async with running_server(
        database,
        beside=beside,
        log_url=log.url,
        log_partitions=PARTITIONS,
        STRIPE_API_KEY=API_KEY,
        stripe_api_base=stripe_api_base,
    ) as server:
        core = server.app.core
        relays = [Relay(database.app_url, route, core.wakeups) for route in server.app.routes]
        tasks = [asyncio.create_task(relay.run()) for relay in relays]
        tasks.append(asyncio.create_task(listen(database.app_url, [OUTBOX_CHANNEL], core.wakeups)))
        yield server
        await _until_relayed(core.database)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _until_relayed(database: Database) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS), database.read() as tx:
        while True:
            if not await tx.fetchval("select count(*) from core.outbox"):
                return
            await asyncio.sleep(POLL_SECONDS)


def control(campaign_id: str, version: int, **limits: int) -> bytes:
    """A control record of a campaign."""
    return log_pb2.LogRecord(
        schema_version=1,
        received_at=timestamp(SystemClock().now()),
        control=log_pb2.ControlRecord(
            key=campaign_id,
            version=version,
            campaign=log_pb2.CampaignLimits(
                status=campaign_pb2.CAMPAIGN_STATUS_DRAFT,
                advertiser_id="padv_1",
                time_zone="Europe/Berlin",
                daily_budget_cents=limits.get("daily_budget_cents", 5_000),
            ),
        ),
    ).SerializeToString()


async def append(log: Valkey, number: int, records: Sequence[bytes]) -> int:
    async with opened(log) as there:
        await there.ensure("clicks", PARTITIONS)
        return await there.append(Partition("clicks", number), records)


@dataclass(frozen=True, slots=True)
class Kept:
    """A row of promo_control."""

    partition: int
    offset: int
    key: str
    version: int


async def kept(database: DatabaseUrls) -> list[Kept]:
    connection = await asyncpg.connect(database.stream_url)
    try:
        rows = await connection.fetch(
            "select log_partition, log_offset, key, version from promo_control order by log_partition, log_offset"
        )
        return [Kept(row["log_partition"], row["log_offset"], row["key"], row["version"]) for row in rows]
    finally:
        await connection.close()


async def committed(database: DatabaseUrls, number: int) -> int:
    connection = await asyncpg.connect(database.stream_url)
    try:
        return cast(
            "int",
            await connection.fetchval(
                "select coalesce(max(last_offset), 0) from stream_partition where partition = $1", number
            ),
        )
    finally:
        await connection.close()


async def until_committed(database: DatabaseUrls, number: int, offset: int, patience: float = PATIENCE_SECONDS) -> None:
    """Until the stream has committed a partition up to an offset."""
    async with asyncio.timeout(patience):
        while True:
            if await committed(database, number) >= offset:
                return
            await asyncio.sleep(POLL_SECONDS)


async def until_measured(stream: Stream, *series: str) -> None:
    """Until all of these series have appeared: a batch is counted after it was committed."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            metrics = await asyncio.to_thread(stream.metrics)
            if all(one in metrics for one in series):
                return
            await asyncio.sleep(POLL_SECONDS)
