"""Clicks for tests: one that nothing speaks against, changed where a test needs it, and the state to count them in."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from server.promo.domain.verdicts import Rule
from server.promo.tokens import TokenState
from streams.clicks.rules.alone import alone
from streams.clicks.rules.book import DEFAULT_BOOK, Book, Limits, Mode
from streams.clicks.rules.click import Click, Place
from streams.clicks.rules.hits import Hits
from streams.clicks.state.arrivals import Arrival, arrivals
from streams.clicks.state.buckets import Bucket

NOON_MS = 1_780_000_000_000
CLICK = Click(
    place=Place(0, 1, 0),
    event_id="pevt_0001",
    campaign_id="pcmp_1",
    impression_id="pimp_1",
    rule_ms=NOON_MS,
    received_ms=NOON_MS,
    city="BER",
    device="device-1",
    address="address-1",
    network="network-1",
    network_class="residential",
    agent="agent-1",
    robot=False,
    prefetch=False,
    advertiser_link="",
    token=TokenState.VALID,
    token_campaign_id="pcmp_1",
    issued_ms=NOON_MS - 10_000,
    price_cents=50,
    listing_id="srv_1",
    served_city="BER",
    viewer="viewer-1",
    served_today=1,
    network_list="2026-11-01",
    robot_list="2026-11-01",
)


class Counting:
    """All buckets, in one place and without a dataflow."""

    def __init__(self) -> None:
        self.buckets: dict[str, Bucket] = {}

    def observe(self, click: Click, book: Book = DEFAULT_BOOK) -> Hits:
        """Counts the click everywhere and answers all hits, its own included."""
        found = alone(click, book)
        for name, arrival in arrivals(click, book):
            found += self._observe(name, arrival)
        return found

    def _observe(self, name: str, arrival: Arrival) -> Hits:
        (answer,) = self.buckets.setdefault(name, Bucket(name)).observe([arrival])
        return answer.hits


def rules_of(hits: Hits) -> set[Rule]:
    """The rules that would decide."""
    return {hit.rule for hit in hits if not hit.hint}


def found(clicks: Iterable[Click], book: Book = DEFAULT_BOOK) -> set[Rule]:
    """Which rules hit the last of these clicks."""
    counting = Counting()
    last: Hits = ()
    for click in clicks:
        last = counting.observe(click, book)
    return rules_of(last)


def later(click: Click, after_ms: int, number: int, **changed: Any) -> Click:
    """Another click of the same people, with an impression and a token of its own."""
    at = click.rule_ms + after_ms
    fields: dict[str, Any] = {
        "event_id": f"pevt_{number:04}",
        "impression_id": f"pimp_{number}",
        "rule_ms": at,
        "received_ms": at,
        "issued_ms": at - 10_000,
        **changed,
    }
    return click._replace(**fields)


def only(rule: Rule, limits: Limits, mode: Mode = Mode.ON) -> Book:
    """A book in which one rule is as strict as that, and no other is computed."""
    settings = tuple(
        replace(setting, limits=limits, mode=mode) for setting in DEFAULT_BOOK.settings if setting.rule is rule
    )
    return Book(1, settings)
