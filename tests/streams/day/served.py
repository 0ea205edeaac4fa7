"""Who looks, what they are shown, and the clicks they make of it."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any, NamedTuple

from server.promo.tokens import TokenState
from streams.clicks.rules.book import DAY_MS, HOUR_MS
from streams.clicks.rules.click import Click, Place

MIDNIGHT_MS = 1_780_012_800_000 // DAY_MS * DAY_MS
CITIES = ("BER", "MUC", "HAM", "CGN", "VIE", "ZRH")
LISTED = "2026-11-01"


class Labelled(NamedTuple):
    """A click, who made it, and whether charging for it could not be defended."""

    click: Click
    family: str
    invalid: bool


@dataclass(slots=True)
class Somebody:
    """A viewer with a device, somewhere."""

    viewer: str
    device: str
    address: str
    network: str
    agent: str
    city: str
    network_class: str = "residential"
    served: int = 0

    def moved_to(self, address: str, network: str, network_class: str | None = None) -> None:
        self.address, self.network = address, network
        self.network_class = network_class or self.network_class


class Shown(NamedTuple):
    """A promoted listing on somebody's page."""

    campaign_id: str
    listing_id: str
    impression_id: str
    issued_ms: int
    served_today: int
    viewer: str
    city: str


@dataclass(slots=True)
class Market:
    """Campaigns, as they are shown: two promoted listings on a page."""

    chance: random.Random
    campaigns: int = 160
    _numbers: Iterator[int] = field(default_factory=count)
    _weights: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._weights = [1 / (10 + rank) for rank in range(self.campaigns)]

    def page(self, somebody: Somebody, at_ms: int) -> tuple[Shown, ...]:
        """What a search shows; never one campaign twice."""
        first, second = 0, 0
        while first == second:
            first, second = self.chance.choices(range(self.campaigns), self._weights, k=2)
        return tuple(self.shown(somebody, at_ms, number) for number in (first, second))

    def shown(self, somebody: Somebody, at_ms: int, campaign: int) -> Shown:
        """One campaign's listing in front of somebody."""
        somebody.served += 1
        impression = f"pimp_{next(self._numbers):08}"
        return Shown(
            f"pcmp_{campaign}", f"srv_{campaign}", impression, at_ms, somebody.served, somebody.viewer, somebody.city
        )

    def click(self, somebody: Somebody, shown: Shown, at_ms: int, **changed: Any) -> Click:
        """Somebody's click on what was shown to them, as a server receives it."""
        click = Click(
            place=Place(0, 0, 0),
            event_id=f"pevt_{next(self._numbers):08}",
            campaign_id=shown.campaign_id,
            impression_id=shown.impression_id,
            rule_ms=at_ms,
            received_ms=at_ms,
            city=somebody.city,
            device=somebody.device,
            address=somebody.address,
            network=somebody.network,
            network_class=somebody.network_class,
            agent=somebody.agent,
            robot=False,
            prefetch=False,
            advertiser_link="",
            token=TokenState.VALID,
            token_campaign_id=shown.campaign_id,
            issued_ms=shown.issued_ms,
            price_cents=80,
            listing_id=shown.listing_id,
            served_city=shown.city,
            viewer=shown.viewer,
            served_today=shown.served_today,
            network_list=LISTED,
            robot_list=LISTED,
        )
        return click._replace(**changed)


def waking_ms(chance: random.Random) -> int:
    """An instant of the day when people are up, most of them in the evening."""
    hour = chance.triangular(7, 24, 19)
    return MIDNIGHT_MS + int(min(hour, 23.5) * HOUR_MS)


def reading_ms(chance: random.Random, median_s: float = 6.0, shortest_ms: int = 900) -> int:
    """How long somebody looks at a page before they click."""
    return max(shortest_ms, int(1000 * median_s * chance.lognormvariate(0, 0.7)))
