"""What an event log promises, whatever it is built on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class LogPlace:
    """Where the event log is. Kafka keeps what it is given; the limit is for a server that keeps it in memory."""

    url: str
    kafka_brokers: str
    partition_bytes: int


@dataclass(frozen=True, slots=True, order=True)
class Partition:
    """One sequence of records: the name of its log, and its number within it."""

    log: str
    number: int

    def __str__(self) -> str:
        return f"{self.log}/{self.number}"


@dataclass(frozen=True, slots=True)
class Entry:
    """A record at its place."""

    offset: int
    record: bytes
    appended_at: datetime


@dataclass(frozen=True, slots=True)
class Window:
    """What a read found: records in order, the newest offset at that moment, and which life of the log this is.

    The generation is random and made with the log: two logs of one name that never met differ in it. It may be empty as
    long as nothing was ever appended.
    """

    entries: tuple[Entry, ...]
    newest: int
    generation: str


class EventLog(Protocol):
    """Appends and reads records. Offsets of a partition start at 1 and have no gap."""

    async def ensure(self, log: str, partitions: int) -> None:
        """Makes what is missing of a log; PartitionsDiffer where it exists with another number of partitions."""

    async def append(self, partition: Partition, records: Sequence[bytes]) -> int:
        """Appends the records next to each other and answers the last one's offset once all of them are durable.
        LogFull where there is no room: none was appended. LogDown where it is unknown which of them were.
        """

    async def read(self, partition: Partition, *, after: int, limit: int) -> Window:
        """The records that follow an offset, at once: none where there are none yet. RecordsTrimmed where the next one
        is gone, LogShorter where the log does not reach that offset, LogGone where nothing of it is there at all.
        """

    async def offset_before(self, partition: Partition, at: datetime) -> int:
        """The newest offset that was appended before an instant and is still there; 0 where there is none."""

    async def trim(self, partition: Partition, *, upto: int) -> None:
        """Forgets every record up to and including that offset. Numbering goes on as if nothing had happened."""

    async def check(self) -> None:
        """Returns where the log answers; LogDown where it does not."""
