"""Forgets what no restart needs any more, so that a log which is read stays small.

A restart begins at the older of its snapshot and what is committed. So records go only once they were committed two
minutes ago, and only while snapshots are being taken: while catching up everything is old, and age alone says nothing.
"""

from collections import deque
from datetime import UTC, datetime, timedelta
from pathlib import Path

from server.adapters.eventlog.port import EventLog, Partition
from server.core.clock import Clock

SETTLED = timedelta(minutes=2)
FRESH = timedelta(minutes=1)


class Trimmer:
    """Trims one partition behind its readers."""

    def __init__(self, log: EventLog, partition: Partition, clock: Clock) -> None:
        self._log = log
        self._partition = partition
        self._clock = clock
        self._committed: deque[tuple[datetime, int]] = deque()
        self._trimmed = 0

    async def look(self, committed: int, recovered_at: datetime | None) -> None:
        """Notes what is committed now, and trims what was committed long enough ago."""
        now = self._clock.now()
        self._committed.append((now, committed))
        settled = 0
        while self._committed and now - self._committed[0][0] >= SETTLED:
            settled = self._committed.popleft()[1]
        if settled <= self._trimmed or recovered_at is None or now - recovered_at >= FRESH:
            return
        await self._log.trim(self._partition, upto=settled)
        self._trimmed = settled


def recovered_at(directory: Path) -> datetime | None:
    """When the recovery store was last written; None where there is none."""
    written = [file.stat().st_mtime for file in _files(directory)]
    return datetime.fromtimestamp(max(written), UTC) if written else None


def stored_bytes(directory: Path) -> int:
    """How large the recovery store is."""
    return sum(file.stat().st_size for file in _files(directory))


def _files(directory: Path) -> list[Path]:
    return [*directory.glob("part-*.sqlite3"), *directory.glob("part-*.sqlite3-wal")]
