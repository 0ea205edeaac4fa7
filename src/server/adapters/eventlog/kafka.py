"""The event log on Kafka, where one machine is outgrown.

Kafka numbers records from 0 where we number them from 1, and numbers them densely as long as a topic is neither
compacted nor written in transactions; ours are neither. A topic's id is its generation. The client's calls block, so
they run on threads: one at a time for each partition, which also keeps the records of one append together.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

from confluent_kafka import (
    OFFSET_END,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    Producer,
    TopicCollection,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from server.adapters.eventlog.errors import LogDown, LogFull, LogShorter, PartitionsDiffer, RecordsTrimmed
from server.adapters.eventlog.port import Entry, Partition, Window
from server.core.clock import Clock

T = TypeVar("T")

ANSWER_SECONDS = 10.0
FLUSH_SECONDS = 20.0
"""Longer than the producer takes to give up, so that every record's fate is known when it is over."""

GENERATION_SECONDS = 1.0
THREADS = 16
TOPIC_PREFIX = "callsheet."
"""Brokers are shared: our topics are told apart by their names."""

BROKERS_CHOICE = -1
LARGEST_RECORD_BYTES = 8 * 1024 * 1024

LEADER_PAUSE_SECONDS = 0.05

_LEADERLESS = (
    KafkaError.UNKNOWN_TOPIC_OR_PART,
    KafkaError.LEADER_NOT_AVAILABLE,
    KafkaError.NOT_LEADER_FOR_PARTITION,
)
"""A partition that is being made, or moves to another broker, has no leader for a moment."""

_TOPIC_SETTINGS = {
    "cleanup.policy": "delete",
    "retention.ms": "-1",  # we trim behind our readers
    "message.timestamp.type": "CreateTime",
    "max.message.bytes": str(LARGEST_RECORD_BYTES),
}


@dataclass(slots=True)
class _Reader:
    """A consumer of one partition, and where it stands."""

    consumer: Consumer
    position: int | None = None


@dataclass(slots=True)
class _Delivered:
    """What became of the records of one append."""

    offsets: list[int] = field(default_factory=list)
    failed: bool = False

    def __call__(self, error: KafkaError | None, message: Message) -> None:
        offset = message.offset()
        if error is not None or offset is None:
            self.failed = True
        else:
            self.offsets.append(offset)


class KafkaLog:
    """An `EventLog` whose logs are topics."""

    def __init__(self, brokers: str, clock: Clock, threads: ThreadPoolExecutor, prefix: str) -> None:
        self._servers: dict[str, str | int | float] = {"bootstrap.servers": brokers, "log_level": 0}
        self._prefix = prefix
        self._clock = clock
        self._threads = threads
        self._admin = AdminClient(dict(self._servers))
        self._producer = self._new_producer()
        self._readers: dict[Partition, _Reader] = {}
        self._turns: dict[tuple[str, Partition], asyncio.Lock] = {}
        self._generations: dict[str, tuple[float, str]] = {}

    async def ensure(self, log: str, partitions: int) -> None:
        await self._beside(lambda: self._ensure(log, partitions))

    async def append(self, partition: Partition, records: Sequence[bytes]) -> int:
        if not records:
            raise ValueError("an append needs at least one record")
        async with self._turn("append", partition):
            return await self._beside(lambda: self._append(partition, records))

    async def read(self, partition: Partition, *, after: int, limit: int) -> Window:
        async with self._turn("read", partition):
            return await self._beside(lambda: self._read(partition, after, limit))

    async def offset_before(self, partition: Partition, at: datetime) -> int:
        async with self._turn("read", partition):
            return await self._beside(lambda: self._offset_before(partition, at))

    async def trim(self, partition: Partition, *, upto: int) -> None:
        await self._beside(lambda: self._trim(partition, upto))

    async def check(self) -> None:
        await self._beside(lambda: self._admin.list_topics(timeout=ANSWER_SECONDS))

    def close(self) -> None:
        for reader in self._readers.values():
            reader.consumer.close()

    def _topic(self, log: str) -> str:
        return self._prefix + log

    def _turn(self, what: str, partition: Partition) -> asyncio.Lock:
        return self._turns.setdefault((what, partition), asyncio.Lock())

    async def _beside(self, call: Callable[[], T]) -> T:
        with _failures():
            return await asyncio.get_running_loop().run_in_executor(self._threads, call)

    def _new_producer(self) -> Producer:
        return Producer(
            {
                **self._servers,
                "enable.idempotence": True,
                "message.timeout.ms": int(ANSWER_SECONDS * 1000),
                "message.max.bytes": LARGEST_RECORD_BYTES,
            }
        )

    def _ensure(self, log: str, partitions: int) -> None:
        name = self._topic(log)
        topic = NewTopic(name, num_partitions=partitions, replication_factor=BROKERS_CHOICE, config=_TOPIC_SETTINGS)
        try:
            made = self._admin.create_topics([topic], operation_timeout=ANSWER_SECONDS)
            made[name].result(FLUSH_SECONDS)
        except KafkaException as error:
            if _code(error) != KafkaError.TOPIC_ALREADY_EXISTS:
                raise
            found = len(self._admin.list_topics(name, timeout=ANSWER_SECONDS).topics[name].partitions)
            if found != partitions:
                raise PartitionsDiffer(log, partitions, found) from None

    def _append(self, partition: Partition, records: Sequence[bytes]) -> int:
        delivered = _Delivered()
        now = int(self._clock.now().timestamp() * 1000)
        for record in records:
            self._producer.produce(
                self._topic(partition.log),
                value=record,
                partition=partition.number,
                timestamp=now,
                on_delivery=delivered,
            )
        self._producer.flush(FLUSH_SECONDS)
        if delivered.failed or len(delivered.offsets) < len(records):
            # A producer that lost a record may refuse every later one; a new one begins a new sequence.
            self._producer = self._new_producer()
            raise LogDown
        return delivered.offsets[-1] + 1

    def _read(self, partition: Partition, after: int, limit: int) -> Window:
        reader = self._reader(partition)
        oldest, newest = self._bounds(reader, partition)
        if newest < after:
            raise LogShorter(partition, after, newest)
        if after < oldest:
            raise RecordsTrimmed(partition, after)
        entries = self._consumed(reader, partition, after, min(limit, newest - after))
        return Window(tuple(entries), newest, self._generation(partition.log))

    def _consumed(self, reader: _Reader, partition: Partition, after: int, count: int) -> list[Entry]:
        """Exactly that many records, which the broker has said are there."""
        if reader.position != after:
            self._seek(reader, partition, after)
        found: list[Entry] = []
        deadline = time.monotonic() + ANSWER_SECONDS
        while len(found) < count:
            messages = reader.consumer.consume(count - len(found), timeout=0.5)
            if any(_overtaken(message) for message in messages):
                self._seek(reader, partition, after + len(found))
            else:
                found += [_entry(message) for message in messages]
            if time.monotonic() > deadline:
                reader.position = None
                raise LogDown
        reader.position = after + count
        return found

    def _seek(self, reader: _Reader, partition: Partition, after: int) -> None:
        reader.consumer.assign([TopicPartition(self._topic(partition.log), partition.number, after)])
        reader.position = after

    def _reader(self, partition: Partition) -> _Reader:
        if partition not in self._readers:
            settings = {
                **self._servers,
                "group.id": "callsheet",  # the client insists on one; positions are kept with what they led to
                "enable.auto.commit": False,
                "auto.offset.reset": "error",
                "fetch.wait.max.ms": 50,
                "fetch.message.max.bytes": LARGEST_RECORD_BYTES,
            }
            self._readers[partition] = _Reader(Consumer(settings))
        return self._readers[partition]

    def _bounds(self, reader: _Reader, partition: Partition) -> tuple[int, int]:
        """The offset before the oldest record, and the newest one's."""
        place = TopicPartition(self._topic(partition.log), partition.number)
        deadline = time.monotonic() + ANSWER_SECONDS
        while True:
            try:
                bounds = reader.consumer.get_watermark_offsets(place, timeout=ANSWER_SECONDS)
            except KafkaException as error:
                if _code(error) not in _LEADERLESS or time.monotonic() > deadline:
                    raise
                time.sleep(LEADER_PAUSE_SECONDS)
                continue
            if bounds is None:
                raise LogDown
            return bounds

    def _generation(self, log: str) -> str:
        looked_at, generation = self._generations.get(log, (0.0, ""))
        now = time.monotonic()
        if not generation or now - looked_at > GENERATION_SECONDS:
            name = self._topic(log)
            described = self._admin.describe_topics(TopicCollection([name]))[name].result(ANSWER_SECONDS)
            generation = str(described.topic_id)
            self._generations[log] = (now, generation)
        return generation

    def _offset_before(self, partition: Partition, at: datetime) -> int:
        reader = self._reader(partition)
        oldest, newest = self._bounds(reader, partition)
        asked = TopicPartition(self._topic(partition.log), partition.number, int(at.timestamp() * 1000))
        [found] = reader.consumer.offsets_for_times([asked], timeout=ANSWER_SECONDS)
        before = newest if found.offset == OFFSET_END else found.offset
        return before if before > oldest else 0

    def _trim(self, partition: Partition, upto: int) -> None:
        if upto > 0:
            place = TopicPartition(self._topic(partition.log), partition.number, upto)
            for deleted in self._admin.delete_records([place]).values():
                deleted.result(ANSWER_SECONDS)


@asynccontextmanager
async def kafka_log(brokers: str, clock: Clock, *, prefix: str = TOPIC_PREFIX) -> AsyncIterator[KafkaLog]:
    """Opens a log and closes it again. It does not wait for a broker: a call that finds none says so."""
    with ThreadPoolExecutor(THREADS, thread_name_prefix="kafka") as threads:
        log = KafkaLog(brokers, clock, threads, prefix)
        try:
            yield log
        finally:
            log.close()


def _overtaken(message: Message) -> bool:
    """Whether the client complains of an offset that was trimmed: it looks ahead of us, so the complaint may be about a
    place that nobody asked for any more. Where the records asked for are gone, the bounds say so.
    """
    error = message.error()
    return error is not None and error.code() == KafkaError._AUTO_OFFSET_RESET  # noqa: SLF001 - no public name


def _entry(message: Message) -> Entry:
    offset, (_, milliseconds) = message.offset(), message.timestamp()
    if message.error() is not None or offset is None:
        raise KafkaException(message.error())
    return Entry(offset + 1, message.value() or b"", datetime.fromtimestamp(milliseconds / 1000, UTC))


def _code(error: KafkaException) -> int | None:
    reason = error.args[0]
    return reason.code() if isinstance(reason, KafkaError) else None


@contextmanager
def _failures() -> Iterator[None]:
    """The client's errors as ours: no room in its queue means full, anything else means that the log cannot be used."""
    try:
        yield
    except BufferError as error:
        raise LogFull from error
    except (KafkaException, TimeoutError) as error:
        raise LogDown from error
