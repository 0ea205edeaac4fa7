"""A replay counts as the stream does: all partitions in one order, however their pages are read."""

import random
from collections import defaultdict

from hypothesis import given, settings
from hypothesis import strategies as st

from server.adapters.budgets.port import Claim, ClickClaim, Limits, Outcome, Spent, Step
from streams.clicks.arrived import Clicked
from streams.clicks.replay.counted import Counting, Page
from streams.clicks.replay.purse import Purse
from streams.clicks.replay.stored import Stored
from streams.clicks.rules.book import DEFAULT_BOOK
from streams.clicks.rules.click import Click
from streams.clicks.rules.hits import Hit
from streams.clicks.state.arrivals import arrivals
from streams.clicks.state.buckets import Bucket
from tests.adapters.budgets.contract import CAMPAIGN, DAY
from tests.adapters.budgets.model import Model
from tests.streams.test_buckets import made_up


def expected(clicks: list[Click]) -> dict[tuple[int, int], set[str]]:
    """What all rules find, by place, when everything is counted in order at once."""
    buckets: dict[str, Bucket] = {}
    found: dict[tuple[int, int], set[str]] = defaultdict(set)
    for name, arrival in sorted(pair for click in clicks for pair in arrivals(click, DEFAULT_BOOK)):
        hits = buckets.setdefault(name, Bucket(name)).count(arrival)
        found[arrival.place.partition, arrival.place.offset] |= {_text(hit) for hit in hits}
    return found


def _text(hit: Hit) -> str:
    return f"{hit.rule} {hit.version} {hit.evidence}"


@given(st.integers(0, 500), st.randoms(use_true_random=False))
@settings(max_examples=10, deadline=None)
def test_pages_of_any_length_find_what_one_order_finds(seed: int, chance: random.Random) -> None:
    clicks = made_up(seed, 200)
    waiting: dict[int, list[Click]] = defaultdict(list)
    for click in sorted(clicks, key=lambda click: (click.rule_ms, click.place.offset)):
        waiting[click.place.partition].append(click)
    counting, pages = Counting(sorted(waiting)), list[Page]()
    while not counting.ended:
        partition = counting.behind()
        length = chance.randrange(1, 40)
        taken, waiting[partition] = waiting[partition][:length], waiting[partition][length:]
        stored = [(Stored(click, "", None, None, 0), Clicked(click, 0, DEFAULT_BOOK)) for click in taken]
        pages += counting.add(partition, stored) if taken else counting.end(partition)
    found: dict[tuple[int, int], set[str]] = defaultdict(set)
    for page in pages:
        for (offset, _), hits in page.hits.items():
            found[page.partition, offset] |= {_text(hit) for hit in hits}
    assert {place: hits for place, hits in found.items() if hits} == {
        place: hits for place, hits in expected(clicks).items() if hits
    }
    assert sorted(stored.click.place for page in pages for stored, _ in page.clicks) == sorted(
        click.place for click in clicks
    )


CENTS = st.integers(0, 400)
CLAIMS = st.lists(
    st.tuples(
        st.builds(Limits, st.just(1), CENTS, st.none() | CENTS, CENTS),
        st.lists(st.tuples(st.integers(1, 12), st.integers(1, 90)), min_size=1, max_size=6),
    ),
    max_size=12,
)


@given(CLAIMS, CENTS)
@settings(deadline=None)
def test_a_purse_answers_as_budgets_are_meant_to(
    claims: list[tuple[Limits, list[tuple[int, int]]]], before: int
) -> None:
    purse, model, offset = Purse(), Model(), 0
    purse.spent(CAMPAIGN, DAY, before)
    model.load(Spent(CAMPAIGN, before, {DAY: before}), Step(1, 0))
    for number, (limits, asked) in enumerate(claims):
        clicks = []
        for key, price in asked:
            offset += 1
            clicks.append(ClickClaim(f"pimp_{key}", price, DAY, offset, 0))
        claim = Claim(CAMPAIGN, limits, tuple(clicks))
        outcomes: tuple[Outcome, ...] = purse.claim(claim)
        assert outcomes == model.claim(claim, Step(1, number), 0)[1]
