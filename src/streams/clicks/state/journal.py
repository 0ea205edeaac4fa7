"""Arrivals in the order of time, each linked to the one before it under the same key.

Of a key only the newest arrivals within the horizon can be asked for; whatever is beyond is dropped when the journal is
packed, which happens as it grows, and costs each arrival a constant share. What was dropped could not have been asked
for, so when exactly that happens changes no answer.

Everything lies in flat arrays: thirty to forty bytes for an arrival, where objects would take hundreds.
"""

from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from typing import TypeAlias

Snapshot: TypeAlias = tuple[int, bytes, bytes, tuple[bytes, ...]]
"""The first time, and the keys, times and values as bytes."""

NOTHING = -1
REACH = 32
"""How many records back a question goes: whoever clicks more often than that was found by the first of them."""

_DEPTH = 2 * REACH
"""A question may begin at any record that is still recognised, and goes back from there."""

_FIRST_LIMIT = 256
_BASE_SPAN_MS = 1 << 32
_REBASE_MS = 1 << 31
_SPREAD = 8
"""The lowest bits of a key chose its bucket already."""


class Journal:
    """Arrivals under 64-bit keys, with a fixed number of 32-bit values each. Times never go back.

    Records are named by their index, which holds until the next is counted.
    """

    __slots__ = ("_base_ms", "_horizon_ms", "_limit", "_mask", "_slots", "keys", "previous", "times", "values")

    def __init__(self, horizon_ms: int, values: int) -> None:
        self._horizon_ms = horizon_ms
        self._base_ms = 0
        self.keys = array("Q")
        self.times = array("I")
        self.values = tuple(array("I") for _ in range(values))
        self.previous = array("i")
        self._index(_FIRST_LIMIT)

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def size_bytes(self) -> int:
        """What it occupies in memory."""
        columns = (self.keys, self.times, self.previous, self._slots, *self.values)
        return sum(column.itemsize * len(column) for column in columns)

    def count(self, key: int, at_ms: int, again_ms: int, identity: int, *others: int) -> int:
        """The arrival's record: the one that it has already, where it came within that time before, or a new one. An
        arrival is known by its first value, and none is older than any before it.
        """
        if len(self.keys) >= self._limit or at_ms - self._base_ms >= _BASE_SPAN_MS:
            self.pack(at_ms)
        slots, keys, mask = self._slots, self.keys, self._mask
        if not keys:
            self._base_ms = at_ms
        time = at_ms - self._base_ms
        place = key >> _SPREAD & mask
        while (found := slots[place]) != 0:
            if keys[found - 1] == key:
                known = self._known(found - 1, identity, time - again_ms)
                if known >= 0:
                    return known
                break
            place = place + 1 & mask
        keys.append(key)
        slots[place] = record = len(keys)
        self.previous.append(found - 1)
        self.times.append(time)
        self.values[0].append(identity)
        for column, value in zip(self.values[1:], others, strict=True):
            column.append(value)
        return record - 1

    def _known(self, record: int, identity: int, oldest: int) -> int:
        identities, times, previous = self.values[0], self.times, self.previous
        for _ in range(REACH):
            if record < 0 or times[record] <= oldest:
                break
            if identities[record] == identity:
                return record
            record = previous[record]
        return NOTHING

    def before(self, record: int, within_ms: int) -> Iterator[int]:
        """The records under the same key before this one, newest first, as far as they are less old than that."""
        times, previous = self.times, self.previous
        oldest = times[record] - within_ms
        for _ in range(REACH):
            record = previous[record]
            if record < 0 or times[record] <= oldest:
                return
            yield record

    def is_first(self, record: int) -> bool:
        """Whether nothing is remembered from before under its key, as of most arrivals."""
        return self.previous[record] < 0

    def at_ms(self, record: int) -> int:
        return self._base_ms + self.times[record]

    def pack(self, now_ms: int) -> None:
        """Drops what cannot be asked for any more."""
        outlived = now_ms - self._horizon_ms - self._base_ms
        first = bisect_right(self.times, outlived) if outlived >= 0 else 0
        keys = self.keys[first:]
        if keys and max(Counter(keys).values()) > _DEPTH:
            self._keep(self._within_reach(first))
        elif first:
            self._keep(slice(first, None))
        if self.keys and now_ms - self._base_ms >= _REBASE_MS:
            shift = self.times[0]
            self._base_ms += shift
            self.times = array("I", [time - shift for time in self.times])
        self._index(max(_FIRST_LIMIT, self._room(len(self.keys))))

    def snapshot(self) -> Snapshot:
        """Everything that can be asked for, as bytes: a few copies of memory, so that nobody waits for it."""
        return (
            self._base_ms,
            self.keys.tobytes(),
            self.times.tobytes(),
            tuple(column.tobytes() for column in self.values),
        )

    def restore(self, snapshot: Snapshot) -> None:
        """Takes up where the snapshot was taken."""
        self._base_ms, keys, times, values = snapshot
        self.keys = array("Q", keys)
        self.times = array("I", times)
        self.values = tuple(array("I", column) for column in values)
        self._index(max(_FIRST_LIMIT, self._room(len(self.keys))))

    def _room(self, records: int) -> int:
        """When to pack again: after a third to a half of growth, for each journal at a moment of its own, so that not
        all of them are packed at once.
        """
        stagger = (self.keys[0] >> 32) % 64 if records else 0
        return records * (84 + stagger // 2) // 64

    def _keep(self, kept: slice | list[int]) -> None:
        if isinstance(kept, slice):
            self.keys, self.times = self.keys[kept], self.times[kept]
            self.values = tuple(column[kept] for column in self.values)
        else:
            self.keys = array("Q", [self.keys[record] for record in kept])
            self.times = array("I", [self.times[record] for record in kept])
            self.values = tuple(array("I", [column[record] for record in kept]) for column in self.values)

    def _index(self, limit: int) -> None:
        """Links all records anew, with room until there are `limit` of them."""
        self._limit = limit
        size = 1 << (3 * limit // 2).bit_length()
        self._mask = mask = size - 1
        self._slots = slots = array("I", bytes(4 * size))
        self.previous = previous = array("i")
        keys = self.keys
        for record, key in enumerate(keys):
            place = key >> _SPREAD & mask
            while (found := slots[place]) != 0 and keys[found - 1] != key:
                place = place + 1 & mask
            slots[place] = record + 1
            previous.append(found - 1)

    def _within_reach(self, first: int) -> list[int]:
        depths: Counter[int] = Counter()
        kept: list[int] = []
        for record in range(len(self.keys) - 1, first - 1, -1):
            key = self.keys[record]
            if depths[key] < _DEPTH:
                depths[key] += 1
                kept.append(record)
        kept.reverse()
        return kept
