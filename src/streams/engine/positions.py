"""How far each partition is committed, and who may commit next."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from callsheet.sql.engine import Queries
from server.adapters.eventlog.port import Partition
from server.core.clock import Clock
from server.core.db import Database, Record, Tx, load_queries
from streams.engine.errors import Fenced, LogRecreated, RecordsMissing

_queries = load_queries("streams.engine", Queries)


@dataclass(frozen=True, slots=True)
class Position:
    """Where a partition stands, and its clock. No generation is known before its first commit."""

    fence: int
    last_offset: int
    generation: str | None
    clock_us: int


STALLED = timedelta(seconds=5)
"""How long whoever takes a partition waits for a transaction of the one that has it: they take far less to end."""

UNTOUCHED = Position(fence=0, last_offset=0, generation=None, clock_us=0)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Positions:
    """Rows of stream_partition."""

    def __init__(self, database: Database, clock: Clock, stalled: timedelta = STALLED) -> None:
        self._database = database
        self._clock = clock
        self._stalled = stalled

    async def read(self, partition: Partition) -> Position:
        """Where the partition stands now."""
        async with self._database.read() as tx:
            return await _read(tx, partition)

    async def take(self, partition: Partition) -> Position:
        """Takes the partition from whoever has it. A writer may have been stopped in the middle of a transaction, which
        keeps its locks for as long as the machine stands still: its session is ended, and nothing of it is committed.
        """
        waiting: list[object] = []

        async def work(tx: Tx) -> Position:
            waiting[:] = [await _queries.own_session(tx)]
            row = await _queries.take_partition(
                tx, log=partition.log, partition=partition.number, now=self._clock.now()
            )
            return _position(row)

        taking = asyncio.create_task(self._database.run(work))
        try:
            while not (await asyncio.wait({taking}, timeout=self._stalled.total_seconds()))[0]:
                await self._end_stalled(waiting)
            return taking.result()
        finally:
            taking.cancel()

    async def _end_stalled(self, sessions: Sequence[object]) -> None:
        async with self._database.read() as tx:
            for session in sessions:
                await _queries.end_whoever_blocks(tx, session=session)

    async def advance(self, tx: Tx, partition: Partition, held: Position, reached: Position) -> bool:
        """Moves the partition on, inside the transaction of its batch. False where the very same step was committed
        before: an answer was lost, not the commit. Fenced and the like where somebody else decides now.
        """
        moved = await _queries.advance_partition(
            tx,
            log=partition.log,
            partition=partition.number,
            fence=held.fence,
            previous=held.last_offset,
            last_offset=reached.last_offset,
            generation=reached.generation,
            rule_ts=_EPOCH + timedelta(microseconds=reached.clock_us),
            now=self._clock.now(),
        )
        if moved is not None:
            return True
        found = await _read(tx, partition)
        if found.fence != held.fence:
            raise Fenced(partition, held.fence, found.fence)
        if found.generation not in (None, reached.generation):
            raise LogRecreated(partition, found.generation or "", reached.generation or "")
        if found.last_offset != reached.last_offset:
            raise RecordsMissing(partition, found.last_offset, held.last_offset + 1)
        return False

    async def pause(self, partition: Partition, held: Position, since: datetime | None) -> None:
        """Lets it be seen since when the partition charges nothing; None when it does again."""

        async def work(tx: Tx) -> None:
            await _queries.show_charging_paused(
                tx, log=partition.log, partition=partition.number, fence=held.fence, since=since
            )

        await self._database.run(work)


async def _read(tx: Tx, partition: Partition) -> Position:
    row = await _queries.partition_position(tx, log=partition.log, partition=partition.number)
    return UNTOUCHED if row is None else _position(row)


def _position(row: Record | None) -> Position:
    if row is None:
        raise AssertionError("an upsert returns its row")
    clock = row["rule_ts"]
    return Position(
        row["fence"],
        row["last_offset"],
        row["generation"],
        0 if clock is None else (clock - _EPOCH) // timedelta(microseconds=1),
    )
