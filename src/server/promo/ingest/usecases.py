"""Taking events: one batch in a call, or batches in a stream."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

from callsheet.promo.v1 import events_pb2 as pb
from server.adapters.eventlog.codec import Lists as ListDates
from server.adapters.eventlog.columns import EventRow
from server.core.clock import Clock, unix_microseconds
from server.core.errors import Failure
from server.promo.domain.partitions import partition_of
from server.promo.ingest.appending import Appender, Fate, Group, settled
from server.promo.ingest.events import ID_REUSED, EventResult, Outcome, Rejected
from server.promo.ingest.metrics import IngestMetrics
from server.promo.ingest.reading import EventReader
from server.promo.ingest.recent import RecentEvents, content_hash
from server.promo.tokens import TokenState

IN_FLIGHT = 4
"""How many batches of a stream are under way at once. The next one is read when one of them is answered."""

_STATES = {state.value: state for state in TokenState}


class Batch(NamedTuple):
    """A batch of a stream, and the name that its answer bears."""

    sequence: int
    events: Sequence[pb.ViewerEvent]


class Answer(NamedTuple):
    """What became of a batch's events, in their order."""

    sequence: int
    outcomes: Sequence[Outcome]


@dataclass(slots=True)
class _Read:
    """A batch that was read: the outcomes, if its rows reach the log, and the rows."""

    outcomes: list[Outcome] = field(default_factory=list)
    rows: dict[int, list[EventRow]] = field(default_factory=dict)
    contents: dict[str, int] = field(default_factory=dict)
    lists: ListDates = field(default_factory=ListDates)

    @property
    def groups(self) -> dict[int, Group]:
        return {number: Group(rows, self.lists) for number, rows in self.rows.items()}


class _Stream:
    """The batches of one stream that are under way, in their order; None is the end."""

    def __init__(self) -> None:
        self.slots = asyncio.Semaphore(IN_FLIGHT - 1)
        self.started: asyncio.Queue[asyncio.Task[Answer] | None] = asyncio.Queue()
        self.tasks: set[asyncio.Task[Answer]] = set()

    def start(self, answered: Coroutine[None, None, Answer]) -> None:
        task = asyncio.create_task(answered)
        self.tasks.add(task)
        task.add_done_callback(self._forget)
        self.started.put_nowait(task)

    def _forget(self, task: "asyncio.Task[Answer]") -> None:
        self.tasks.discard(task)


class IngestUseCases:
    """Judges events, and answers once those that were taken are durable."""

    def __init__(
        self, reader: EventReader, recent: RecentEvents, appender: Appender, clock: Clock, metrics: IngestMetrics
    ) -> None:
        self._reader = reader
        self._recent = recent
        self._appender = appender
        self._clock = clock
        self._metrics = metrics

    async def record(self, events: Sequence[pb.ViewerEvent]) -> Sequence[Outcome]:
        """What became of each event. A log that cannot take them fails the whole call: what was appended by then is
        known when they are sent again.
        """
        with self._counting_refusals():
            self._appender.admit(len(events))
            read = self._read(events)
            return await self._appended(read, self._put(read))

    async def ingest(self, batches: AsyncIterator[Batch]) -> AsyncGenerator[Answer, None]:
        """Answers batches in their order, a few of them under way at once. What fails ends the stream, after the
        answers of everything that came before it.
        """
        stream = _Stream()
        reading = asyncio.create_task(self._start_each(batches, stream))
        started: asyncio.Task[Answer] | None = None
        try:
            with self._counting_refusals():
                while (started := await stream.started.get()) is not None:
                    yield await started
                    stream.slots.release()
                await reading
        finally:
            await _ended(reading, *stream.tasks)
            # Tasks keep the exceptions that they ended with, which keep this frame and what it names.
            del reading, started, stream

    async def _start_each(self, batches: AsyncIterator[Batch], stream: "_Stream") -> None:
        try:
            async for batch in batches:
                await self._appender.await_room(len(batch.events))
                read = self._read(batch.events)
                stream.start(self._answered(batch.sequence, read, self._put(read)))
                await stream.slots.acquire()
        finally:
            stream.started.put_nowait(None)

    async def _answered(self, sequence: int, read: _Read, fates: Mapping[int, Fate]) -> Answer:
        return Answer(sequence, await self._appended(read, fates))

    def _read(self, events: Sequence[pb.ViewerEvent]) -> _Read:
        """One pass over a batch."""
        received_us = unix_microseconds(self._clock.now())
        lists = self._reader.lists
        read = _Read(lists=ListDates(networks=lists.networks.date, robots=lists.robots.date))
        for event in events:
            read.outcomes.append(self._read_one(event, received_us, read))
        return read

    def _read_one(self, event: pb.ViewerEvent, received_us: int, read: _Read) -> Outcome:
        row = self._reader.row(event, received_us)
        event_id = event.event_id
        if isinstance(row, Rejected):
            return Outcome(event_id, EventResult.REJECTED, rejected=row)
        content = content_hash(row.campaign_id, row.impression_id, row.type, event.token)
        known = read.contents.get(event_id) or self._recent.content_of(event_id)
        if known is not None:
            if known != content:
                return Outcome(event_id, EventResult.REJECTED, rejected=ID_REUSED)
            return Outcome(event_id, EventResult.DUPLICATE, _STATES[row.token_state])
        read.contents[event_id] = content
        read.rows.setdefault(partition_of(row.campaign_id, self._appender.partitions), []).append(row)
        return Outcome(event_id, EventResult.ACCEPTED, _STATES[row.token_state])

    def _put(self, read: _Read) -> Mapping[int, Fate]:
        groups = read.groups
        self._appender.check_readers(groups)
        return self._appender.put(groups)

    async def _appended(self, read: _Read, fates: Mapping[int, Fate]) -> Sequence[Outcome]:
        failures = await settled(fates)
        self._remember(read, failures)
        failed = next(filter(None, failures.values()), None)
        if failed is not None:
            raise failed.again()
        self._count(read.outcomes)
        return read.outcomes

    def _remember(self, read: _Read, failures: Mapping[int, Failure | None]) -> None:
        now = self._clock.now()
        for number, failure in failures.items():
            if failure is None:
                self._recent.remember({row.event_id: read.contents[row.event_id] for row in read.rows[number]}, now)

    def _count(self, outcomes: Sequence[Outcome]) -> None:
        counted: dict[tuple[EventResult, TokenState | None], int] = {}
        for outcome in outcomes:
            kind = (outcome.result, outcome.token_state)
            counted[kind] = counted.get(kind, 0) + 1
        for (result, state), number in counted.items():
            self._metrics.events.labels(result.value).inc(number)
            if result is EventResult.ACCEPTED and state is not None:
                self._metrics.tokens.labels(state.value).inc(number)

    @contextmanager
    def _counting_refusals(self) -> Iterator[None]:
        try:
            yield
        except Failure as failure:
            self._metrics.refused.labels(failure.reason).inc()
            raise


async def _ended(*tasks: "asyncio.Task[Answer] | asyncio.Task[None]") -> None:
    """Ends tasks that nobody waits for any more, and looks at how they ended, so that none of them complains."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
