"""How far each partition is committed, and who may commit next."""

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


UNTOUCHED = Position(fence=0, last_offset=0, generation=None, clock_us=0)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Positions:
    """Rows of stream_partition."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def read(self, partition: Partition) -> Position:
        """Where the partition stands now."""
        async with self._database.read() as tx:
            return await _read(tx, partition)

    async def take(self, partition: Partition) -> Position:
        """Takes the partition from whoever has it."""

        async def work(tx: Tx) -> Position:
            row = await _queries.take_partition(
                tx, log=partition.log, partition=partition.number, now=self._clock.now()
            )
            return _position(row)

        return await self._database.run(work)

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
