"""Where the outgoing events of a topic lie in the event log, and for how long."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TypeAlias

from server.adapters.eventlog.port import EventLog, Partition
from server.core.clock import Clock
from server.core.jobs import CronKind, Job, JobKind
from server.core.outbox import Topic
from server.core.relay import Outgoing
from server.core.worker import Registered

Place: TypeAlias = Callable[[str], Sequence[int]]
"""The partitions that an event of a key goes to."""

TRIM_TOPICS = JobKind("eventlog.trim_topics", "forgets outgoing events that were kept for as long as their topic says")
CRONS = (CronKind(TRIM_TOPICS, timedelta(hours=1)),)


def everything_in_one(key: str) -> Sequence[int]:
    """For a topic whose log has a single partition."""
    return (0,)


class Delivery:
    """Appends events to the log that bears their topic's name, each where its key belongs, in the order given."""

    def __init__(self, log: EventLog, topic: Topic, partitions: int, place: Place = everything_in_one) -> None:
        self._log = log
        self._name = topic.name
        self._partitions = partitions
        self._place = place
        self._made = False

    async def __call__(self, events: Sequence[Outgoing]) -> None:
        if not self._made:
            await self._log.ensure(self._name, self._partitions)
            self._made = True
        records: dict[int, list[bytes]] = {}
        for event in events:
            for number in self._place(event.key):
                records.setdefault(number, []).append(event.payload)
        for number, batch in records.items():
            await self._log.append(Partition(self._name, number), batch)


def retention(log: EventLog, clock: Clock, topics: Sequence[Topic]) -> list[Registered]:
    """The job that keeps one-partition topics as short as they say; others are trimmed by their reader."""

    async def trim(job: Job) -> None:
        for topic in topics:
            if topic.kept is not None:
                partition = Partition(topic.name, 0)
                outlived = await log.offset_before(partition, clock.now() - topic.kept)
                await log.trim(partition, upto=outlived)

    return [Registered(TRIM_TOPICS, trim)]
