"""Journals and buckets: bounded, restored as they were, and the same whatever order campaigns were decided in."""

import pickle
import random
from itertools import groupby
from operator import itemgetter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.promo.tokens import TokenState
from streams.clicks.rules.book import DEFAULT_BOOK, MINUTE_MS
from streams.clicks.rules.click import Click, Place
from streams.clicks.state.arrivals import BUCKETS, Arrival, Scope, all_buckets, arrivals
from streams.clicks.state.buckets import FORMAT, Bucket, Found
from streams.clicks.state.journal import REACH, Journal
from tests.streams.clicks import CLICK, NOON_MS

STEPS = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 40), st.integers(0, 6)),
    max_size=300,
)


class Plain:
    """A journal as one would write it without thinking of memory."""

    def __init__(self) -> None:
        self.records: list[tuple[int, int, int]] = []

    def count(self, key: int, identity: int, at: int, again: int) -> int:
        same_key = [place for place, record in enumerate(self.records) if record[0] == key]
        for place in reversed(same_key[-REACH:]):
            _, time, known = self.records[place]
            if at - time < again and known == identity:
                return place
        self.records.append((key, at, identity))
        return len(self.records) - 1

    def before(self, place: int, within: int) -> list[int]:
        key, at, _ = self.records[place]
        earlier = [time for other, time, _ in self.records[:place] if other == key and at - time < within]
        return earlier[::-1][:REACH]


@given(STEPS)
@settings(max_examples=60, deadline=None)
def test_a_journal_answers_as_if_it_kept_everything(steps: list[tuple[int, int, int]]) -> None:
    journal, plain, at = Journal(150, values=1), Plain(), 1_000
    for number, (key, pause, identity) in enumerate(steps):
        at += pause
        expected = plain.count(key, identity, at, 50)
        record = journal.count(key << 8, at, 50, identity)
        assert journal.at_ms(record) == plain.records[expected][1]
        found = [journal.at_ms(earlier) for earlier in journal.before(record, 100)]
        assert found == plain.before(expected, 100)
        if number % 7 == 0:
            journal.pack(at)
        if number % 11 == 0:
            snapshot = pickle.loads(pickle.dumps(journal.snapshot()))  # noqa: S301  made in this line
            journal = Journal(150, values=1)
            journal.restore(snapshot)


def test_a_journal_is_no_larger_for_having_been_used_for_long() -> None:
    journal = Journal(1_000, values=2)
    sizes = []
    for at in range(200_000):
        journal.count((at * 2_654_435_761) % 2**64, at, 10, 1, 2)
        if at % 20_000 == 19_999:
            sizes.append(len(journal))
    assert max(sizes) <= 1_900


def test_one_busy_key_takes_no_more_room_than_can_be_asked_for() -> None:
    journal = Journal(1_000_000, values=1)
    for at in range(50_000):
        journal.count(1 << 8, at, 10, at)
    journal.pack(50_000)
    assert len(journal) == 2 * REACH


def test_a_journal_spans_more_time_than_its_columns_hold() -> None:
    journal = Journal(1_000, values=1)
    journal.count(1 << 8, 0, 10, 7)
    record = journal.count(1 << 8, 1 << 33, 10, 8)
    assert journal.at_ms(record) == 1 << 33
    assert list(journal.before(record, 1_000)) == []


def made_up(seed: int, count: int = 400) -> list[Click]:
    """Clicks of few people within little time, so that rules find much."""
    chance = random.Random(seed)  # noqa: S311  reproducible on purpose
    clicks = []
    for number in range(count):
        at = NOON_MS + chance.randrange(3 * 60) * 10_000
        clicks.append(
            CLICK._replace(
                place=Place(number % 4, number, 0),
                event_id=f"pevt_{chance.randrange(count):04}",
                campaign_id=f"pcmp_{number % 4}",
                impression_id=f"pimp_{chance.randrange(40)}",
                rule_ms=at,
                received_ms=at,
                issued_ms=at - chance.randrange(100_000),
                device=chance.choice(["", *(f"device-{one}" for one in range(6))]),
                address=f"address-{chance.randrange(4)}",
                network=f"network-{chance.randrange(12)}",
                agent=f"agent-{chance.randrange(2)}",
                listing_id=f"srv_{number % 4}",
                viewer=f"viewer-{chance.randrange(8)}",
                served_today=chance.randrange(1, 40),
                token=chance.choice([TokenState.VALID, TokenState.VALID, TokenState.FORGED]),
            )
        )
    return clicks


def in_order(clicks: list[Click]) -> list[tuple[str, Arrival]]:
    """The arrivals of all clicks for each bucket, in the order in which they are to be observed."""
    return sorted(pair for click in clicks for pair in arrivals(click, DEFAULT_BOOK))


@given(st.integers(0, 1_000), st.randoms(use_true_random=False))
@settings(max_examples=15, deadline=None)
def test_the_order_in_which_partitions_bring_clicks_changes_no_hit(seed: int, shuffled: random.Random) -> None:
    clicks = made_up(seed)
    mixed = clicks[:]
    shuffled.shuffle(mixed)
    assert answers(in_order(mixed)) == answers(in_order(clicks))


@given(st.integers(0, 1_000), st.integers(1, 60))
@settings(max_examples=15, deadline=None)
def test_a_bucket_that_was_restored_goes_on_as_if_nothing_had_been(seed: int, every: int) -> None:
    pairs = in_order(made_up(seed))
    assert answers(pairs, restored_every=every) == answers(pairs)


def answers(pairs: list[tuple[str, Arrival]], restored_every: int = 0) -> list[Found]:
    found = []
    for name, group in groupby(pairs, key=itemgetter(0)):
        bucket = Bucket(name)
        for number, (_, arrival) in enumerate(group, start=1):
            found += bucket.observe([arrival])
            if restored_every and number % restored_every == 0:
                bucket = Bucket(name, pickle.loads(pickle.dumps(bucket.snapshot())))  # noqa: S301  made in this line
    return found


def test_the_made_up_clicks_make_rules_find_something() -> None:
    hits = [hit for found in answers(in_order(made_up(1))) for hit in found.hits]
    assert len({hit.rule for hit in hits}) >= 5


def test_a_bucket_of_another_format_begins_anew() -> None:
    name, arrival = next(iter(arrivals(CLICK, DEFAULT_BOOK)))
    bucket = Bucket(name)
    bucket.observe([arrival])
    kept = bucket.snapshot()
    other = Bucket(name, (FORMAT + 1, kept[1], kept[2]))
    assert other.size_bytes == Bucket(name).size_bytes


def test_arrivals_out_of_order_are_refused() -> None:
    name, arrival = next(iter(arrivals(CLICK, DEFAULT_BOOK)))
    bucket = Bucket(name)
    bucket.observe([arrival])
    with pytest.raises(ValueError, match="order"):
        bucket.observe([arrival._replace(rule_ms=arrival.rule_ms - MINUTE_MS)])


def test_there_are_tens_of_buckets_and_every_arrival_has_one() -> None:
    names = set(all_buckets())
    assert len(names) == BUCKETS * len(Scope)
    assert {name for click in made_up(2) for name, _ in arrivals(click, DEFAULT_BOOK)} <= names
