"""Each rule that counts, at its borders, through the buckets that it counts in."""

from typing import Any

import pytest

from server.promo.domain.verdicts import Rule
from server.promo.tokens import TokenState
from streams.clicks.rules.book import (
    DAY_MS,
    DEFAULT_BOOK,
    HOUR_MS,
    MINUTE_MS,
    AddressRatioLimits,
    MetronomeLimits,
    Mode,
    NetworksLimits,
    NoLimits,
    Rate,
    RateLimits,
    ViewerRatioLimits,
    WindowLimits,
)
from streams.clicks.rules.click import Click
from tests.streams.clicks import CLICK, Counting, found, later, only, rules_of


@pytest.mark.parametrize(("after_ms", "hits"), [(0, True), (2 * HOUR_MS - 1, True), (2 * HOUR_MS, False)])
def test_an_impression_is_worth_one_click(after_ms: int, hits: bool) -> None:
    again = later(CLICK, after_ms, 2, impression_id=CLICK.impression_id, viewer="viewer-2")
    assert (found([CLICK, again], only(Rule.SECOND_CLICK, NoLimits())) == {Rule.SECOND_CLICK}) is hits


def test_another_campaign_has_another_impression() -> None:
    other = later(CLICK, 1, 2, impression_id=CLICK.impression_id, campaign_id="pcmp_2")
    assert found([CLICK, other], only(Rule.SECOND_CLICK, NoLimits())) == set()


def test_a_forged_token_does_not_use_up_an_impression() -> None:
    forged = CLICK._replace(token=TokenState.FORGED)
    assert found([forged, later(CLICK, 1, 2, impression_id="pimp_1")], only(Rule.SECOND_CLICK, NoLimits())) == set()


@pytest.mark.parametrize(("after_ms", "hits"), [(0, True), (1_999, True), (2_000, False)])
def test_two_clicks_on_a_listing_within_two_seconds_are_one(after_ms: int, hits: bool) -> None:
    again = later(CLICK, after_ms, 2, campaign_id="pcmp_2")
    assert (found([CLICK, again], only(Rule.DOUBLE_CLICK, WindowLimits(2_000))) == {Rule.DOUBLE_CLICK}) is hits


@pytest.mark.parametrize(
    ("after_ms", "changed", "hits"),
    [
        (30 * MINUTE_MS - 1, {}, True),
        (30 * MINUTE_MS, {}, False),
        (MINUTE_MS, {"listing_id": "srv_2"}, False),
        (MINUTE_MS, {"viewer": "viewer-2"}, False),
        (MINUTE_MS, {"campaign_id": "pcmp_2"}, True),
    ],
)
def test_a_viewer_need_not_see_a_listing_twice(after_ms: int, changed: dict[str, Any], hits: bool) -> None:
    again = later(CLICK, after_ms, 2, **changed)
    assert (found([CLICK, again], only(Rule.SAME_LISTING, WindowLimits(30 * MINUTE_MS))) == {Rule.SAME_LISTING}) is hits


@pytest.mark.parametrize(
    ("rate", "clicks", "gap_ms", "hits"),
    [
        (Rate(1, MINUTE_MS), 2, MINUTE_MS - 1, True),
        (Rate(1, MINUTE_MS), 2, MINUTE_MS, False),
        (Rate(3, 10 * MINUTE_MS), 4, 199_999, True),
        (Rate(3, 10 * MINUTE_MS), 4, 200_000, False),
        (Rate(10, HOUR_MS), 11, HOUR_MS // 10 - 1, True),
        (Rate(10, HOUR_MS), 11, HOUR_MS // 10, False),
        (Rate(10, HOUR_MS), 10, 1, False),
        (Rate(25, DAY_MS), 26, DAY_MS // 25 - 1, True),
        (Rate(25, DAY_MS), 26, DAY_MS // 25, False),
    ],
)
def test_a_person_clicks_so_often_and_no_more(rate: Rate, clicks: int, gap_ms: int, hits: bool) -> None:
    made = [later(CLICK, number * gap_ms, number, viewer=f"viewer-{number}") for number in range(clicks)]
    assert (found(made, only(Rule.CLICK_RATE, RateLimits((rate,)))) == {Rule.CLICK_RATE}) is hits


@pytest.mark.parametrize("other", [{"agent": "agent-2"}, {"device": "device-2"}, {"address": "address-2"}])
def test_an_office_is_as_many_persons_as_it_has_devices(other: dict[str, Any]) -> None:
    limits = RateLimits((Rate(1, MINUTE_MS),))
    assert found([CLICK, later(CLICK, 1, 2, **other)], only(Rule.CLICK_RATE, limits)) == set()


@pytest.mark.parametrize(("campaign", "hits"), [("pcmp_1", True), ("pcmp_2", False)])
def test_a_rate_may_be_one_for_each_campaign(campaign: str, hits: bool) -> None:
    limits = RateLimits((Rate(1, MINUTE_MS, per_campaign=True),))
    again = later(CLICK, 1, 2, campaign_id=campaign)
    assert (found([CLICK, again], only(Rule.CLICK_RATE, limits)) == {Rule.CLICK_RATE}) is hits


@pytest.mark.parametrize(
    ("served", "clicks", "hits"),
    [(6, 3, False), (6, 4, True), (5, 5, False), (10, 5, False), (10, 6, True), (30, 13, True)],
)
def test_a_viewer_clicks_on_a_share_of_what_is_shown(served: int, clicks: int, hits: bool) -> None:
    made = [later(CLICK, number * MINUTE_MS, number, served_today=served) for number in range(clicks)]
    assert (found(made, only(Rule.VIEWER_RATIO, ViewerRatioLimits())) == {Rule.VIEWER_RATIO}) is hits


@pytest.mark.parametrize(("served", "clicks", "hits"), [(10, 2, False), (10, 3, True), (9, 3, False), (12, 3, False)])
def test_a_book_may_leave_nothing_to_chance(served: int, clicks: int, hits: bool) -> None:
    made = [later(CLICK, number * MINUTE_MS, number, served_today=served) for number in range(clicks)]
    assert (found(made, only(Rule.VIEWER_RATIO, ViewerRatioLimits(10, 25, 0))) == {Rule.VIEWER_RATIO}) is hits


def test_a_share_is_one_of_the_day_on_which_tokens_were_issued() -> None:
    midnight = CLICK.rule_ms // DAY_MS * DAY_MS
    evening = CLICK._replace(rule_ms=midnight + 1, received_ms=midnight + 1, issued_ms=midnight - 1, served_today=10)
    counting = Counting()
    for number in range(5):
        counting.observe(later(evening, number, number, issued_ms=midnight - 1 - number), DEFAULT_BOOK)
    morning = later(evening, 10 * MINUTE_MS, 8, issued_ms=midnight)
    assert Rule.VIEWER_RATIO not in rules_of(counting.observe(morning))
    still_yesterday = later(evening, 11 * MINUTE_MS, 9, issued_ms=midnight - 3)
    assert Rule.VIEWER_RATIO in rules_of(counting.observe(still_yesterday))


@pytest.mark.parametrize(
    ("clicks", "impressions", "hits"), [(10, 2, True), (10, 3, False), (9, 1, False), (15, 3, True)]
)
def test_an_address_clicks_so_often_for_what_it_was_shown(clicks: int, impressions: int, hits: bool) -> None:
    made = [
        later(CLICK, number, number, impression_id=f"pimp_{number % impressions}", device=f"device-{number}")
        for number in range(clicks)
    ]
    assert (found(made, only(Rule.ADDRESS_RATIO, AddressRatioLimits())) == {Rule.ADDRESS_RATIO}) is hits


def test_an_address_is_looked_at_for_an_hour() -> None:
    made = [later(CLICK, number, number, impression_id="pimp_1") for number in range(9)]
    assert found([*made, later(CLICK, HOUR_MS, 9, impression_id="pimp_1")], DEFAULT_BOOK).isdisjoint(
        {Rule.ADDRESS_RATIO}
    )


def beats(gaps: list[int]) -> list[Click]:
    at, made = 0, [CLICK]
    for number, gap in enumerate(gaps, start=2):
        at += gap
        made.append(later(CLICK, at, number, address=f"address-{number}", viewer=f"viewer-{number}"))
    return made


@pytest.mark.parametrize(
    ("gaps", "hits"),
    [
        ([60_000] * 19, True),
        ([60_000] * 18, False),
        ([57_001, 62_999] * 9 + [60_000], True),
        ([56_800, 63_200] * 9 + [60_000], False),
        ([1_000, 900_000, 5_000] + [60_000] * 19, True),
        ([0] * 19, False),
        ([20 * MINUTE_MS] * 19, False),
    ],
    ids=[
        "even",
        "too few",
        "jitter below 5 %",
        "jitter above 5 %",
        "even at last",
        "all at once",
        "too slow to be kept",
    ],
)
def test_a_metronome_is_no_person(gaps: list[int], hits: bool) -> None:
    assert (found(beats(gaps), only(Rule.METRONOME, MetronomeLimits())) == {Rule.METRONOME}) is hits


@pytest.mark.parametrize(("networks", "gap_ms", "hits"), [(8, 1, True), (7, 1, False), (8, HOUR_MS // 7 + 1, False)])
def test_a_device_is_in_few_networks_at_a_time(networks: int, gap_ms: int, hits: bool) -> None:
    made = [later(CLICK, number * gap_ms, number, network=f"network-{number}") for number in range(networks)]
    assert (found(made, only(Rule.MANY_NETWORKS, NetworksLimits())) == {Rule.MANY_NETWORKS}) is hits


@pytest.mark.parametrize("unknown", ["address", "device", "viewer"])
def test_nobody_is_not_somebody(unknown: str) -> None:
    """Clicks of which something is unknown have that in common with nobody."""
    fields: dict[str, Any] = {unknown: ""}
    nobody = CLICK._replace(**fields)
    made = [later(nobody, number, number) for number in range(12)]
    by = {
        "address": {Rule.CLICK_RATE, Rule.ADDRESS_RATIO},
        "device": {Rule.METRONOME, Rule.MANY_NETWORKS},
        "viewer": {Rule.DOUBLE_CLICK, Rule.SAME_LISTING, Rule.VIEWER_RATIO},
    }[unknown]
    assert found(made).isdisjoint(by)


def test_a_rule_that_is_off_is_not_computed_and_one_in_shadow_is() -> None:
    again = later(CLICK, 1, 2)
    assert found([CLICK, again], only(Rule.DOUBLE_CLICK, WindowLimits(2_000), Mode.OFF)) == set()
    assert found([CLICK, again], only(Rule.DOUBLE_CLICK, WindowLimits(2_000), Mode.SHADOW)) == {Rule.DOUBLE_CLICK}


def test_a_click_that_arrives_again_counts_once_and_is_answered_alike() -> None:
    counting = Counting()
    first = counting.observe(CLICK)
    second = counting.observe(later(CLICK, 1_000, 2))
    assert counting.observe(CLICK._replace(rule_ms=CLICK.rule_ms + 1_000)) == first
    assert counting.observe(later(CLICK, 1_000, 2)) == second
    assert Rule.CLICK_RATE not in rules_of(counting.observe(later(CLICK, MINUTE_MS + 1_000, 3)))
