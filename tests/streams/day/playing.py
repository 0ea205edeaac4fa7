"""Plays a day: every family at its share, all clicks in the order in which servers receive them."""

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType

from streams.clicks.rules.book import MINUTE_MS
from streams.clicks.rules.click import Place
from tests.streams.day import fraud, people
from tests.streams.day.served import Labelled, Market

_COMING_BACK_MS = 30 * MINUTE_MS

Family = Callable[[Market, random.Random, int], Iterator[Labelled]]

TUNED: Mapping[Family, int] = MappingProxyType(
    {
        people.searchers: 24_000,
        people.shoppers: 2_200,
        people.travellers: 1_200,
        people.offices: 60,
        people.quick: 1_500,
        people.returning: 900,
        fraud.farms: 6,
        fraud.metronomes: 14,
        fraud.jittering: 24,
        fraud.headless: 60,
        fraud.instant: 60,
        fraud.forgers: 80,
        fraud.competitors: 50,
        fraud.own_clicks: 120,
        fraud.pretenders: 70,
    }
)
"""How many of each there are in a whole day."""

HELD_OUT: Mapping[Family, int] = MappingProxyType(
    {
        people.tab_openers: 900,
        people.campuses: 6,
        fraud.patient_competitors: 12,
        fraud.swarms: 3,
        fraud.sluggish: 12,
        fraud.phone_farms: 3,
    }
)
"""Played as well, and looked at only after every limit was set."""


def day(seed: int, families: Mapping[Family, int], scale: float = 1.0) -> list[Labelled]:
    """A day's clicks. Each family has chances of its own, so that one more family changes none of the others."""
    made: list[Labelled] = []
    for family, size in families.items():
        name = f"{seed} {family.__name__}"
        market = Market(random.Random(f"{name} market"))  # noqa: S311  reproducible on purpose
        sized = max(1, round(size * scale))
        made += [_unmistakable(name, one) for one in family(market, random.Random(name), sized)]  # noqa: S311
    made.sort(key=lambda one: (one.click.rule_ms, one.click.event_id))
    placed = [one._replace(click=one.click._replace(place=Place(0, number, 0))) for number, one in enumerate(made, 1)]
    return list(_without_coming_back(placed))


def _without_coming_back(clicks: Iterable[Labelled]) -> Iterator[Labelled]:
    """Whoever clicks on a listing again within half an hour is not charged for, by definition."""
    last: dict[tuple[str, str], int] = {}
    for one in clicks:
        click = one.click
        pair = (click.viewer, click.listing_id)
        again = click.rule_ms - last.get(pair, -_COMING_BACK_MS) < _COMING_BACK_MS
        last[pair] = click.rule_ms
        yield one._replace(family="coming back", invalid=True) if again and not one.invalid else one


def _unmistakable(name: str, one: Labelled) -> Labelled:
    """Ids that no other family uses; addresses, agents and networks are shared with everybody."""
    click = one.click
    return one._replace(
        click=click._replace(event_id=f"{click.event_id} {name}", impression_id=f"{click.impression_id} {name}")
    )
