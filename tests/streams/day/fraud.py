"""Programs and people whose clicks nobody should pay for."""

import random
from collections.abc import Iterator

from server.promo.tokens import TokenState
from streams.clicks.rules.book import HOUR_MS, MINUTE_MS
from tests.streams.day.people import AGENTS, Habit, browse, person
from tests.streams.day.served import CITIES, MIDNIGHT_MS, Labelled, Market, Somebody, reading_ms, waking_ms


def _caught(market: Market, somebody: Somebody, at_ms: int, after_ms: int, family: str) -> Iterator[Labelled]:
    """A page and a click on its first promoted listing."""
    shown = market.page(somebody, at_ms)[0]
    yield Labelled(market.click(somebody, shown, at_ms + after_ms), family, invalid=True)


def farms(market: Market, chance: random.Random, size: int) -> Iterator[Labelled]:
    """Rooms full of telephones: real devices, human pauses, and a click on nearly everything."""
    for number in range(size):
        network, city = f"farm-block-{number}", chance.choice(CITIES)
        for phone in range(chance.randrange(8, 16)):
            name = f"farm-{number}-{phone}"
            address = f"farm-{number}-{phone % 3}"
            somebody = Somebody(f"viewer-{name}", f"device-{name}", address, network, chance.choice(AGENTS), city)
            habit = Habit(pages=chance.randrange(20, 45), share=0.6, between_s=70)
            for found in browse(market, chance, somebody, habit, waking_ms(chance), "click farms"):
                yield found._replace(family="click farms", invalid=True)


def metronomes(market: Market, chance: random.Random, size: int) -> Iterator[Labelled]:
    """Programs on a timer that change their address for every click."""
    for number in range(size):
        somebody = person(chance, f"metronome-{number}")
        period = chance.randrange(45, 240) * 1000
        at_ms = MIDNIGHT_MS + chance.randrange(20 * HOUR_MS)
        for beat in range(chance.randrange(80, 140)):
            somebody.moved_to(f"rotating-{chance.randrange(40_000)}", f"rotating-block-{beat // 20}-{number}")
            yield from _caught(market, somebody, at_ms + beat * period, 1_500, "bots on a timer")


def jittering(market: Market, chance: random.Random, size: int) -> Iterator[Labelled]:
    """The same with pauses like a person's, through home connections of others."""
    for number in range(size):
        somebody = person(chance, f"jitter-{number}")
        at_ms = waking_ms(chance) - 6 * HOUR_MS
        for _ in range(chance.randrange(40, 90)):
            at_ms += int(chance.uniform(0.4, 1.8) * 110_000)
            somebody.moved_to(f"proxy-{chance.randrange(30_000)}", f"proxy-block-{chance.randrange(900)}")
            yield from _caught(market, somebody, at_ms, reading_ms(chance), "bots with jitter")


def headless(market: Market, chance: random.Random, size: int) -> Iterator[Labelled]:
    """Crawlers that say who they are, and programs in data centres that do not."""
    for number in range(size):
        somebody = person(chance, f"headless-{number}")
        robot = chance.random() < 0.5
        somebody.network_class = "data_centre" if not robot or chance.random() < 0.7 else "unknown"
        at_ms = MIDNIGHT_MS + chance.randrange(20 * HOUR_MS)
        for _ in range(chance.randrange(5, 40)):
            at_ms += chance.randrange(5, 300) * 1000
            shown = market.page(somebody, at_ms)[0]
            click = market.click(somebody, shown, at_ms + chance.randrange(80, 5_000), robot=robot)
            yield Labelled(click, "crawlers and data centres", invalid=True)


def instant(market: Market, chance: random.Random, size: int) -> Iterator[Labelled]:
    """Programs that click as soon as the page is there."""
    for number in range(size):
        somebody = person(chance, f"instant-{number}")
        at_ms = waking_ms(chance)
        for _ in range(chance.randrange(3, 25)):
            at_ms += chance.randrange(20, 900) * 1000
            yield from _caught(market, somebody, at_ms, chance.randrange(15, 280), "instant bots")


def forgers(market: Market, chance: random.Random, size: int) -> Iterator[Labelled]:
    """Tokens that were made up, taken from other campaigns, kept for too long, or used again and again."""
    states = (TokenState.FORGED, TokenState.FOREIGN, TokenState.MALFORMED, TokenState.UNKNOWN_KEY)
    for number in range(size):
        somebody = person(chance, f"forger-{number}")
        at_ms = waking_ms(chance)
        shown = market.page(somebody, at_ms)[0]
        for use in range(chance.randrange(4, 16)):
            at_ms += chance.randrange(10, 200) * 1000
            if number % 2:
                changed = {"token": chance.choice(states), "impression_id": f"pimp_made-up-{number}-{use}"}
                click = market.click(somebody, shown, at_ms, **changed)
            else:
                click = market.click(somebody, shown, at_ms)
            # The first use of a true token is the click of somebody who was shown it.
            honest = use == 0 and not number % 2
            yield Labelled(click, "forgers and replays", invalid=not honest)


def competitors(market: Market, chance: random.Random, size: int) -> Iterator[Labelled]:
    """People who search until a rival's listing comes and click on it, as somebody new every time."""
    for number in range(size):
        somebody = person(chance, f"competitor-{number}")
        rival = chance.randrange(20)
        at_ms = waking_ms(chance) - 3 * HOUR_MS
        for turn in range(chance.randrange(8, 30)):
            somebody.viewer, somebody.served = f"viewer-competitor-{number}-{turn}", chance.randrange(6)
            at_ms += int(chance.lognormvariate(0, 0.8) * 60_000)
            shown = market.shown(somebody, at_ms, rival)
            yield Labelled(market.click(somebody, shown, at_ms + reading_ms(chance)), "competitors", invalid=True)


def own_clicks(market: Market, chance: random.Random, size: int) -> Iterator[Labelled]:
    """Advertisers who look whether their listing is there."""
    for number in range(size):
        somebody = person(chance, f"advertiser-{number}")
        at_ms = waking_ms(chance)
        for _ in range(chance.randrange(1, 6)):
            at_ms += chance.randrange(1, 90) * MINUTE_MS
            shown = market.page(somebody, at_ms)[0]
            link = chance.choice(["account", "device"])
            click = market.click(somebody, shown, at_ms + reading_ms(chance), advertiser_link=link)
            yield Labelled(click, "own clicks", invalid=True)


def pretenders(market: Market, chance: random.Random, size: int) -> Iterator[Labelled]:
    """Clicks from another city than the page, and pages that a browser fetched ahead."""
    for number in range(size):
        somebody = person(chance, f"pretender-{number}")
        at_ms = waking_ms(chance)
        for _ in range(chance.randrange(2, 12)):
            at_ms += chance.randrange(30, 900) * 1000
            shown = market.page(somebody, at_ms)[0]
            ahead = number % 2 == 0
            changed = (
                {"prefetch": True} if ahead else {"city": chance.choice([c for c in CITIES if c != somebody.city])}
            )
            click = market.click(somebody, shown, at_ms + reading_ms(chance), **changed)
            yield Labelled(click, "prefetches and other cities", invalid=True)


def patient_competitors(market: Market, chance: random.Random, size: int) -> Iterator[Labelled]:
    """Held out. A rival who waits twenty minutes and more, and changes address and identity each time."""
    for number in range(size):
        somebody = person(chance, f"patient-{number}")
        rival = chance.randrange(20)
        at_ms = waking_ms(chance) - 5 * HOUR_MS
        for turn in range(chance.randrange(8, 20)):
            somebody.viewer, somebody.served = f"viewer-patient-{number}-{turn}", chance.randrange(6)
            somebody.moved_to(f"vpn-{chance.randrange(5_000)}", f"vpn-block-{chance.randrange(60)}")
            at_ms += chance.randrange(20, 60) * MINUTE_MS
            shown = market.shown(somebody, at_ms, rival)
            click = market.click(somebody, shown, at_ms + reading_ms(chance))
            yield Labelled(click, "patient competitors", invalid=True)


def swarms(market: Market, chance: random.Random, size: int) -> Iterator[Labelled]:
    """Held out. A botnet that uses every device, address and identity for a single click."""
    for number in range(size):
        rival = chance.randrange(20)
        for turn in range(chance.randrange(20, 60)):
            somebody = person(chance, f"swarm-{number}-{turn}")
            at_ms = waking_ms(chance)
            shown = market.shown(somebody, at_ms, rival)
            click = market.click(somebody, shown, at_ms + reading_ms(chance))
            yield Labelled(click, "swarms", invalid=True)


def sluggish(market: Market, chance: random.Random, size: int) -> Iterator[Labelled]:
    """Held out. Programs that repeat a recorded visit: the same few pauses over and over, with breaks."""
    for number in range(size):
        somebody = person(chance, f"recorded-{number}")
        pauses = [chance.randrange(20, 150) * 1000 for _ in range(4)]
        at_ms = MIDNIGHT_MS + chance.randrange(14 * HOUR_MS)
        for turn in range(chance.randrange(40, 100)):
            at_ms += pauses[turn % 4] + (30 * MINUTE_MS if turn % 25 == 24 else 0)
            yield from _caught(market, somebody, at_ms, 2_000, "recorded visits")


def phone_farms(market: Market, chance: random.Random, size: int) -> Iterator[Labelled]:
    """Held out. A farm whose telephones are all behind one mobile carrier, among honest people."""
    for number in range(size):
        for phone in range(chance.randrange(10, 25)):
            somebody = person(chance, f"carrier-{number}-{phone}")
            mobile = chance.randrange(3_000)
            somebody.moved_to(f"mobile-{mobile}", f"mobile-block-{mobile // 50}", "mobile")
            habit = Habit(pages=chance.randrange(15, 40), share=0.5, between_s=90)
            for found in browse(market, chance, somebody, habit, waking_ms(chance), "farms behind carriers"):
                yield found._replace(family="farms behind carriers", invalid=True)
