"""Moves outgoing events to where their topic goes: one relay per topic, run by whichever worker holds the topic's lock.

      outbox ──(oldest first, none whose elders still run)──▶ deliver ──acknowledged──▶ delete

The lock belongs to the very connection that reads and deletes, so a relay that lost one has lost the other. A worker
that dies between delivery and deletion makes its successor deliver again: events arrive at least once, never out of
order for a key, and consumers drop what they have seen by (key, version).
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import structlog

from callsheet.sql.core import Queries
from server.core.cancelling import end_if_told
from server.core.crash import point
from server.core.db import Tx, load_queries
from server.core.election import Election
from server.core.errors import Failure
from server.core.notify import Wakeups, wait
from server.core.outbox import Topic

_queries = load_queries("server.core", Queries)

OUTBOX_CHANNEL = "callsheet_outbox"
AT_ONCE = 200
LOOK_EVERY_SECONDS = 1.0
LOOK_AGAIN_SECONDS = 0.05
RETRY_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One event on its way out."""

    key: str
    version: int
    payload: bytes


Deliver: TypeAlias = Callable[[Sequence[Outgoing]], Awaitable[None]]
"""Takes events in order and returns once all of them are safe where they belong."""


@dataclass(frozen=True, slots=True)
class Route:
    """A topic and who delivers it."""

    topic: Topic
    deliver: Deliver


class Relay:
    """Moves the events of one topic for as long as it runs, or waits for the worker that does to go."""

    def __init__(self, url: str, route: Route, wakeups: Wakeups) -> None:
        self._url = url
        self._topic = route.topic.name
        self._deliver = route.deliver
        self._wakeups = wakeups
        self._log = structlog.get_logger("relay").bind(topic=self._topic)

    async def run(self) -> None:
        """Runs until it is cancelled; a database or a log that goes away only makes it wait."""
        async with self._wakeups.on(OUTBOX_CHANNEL) as woken:
            await Election(self._url, f"relay:{self._topic}").run(lambda tx: self._keep_moving(tx, woken))

    async def _keep_moving(self, tx: Tx, woken: asyncio.Event) -> None:
        while True:
            moved = await self._move(tx)
            if moved < AT_ONCE:
                # Nothing announces the end of the transaction that held events back, so these are looked for soon.
                held_back = await _queries.has_outgoing(tx, topic=self._topic)
                await wait(woken, LOOK_AGAIN_SECONDS if held_back else LOOK_EVERY_SECONDS)

    async def _move(self, tx: Tx) -> int:
        """Moves the oldest events that may be moved, and tells how many they were."""
        rows = await _queries.outgoing(tx, topic=self._topic, limit=AT_ONCE)
        if rows:
            await self._delivered([Outgoing(row["key"], row["version"], row["payload"]) for row in rows])
            await point("relay.delivered")
            await _queries.delete_outgoing(tx, topic=self._topic, seqs=[row["seq"] for row in rows])
        return len(rows)

    async def _delivered(self, events: Sequence[Outgoing]) -> None:
        """Delivers, however often that takes: what comes later must not overtake what waits."""
        while True:
            try:
                return await self._deliver(events)
            except Failure as failure:
                self._log.warning("events could not be delivered", reason=failure.reason, events=len(events))
            except Exception:  # noqa: BLE001  one topic's trouble must not take the worker with it
                self._log.exception("events could not be delivered", events=len(events))
            end_if_told()
            await asyncio.sleep(RETRY_SECONDS)
