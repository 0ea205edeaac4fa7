"""Rules that need what came before a click, over the journals of its bucket.

Each looks from the click's own record back, so that an arrival which comes again is answered as it was the first time.
"Within" a time means less than that long ago. All arithmetic is in integers: a replay on another machine must find the
same.
"""

from collections.abc import Sequence
from itertools import pairwise

from server.promo.domain.verdicts import Rule
from streams.clicks.rules.book import (
    DAY_MS,
    HOUR_MS,
    AddressRatioLimits,
    Book,
    MetronomeLimits,
    NetworksLimits,
    NoLimits,
    Rate,
    RateLimits,
    ViewerRatioLimits,
    WindowLimits,
)
from streams.clicks.rules.hits import Hit, Hits
from streams.clicks.state.journal import NOTHING, Journal

ADDRESS_MS = HOUR_MS
PERSON_MS = DAY_MS
DEVICE_MS = 6 * HOUR_MS
VIEWER_MS = DAY_MS + 2 * HOUR_MS
"""A day's last token is clicked two hours later at most."""
IMPRESSION_MS = 2 * HOUR_MS
"""Later its token has expired."""


def second_click(impressions: Journal, record: int, book: Book) -> Hits:
    """A click on an impression that was clicked before."""
    first = next(impressions.before(record, IMPRESSION_MS), NOTHING)
    if first == NOTHING:
        return ()
    evidence = {"after_ms": impressions.at_ms(record) - impressions.at_ms(first)}
    return tuple(Hit(Rule.SECOND_CLICK, version, evidence) for version, _ in book.of(Rule.SECOND_CLICK, NoLimits))


def same_listing(viewers: Journal, record: int, book: Book) -> Hits:
    """A viewer's click on a listing that they clicked on not long ago: so soon after the first that both are one double
    click, or too soon to be worth anything more.
    """
    if viewers.is_first(record):
        return ()
    hits = []
    listings = viewers.values[1]
    for rule in (Rule.DOUBLE_CLICK, Rule.SAME_LISTING):
        for version, limits in book.of(rule, WindowLimits):
            for earlier in viewers.before(record, limits.window_ms):
                if listings[earlier] == listings[record]:
                    hits.append(Hit(rule, version, {"after_ms": viewers.at_ms(record) - viewers.at_ms(earlier)}))
                    break
    return tuple(hits)


def viewer_ratio(viewers: Journal, record: int, book: Book, served: int) -> Hits:
    """A viewer who clicks on more of what they were shown on that day than people do."""
    hits = []
    days = viewers.values[2]
    for version, limits in book.of(Rule.VIEWER_RATIO, ViewerRatioLimits):
        if served >= limits.served:
            clicks = 1 + sum(days[earlier] == days[record] for earlier in viewers.before(record, VIEWER_MS))
            if _is_above(clicks, served, limits):
                hits.append(Hit(Rule.VIEWER_RATIO, version, {"clicks": clicks, "served": served}))
    return tuple(hits)


def _is_above(clicks: int, served: int, limits: ViewerRatioLimits) -> bool:
    """Whether the share is above the limit by more than chance makes it: a score test, multiplied out."""
    above = 100 * clicks - limits.percent * served
    variance = served * limits.percent * (100 - limits.percent)
    return above > 0 and 100 * above * above > limits.deviation_tenths**2 * variance


def click_rate(persons: Journal, record: int, book: Book) -> Hits:
    """A person who clicks more often than people do."""
    if persons.is_first(record):
        return ()
    hits = []
    for version, limits in book.of(Rule.CLICK_RATE, RateLimits):
        for rate in limits.rates:
            clicks = _clicks(persons, record, rate)
            if clicks > rate.clicks:
                hits.append(Hit(Rule.CLICK_RATE, version, {"clicks": clicks, "window_ms": rate.window_ms}))
                break
    return tuple(hits)


def _clicks(persons: Journal, record: int, rate: Rate) -> int:
    campaigns = persons.values[1]
    earlier = persons.before(record, rate.window_ms)
    if rate.per_campaign:
        return 1 + sum(campaigns[other] == campaigns[record] for other in earlier)
    return 1 + sum(1 for _ in earlier)


def address_ratio(addresses: Journal, record: int, book: Book) -> Hits:
    """An address that clicks again and again on the same few impressions. An office has many viewers and as many
    impressions, so it is not meant.
    """
    if addresses.is_first(record):
        return ()
    hits = []
    impressions = addresses.values[1]
    for version, limits in book.of(Rule.ADDRESS_RATIO, AddressRatioLimits):
        clicked = [impressions[other] for other in (record, *addresses.before(record, ADDRESS_MS))]
        served = len(set(clicked))
        if len(clicked) >= limits.clicks and len(clicked) >= limits.per_impression * served:
            hits.append(Hit(Rule.ADDRESS_RATIO, version, {"clicks": len(clicked), "impressions": served}))
    return tuple(hits)


def metronome(devices: Journal, record: int, book: Book) -> Hits:
    """A device whose newest clicks are as far apart as a clock's strokes."""
    if devices.is_first(record):
        return ()
    hits = []
    for version, limits in book.of(Rule.METRONOME, MetronomeLimits):
        newest = [record, *devices.before(record, DEVICE_MS)][: limits.clicks]
        if len(newest) == limits.clicks:
            times = [devices.times[one] for one in newest]
            gaps = [later - earlier for later, earlier in pairwise(times)]
            if _is_even(gaps, limits.permille):
                evidence = {"clicks": len(newest), "mean_gap_ms": sum(gaps) // len(gaps)}
                hits.append(Hit(Rule.METRONOME, version, evidence))
    return tuple(hits)


def _is_even(gaps: Sequence[int], permille: int) -> bool:
    """Whether deviation / mean is below so many thousandths: both sides squared and multiplied out."""
    total = sum(gaps)
    deviation = len(gaps) * sum(gap * gap for gap in gaps) - total * total
    return 1_000_000 * deviation < permille * permille * total * total


def many_networks(devices: Journal, record: int, book: Book) -> Hits:
    """A device that is in more networks within an hour than anybody can walk through."""
    if devices.is_first(record):
        return ()
    hits = []
    networks = devices.values[1]
    for version, limits in book.of(Rule.MANY_NETWORKS, NetworksLimits):
        seen = {networks[other] for other in (record, *devices.before(record, HOUR_MS))}
        if len(seen) >= limits.networks:
            hits.append(Hit(Rule.MANY_NETWORKS, version, {"networks": len(seen)}))
    return tuple(hits)
