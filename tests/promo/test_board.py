"""The board finds exactly what a look at every campaign would find, whatever happened to it before."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.promo.domain.advertiser import AdvertiserStatus
from server.promo.domain.campaign import CampaignStatus, Format, PacingMode, Surface
from server.promo.domain.policy import Place
from server.promo.serving.board import Board
from server.promo.serving.domain.candidate import Candidate, Hours, obstacle
from server.promo.serving.domain.guard import Allowance, decayed
from server.promo.serving.domain.pacing import FIRST_PASS_THROUGH
from server.promo.serving.repository import Budget, Exposure, Going, Known
from server.promo.serving.times import seconds

NOON = datetime(2026, 5, 20, 10, tzinfo=UTC)
ROLES, CITIES, WORDS = ("model", "dancer"), ("berlin", "hamburg"), ("wedding", "night", "studio")
RICH = Allowance(1_000, None, 10_000, 0, 0)
BASE = Candidate(
    campaign_id="pcmp_0",
    advertiser_id="padv_1",
    advertiser_status=AdvertiserStatus.ACTIVE,
    status=CampaignStatus.ACTIVE,
    listing_id="srv_1",
    surface=Surface.PEOPLE_SEARCH,
    format=Format.FEATURED,
    cities=("berlin",),
    roles=("model",),
    keywords=frozenset(),
    negative_keywords=frozenset(),
    hours=Hours(date(2026, 5, 1), None, "Europe/Berlin", frozenset()),
    cpc_cents=100,
    pacing=PacingMode.EVEN,
    allowance=RICH,
    budget_day=date(2026, 5, 20),
)

some = st.builds(
    lambda number, cities, roles, keywords, cents, status, hours, spent: replace(
        BASE,
        campaign_id=f"pcmp_{number}",
        cities=tuple(sorted(cities)),
        roles=tuple(sorted(roles)),
        keywords=keywords,
        cpc_cents=cents,
        status=status,
        hours=replace(BASE.hours, of_week=hours),
        allowance=replace(RICH, spent_today_cents=spent),
    ),
    st.integers(0, 7),
    st.sets(st.sampled_from(CITIES), min_size=1),
    st.sets(st.sampled_from(ROLES), min_size=1),
    st.frozensets(st.sampled_from(WORDS)),
    st.integers(1, 300),
    st.sampled_from([CampaignStatus.ACTIVE] * 4 + [CampaignStatus.PAUSED]),
    st.sampled_from([frozenset[int](), frozenset({60, 61}), frozenset({62})]),
    st.sampled_from([0, 999]),
)


@given(
    changes=st.lists(st.tuples(some, st.floats(0.001, 0.2)), max_size=25),
    later=st.integers(0, 4 * 24 * 4),
    asked=st.frozensets(st.sampled_from(WORDS)),
)
def test_a_search_finds_what_fits_and_the_best_first(
    changes: list[tuple[Candidate, float]], later: int, asked: frozenset[str]
) -> None:
    board, known = Board(), dict[str, Candidate]()
    for candidate, rate in changes:
        board.put(Known(candidate, Going(candidate.campaign_id, BASE.budget_day, 0.5, rate)), NOON)
        known[candidate.campaign_id] = candidate
    now = NOON + later * timedelta(minutes=15)
    while board.turn(now, 3):
        pass
    for place in (Place(Surface.PEOPLE_SEARCH, role, city) for role in ROLES for city in CITIES):
        found = list(board.fitting(place, sorted(asked)))
        assert sorted(entry.candidate.campaign_id for entry in found) == sorted(
            candidate.campaign_id
            for candidate in known.values()
            if place in candidate.places
            and (not candidate.keywords or candidate.keywords & asked)
            and obstacle(candidate, now) is None
        )
        highest = [entry.worth * (1.5 if entry.candidate.keywords else 1.0) for entry in found]
        assert highest == sorted(highest, reverse=True)
    assert len(board) == sum(candidate.status is CampaignStatus.ACTIVE for candidate in known.values())


def fitting(board: Board, role: str = "model", city: str = "berlin") -> list[str]:
    place = Place(Surface.PEOPLE_SEARCH, role, city)
    return [entry.candidate.campaign_id for entry in board.fitting(place, ())]


def test_a_spent_campaign_comes_back_with_money_or_with_its_next_day() -> None:
    board = Board()
    board.put(Known(BASE, None), NOON)
    assert fitting(board) == ["pcmp_0"]
    board.fund(Budget("pcmp_0", BASE.budget_day, replace(RICH, spent_today_cents=950)), NOON)
    assert fitting(board) == []
    board.fund(Budget("pcmp_0", BASE.budget_day, replace(RICH, spent_today_cents=850)), NOON)
    assert fitting(board) == ["pcmp_0"]
    board.fund(Budget("pcmp_0", BASE.budget_day, replace(RICH, spent_today_cents=1_000)), NOON)
    midnight = datetime(2026, 5, 20, 22, tzinfo=UTC)
    assert board.turn(midnight - timedelta(seconds=1), 10) == 0
    assert fitting(board) == []
    assert board.turn(midnight, 10) == 1
    assert fitting(board) == ["pcmp_0"]
    board.fund(Budget("pcmp_other", BASE.budget_day, RICH), NOON)  # of which nothing is known
    assert len(board) == 1


def test_an_hour_of_the_week_comes_and_goes() -> None:
    board = Board()
    board.put(Known(replace(BASE, hours=replace(BASE.hours, of_week=frozenset({61}))), None), NOON)  # Wednesday, 13:00
    assert fitting(board) == []
    for minutes, shown in ((45, False), (60, True), (105, True), (120, False)):
        board.turn(NOON + timedelta(minutes=minutes), 10)
        assert bool(fitting(board)) is shown


def test_a_published_pace_moves_a_campaign_where_its_worth_changed() -> None:
    board = Board()
    board.put(Known(BASE, None), NOON)
    board.put(Known(replace(BASE, campaign_id="pcmp_1", cpc_cents=110), None), NOON)
    assert fitting(board) == ["pcmp_1", "pcmp_0"]
    board.go(Going("pcmp_0", BASE.budget_day, 0.7, 0.05))
    board.go(Going("pcmp_unknown", BASE.budget_day, 0.7, 0.05))
    assert fitting(board) == ["pcmp_0", "pcmp_1"]
    first, second = board.entry("pcmp_0"), board.entry("pcmp_1")
    assert first is not None
    assert second is not None
    assert (first.pass_through, second.pass_through) == (0.7, FIRST_PASS_THROUGH)


def test_an_accelerated_campaign_takes_part_in_everything() -> None:
    board = Board()
    board.put(Known(replace(BASE, pacing=PacingMode.ACCELERATED), None), NOON)
    entry = board.entry("pcmp_0")
    assert entry is not None
    assert entry.pass_through == 1.0
    board.go(Going("pcmp_0", BASE.budget_day, 0.3, 0.02))
    assert entry.pass_through == 1.0


def test_what_is_open_is_the_sum_over_servers_and_falls_off() -> None:
    board = Board()
    board.expose(Exposure("svr_2", "pcmp_0", 10.0, NOON), NOON)  # before the campaign itself is known
    board.put(Known(BASE, None), NOON)
    entry = board.entry("pcmp_0")
    assert entry is not None
    at = seconds(NOON)
    entry.show(at)
    assert entry.open_cents(at) == pytest.approx(10.0 + entry.click_rate * 100)
    board.expose(Exposure("svr_3", "pcmp_0", 5.0, NOON), NOON)
    board.expose(Exposure("svr_2", "pcmp_0", 12.0, NOON), NOON)  # the newest of a server stands
    later = at + 30
    assert entry.open_cents(later) == pytest.approx(decayed(17.0 + entry.click_rate * 100, 30))
    board.forget_exposures(NOON + timedelta(seconds=1))
    board.put(Known(replace(BASE, campaign_id="pcmp_1"), None), NOON)
    board.drop("pcmp_0")
    board.put(Known(BASE, None), NOON)
    again = board.entry("pcmp_0")
    assert again is not None
    assert again.open_cents(at) == 0


def test_a_campaign_at_rest_stands_in_nobodys_way_until_the_next_look() -> None:
    board = Board()
    board.put(Known(BASE, None), NOON)
    board.rest("pcmp_0")
    assert fitting(board) == []
    board.wake(NOON)
    assert fitting(board) == ["pcmp_0"]
    board.rest("pcmp_0")
    board.drop("pcmp_0")
    board.wake(NOON)
    assert fitting(board) == []
