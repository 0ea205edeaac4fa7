"""Which events were taken lately: a best effort, in this process's memory.

What comes twice within it is answered as what it is, and not written to the log again. What it has forgotten, or what
another process took, is told by the stream, which counts every event once.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

REMEMBERED_FOR = timedelta(minutes=10)
MOST = 300_000
"""Some fifty megabytes. At the top rate that is a quarter of a minute, which is when clients try again."""


class RecentEvents:
    """Ids and what they stood for, as hashes, in two halves: when the newer one is full or old, the older one goes."""

    def __init__(self, now: datetime, most: int = MOST) -> None:
        self._half = most // 2
        self._newer: dict[int, int] = {}
        self._older: dict[int, int] = {}
        self._turned_at = now

    def content_of(self, event_id: str) -> int | None:
        """The hash of what the id stood for; None where it is not remembered."""
        key = hash(event_id)
        return self._newer.get(key) or self._older.get(key)

    def remember(self, contents: Mapping[str, int], now: datetime) -> None:
        """Notes events that are durable, by their ids; sooner, a repetition would be called taken that may yet be
        lost.
        """
        if len(self._newer) + len(contents) > self._half or now - self._turned_at >= REMEMBERED_FOR / 2:
            self._older, self._newer = self._newer, {}
            self._turned_at = now
        self._newer.update(zip(map(hash, contents), contents.values(), strict=True))


def content_hash(*parts: str) -> int:
    """Tells two contents apart, within this process; never 0."""
    return hash(parts) or 1
