"""Books as text: every book comes back as it was, and everything that is none is refused by its place."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.promo.domain.verdicts import LATE_RULES, Rule
from streams.clicks.rules.book import DAY_MS, DEFAULT_BOOK, Book, Mode, Rate, RateLimits, Setting, WindowLimits
from streams.clicks.rules.book_text import BookInvalid, book_of, book_text, read_book

FIRST = Book(1, DEFAULT_BOOK.settings)


def setting(**changed: object) -> dict[str, object]:
    return {"rule": "double_click", "version": 2, "mode": "shadow", **changed}


def book(*settings: object, version: object = 3) -> dict[str, object]:
    return {"version": version, "settings": list(settings)}


def test_a_book_comes_back_as_it_was() -> None:
    assert read_book(book_text(FIRST)) == FIRST


def test_limits_that_are_not_named_are_the_default() -> None:
    found = book_of(book(setting(), setting(version=3, limits={"window_ms": 5})))
    assert found.settings == (
        Setting(Rule.DOUBLE_CLICK, 2, Mode.SHADOW, WindowLimits(2_000)),
        Setting(Rule.DOUBLE_CLICK, 3, Mode.SHADOW, WindowLimits(5)),
    )


def test_rates_replace_all_rates() -> None:
    rates = [{"clicks": 2, "window_ms": 1_000, "per_campaign": True}, {"clicks": 3, "window_ms": DAY_MS}]
    (found,) = book_of(book(setting(rule="click_rate", limits={"rates": rates}))).settings
    assert found.limits == RateLimits((Rate(2, 1_000, per_campaign=True), Rate(3, DAY_MS)))


@pytest.mark.parametrize(
    ("value", "where"),
    [
        ([], "book"),
        (book(), "settings: must be 1"),
        (book(*[setting(version=number) for number in range(1, 66)]), "settings: must be 1"),
        ({"version": 1, "settings": {}}, "settings: must be a list"),
        ({**book(setting()), "mode": "on"}, "book.mode"),
        (book(setting(), version=0), "version: must be a whole number from 1 to"),
        (book(setting(), version=True), "version"),
        (book(setting(), version="1"), "version"),
        (book(7), "settings[0]: must be an object"),
        (book(setting(rule="double")), "settings[0].rule: must be one of"),
        (book(setting(rule=None)), "settings[0].rule"),
        (book(setting(mode="of")), "settings[0].mode: must be one of off, on, shadow"),
        (book(setting(version=0)), "settings[0].version"),
        (book(setting(), setting()), "settings[1]: must not name a version of double_click twice"),
        (book(setting(limits=[])), "settings[0].limits: must be an object"),
        (book(setting(limits={"clicks": 1})), "settings[0].limits.clicks: must be one of window_ms"),
        (book(setting(limits={"window_ms": 0})), "settings[0].limits.window_ms"),
        (book(setting(limits={"window_ms": DAY_MS + 1})), "settings[0].limits.window_ms"),
        (book(setting(limits={"window_ms": 1.5})), "settings[0].limits.window_ms"),
        (book(setting(rule="prefetch", limits={"window_ms": 1})), "settings[0].limits.window_ms"),
        (book(setting(rule="too_fast", limits={"impossible_ms": 800})), "settings[0].limits.unlikely_ms"),
        (book(setting(rule="metronome", limits={"clicks": 32})), "settings[0].limits.clicks"),
        (book(setting(rule="click_rate", limits={"rates": []})), "settings[0].limits.rates: must be 1"),
        (book(setting(rule="click_rate", limits={"rates": [3]})), "settings[0].limits.rates[0]"),
        (
            book(setting(rule="click_rate", limits={"rates": [{"clicks": 1}]})),
            "settings[0].limits.rates[0].window_ms",
        ),
        (
            book(setting(rule="click_rate", limits={"rates": [{"clicks": 1, "window_ms": 1, "per_campaign": 1}]})),
            "settings[0].limits.rates[0].per_campaign",
        ),
    ],
)
def test_what_is_no_book_is_refused_by_its_place(value: Any, where: str) -> None:
    with pytest.raises(BookInvalid) as refused:
        book_of(value)
    assert str(refused.value).startswith(where)


@pytest.mark.parametrize("rule", sorted(LATE_RULES))
def test_rules_that_are_asked_later_are_in_no_book(rule: Rule) -> None:
    with pytest.raises(BookInvalid, match="asked later"):
        book_of(book(setting(rule=rule.value)))


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "nul", '"version"'])
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(BookInvalid):
        read_book(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(["version", "settings", "rule", "mode", "limits", "window_ms"]), JSON)
def test_whatever_stands_in_a_place_there_is_a_book_or_a_refusal(place: str, junk: object) -> None:
    one: dict[str, object] = setting(limits={"window_ms": 7})
    said = book(one)
    target: dict[str, object] = said if place in said else one
    if place == "window_ms":
        target = {}
        one["limits"] = target
    target[place] = junk
    with suppress(BookInvalid):
        assert read_book(json.dumps(said)).settings
