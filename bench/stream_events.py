"""Events for measuring the stream: what a busy marketplace sends, made by columns and the same every time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from server.adapters.eventlog.codec import Lists, encode_columns
from server.adapters.eventlog.columns import MOST_EVENTS, SCHEMA
from server.core.ids import ALPHABET
from server.promo.domain.partitions import partition_of

Numbers = NDArray[np.int64]

CLICKS = 0.02
REPEATED = 0.005
PRICE_CENTS = 50
CITIES = ("berlin", "hamburg", "paris", "vienna")
LISTS = Lists("2026-01-01", "2026-01-01")
ID_WIDTH = 31
HASH_WIDTH = 16

_ALPHABET = np.frombuffer(ALPHABET.encode(), np.uint8)
_INSTANT = pa.timestamp("us", tz="UTC")


@dataclass(frozen=True, slots=True)
class Load:
    """How much there is, and of what."""

    events: int
    partitions: int
    campaigns: int = 200
    viewers: int = 200_000
    per_second: float = 40_000
    """In the log's own time."""
    clicks: float = CLICKS
    """Their share."""


class Records:
    """Makes the log's records, in its order."""

    def __init__(self, load: Load, campaigns: Sequence[str], began: datetime, seed: int = 1) -> None:
        self._load = load
        self._random = np.random.default_rng(seed)
        self._began_us = (began - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
        self._campaigns = [
            pa.array([name for name in campaigns if partition_of(name, load.partitions) == number])
            for number in range(load.partitions)
        ]
        self._devices = self._texts(load.viewers, HASH_WIDTH)
        self._addresses = self._texts(load.viewers // 2, HASH_WIDTH)
        self._networks = self._texts(load.viewers // 20, HASH_WIDTH)
        self._agents = self._texts(400, HASH_WIDTH)
        self._queries = self._texts(2_000, HASH_WIDTH)
        self._listings = self._texts(500, HASH_WIDTH)
        self._sent: list[pa.RecordBatch | None] = [None] * load.partitions

    def __iter__(self) -> Iterator[tuple[int, datetime, bytes]]:
        """Partition, time and bytes of each record."""
        made, turn = 0, 0
        while made < self._load.events:
            partition = turn % self._load.partitions
            at_us = self._began_us + int(made * 1_000_000 / self._load.per_second)
            columns = self._columns(partition, at_us)
            at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at_us)
            yield partition, at, encode_columns(columns, at, LISTS)
            made += MOST_EVENTS
            turn += 1

    def _columns(self, partition: int, at_us: int) -> pa.RecordBatch:
        fresh = self._fresh(partition, at_us)
        before, self._sent[partition] = self._sent[partition], fresh
        repeated = int(self._random.binomial(MOST_EVENTS, REPEATED))
        if before is None or not repeated:
            return fresh
        chosen = self._random.choice(MOST_EVENTS, repeated, replace=False)
        return pa.concat_batches([fresh.slice(0, MOST_EVENTS - repeated), before.take(pa.array(chosen))])

    def _fresh(self, partition: int, at_us: int) -> pa.RecordBatch:
        count, random = MOST_EVENTS, self._random
        viewers = random.integers(0, self._load.viewers, count)
        spread = np.sort(random.integers(0, 10_000, count))
        received = at_us + spread - spread[-1]
        late = random.integers(0, 2_000_000, count)
        city = pa.array(random.integers(0, len(CITIES), count)).cast(pa.int64())
        cities = pa.array(CITIES).take(city)
        device = self._devices.take(pa.array(viewers))
        everyone = pa.nulls(count, pa.string())
        values = {
            "event_id": self._ids("pevt", received - late),
            "campaign_id": self._one_of(self._campaigns[partition]),
            "impression_id": self._ids("pimp", received - 20_000_000),
            "type": pa.array(np.where(random.random(count) < self._load.clicks, "click", "impression")),
            "role": pa.array(["photographer"] * count),
            "city": cities,
            "query_hash": self._one_of(self._queries),
            "user_id": everyone,
            "anon_fp_hash": device,
            "device_hash": device,
            "viewer_hash": device,
            "ip_hash": self._addresses.take(pa.array(viewers // 2)),
            "network_hash": self._networks.take(pa.array(viewers // 20)),
            "network_class": pa.array(["residential"] * count),
            "ua_hash": self._one_of(self._agents),
            "robot": pa.array(np.zeros(count, np.bool_)),
            "prefetch": pa.array(np.zeros(count, np.bool_)),
            "advertiser_link": everyone,
            "received_at": pa.array(received, _INSTANT),
            "token_state": pa.array(["valid"] * count),
            "token_campaign_id": None,
            "token_issued_at": pa.array(received - 20_000_000, _INSTANT),
            "token_price_cents": pa.array(np.full(count, PRICE_CENTS, np.int32)),
            "token_surface": pa.array(["people_search"] * count),
            "token_listing_id": self._one_of(self._listings),
            "token_slot": pa.array(random.integers(0, 20, count).astype(np.int32)),
            "token_city": cities,
            "token_viewer_hash": device,
            "token_served_today": pa.array(random.integers(1, 9, count).astype(np.int32)),
            "extra_json": pa.array(["{}"] * count),
        }
        values["token_campaign_id"] = values["campaign_id"]
        return pa.RecordBatch.from_arrays([values[name] for name in SCHEMA.names], schema=SCHEMA)

    def _one_of(self, texts: pa.StringArray) -> pa.StringArray:
        return texts.take(pa.array(self._random.integers(0, len(texts), MOST_EVENTS)))

    def _texts(self, count: int, width: int) -> pa.StringArray:
        return _strings(_ALPHABET[self._random.integers(0, 32, (count, width))])

    def _ids(self, prefix: str, at_us: Numbers) -> pa.StringArray:
        head = np.frombuffer(f"{prefix}_".encode(), np.uint8)
        ids = np.empty((len(at_us), ID_WIDTH), np.uint8)
        ids[:, : len(head)] = head
        for place, shift in enumerate(range(45, -1, -5), start=len(head)):
            ids[:, place] = _ALPHABET[(at_us // 1000 >> shift) & 31]
        ids[:, len(head) + 10 :] = _ALPHABET[self._random.integers(0, 32, (len(at_us), 16))]
        return _strings(ids)


def _strings(texts: NDArray[np.uint8]) -> pa.StringArray:
    count, width = texts.shape
    offsets = np.arange(0, (count + 1) * width, width, dtype=np.int32)
    return pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(texts)))
