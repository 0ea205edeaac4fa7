"""How much of each partition is under way between its source and its sink, so that one that is far ahead waits.

A batch waits in the dataflow for the clocks of all partitions. While one partition stands still, the others would read
on and on; here they stop at a limit. The partition whose clock is behind all others always goes on, since the others
wait for it.
"""

import threading
from collections import deque
from datetime import datetime


class Backlog:
    """Counts events read and not yet committed, where both happen in this process."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._under_way: dict[int, int] = {}
        self._writing: dict[int, deque[datetime]] = {}
        self._clocks: dict[int, int] = {}
        self._lowest = 0
        self._lock = threading.Lock()

    def commits(self, partition: int) -> None:
        """This process commits the partition: only then it can know what is under way."""
        with self._lock:
            self._under_way.setdefault(partition, 0)
            self._writing.setdefault(partition, deque())

    def read(self, partition: int, events: int) -> None:
        with self._lock:
            if partition in self._under_way:
                self._under_way[partition] += events

    def handed_over(self, partition: int, now: datetime) -> None:
        """A batch waits for nothing any more but to be written."""
        with self._lock:
            self._writing[partition].append(now)

    def settled(self, partition: int, events: int) -> None:
        """The batch that was handed over first is committed, or need not be: one with so many events."""
        with self._lock:
            self._under_way[partition] -= events
            self._writing[partition].popleft()

    def has_been_writing_since(self, moment: datetime) -> bool:
        """Whether a batch of any partition is not written yet that was handed over before that moment."""
        with self._lock:
            return any(handed_over and handed_over[0] < moment for handed_over in self._writing.values())

    def clock(self, partition: int, clock_ms: int) -> None:
        """How far the clock of a partition that this process reads has got."""
        self._clocks[partition] = clock_ms

    def lowest(self, clock_ms: int) -> None:
        """How far all partitions have got, as those who wait for it have heard."""
        self._lowest = max(self._lowest, clock_ms)

    def too_far(self, partition: int) -> bool:
        """Whether the partition should wait for the others."""
        if self._under_way.get(partition, 0) <= self._limit:
            return False
        return self._clocks.get(partition, 0) > self._lowest
