"""Each rule that needs the click alone, at its borders."""

from typing import Any

import pytest

from server.promo.domain.verdicts import Rule
from server.promo.tokens import TokenState
from streams.clicks.rules.alone import alone
from streams.clicks.rules.book import DEFAULT_BOOK, HOUR_MS, TokenLimits
from streams.clicks.rules.hits import Hit
from tests.streams.clicks import CLICK, NOON_MS, only, rules_of


def test_nothing_speaks_against_a_good_click() -> None:
    assert alone(CLICK, DEFAULT_BOOK) == ()


@pytest.mark.parametrize("state", [state for state in TokenState if state is not TokenState.VALID])
def test_only_a_valid_token_is_worth_money(state: TokenState) -> None:
    hits = alone(CLICK._replace(token=state), DEFAULT_BOOK)
    assert rules_of(hits) == {Rule.TOKEN}
    assert hits[0].evidence["token"] == state.value


def test_a_foreign_token_names_whose_it_was() -> None:
    (hit,) = alone(CLICK._replace(token=TokenState.FOREIGN, token_campaign_id="pcmp_2"), DEFAULT_BOOK)
    assert hit == Hit(Rule.TOKEN, 1, {"token": "foreign", "issued_for": "pcmp_2"})


@pytest.mark.parametrize(("age_ms", "expired"), [(2 * HOUR_MS, False), (2 * HOUR_MS + 1, True)])
def test_a_token_lives_for_two_hours(age_ms: int, expired: bool) -> None:
    hits = alone(CLICK._replace(issued_ms=NOON_MS - age_ms), DEFAULT_BOOK)
    assert (Rule.TOKEN in rules_of(hits)) is expired


def test_a_book_may_let_tokens_live_shorter() -> None:
    hits = alone(CLICK._replace(issued_ms=NOON_MS - 60_001), only(Rule.TOKEN, TokenLimits(60_000)))
    assert rules_of(hits) == {Rule.TOKEN}


@pytest.mark.parametrize(
    ("age_ms", "found"),
    [
        (-1, []),
        (0, [False]),
        (299, [False]),
        (300, [True]),
        (699, [True]),
        (700, []),
    ],
)
def test_faster_than_a_hand_is_invalid_and_faster_than_most_is_a_hint(age_ms: int, found: list[bool]) -> None:
    hits = alone(CLICK._replace(issued_ms=NOON_MS - age_ms), DEFAULT_BOOK)
    assert [hit.hint for hit in hits if hit.rule is Rule.TOO_FAST] == found


def test_a_forged_token_says_nothing_of_when_it_was_issued() -> None:
    hits = alone(CLICK._replace(token=TokenState.FORGED, issued_ms=NOON_MS), DEFAULT_BOOK)
    assert rules_of(hits) == {Rule.TOKEN}


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"robot": True}, Rule.KNOWN_BOT),
        ({"prefetch": True}, Rule.PREFETCH),
        ({"network_class": "data_centre"}, Rule.DATA_CENTRE),
        ({"advertiser_link": "account"}, Rule.OWN_CLICK),
        ({"advertiser_link": "device"}, Rule.OWN_CLICK),
        ({"city": "MUC"}, Rule.OTHER_CITY),
    ],
)
def test_what_the_server_found_out_decides(changed: dict[str, Any], rule: Rule) -> None:
    assert rules_of(alone(CLICK._replace(**changed), DEFAULT_BOOK)) == {rule}


@pytest.mark.parametrize("network", ["unknown", "residential", "mobile", "business"])
def test_people_are_in_every_other_network(network: str) -> None:
    assert alone(CLICK._replace(network_class=network), DEFAULT_BOOK) == ()


def test_what_a_forged_token_says_of_its_city_is_not_compared() -> None:
    hits = alone(CLICK._replace(token=TokenState.FORGED, served_city=""), DEFAULT_BOOK)
    assert rules_of(hits) == {Rule.TOKEN}


def test_evidence_names_the_list_that_a_robot_was_told_by() -> None:
    (hit,) = alone(CLICK._replace(robot=True), DEFAULT_BOOK)
    assert hit.evidence == {"robot_list": "2026-11-01"}
