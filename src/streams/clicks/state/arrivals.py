"""What of a click goes to which bucket."""

from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple
from zlib import crc32

from streams.clicks.rules.book import DAY_MS, Book
from streams.clicks.rules.click import Click, Place

BUCKETS = 16
"""For each scope; fixed, because buckets are what recovery knows state by."""

_VALUE = (1 << 32) - 1
_KEY = (1 << 64) - 1
_ODD = 0x9E3779B97F4A7C15


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


def all_buckets() -> Iterator[str]:
    for names in (_ADDRESSES, _DEVICES, _VIEWERS, _IMPRESSIONS):
        yield from names


def scope_of(bucket: str) -> Scope:
    return Scope(bucket.partition("-")[0])


def arrivals(click: Click, book: Book) -> Iterator[tuple[str, Arrival]]:
    """The click for each scope that knows it, under the key of its bucket. Whoever is nobody is counted nowhere, and
    what a token says counts only if we signed it: else anybody could click in a stranger's name.
    """
    campaign = _often(click.campaign_id)
    impression = _hash(click.impression_id) ^ campaign
    who = (click.rule_ms, click.event_id, crc32(click.event_id.encode(), campaign & _VALUE), click.place)
    device = _hash(click.device)
    if click.address:
        address = _hash(click.address)
        person = address ^ (device * _ODD ^ _often(click.agent)) * _ODD & _KEY
        keys = (address, person, campaign & _VALUE, impression & _VALUE)
        yield _ADDRESSES[address % BUCKETS], Arrival(*who, keys, book)
    if click.device:
        yield _DEVICES[device % BUCKETS], Arrival(*who, (device, _often(click.network) & _VALUE), book)
    if click.signed:
        yield _IMPRESSIONS[impression % BUCKETS], Arrival(*who, (impression,), book)
        if click.viewer:
            viewer = _hash(click.viewer)
            keys = (viewer, _often(click.listing_id) & _VALUE, click.issued_ms // DAY_MS, click.served_today)
            yield _VIEWERS[viewer % BUCKETS], Arrival(*who, keys, book)


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest())


_often = lru_cache(maxsize=8192)(_hash)
"""For texts of which there are few."""


_ADDRESSES, _DEVICES, _VIEWERS, _IMPRESSIONS = (
    tuple(f"{scope.value}-{number}" for number in range(BUCKETS)) for scope in Scope
)
