"""Outgoing events, stored by the transaction that causes them and moved to the event log by one relay per topic.

The relay moves only rows whose transaction is older than every one still running, in order of `seq`: events of one key
cannot overtake each other, because the row that carries the key's version was locked while they were written. An
event is delivered at least once; consumers drop what they have seen by (key, version).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from callsheet.sql.core import Queries
from server.core.clock import Clock
from server.core.db import Tx, load_queries

_queries = load_queries("server.core", Queries)


@dataclass(frozen=True, slots=True)
class Topic:
    """A stream of events that others read, and what they find in it."""

    name: str
    meaning: str
    kept: timedelta | None = None
    """None where its reader decides."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a topic; versions of a key only grow."""

    key: str
    version: int
    payload: bytes


class Outbox:
    """Stores events on the caller's transaction."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def publish(self, tx: Tx, topic: Topic, *, key: str, version: int, payload: bytes) -> None:
        """Stores one event; versions of a key only grow."""
        await _queries.publish(tx, topic=topic.name, key=key, version=version, payload=payload, now=self._clock.now())

    async def publish_all(self, tx: Tx, topic: Topic, events: Sequence[Event]) -> None:
        """Stores several events in one statement, in the order given."""
        await _queries.publish_all(
            tx,
            topic=topic.name,
            keys=[event.key for event in events],
            versions=[event.version for event in events],
            payloads=[event.payload for event in events],
            now=self._clock.now(),
        )
