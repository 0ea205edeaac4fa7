"""Events on their way into their table, as columns from the log to PostgreSQL's own binary format.

An event whose id was not seen lately is copied straight. One whose id may have been there goes through staging, where
the database tells which are new. Clicks come later, when it is decided what they are.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from server.adapters.eventlog.columns import SCHEMA
from streams.clicks.arrived import Arrived, Clicked
from streams.clicks.packing import INSTANT, Packing
from streams.clicks.recent import Hashes, Mask, Recent, hashes_of

_PLACES = pa.schema(
    [
        pa.field("log_partition", pa.int32(), nullable=False),
        pa.field("log_offset", pa.int64(), nullable=False),
        pa.field("log_index", pa.int32(), nullable=False),
        pa.field("rule_ts", INSTANT, nullable=False),
    ]
)
_STORED = (
    *("event_id", "campaign_id", "impression_id", "type", "role", "city", "query_hash", "user_id", "anon_fp_hash"),
    *("ip_hash", "ua_hash", "received_at", "extra_json"),
)
_SCHEMA = pa.schema([*(SCHEMA.field(name) for name in _STORED), *_PLACES])
_RECEIVED_AT = _STORED.index("received_at")
_TYPE = _STORED.index("type")
EVENTS = Packing("promo_event", _SCHEMA, json=("extra_json",), names={"received_at": "ts"})

BUCKET_US = 900 * 1_000_000
"""Quarters of an hour, since there are zones at :30 and :45."""

_TIME_DIGITS = slice(len("pevt_") + 2, len("pevt_") + 10)
"""Forty bits of an id's milliseconds, which a batch's ids differ in."""


class Counted(NamedTuple):
    """Impressions of one campaign in one quarter of an hour."""

    campaign_id: str
    bucket_us: int
    impressions: int


@dataclass(frozen=True, slots=True)
class Prepared:
    """A batch's events, as far as they can be prepared without knowing what its clicks are."""

    impressions: tuple[bytes, ...]
    counted: tuple[Counted, ...]
    doubtful: pa.RecordBatch
    clicks: pa.RecordBatch
    rows: tuple[int, ...]
    """Of the clicks, among everything."""
    shadowed: frozenset[int]
    """Rows of clicks whose event stands in the same batch before them."""
    everything: pa.RecordBatch


def prepare(arrived: Arrived, recent: Recent) -> Prepared | None:
    """What of the batch can be copied straight, and what cannot; None where there are no events."""
    if arrived.columns is None:
        return None
    stored = _stored(arrived.partition, arrived.columns)
    hashes = hashes_of(stored["event_id"])
    return _prepared(stored, arrived.clicks, hashes, recent.seen(hashes))


def doubted(arrived: Arrived) -> Prepared | None:
    """The batch with every event in doubt: slow, and whatever went wrong before does not matter."""
    if arrived.columns is None:
        return None
    stored = _stored(arrived.partition, arrived.columns)
    return _prepared(stored, arrived.clicks, hashes_of(stored["event_id"]), np.ones(stored.num_rows, np.bool_))


def _prepared(stored: pa.RecordBatch, clicks: Iterable[Clicked], hashes: Hashes, seen: Mask) -> Prepared:
    rows = np.array([clicked.row for clicked in clicks], dtype=np.int64)
    is_click = np.zeros(len(seen), np.bool_)
    is_click[rows] = True
    sure = stored.take(pa.array(_in_key_order(stored, ~(seen | is_click))))
    return Prepared(
        impressions=EVENTS.packed(sure),
        counted=tuple(count(sure)),
        doubtful=stored.filter(pa.array(seen & ~is_click)),
        clicks=stored.take(pa.array(rows)),
        rows=tuple(rows.tolist()),
        shadowed=_shadowed(stored, hashes, [row for row in rows.tolist() if seen[row]]),
        everything=stored,
    )


def typed(clicks: pa.RecordBatch, types: Sequence[str | None]) -> pa.RecordBatch:
    """The clicks with what they turned out to be; those without a type are left out."""
    kept = [place for place, name in enumerate(types) if name is not None]
    chosen = clicks.take(pa.array(kept, pa.int64()))
    return chosen.set_column(_TYPE, _SCHEMA.field("type"), pa.array([types[place] for place in kept], pa.string()))


def retyped(prepared: Prepared, types: Mapping[int, str]) -> pa.RecordBatch:
    """All events in the log's order, clicks as what they turned out to be; clicks without a type are left out."""
    names = prepared.everything["type"].to_pylist()
    for row in prepared.rows:
        names[row] = types.get(row)
    return typed(prepared.everything, names)


def count(rows: pa.RecordBatch) -> Iterable[Counted]:
    """How many rows there are of each campaign and quarter of an hour."""
    codes = rows["campaign_id"].dictionary_encode()
    times = rows["received_at"].cast(pa.int64()).to_numpy() // BUCKET_US
    if not len(times):
        return
    first = int(times.min())
    span = int(times.max()) - first + 1
    combined = codes.indices.to_numpy().astype(np.int64) * span + (times - first)
    for place, number in enumerate(np.bincount(combined).tolist()):
        if number:
            campaign, bucket = divmod(place, span)
            yield Counted(codes.dictionary[campaign].as_py(), (first + bucket) * BUCKET_US, number)


def _stored(partition: int, columns: pa.RecordBatch) -> pa.RecordBatch:
    number = pa.array(np.full(columns.num_rows, partition, np.int32))
    places = (number, columns["log_offset"], columns["log_index"], columns["rule_ts"])
    return pa.RecordBatch.from_arrays([*(columns[name] for name in _STORED), *places], schema=_SCHEMA)


def _in_key_order(stored: pa.RecordBatch, chosen: Mask) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """The rows in the order of their ids' time: an index takes neighbours for half of what it takes strangers for."""
    ids = stored["event_id"]
    width = len(ids[0].as_py())
    texts = np.frombuffer(ids.buffers()[2], np.uint8, len(ids) * width, ids.offset * width).reshape(len(ids), width)
    times = np.ascontiguousarray(texts[:, _TIME_DIGITS]).view(">u8")[:, 0].astype(np.uint64)
    rows = np.flatnonzero(chosen)
    return rows[np.argsort(times[rows])]


def _shadowed(stored: pa.RecordBatch, hashes: Hashes, rows: Iterable[int]) -> frozenset[int]:
    """Those of the rows whose key another row has before them."""
    ids, campaigns = stored["event_id"], stored["campaign_id"]
    return frozenset(
        row
        for row in rows
        for earlier in np.flatnonzero(hashes[:row] == hashes[row]).tolist()
        if ids[earlier] == ids[row] and campaigns[earlier] == campaigns[row]
    )
