"""A process of the click stream: what it opens, what it tells of itself, how it ends."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog
from prometheus_client import CollectorRegistry

from server.adapters.eventlog.errors import LogBroken
from server.adapters.eventlog.opening import open_log
from server.adapters.eventlog.port import EventLog, Partition
from server.core import db
from server.core.clock import Clock, SystemClock
from server.core.db import Database
from server.core.errors import Failure
from server.core.status_page import status_page
from server.promo.domain.partitions import CLICK_LOG, DEAD_LETTERS
from streams.clicks.flow import click_flow
from streams.clicks.options import Options
from streams.clicks.writer import Writing
from streams.engine.background import Background, background
from streams.engine.cluster import FENCED_STATUS
from streams.engine.errors import Abandoned, Fenced
from streams.engine.positions import Positions
from streams.engine.run import Member, recovery, run, stopping_on_signals
from streams.engine.source import Reading
from streams.engine.standing import Standing, StreamMetrics
from streams.engine.trimming import Trimmer, recovered_at

LOOK_EVERY_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Parts:
    """What a process has opened."""

    background: Background
    database: Database
    log: EventLog
    positions: Positions
    clock: Clock
    standing: Standing
    registry: CollectorRegistry
    checks: dict[str, bool]


def stream(options: Options, member: Member | None) -> int:
    """Runs until told to stop; the exit status."""
    log = structlog.get_logger("stream")
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
    reading = Reading(parts.log, parts.positions, parts.background, parts.clock, parts.standing)
    writing = Writing(parts.database, parts.log, parts.positions, parts.clock, parts.standing)
    flow = click_flow(reading, writing, parts.background, options.partitions)
    run(flow, recovery(options.recovery_dir), member)


@contextmanager
def _opened(options: Options, member: Member | None) -> Iterator[Parts]:
    clock = SystemClock()
    registry = CollectorRegistry()
    with ExitStack() as stack:
        beside = stack.enter_context(background())
        database = stack.enter_context(beside.entered(db.connect(options.database_url, application="callsheet-stream")))
        log = stack.enter_context(beside.entered(open_log(options.log, clock)))
        standing = Standing(StreamMetrics(registry))
        checks = {"postgresql": False, "event_log": False}
        positions = Positions(database, clock)
        parts = Parts(beside, database, log, positions, clock, standing, registry, checks)
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
        parts.checks["event_log"] = await _log_answers(parts.log)
        parts.checks["postgresql"] = await _database_answers(parts.database)
        if all(parts.checks.values()):
            written = recovered_at(recovery_dir)
            for number, trimmer in enumerate(trimmers):
                await _look_at(parts, Partition(CLICK_LOG, number), trimmer, written)
        await asyncio.sleep(LOOK_EVERY_SECONDS)


async def _log_answers(log: EventLog) -> bool:
    try:
        await log.check()
    except Failure:
        return False
    return True


async def _database_answers(database: Database) -> bool:
    try:
        async with database.read() as tx:
            return await tx.fetchval("select true") is True
    except Failure:
        return False


async def _look_at(parts: Parts, partition: Partition, trimmer: Trimmer, recovered: datetime | None) -> None:
    try:
        committed = await parts.positions.read(partition)
        window = await parts.log.read(partition, after=committed.last_offset, limit=1)
        await trimmer.look(committed.last_offset, recovered)
    except (Failure, LogBroken):
        # The reader of the partition says what is wrong. A lag that cannot be measured keeps its last value.
        return
    parts.standing.metrics.lag.labels(str(partition)).set(window.newest - committed.last_offset)
