"""How far the stream is behind the log, and what follows: past a limit, ingest takes nothing more.

A log that keeps its records in memory refuses by itself when it is full; one that keeps them on disks does not, and its
reader would fall behind without anybody noticing.
"""

import structlog

from server.adapters.eventlog.errors import LogBroken
from server.adapters.eventlog.port import EventLog, Partition
from server.core.db import Database
from server.core.errors import Failure
from server.promo.domain.partitions import CLICK_LOG
from server.promo.ingest.appending import Appender
from server.promo.ingest.metrics import IngestMetrics
from server.promo.ingest.repository import IngestRepository


class LagWatch:
    """Looks how far behind each partition's reader is, and closes the appender to those that are too far behind."""

    def __init__(
        self,
        database: Database,
        repository: IngestRepository,
        log: EventLog,
        appender: Appender,
        metrics: IngestMetrics,
        most_records: int,
    ) -> None:
        self._database = database
        self._repository = repository
        self._log = log
        self._appender = appender
        self._metrics = metrics
        self._most_records = most_records

    async def look(self) -> None:
        """Looks now. What cannot be measured stays open: the log refuses by itself when it is away or full."""
        try:
            async with self._database.read() as tx:
                committed = await self._repository.committed(tx, CLICK_LOG)
        except Failure as failure:
            structlog.get_logger("ingest").warning("the stream's lag is unknown", reason=failure.reason)
            return
        lags = {
            number: await self._lag(number, committed.get(number, 0)) for number in range(self._appender.partitions)
        }
        for number, lag in lags.items():
            self._metrics.lag.labels(str(number)).set(lag)
        self._appender.close_to(frozenset(number for number, lag in lags.items() if lag > self._most_records))

    async def _lag(self, number: int, committed: int) -> int:
        try:
            window = await self._log.read(Partition(CLICK_LOG, number), after=committed, limit=1)
        except (Failure, LogBroken):
            return 0
        return window.newest - committed
