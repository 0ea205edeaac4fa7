"""Commits what a partition's batches lead to: each once, in offset order, under the partition's fence."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import structlog

from callsheet.promo.v1 import log_pb2
from callsheet.sql.clicks import Queries
from server.adapters.eventlog.errors import LogBroken
from server.adapters.eventlog.port import EventLog, Partition
from server.core.clock import Clock
from server.core.db import Database, Tx, load_queries
from server.core.errors import Failure
from server.core.grpc.proto import timestamp
from server.promo.domain.partitions import CLICK_LOG, DEAD_LETTERS
from streams.clicks.debits import debit_of, settle
from streams.clicks.records import Control, ControlKind, Unreadable, newer
from streams.engine.errors import Abandoned, RecordsMissing
from streams.engine.positions import Position, Positions
from streams.engine.standing import Standing

_queries = load_queries("streams.clicks", Queries)

T = TypeVar("T")
RETRY_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Batch:
    """Consecutive records of one partition, decoded."""

    generation: str
    first: int
    last: int
    controls: tuple[Control, ...]
    unreadable: tuple[Unreadable, ...]

    def after(self, offset: int) -> "Batch":
        """What of it is not committed yet."""
        return replace(
            self,
            first=max(self.first, offset + 1),
            controls=tuple(control for control in self.controls if control.offset > offset),
            unreadable=tuple(record for record in self.unreadable if record.offset > offset),
        )


@dataclass(frozen=True, slots=True)
class Writing:
    """What writing needs."""

    database: Database
    log: EventLog
    positions: Positions
    clock: Clock
    standing: Standing


class PartitionWriter:
    """The one writer of a partition, from the moment it has raised the fence until somebody else does."""

    def __init__(self, writing: Writing, number: int) -> None:
        self._writing = writing
        self._metrics = writing.standing.metrics
        self._partition = Partition(CLICK_LOG, number)
        self._held: Position | None = None
        self._log = structlog.get_logger("writer").bind(partition=str(self._partition))

    async def open(self) -> None:
        self._held = await self._patiently(lambda: self._writing.positions.take(self._partition))
        self._metrics.fences.labels(str(self._partition)).inc()
        self._log.info("writing", fence=self._held.fence, last_offset=self._held.last_offset)

    async def write(self, batches: Sequence[Batch]) -> None:
        for batch in batches:
            held = self._position()
            if batch.last > held.last_offset:
                try:
                    await self._write(held, batch.after(held.last_offset))
                except LogBroken as error:
                    self._log.error("halted", error=str(error))
                    self._writing.standing.halt(str(self._partition), str(error))
                    return

    async def _write(self, held: Position, batch: Batch) -> None:
        if batch.first != held.last_offset + 1:
            raise RecordsMissing(self._partition, held.last_offset, batch.first)
        began = time.perf_counter()
        if batch.unreadable:
            await self._patiently(lambda: self._set_aside(batch))
        await self._patiently(lambda: self._writing.database.run(lambda tx: self._commit(tx, held, batch)))
        self._held = replace(held, last_offset=batch.last, generation=batch.generation)
        self._metrics.commit_seconds.observe(time.perf_counter() - began)
        self._count(batch)

    async def _commit(self, tx: Tx, held: Position, batch: Batch) -> None:
        """A transaction whose answer was lost is run again; the position tells whether it had been committed."""
        moved = await self._writing.positions.advance(
            tx, self._partition, held, last_offset=batch.last, generation=batch.generation
        )
        controls = newer(batch.controls)
        if moved and controls:
            await self._apply(tx, controls)

    async def _apply(self, tx: Tx, controls: Sequence[Control]) -> None:
        """Keeps what is new, and does what it asks for in the log's order."""
        kept = {
            row["log_offset"]
            for row in await _queries.store_controls(
                tx,
                partition=self._partition.number,
                offsets=[control.offset for control in controls],
                kinds=[control.kind.value for control in controls],
                keys=[control.key for control in controls],
                versions=[control.version for control in controls],
                payloads=[json.dumps(control.payload) for control in controls],
                received=[control.received_at for control in controls],
            )
        }
        for control in controls:
            if control.kind is ControlKind.DEBIT and control.offset in kept:
                debit = debit_of(control)
                outcome = await settle(tx, self._partition.number, debit, self._writing.clock)
                self._log.info("debit settled", debit_id=debit.debit_id, outcome=outcome.value)

    async def _set_aside(self, batch: Batch) -> None:
        """Unreadable records go to the dead letters before the partition moves past them: there twice, if need be,
        known again by partition, offset and generation.
        """
        letters = [
            log_pb2.DeadLetter(
                log=self._partition.log,
                partition=self._partition.number,
                offset=unreadable.offset,
                generation=batch.generation,
                reason=unreadable.reason.value,
                set_aside_at=timestamp(self._writing.clock.now()),
                record=unreadable.record,
            )
            for unreadable in batch.unreadable
        ]
        await self._writing.log.append(Partition(DEAD_LETTERS, 0), [letter.SerializeToString() for letter in letters])
        for unreadable in batch.unreadable:
            self._log.warning("record set aside", offset=unreadable.offset, reason=unreadable.reason.value)

    async def _patiently(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """Tries until it works: there is nothing better to do with a batch than to wait for its database and log. Told
        to stop, it gives up.
        """
        while True:
            try:
                return await attempt()
            except Failure as failure:
                if self._writing.standing.stopping:
                    raise Abandoned from failure
                self._log.warning("could not write", reason=failure.reason)
            await asyncio.sleep(RETRY_SECONDS)

    def _position(self) -> Position:
        if self._held is None:
            raise AssertionError("a partition is taken before it is written")
        return self._held

    def _count(self, batch: Batch) -> None:
        name = str(self._partition)
        self._metrics.batches.labels(name).inc()
        self._metrics.records.labels(name, "control").inc(len(batch.controls))
        self._metrics.records.labels(name, "unreadable").inc(len(batch.unreadable))
