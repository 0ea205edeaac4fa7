"""The rules on a labelled day, a tenth of the size that `python -m bench rules` measures, with a seed of its own."""

import pytest

from streams.clicks.rules.book import DEFAULT_BOOK
from tests.streams.day.playing import HELD_OUT, TUNED, day
from tests.streams.day.scoring import Score, score, wilson

SEED = 77
SCALE = 0.1


@pytest.fixture(scope="module")
def scored() -> Score:
    return score(day(SEED, TUNED, SCALE), DEFAULT_BOOK)


@pytest.fixture(scope="module")
def surprised() -> Score:
    """With the families that set no limit, some of which nobody can find click by click."""
    return score(day(SEED, {**TUNED, **HELD_OUT}, SCALE), DEFAULT_BOOK)


def test_what_is_called_invalid_is_invalid(scored: Score) -> None:
    assert scored.precision.share >= 0.99


def test_what_is_invalid_is_called_so(scored: Score) -> None:
    assert scored.recall.share >= 0.9


def test_nobody_is_called_invalid_for_being_a_surprise(surprised: Score) -> None:
    assert surprised.precision.share >= 0.99


@pytest.mark.parametrize(
    "family", ["searchers", "comparison shoppers", "offices", "quick people", "campuses", "tab openers"]
)
def test_people_are_charged_for(surprised: Score, family: str) -> None:
    tally = surprised.valid[family]
    assert tally.clicks >= 30
    assert tally.share < 0.02


@pytest.mark.parametrize(
    "family",
    ["crawlers and data centres", "instant bots", "own clicks", "prefetches and other cities", "forgers and replays"],
)
def test_what_gives_itself_away_is_always_found(scored: Score, family: str) -> None:
    assert scored.invalid[family].share == 1.0


@pytest.mark.parametrize("family", ["bots on a timer", "bots with jitter", "click farms", "competitors"])
def test_who_goes_on_is_found_soon(scored: Score, family: str) -> None:
    assert scored.invalid[family].share > 0.7


def test_a_day_is_the_same_whenever_it_is_played() -> None:
    assert day(3, TUNED, 0.01) == day(3, TUNED, 0.01)
    assert day(3, TUNED, 0.01) != day(4, TUNED, 0.01)


def test_intervals_are_those_of_wilson() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    assert wilson(8, 10) == pytest.approx((0.4902, 0.9433), abs=1e-4)
    assert wilson(0, 100) == pytest.approx((0.0, 0.0370), abs=1e-4)
