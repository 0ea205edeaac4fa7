"""A process of the click stream: what it opens, what it tells of itself, how it ends."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

import structlog
from prometheus_client import CollectorRegistry

from server.adapters.budgets.port import Budgets
from server.adapters.budgets.valkey import valkey_budgets
from server.adapters.eventlog.codec import encode_heartbeat
from server.adapters.eventlog.errors import LogBroken
from server.adapters.eventlog.opening import open_log
from server.adapters.eventlog.port import EventLog, Partition
from server.core import db
from server.core.clock import Clock, SystemClock
from server.core.db import Database
from server.core.errors import Failure
from server.core.status_page import status_page
from server.promo.domain.partitions import CLICK_LOG, DEAD_LETTERS
from streams.clicks import recalling
from streams.clicks.flow import click_flow
from streams.clicks.in_force import InForce
from streams.clicks.options import Options
from streams.clicks.reading import ClickReader
from streams.clicks.recent import Recent
from streams.clicks.writer import Writing
from streams.engine.background import Background, background
from streams.engine.backlog import Backlog
from streams.engine.cluster import FENCED_STATUS
from streams.engine.errors import Abandoned, Fenced
from streams.engine.memory import keep_pages, look_seldom_for_cycles
from streams.engine.positions import Positions
from streams.engine.rhythm import Rhythm
from streams.engine.run import Member, recovery, run, stopping_on_signals
from streams.engine.source import Reading
from streams.engine.standing import Standing, StreamMetrics
from streams.engine.trimming import Trimmer, recovered_at, stored_bytes

LOOK_EVERY_SECONDS = 1.0
UNDER_WAY_EVENTS = 100_000
"""Of one partition, between its source and its commit."""

BATCH_BYTES = 4_000_000
"""What is committed at once where there is more than enough to do: larger batches gain little more, and cost memory."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What a process has opened."""

    background: Background
    database: Database
    log: EventLog
    budgets: Budgets
    positions: Positions
    clock: Clock
    standing: Standing
    registry: CollectorRegistry
    checks: dict[str, bool]


def stream(options: Options, member: Member | None) -> int:
    """Runs until told to stop; the exit status."""
    log = structlog.get_logger("stream")
    keep_pages()
    look_seldom_for_cycles()
    with _opened(options, member) as parts, stopping_on_signals(parts.standing):
        try:
            parts.background.complete(_ensure_logs(parts, options.partitions))
            log.info("streaming", partitions=options.partitions)
            _run(parts, options, member)
        except Fenced as error:
            log.error("taken over", error=str(error))
            return FENCED_STATUS
        except Abandoned:
            log.warning("stopped while what is written to was away; uncommitted batches are read again")
            return 1
        except LogBroken as error:
            log.error("the log does not fit the configuration", error=str(error))
            return 1
    log.info("stopped")
    return 0


def _run(parts: Parts, options: Options, member: Member | None) -> None:
    backlog = Backlog(UNDER_WAY_EVENTS)
    reading = Reading(
        log=parts.log,
        positions=parts.positions,
        background=parts.background,
        clock=parts.clock,
        standing=parts.standing,
        backlog=backlog,
        rhythm=Rhythm(backlog),
        heartbeat=encode_heartbeat,
        batch_bytes=BATCH_BYTES,
    )
    writing = Writing(
        database=parts.database,
        log=parts.log,
        budgets=parts.budgets,
        positions=parts.positions,
        clock=parts.clock,
        standing=parts.standing,
        backlog=backlog,
        recent=Recent(),
    )

    async def recall(number: int) -> InForce:
        async with parts.database.snapshot() as tx:
            return await recalling.in_force(tx, number)

    flow = click_flow(reading, lambda number: ClickReader(number, backlog, recall), writing, options.partitions)
    run(flow, recovery(options.recovery_dir), member)
    parts.standing.raise_failure()


@contextmanager
def _opened(options: Options, member: Member | None) -> Iterator[Parts]:
    clock = SystemClock()
    registry = CollectorRegistry()
    with ExitStack() as stack:
        beside = stack.enter_context(background())
        database = stack.enter_context(beside.entered(db.connect(options.database_url, application="callsheet-stream")))
        log = stack.enter_context(beside.entered(open_log(options.log, clock)))
        budgets = stack.enter_context(
            beside.entered(valkey_budgets(options.budget_url, cluster=options.budget_cluster))
        )
        standing = Standing(StreamMetrics(registry))
        checks = {"postgresql": False, "event_log": False, "budgets": False}
        positions = Positions(database, clock)
        parts = Parts(beside, database, log, budgets, positions, clock, standing, registry, checks)
        mine = options.partitions if member is None or member.number == 0 else 0
        watching = beside.submit(_watch(parts, mine, options.recovery_dir))
        stack.callback(watching.cancel)
        if member is None:
            stack.enter_context(
                status_page(options.status_host, options.status_port, registry, lambda: {**checks, **standing.checks()})
            )
        yield parts


async def _ensure_logs(parts: Parts, partitions: int) -> None:
    """Makes the logs, once the server that holds them answers."""
    while True:
        try:
            await parts.log.ensure(CLICK_LOG, partitions)
            return await parts.log.ensure(DEAD_LETTERS, 1)
        except Failure as failure:
            if parts.standing.stopping:
                raise Abandoned from failure
            structlog.get_logger("stream").warning("waiting for the log", reason=failure.reason)
        await asyncio.sleep(LOOK_EVERY_SECONDS)


async def _watch(parts: Parts, partitions: int, recovery_dir: Path) -> None:
    """Keeps the status page true and the log short. One process of a cluster does it for every partition."""
    trimmers = [Trimmer(parts.log, Partition(CLICK_LOG, number), parts.clock) for number in range(partitions)]
    while True:
        parts.checks["event_log"] = await _answers(parts.log.check)
        parts.checks["budgets"] = await _answers(parts.budgets.check)
        parts.checks["postgresql"] = await _answers(partial(_ask, parts.database))
        if all(parts.checks.values()):
            written = recovered_at(recovery_dir)
            parts.standing.metrics.recovery_bytes.set(stored_bytes(recovery_dir))
            for number, trimmer in enumerate(trimmers):
                await _look_at(parts, Partition(CLICK_LOG, number), trimmer, written)
        await asyncio.sleep(LOOK_EVERY_SECONDS)


async def _answers(check: Callable[[], Awaitable[None]]) -> bool:
    try:
        await check()
    except Failure:
        return False
    return True


async def _ask(database: Database) -> None:
    async with database.read() as tx:
        await tx.fetchval("select true")


async def _look_at(parts: Parts, partition: Partition, trimmer: Trimmer, recovered: datetime | None) -> None:
    try:
        committed = await parts.positions.read(partition)
        window = await parts.log.read(partition, after=committed.last_offset, limit=1)
        await trimmer.look(committed.last_offset, recovered)
    except (Failure, LogBroken):
        # The reader of the partition says what is wrong. A lag that cannot be measured keeps its last value.
        return
    parts.standing.metrics.lag.labels(str(partition)).set(window.newest - committed.last_offset)
