"""Which events may have been seen a moment ago.

Copying rows straight into the table of events is several times as fast as asking for each whether it is there already,
but one row that is there undoes the copy of all. Clients repeat themselves within seconds or minutes, so a filter over
the ids of that time takes those rows out which may be repeated. It errs in one direction only, and rarely: a row that
is new may be taken for a repeated one, and is then asked about.

Two tables of words take turns: in a word that an id's hash selects, four bits stand for the id. When one is full the
other is emptied.
"""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]
Mask = NDArray[np.bool_]

WORDS = 1 << 22
CAPACITY = 8_000_000
"""Ids to a table: with 32 bits for each, one new id in a thousand is taken for a repeated one."""

_RANDOM_BYTES = 16
"""The end of an id's text, which is random."""
_FACTORS = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F))
_ONE = np.uint64(1)
_SHIFTS = tuple(np.uint64(shift) for shift in (32, 38, 44, 50))
_BITS = np.uint64(63)


def hashes_of(ids: pa.StringArray) -> Hashes:
    """Sixty-four bits of each id; all ids have one length, and their ends are random."""
    width = len(ids[0].as_py())
    _, _, data = ids.buffers()
    texts = np.frombuffer(data, np.uint8, len(ids) * width, ids.offset * width).reshape(len(ids), width)
    ends = np.ascontiguousarray(texts[:, -_RANDOM_BYTES:]).view(np.uint64)
    mixed: Hashes = (ends[:, 0] * _FACTORS[0]) ^ (ends[:, 1] * _FACTORS[1])
    mixed ^= mixed >> np.uint64(29)
    return mixed * _FACTORS[1]


class Recent:
    """Remembers the newest eight to sixteen million ids."""

    def __init__(self, words: int = WORDS, capacity: int = CAPACITY) -> None:
        self._mask = np.uint64(words - 1)
        self._capacity = capacity
        self._newer = np.zeros(words, np.uint64)
        self._older = np.zeros(words, np.uint64)
        self._held = 0

    def seen(self, hashes: Hashes) -> Mask:
        """Which of them may have been there before, in earlier calls or earlier in this one; remembers all of them."""
        places = (hashes & self._mask).astype(np.intp)
        bits = _ONE << (hashes >> _SHIFTS[0] & _BITS)
        for shift in _SHIFTS[1:]:
            bits |= _ONE << (hashes >> shift & _BITS)
        repeated: Mask = ((self._newer[places] & bits) == bits) | ((self._older[places] & bits) == bits)
        repeated |= _earlier(hashes)
        np.bitwise_or.at(self._newer, places, bits)
        self._held += len(hashes)
        if self._held >= self._capacity:
            self._newer, self._older = self._older, self._newer
            self._newer.fill(0)
            self._held = 0
        return repeated


def _earlier(hashes: Hashes) -> Mask:
    """Which of them have an equal one before them."""
    earlier: Mask = np.zeros(len(hashes), np.bool_)
    ordered = np.sort(hashes)
    if not (ordered[1:] == ordered[:-1]).any():
        return earlier
    order = np.argsort(hashes, kind="stable")
    earlier[order[1:]] = hashes[order[1:]] == hashes[order[:-1]]
    return earlier
