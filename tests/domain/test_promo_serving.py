"""Who may be shown, and where on a page."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.promo.domain.advertiser import AdvertiserStatus
from server.promo.domain.campaign import CampaignStatus, Format, PacingMode, Surface
from server.promo.domain.policy import Place
from server.promo.serving.domain.candidate import Candidate, Hours, obstacle
from server.promo.serving.domain.guard import FORGOTTEN_AFTER_SECONDS, Allowance, covers, decayed
from server.promo.serving.domain.slots import FIRST_RESULTS, Arrangement, Contender, Page, arrange, wished_positions
from server.promo.serving.domain.unserved import Obstacle, Unserved
from server.promo.serving.domain.worth import PRIOR_IMPRESSIONS, USUAL_CLICK_RATE, click_rate, relevance

NOON = datetime(2026, 5, 20, 10, tzinfo=UTC)  # a Wednesday, 12:00 in Berlin
WEDNESDAY_NOON = 2 * 24 + 12
RICH = Allowance(daily_cents=1_000, total_cents=5_000, balance_cents=2_000, spent_today_cents=300, spent_cents=3_000)
CANDIDATE = Candidate(
    campaign_id="pcmp_1",
    advertiser_id="padv_1",
    advertiser_status=AdvertiserStatus.ACTIVE,
    status=CampaignStatus.ACTIVE,
    listing_id="srv_1",
    surface=Surface.PEOPLE_SEARCH,
    format=Format.FEATURED,
    cities=("berlin", "hamburg"),
    roles=("model", "dancer"),
    keywords=frozenset(),
    negative_keywords=frozenset(),
    hours=Hours(date(2026, 5, 1), date(2026, 5, 31), "Europe/Berlin", frozenset()),
    cpc_cents=100,
    pacing=PacingMode.EVEN,
    allowance=RICH,
    budget_day=date(2026, 5, 20),
)


def hours(**changes: object) -> Hours:
    return replace(CANDIDATE.hours, **changes)  # type: ignore[arg-type]


def allowance(**changes: int | None) -> Allowance:
    return replace(RICH, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("candidate", "kept_by"),
    [
        (CANDIDATE, None),
        (replace(CANDIDATE, status=CampaignStatus.PAUSED), Obstacle.NOT_ACTIVE),
        (replace(CANDIDATE, status=CampaignStatus.SUSPENDED), Obstacle.NOT_ACTIVE),
        (replace(CANDIDATE, advertiser_status=AdvertiserStatus.PAUSED), Obstacle.ADVERTISER_INACTIVE),
        (replace(CANDIDATE, hours=hours(start_date=date(2026, 5, 21))), Obstacle.NOT_STARTED),
        (replace(CANDIDATE, hours=hours(start_date=date(2026, 5, 20))), None),
        (replace(CANDIDATE, hours=hours(end_date=date(2026, 5, 20))), None),
        (replace(CANDIDATE, hours=hours(end_date=date(2026, 5, 19))), Obstacle.OVER),
        (replace(CANDIDATE, hours=hours(end_date=None)), None),
        (replace(CANDIDATE, hours=hours(of_week=frozenset({WEDNESDAY_NOON}))), None),
        (replace(CANDIDATE, hours=hours(of_week=frozenset({WEDNESDAY_NOON + 1}))), Obstacle.OUTSIDE_HOURS),
        (replace(CANDIDATE, allowance=allowance(balance_cents=99)), Obstacle.NO_BALANCE),
        (replace(CANDIDATE, allowance=allowance(balance_cents=100)), None),
        (replace(CANDIDATE, allowance=allowance(spent_cents=4_901)), Obstacle.TOTAL_BUDGET_SPENT),
        (replace(CANDIDATE, allowance=allowance(spent_cents=4_901, total_cents=None)), None),
        (replace(CANDIDATE, allowance=allowance(spent_today_cents=901)), Obstacle.DAILY_BUDGET_SPENT),
        (replace(CANDIDATE, allowance=allowance(daily_cents=200)), Obstacle.DAILY_BUDGET_SPENT),  # lowered below spent
        # What was spent yesterday keeps nobody from today.
        (replace(CANDIDATE, allowance=allowance(spent_today_cents=901), budget_day=date(2026, 5, 19)), None),
    ],
)
def test_a_campaign_is_kept_from_searches_by_what_it_lacks(candidate: Candidate, kept_by: Obstacle | None) -> None:
    assert obstacle(candidate, NOON) is kept_by


@pytest.mark.parametrize(
    ("now", "kept_by"),
    [
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), None),  # 02:30, the first time
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), None),  # 02:30, the second time
        (datetime(2026, 10, 25, 2, 30, tzinfo=UTC), Obstacle.OUTSIDE_HOURS),
        (datetime(2026, 3, 29, 0, 59, tzinfo=UTC), Obstacle.OUTSIDE_HOURS),  # 01:59
        (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), Obstacle.OUTSIDE_HOURS),  # 03:00: that night has no two o'clock
    ],
)
def test_an_hour_of_the_week_is_what_the_clock_shows(now: datetime, kept_by: Obstacle | None) -> None:
    two_on_sunday = hours(start_date=date(2026, 1, 1), end_date=None, of_week=frozenset({6 * 24 + 2}))
    assert obstacle(replace(CANDIDATE, hours=two_on_sunday), now) is kept_by


def test_a_campaign_wants_its_roles_times_its_cities() -> None:
    assert set(CANDIDATE.places) == {
        Place(Surface.PEOPLE_SEARCH, role, city) for role in ("model", "dancer") for city in ("berlin", "hamburg")
    }
    studio = replace(CANDIDATE, surface=Surface.STUDIO_SEARCH, roles=())
    assert studio.places == [Place(Surface.STUDIO_SEARCH, None, city) for city in ("berlin", "hamburg")]


@pytest.mark.parametrize(
    ("changed", "room"),
    [
        (RICH, 700),
        (allowance(balance_cents=50), 50),
        (allowance(spent_cents=4_800), 200),
        (allowance(total_cents=None), 700),
        (allowance(daily_cents=250), -50),
    ],
)
def test_the_room_is_the_least_of_what_is_left(changed: Allowance, room: int) -> None:
    assert changed.room_cents == room


def test_what_is_open_counts_until_it_is_forgotten() -> None:
    assert covers(200, 100.0, 100)
    assert not covers(200, 100.1, 100)
    assert decayed(100.0, 0) == 100.0
    assert decayed(100.0, -5) == 100.0
    assert decayed(decayed(100.0, 20), 40) == pytest.approx(decayed(100.0, 60))
    assert decayed(100.0, FORGOTTEN_AFTER_SECONDS) == pytest.approx(100 / 2.718281828, rel=1e-6)


def test_a_click_rate_starts_at_the_usual_and_ends_at_its_own() -> None:
    assert click_rate(0, 0) == USUAL_CLICK_RATE
    assert click_rate(10, 1) < 2 * USUAL_CLICK_RATE
    assert click_rate(PRIOR_IMPRESSIONS, PRIOR_IMPRESSIONS // 10) == pytest.approx((0.1 + USUAL_CLICK_RATE) / 2)
    assert click_rate(1_000_000, 50_000) == pytest.approx(0.05, rel=0.01)


def test_relevance_is_the_part_of_the_search_that_was_wanted() -> None:
    assert relevance((), ("portrait",)) == 1.0
    assert relevance({"portrait"}, ()) == 1.0
    assert relevance({"portrait", "wedding"}, ("portrait", "night")) == 1.25
    assert relevance({"portrait", "night"}, ("portrait", "night")) == 1.5


def contender(number: int, *, advertiser: int = -1, kind: Format = Format.FEATURED, score: float = -1) -> Contender:
    return Contender(
        campaign_id=f"pcmp_{number:03}",
        advertiser_id=f"padv_{number if advertiser < 0 else advertiser}",
        listing_id=f"srv_{number}",
        format=kind,
        price_cents=100,
        score=100 - number if score < 0 else score,
    )


def shown(arrangement: Arrangement) -> list[tuple[int, str]]:
    return [(placed.position, placed.contender.campaign_id) for placed in arrangement.placed]


def test_the_best_stand_first() -> None:
    arrangement = arrange(Page(20, 6, 3, 1), [contender(number) for number in (3, 1, 2, 4)])
    assert shown(arrangement) == [(1, "pcmp_001"), (7, "pcmp_002"), (14, "pcmp_003")]
    assert [(one.campaign_id, why) for one, why in arrangement.left_out] == [("pcmp_004", Unserved.OUTRANKED)]


@pytest.mark.parametrize(
    ("page", "positions"),
    [
        (Page(20, 6, 0, 0), []),
        (Page(20, 6, 2, 0), [7, 14]),
        (Page(20, 6, 2, 2), [1, 3]),
        (Page(20, 6, 4, 2), [1, 3, 7, 14]),
        (Page(20, 1, 2, 2), [1, 3]),
        (Page(20, 6, 20, 20), [1, 3, 5, *range(7, 21)]),
    ],
)
def test_placements_are_spread_over_the_first_twenty(page: Page, positions: list[int]) -> None:
    assert list(wished_positions(page)) == positions


def test_a_boosted_listing_follows_an_organic_one() -> None:
    boosted = [contender(number, kind=Format.BOOSTED) for number in (1, 2)]
    page = Page(20, 6, 2, 2)
    assert shown(arrange(page, boosted)) == [(3, "pcmp_001")]
    mixed = arrange(page, [*boosted, contender(5)])
    assert shown(mixed) == [(1, "pcmp_005"), (3, "pcmp_001")]
    alone = arrange(replace(page, organic_count=0), boosted)
    assert (shown(alone), {why for _, why in alone.left_out}) == ([], {Unserved.OUTRANKED})
    beaten = arrange(replace(page, organic_count=0), [*boosted, contender(5)])
    assert {why for _, why in beaten.left_out} == {Unserved.NO_SLOT_OF_ITS_FORMAT}


def test_no_advertiser_stands_beside_themselves() -> None:
    page = Page(20, 6, 3, 3)
    both = [contender(1, advertiser=7), contender(2, advertiser=7), contender(3)]
    assert shown(arrange(page, both)) == [(1, "pcmp_001"), (3, "pcmp_003"), (5, "pcmp_002")]
    only = arrange(page, both[:2])
    assert shown(only) == [(1, "pcmp_001")]
    twice = arrange(page, [contender(1), replace(contender(2), listing_id="srv_1"), contender(3)])
    assert shown(twice) == [(1, "pcmp_001"), (3, "pcmp_003")]
    assert [why for _, why in twice.left_out] == [Unserved.ALREADY_SHOWN]
    beaten = arrange(Page(20, 6, 2, 2), both)
    assert [why for _, why in beaten.left_out] == [Unserved.BESIDE_ITSELF]


def test_where_results_run_out_placements_move_up_but_never_too_many_above_the_fold() -> None:
    three = [contender(number) for number in (1, 2, 3)]
    assert shown(arrange(Page(0, 6, 3, 1), three)) == [(1, "pcmp_001")]
    assert shown(arrange(Page(5, 6, 3, 1), three)) == [(1, "pcmp_001"), (7, "pcmp_002"), (8, "pcmp_003")]
    assert shown(arrange(Page(0, 6, 3, 3), three)) == [(1, "pcmp_001"), (2, "pcmp_002"), (3, "pcmp_003")]


contenders = st.lists(
    st.builds(
        contender,
        st.integers(0, 60),
        advertiser=st.integers(0, 8),
        kind=st.sampled_from(Format),
        score=st.floats(0, 10),
    ),
    unique_by=lambda one: one.campaign_id,
    max_size=40,
)


@given(
    organic=st.integers(0, 60),
    fold=st.integers(1, 20),
    limits=st.tuples(st.integers(0, 20), st.integers(0, 20)),
    wanting=contenders,
)
def test_no_page_breaks_its_policy(organic: int, fold: int, limits: tuple[int, int], wanting: list[Contender]) -> None:
    above, density = sorted(limits)
    arrangement = arrange(Page(organic, fold, density, above), wanting)
    positions = [placed.position for placed in arrangement.placed]
    assert len(positions) <= density
    assert all(position <= FIRST_RESULTS for position in positions)
    assert sum(position <= fold for position in positions) <= above
    assert all(earlier < later for earlier, later in pairwise(positions))
    # Every position before a placement is filled, by a placement or by an organic result that there is.
    assert all(position - index <= organic + 1 for index, position in enumerate(positions))
    for earlier, later in pairwise(arrangement.placed):
        assert earlier.contender.advertiser_id != later.contender.advertiser_id
    for index, placed in enumerate(arrangement.placed):
        assert placed.contender.format is Format.FEATURED or placed.position - index >= 2
    assert len({placed.contender.listing_id for placed in arrangement.placed}) == len(positions)
    named = [*(placed.contender for placed in arrangement.placed), *(one for one, _ in arrangement.left_out)]
    assert sorted(named, key=lambda one: one.campaign_id) == sorted(wanting, key=lambda one: one.campaign_id)


def test_a_day_of_the_campaign_turns_at_its_midnight() -> None:
    spent = replace(CANDIDATE, allowance=allowance(spent_today_cents=1_000))
    midnight = datetime(2026, 5, 20, 22, tzinfo=UTC)
    assert obstacle(spent, midnight - timedelta(seconds=1)) is Obstacle.DAILY_BUDGET_SPENT
    assert obstacle(spent, midnight) is None
