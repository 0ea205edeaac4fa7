"""Keeps the clock of every partition of the click log going.

Rules that look across partitions wait for the slowest of them, so a partition where nothing happens has to say so. One
process does it: whichever was elected.
"""

import asyncio
import time
from dataclasses import dataclass

import structlog

from server.adapters.eventlog.codec import encode_heartbeat
from server.adapters.eventlog.errors import LogBroken
from server.adapters.eventlog.port import EventLog, Partition
from server.core.cancelling import end_if_told
from server.core.clock import Clock
from server.core.db import Tx
from server.core.errors import Failure
from server.promo.domain.partitions import CLICK_LOG
from server.promo.ingest.repository import IngestRepository

IDLE_SECONDS = 0.25
LOOK_EVERY_SECONDS = 0.1
READ_POSITIONS_EVERY_SECONDS = 1.0
MOST_UNREAD = 1_000
"""A reader that has so many records before it needs none that says nothing. Without a reader, the log would fill."""


@dataclass(slots=True)
class _Seen:
    """Where a partition ended when it was last looked at, and since when it has."""

    newest: int
    since: float


class Heartbeats:
    """Appends a heartbeat to each partition that nothing was appended to for a quarter of a second."""

    def __init__(self, log: EventLog, repository: IngestRepository, partitions: int, clock: Clock) -> None:
        self._log = log
        self._repository = repository
        self._partitions = [Partition(CLICK_LOG, number) for number in range(partitions)]
        self._clock = clock
        self._seen: dict[Partition, _Seen] = {}
        self._logger = structlog.get_logger("heartbeats")

    async def keep_going(self, tx: Tx) -> None:
        """Looks at every partition again and again, until it is cancelled or the connection is lost."""
        read_at = -READ_POSITIONS_EVERY_SECONDS
        committed: dict[int, int] = {}
        while True:
            now = time.monotonic()
            if now - read_at >= READ_POSITIONS_EVERY_SECONDS:
                committed, read_at = await self._repository.committed(tx, CLICK_LOG), now
            for partition in self._partitions:
                await self._look_patiently(partition, committed.get(partition.number, 0), now)
            end_if_told()
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def _look_patiently(self, partition: Partition, committed: int, now: float) -> None:
        try:
            await self.look(partition, committed, now)
        except (Failure, LogBroken) as error:
            # Its reader and whoever appends say what is wrong with a log; here there is nothing to do but to go on.
            self._seen.pop(partition, None)
            self._logger.debug("no heartbeat", partition=str(partition), error=type(error).__name__)

    async def look(self, partition: Partition, committed: int, now: float) -> None:
        """Looks at one partition at a moment; appends where it has been idle and its reader keeps up."""
        seen = self._seen.get(partition)
        after = committed if seen is None else max(seen.newest, committed)
        newest = (await self._log.read(partition, after=after, limit=1)).newest
        if seen is None or newest != seen.newest:
            self._seen[partition] = _Seen(newest, now)
        elif now - seen.since >= IDLE_SECONDS and newest - committed < MOST_UNREAD:
            newest = await self._log.append(partition, [encode_heartbeat(self._clock.now())])
            self._seen[partition] = _Seen(newest, now)
