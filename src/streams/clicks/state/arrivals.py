"""What of a click goes to which bucket."""

from collections.abc import Iterator
from enum import StrEnum
from hashlib import blake2b
from typing import NamedTuple

from streams.clicks.rules.book import DAY_MS, Book
from streams.clicks.rules.click import Click, Place

BUCKETS = 16
"""For each scope; fixed, because buckets are what recovery knows state by."""

_VALUE = (1 << 32) - 1


class Scope(StrEnum):
    """By what clicks are counted across campaigns."""

    ADDRESS = "address"
    DEVICE = "device"
    VIEWER = "viewer"
    IMPRESSION = "impression"


class Arrival(NamedTuple):
    """A click on its way to one bucket: when it counts, who it is, and the hashes that its scope counts by.

    Sorted by its first three fields, arrivals are in the order in which they are observed.
    """

    rule_ms: int
    event_id: str
    identity: int
    """Of event and campaign, since one id may be used under two campaigns."""
    place: Place
    keys: tuple[int, ...]
    """For an address: address, person, campaign, impression. For a device: device, network. For a viewer: viewer,
    listing, the token's day, how often it was served on that day. For an impression: itself.
    """
    book: Book


def bucket_of(scope: Scope, key: int) -> str:
    """The key of the state that counts it."""
    return _NAMES[scope][key % BUCKETS]


def all_buckets() -> Iterator[str]:
    for names in _NAMES.values():
        yield from names


def scope_of(bucket: str) -> Scope:
    return Scope(bucket.partition("-")[0])


def arrivals(click: Click, book: Book) -> Iterator[tuple[str, Arrival]]:
    """The click for each scope that knows it, under the key of its bucket. Whoever is nobody is counted nowhere, and
    what a token says counts only if we signed it: else anybody could click in a stranger's name.
    """
    identity = _hash(click.event_id, click.campaign_id) & _VALUE

    def arrival(scope: Scope, *keys: int) -> tuple[str, Arrival]:
        return bucket_of(scope, keys[0]), Arrival(click.rule_ms, click.event_id, identity, click.place, keys, book)

    impression = _hash(click.campaign_id, click.impression_id)
    if click.address:
        address = _hash(click.address)
        person = _hash(click.address, click.agent, click.device)
        yield arrival(Scope.ADDRESS, address, person, _hash(click.campaign_id) & _VALUE, impression & _VALUE)
    if click.device:
        yield arrival(Scope.DEVICE, _hash(click.device), _hash(click.network) & _VALUE)
    if click.signed:
        yield arrival(Scope.IMPRESSION, impression)
        if click.viewer:
            day = click.issued_ms // DAY_MS
            listing = _hash(click.listing_id) & _VALUE
            yield arrival(Scope.VIEWER, _hash(click.viewer), listing, day, click.served_today)


def _hash(*parts: str) -> int:
    return int.from_bytes(blake2b("\x00".join(parts).encode(), digest_size=8).digest())


_NAMES = {scope: tuple(f"{scope.value}-{number}" for number in range(BUCKETS)) for scope in Scope}
