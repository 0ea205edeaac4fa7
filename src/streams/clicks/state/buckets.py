"""One bucket's state: observes arrivals in order and answers what the rules of its scope find.

A bucket answers the same whether it was kept in memory or restored from a snapshot, and whether an arrival comes once
or again. It has to be given arrivals in their own order, by rule time and then by event id.
"""

import pickle
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple, Protocol, TypeAlias

from streams.clicks.rules import counting
from streams.clicks.rules.book import MINUTE_MS
from streams.clicks.rules.click import Place
from streams.clicks.rules.hits import Hits
from streams.clicks.state.arrivals import Arrival, Scope, scope_of
from streams.clicks.state.journal import Journal, Snapshot

FORMAT = 1
"""Counts up when snapshots change: those of another format are not taken up, and counting begins anew."""

SEEN_AGAIN_MS = 30 * MINUTE_MS
"""For so long a repeated arrival is recognised. Later it counts once more, although nothing is decided about it."""

BucketSnapshot: TypeAlias = tuple[int, int, tuple[Snapshot, ...]]


class Found(NamedTuple):
    """What a bucket found about the click at a place."""

    place: Place
    hits: Hits


class _Counts(Protocol):
    """What one scope counts."""

    def journals(self) -> tuple[Journal, ...]: ...
    def count(self, arrival: Arrival) -> Hits: ...


class Bucket:
    """The state behind one key of the dataflow."""

    __slots__ = ("_counts", "_newest_ms")

    def __init__(self, name: str, snapshot: BucketSnapshot | None = None) -> None:
        self._counts = _COUNTS[scope_of(name)]()
        self._newest_ms = 0
        if snapshot is not None and snapshot[0] == FORMAT:
            self._newest_ms = snapshot[1]
            for journal, kept in zip(self._counts.journals(), snapshot[2], strict=True):
                journal.restore(kept)

    def count(self, arrival: Arrival) -> Hits:
        """Counts an arrival and says what follows."""
        if arrival.rule_ms < self._newest_ms:
            raise ValueError("arrivals are counted in the order of their rule time")
        self._newest_ms = arrival.rule_ms
        return self._counts.count(arrival)

    def observe(self, arrivals: Iterable[Arrival]) -> list[Found]:
        """Counts arrivals and says what follows for each, hits or none."""
        return [Found(arrival.place, self.count(arrival)) for arrival in arrivals]

    def snapshot(self) -> BucketSnapshot:
        """Everything that is needed to go on elsewhere, in a few flat pieces that are quick to pickle."""
        journals = self._counts.journals()
        return FORMAT, self._newest_ms, tuple(journal.snapshot() for journal in journals)

    @property
    def size_bytes(self) -> int:
        """What it occupies in memory."""
        return sum(journal.size_bytes for journal in self._counts.journals())


def snapshot_bytes(snapshot: BucketSnapshot) -> int:
    """How large a snapshot is where it is stored."""
    return len(pickle.dumps(snapshot, protocol=pickle.HIGHEST_PROTOCOL))


class _Addresses:
    """Addresses, and the persons behind them: everybody with an agent and a device of their own."""

    def __init__(self) -> None:
        self._addresses = Journal(counting.ADDRESS_MS + SEEN_AGAIN_MS, values=2)
        self._persons = Journal(counting.PERSON_MS + SEEN_AGAIN_MS, values=2)

    def journals(self) -> tuple[Journal, ...]:
        return self._addresses, self._persons

    def count(self, arrival: Arrival) -> Hits:
        address, person, campaign, impression = arrival.keys
        at_ms, identity = arrival.rule_ms, arrival.identity
        by_person = self._persons.count(person, at_ms, SEEN_AGAIN_MS, identity, campaign)
        by_address = self._addresses.count(address, at_ms, SEEN_AGAIN_MS, identity, impression)
        return counting.click_rate(self._persons, by_person, arrival.book) + counting.address_ratio(
            self._addresses, by_address, arrival.book
        )


class _Devices:
    """Devices, wherever they are."""

    def __init__(self) -> None:
        self._devices = Journal(counting.DEVICE_MS + SEEN_AGAIN_MS, values=2)

    def journals(self) -> tuple[Journal, ...]:
        return (self._devices,)

    def count(self, arrival: Arrival) -> Hits:
        device, network = arrival.keys
        record = self._devices.count(device, arrival.rule_ms, SEEN_AGAIN_MS, arrival.identity, network)
        return counting.metronome(self._devices, record, arrival.book) + counting.many_networks(
            self._devices, record, arrival.book
        )


class _Viewers:
    """Viewers, as their tokens name them."""

    def __init__(self) -> None:
        self._viewers = Journal(counting.VIEWER_MS + SEEN_AGAIN_MS, values=3)

    def journals(self) -> tuple[Journal, ...]:
        return (self._viewers,)

    def count(self, arrival: Arrival) -> Hits:
        viewer, listing, day, served = arrival.keys
        record = self._viewers.count(viewer, arrival.rule_ms, SEEN_AGAIN_MS, arrival.identity, listing, day)
        return counting.same_listing(self._viewers, record, arrival.book) + counting.viewer_ratio(
            self._viewers, record, arrival.book, served
        )


class _Impressions:
    """Impressions, each of which is worth one click."""

    def __init__(self) -> None:
        self._impressions = Journal(counting.IMPRESSION_MS + SEEN_AGAIN_MS, values=1)

    def journals(self) -> tuple[Journal, ...]:
        return (self._impressions,)

    def count(self, arrival: Arrival) -> Hits:
        record = self._impressions.count(arrival.keys[0], arrival.rule_ms, SEEN_AGAIN_MS, arrival.identity)
        return counting.second_click(self._impressions, record, arrival.book)


_COUNTS: Mapping[Scope, type[_Counts]] = MappingProxyType(
    {
        Scope.ADDRESS: _Addresses,
        Scope.DEVICE: _Devices,
        Scope.VIEWER: _Viewers,
        Scope.IMPRESSION: _Impressions,
    }
)
