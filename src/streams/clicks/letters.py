"""What cannot be read, or cannot be stored, is set aside with its place and the reason; the partition goes on.

Letters are written before the partition moves past them: there twice, if need be, known again by their place and the
generation of the log.
"""

from collections.abc import Mapping, Sequence

import structlog

from callsheet.promo.v1 import log_pb2
from server.adapters.eventlog.codec import Lists, encode_columns
from server.adapters.eventlog.columns import SCHEMA
from server.adapters.eventlog.port import EventLog, Partition
from server.core.clock import Clock
from server.core.grpc.proto import timestamp
from server.promo.domain.partitions import DEAD_LETTERS
from streams.clicks.arrived import Arrived


class DeadLetters:
    """One partition's letters."""

    def __init__(self, log: EventLog, clock: Clock, partition: Partition) -> None:
        self._log = log
        self._clock = clock
        self._partition = partition
        self._said = structlog.get_logger("letters").bind(partition=str(partition))

    async def unreadable(self, arrived: Arrived) -> None:
        """Sets the batch's unreadable records aside, whole."""
        letters = [self._letter(arrived, record.offset, record.reason, record.record) for record in arrived.unreadable]
        await self._write(letters)

    async def poisoned(self, arrived: Arrived, rows: Mapping[int, str]) -> None:
        """Sets events aside that the database refuses, each as a record of its own."""
        columns = arrived.columns
        if columns is None:
            raise AssertionError("rows are rows of columns")
        by_lists = {one.row: Lists(one.click.network_list, one.click.robot_list) for one in arrived.clicks}
        letters = []
        for row, reason in sorted(rows.items()):
            event = columns.slice(row, 1)
            received_at = event["received_at"][0].as_py()
            letter = self._letter(
                arrived,
                event["log_offset"][0].as_py(),
                reason,
                # Only clicks are judged by lists.
                encode_columns(event.select(SCHEMA.names), received_at, by_lists.get(row, Lists())),
            )
            letter.index = event["log_index"][0].as_py()
            letters.append(letter)
        await self._write(letters)

    async def _write(self, letters: Sequence[log_pb2.DeadLetter]) -> None:
        await self._log.append(Partition(DEAD_LETTERS, 0), [letter.SerializeToString() for letter in letters])
        for letter in letters:
            self._said.warning("set aside", offset=letter.offset, index=letter.index, reason=letter.reason)

    def _letter(self, arrived: Arrived, offset: int, reason: str, record: bytes) -> log_pb2.DeadLetter:
        return log_pb2.DeadLetter(
            log=self._partition.log,
            partition=self._partition.number,
            offset=offset,
            generation=arrived.generation,
            reason=reason,
            set_aside_at=timestamp(self._clock.now()),
            record=record,
        )
