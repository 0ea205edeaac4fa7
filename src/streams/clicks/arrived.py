"""What arrived of one partition in one go: its events as columns, its clicks as objects, and everything else it says.

Impressions stay columns from here to the database. A batch is pickled as the log's own bytes, which are a fraction of
what it is in memory, and made anew from them: so it waits in a snapshot, and so it travels between processes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from server.adapters.eventlog.codec import Events, Lists, Pulse
from server.adapters.eventlog.columns import SCHEMA
from server.core.ids import SUFFIX_LENGTH
from streams.clicks.clock import Microseconds, RuleClock
from streams.clicks.extracting import clicks_of
from streams.clicks.in_force import newer_book
from streams.clicks.records import Control, Unreadable, decode
from streams.clicks.rules.book import Book
from streams.clicks.rules.click import Click
from streams.engine.source import LogBatch

_CLICK = pa.scalar("click")
_MICROSECONDS = pa.timestamp("us", tz="UTC")
_NEEDED = tuple(field.name for field in SCHEMA if not field.nullable)
_ID_LENGTH = len("pevt_") + SUFFIX_LENGTH
COLUMNS_INVALID = "columns_invalid"


@dataclass(frozen=True, slots=True)
class Known:
    """What has to be known of everything before a record to read it: the clock, and the rules in force."""

    clock_us: int
    book: Book


@dataclass(frozen=True, slots=True)
class Clicked:
    """A click, its row among the batch's columns, and the rules that were in force at its place."""

    click: Click
    row: int
    book: Book


@dataclass(frozen=True, slots=True, eq=False)
class Arrived:
    """Consecutive records of one partition, read. A part of a batch, or what is left of it, is never pickled."""

    source: LogBatch
    before: Known
    after: Known
    settled_ms: int
    columns: pa.RecordBatch | None
    clicks: tuple[Clicked, ...]
    controls: tuple[Control, ...]
    unreadable: tuple[Unreadable, ...]

    @property
    def partition(self) -> int:
        return self.source.partition

    @property
    def generation(self) -> str:
        return self.source.generation

    @property
    def first(self) -> int:
        return self.source.entries[0].offset

    @property
    def last(self) -> int:
        return self.source.entries[-1].offset

    @property
    def events(self) -> int:
        return 0 if self.columns is None else self.columns.num_rows

    def between(self, after: int, upto: int) -> "Arrived":
        """The records behind one offset, up to another."""
        entries = tuple(entry for entry in self.source.entries if after < entry.offset <= upto)
        if len(entries) == len(self.source.entries):
            return self
        columns, skipped = self.columns, 0
        if columns is not None:
            offsets = columns["log_offset"].to_numpy()
            skipped = int(np.searchsorted(offsets, after, "right"))
            columns = columns.slice(skipped, int(np.searchsorted(offsets, upto, "right")) - skipped)
        return replace(
            self,
            source=replace(self.source, entries=entries),
            columns=columns if columns is not None and columns.num_rows else None,
            clicks=tuple(
                replace(clicked, row=clicked.row - skipped)
                for clicked in self.clicks
                if after < clicked.click.place.offset <= upto
            ),
            controls=tuple(control for control in self.controls if after < control.offset <= upto),
            unreadable=tuple(record for record in self.unreadable if after < record.offset <= upto),
        )

    def without(self, rows: frozenset[int]) -> "Arrived":
        """The batch without some of its events."""
        if self.columns is None:
            return self
        kept = np.array([row for row in range(self.columns.num_rows) if row not in rows], dtype=np.int64)
        moved = {row: place for place, row in enumerate(kept.tolist())}
        return replace(
            self,
            columns=self.columns.take(pa.array(kept)) if len(kept) else None,
            clicks=tuple(replace(clicked, row=moved[clicked.row]) for clicked in self.clicks if clicked.row in moved),
        )

    def __reduce__(self) -> "tuple[Callable[[LogBatch, Known], Arrived], tuple[LogBatch, Known]]":
        return arrive, (self.source, self.before)


@dataclass(slots=True)
class _Found:
    """What the records of a batch say, one after another."""

    book: Book
    pulse_us: int = 0
    offsets: list[int] = field(default_factory=list)
    batches: list[pa.RecordBatch] = field(default_factory=list)
    pulses_us: list[int] = field(default_factory=list)
    lists: dict[int, Lists] = field(default_factory=dict)
    books: dict[int, Book] = field(default_factory=dict)
    controls: list[Control] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)

    def add(self, offset: int, said: Events | Pulse | Control | Unreadable) -> None:
        match said:
            case Events():
                self.offsets.append(offset)
                self.batches.append(said.columns)
                self.pulses_us.append(self.pulse_us)
                self.lists[offset] = said.lists
                self.books[offset] = self.book
            case Pulse():
                self.pulse_us = max(self.pulse_us, round(said.received_at.timestamp() * 1_000_000))
            case Control():
                self.controls.append(said)
                self.book = newer_book(self.book, said)
            case Unreadable():
                self.unreadable.append(said)


def arrive(source: LogBatch, before: Known) -> Arrived:
    """What the records say, to somebody who knows what stands before them."""
    found = _Found(before.book)
    for entry in source.entries:
        said = decode(entry)
        if isinstance(said, Events) and not well_formed(said.columns):
            said = Unreadable(entry.offset, COLUMNS_INVALID, entry.record)
        found.add(entry.offset, said)
    clock = RuleClock(before.clock_us)
    columns = _columns(found, clock) if found.batches else None
    clock.pulse(found.pulse_us)
    return Arrived(
        source=source,
        before=before,
        after=Known(clock.at_us, found.book),
        settled_ms=clock.settled_ms,
        columns=columns,
        clicks=() if columns is None else _clicks(source.partition, columns, found),
        controls=tuple(found.controls),
        unreadable=tuple(found.unreadable),
    )


def well_formed(columns: pa.RecordBatch) -> bool:
    """Whether the columns hold what everybody behind relies on: no value is missing that has to be there, and ids are
    as long as ids are. Whoever writes to the log sees to both; a writer that did not must not stop the reader.
    """
    ids = columns["event_id"]
    ends = np.frombuffer(ids.buffers()[1], np.int32, len(ids) + 1, ids.offset * 4)
    return bool((np.diff(ends) == _ID_LENGTH).all()) and not any(columns[name].null_count for name in _NEEDED)


def _columns(found: _Found, clock: RuleClock) -> pa.RecordBatch:
    """All events as one batch, each with its place and its rule time."""
    whole = found.batches[0] if len(found.batches) == 1 else pa.concat_batches(found.batches)
    counts = [batch.num_rows for batch in found.batches]
    received: Microseconds = whole["received_at"].cast(pa.int64()).to_numpy(zero_copy_only=True)
    times = clock.times(received, _repeated(found.pulses_us, counts))
    starts = np.cumsum([0, *counts[:-1]])
    indexes = np.arange(whole.num_rows) - np.repeat(starts, counts)
    return pa.RecordBatch.from_arrays(
        [
            *whole.columns,
            pa.array(_repeated(found.offsets, counts)),
            pa.array(indexes.astype(np.int32)),
            pa.array(times).cast(_MICROSECONDS),
        ],
        names=[*whole.schema.names, "log_offset", "log_index", "rule_ts"],
    )


def _repeated(values: Sequence[int], counts: Sequence[int]) -> Microseconds:
    repeated: Microseconds = np.repeat(np.array(values, dtype=np.int64), counts)
    return repeated


def _clicks(partition: int, columns: pa.RecordBatch, found: _Found) -> tuple[Clicked, ...]:
    rows = np.flatnonzero(pc.equal(columns["type"], _CLICK).to_numpy(zero_copy_only=False))
    if not len(rows):
        return ()
    clicks = clicks_of(partition, columns.take(pa.array(rows)), found.lists)
    return tuple(
        Clicked(click, row, found.books[click.place.offset]) for click, row in zip(clicks, rows.tolist(), strict=True)
    )
