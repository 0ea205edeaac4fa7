"""People who look for somebody to work with, and click because they mean it."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from streams.clicks.rules.book import MINUTE_MS
from tests.streams.day.served import CITIES, Labelled, Market, Somebody, reading_ms, waking_ms

AGENTS = [f"agent-{number}" for number in range(120)]


@dataclass(slots=True)
class Habit:
    """How somebody searches: how many pages, how often they click, how long between pages."""

    pages: int
    share: float
    between_s: float = 45.0
    look_s: float = 6.0
    shortest_ms: int = 900
    doubles: float = 0.0
    """How often a click is a double click."""


def person(chance: random.Random, name: str) -> Somebody:
    """Somebody at home, on one of a few hundred thousand connections."""
    home = chance.randrange(400_000)
    return Somebody(
        viewer=f"viewer-{name}",
        device=f"device-{name}",
        address=f"home-{home}",
        network=f"block-{home // 200}",
        agent=chance.choice(AGENTS),
        city=chance.choice(CITIES),
    )


def browse(
    market: Market, chance: random.Random, somebody: Somebody, habit: Habit, at_ms: int, family: str
) -> Iterator[Labelled]:
    """One sitting."""
    for _ in range(habit.pages):
        at_ms += max(4_000, int(chance.expovariate(1 / (habit.between_s * 1000))))
        shown_at = at_ms
        for shown in market.page(somebody, shown_at):
            if chance.random() >= habit.share:
                continue
            at_ms = max(at_ms, shown_at) + reading_ms(chance, habit.look_s, habit.shortest_ms)
            yield Labelled(market.click(somebody, shown, at_ms), family, invalid=False)
            if chance.random() < habit.doubles:
                twice = at_ms + chance.randrange(120, 600)
                yield Labelled(market.click(somebody, shown, twice), "double click", invalid=True)


def searchers(market: Market, chance: random.Random, size: int) -> Iterator[Labelled]:
    """Most people: a few pages, now and then a click, seldom a second sitting."""
    for number in range(size):
        somebody = person(chance, f"searcher-{number}")
        for _ in range(1 + (chance.random() < 0.2)):
            habit = Habit(pages=1 + min(14, int(chance.expovariate(0.3))), share=0.06, doubles=0.01)
            yield from browse(market, chance, somebody, habit, waking_ms(chance), "searchers")


def shoppers(market: Market, chance: random.Random, size: int) -> Iterator[Labelled]:
    """Comparison shoppers: long lists, many listings opened, and the best of them looked at again later."""
    for number in range(size):
        somebody = person(chance, f"shopper-{number}")
        habit = Habit(pages=chance.randrange(6, 22), share=0.11, between_s=50, doubles=0.01)
        yield from browse(market, chance, somebody, habit, waking_ms(chance), "comparison shoppers")


def travellers(market: Market, chance: random.Random, size: int) -> Iterator[Labelled]:
    """People on their way: the same telephone in a handful of networks within an hour."""
    for number in range(size):
        somebody = person(chance, f"traveller-{number}")
        at_ms = waking_ms(chance)
        for stop in range(chance.randrange(2, 6)):
            mobile = chance.randrange(3_000)
            somebody.moved_to(f"mobile-{mobile}", f"mobile-block-{mobile // 50}", "mobile")
            habit = Habit(pages=chance.randrange(1, 5), share=0.07)
            start = at_ms + stop * chance.randrange(6, 14) * MINUTE_MS
            yield from browse(market, chance, somebody, habit, start, "travellers")


def offices(market: Market, chance: random.Random, size: int) -> Iterator[Labelled]:
    """Agencies: dozens of people behind one address, all on the same browser, some of whose devices cannot be told."""
    for number in range(size):
        address, network, city = f"office-{number}", f"office-block-{number}", chance.choice(CITIES)
        agents = chance.sample(AGENTS, 2)
        for desk in range(chance.randrange(15, 70)):
            name = f"desk-{number}-{desk}"
            device = "" if chance.random() < 0.05 else f"device-{name}"
            somebody = Somebody(f"viewer-{name}", device, address, network, chance.choice(agents), city, "business")
            habit = Habit(pages=1 + min(20, int(chance.expovariate(0.2))), share=0.07, doubles=0.01)
            start = waking_ms(chance) // (24 * 60 * MINUTE_MS) * (24 * 60 * MINUTE_MS)
            start += int(chance.triangular(8.5, 18, 11) * 60 * MINUTE_MS)
            yield from browse(market, chance, somebody, habit, start, "offices")


def quick(market: Market, chance: random.Random, size: int) -> Iterator[Labelled]:
    """People who know what they want: their clicks come a second after the page."""
    for number in range(size):
        somebody = person(chance, f"quick-{number}")
        habit = Habit(pages=chance.randrange(1, 8), share=0.08, look_s=1.0, shortest_ms=450)
        yield from browse(market, chance, somebody, habit, waking_ms(chance), "quick people")


def returning(market: Market, chance: random.Random, size: int) -> Iterator[Labelled]:
    """People who come back to one listing after an hour or two, which is worth paying for again."""
    for number in range(size):
        somebody, campaign = person(chance, f"returning-{number}"), chance.randrange(market.campaigns)
        at_ms = waking_ms(chance) - 4 * 60 * MINUTE_MS
        for _ in range(chance.randrange(1, 4)):
            for _ in range(chance.randrange(3, 9)):
                somebody.served += 1
            shown = market.shown(somebody, at_ms, campaign)
            click = market.click(somebody, shown, at_ms + reading_ms(chance))
            yield Labelled(click, "returning people", invalid=False)
            at_ms += chance.randrange(45, 120) * MINUTE_MS


def tab_openers(market: Market, chance: random.Random, size: int) -> Iterator[Labelled]:
    """Held out. People who open everything of interest in tabs, one click after another, and read later."""
    for number in range(size):
        somebody = person(chance, f"tabs-{number}")
        at_ms = waking_ms(chance)
        for _ in range(chance.randrange(2, 9)):
            at_ms += chance.randrange(30, 240) * 1000
            gap = at_ms
            for shown in market.page(somebody, at_ms):
                if chance.random() < 0.13:
                    gap += reading_ms(chance, 2.5)
                    yield Labelled(market.click(somebody, shown, gap), "tab openers", invalid=False)


def campuses(market: Market, chance: random.Random, size: int) -> Iterator[Labelled]:
    """Held out. A university: hundreds of students, a few addresses that each takes in turn."""
    for number in range(size):
        city = chance.choice(CITIES)
        for student in range(chance.randrange(80, 260)):
            name = f"student-{number}-{student}"
            somebody = Somebody(
                f"viewer-{name}",
                f"device-{name}",
                "",
                f"campus-block-{number}",
                chance.choice(AGENTS),
                city,
                "business",
            )
            for _ in range(1 + (chance.random() < 0.3)):
                somebody.address = f"campus-{number}-{chance.randrange(4)}"
                habit = Habit(pages=1 + min(10, int(chance.expovariate(0.3))), share=0.06, doubles=0.01)
                yield from browse(market, chance, somebody, habit, waking_ms(chance), "campuses")
