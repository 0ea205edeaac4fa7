"""Who may be shown in a search, and how far one looks for them."""

from dataclasses import replace

import pytest

from server.promo.domain.campaign import Format
from server.promo.serving.board import Entry
from server.promo.serving.domain.slots import Page
from server.promo.serving.domain.unserved import Unserved
from server.promo.serving.examining import MOST_EXAMINED, MOST_SHOWN_A_DAY, SPARE, Examined, examine
from tests.promo.test_board import BASE

PAGE = Page(organic_count=20, fold=6, max_density_top20=2, max_above_fold=1)


def entry(number: int = 0, advertiser: int | None = None, **changes: object) -> Entry:
    """A campaign that may be shown anywhere."""
    candidate = replace(
        BASE,
        campaign_id=f"pcmp_{number}",
        advertiser_id=f"padv_{number if advertiser is None else advertiser}",
        **changes,  # type: ignore[arg-type]
    )
    return Entry(candidate, frozenset({"model"}), pass_through=1.0, room_cents=1_000, worth=2.0)


def examined(
    *entries: Entry,
    keywords: tuple[str, ...] = (),
    seen: dict[str, int] | None = None,
    draw: float = 0.5,
    page: Page = PAGE,
) -> Examined:
    return examine(entries, keywords=keywords, seen=seen or {}, page=page, at=0.0, draw=lambda: draw)


def short_of_money() -> Entry:
    poor = entry()
    poor.room_cents = 101
    poor.show(0.0)  # 2 cents of it are open, and 1 is left beside a click
    return poor


def half_paced() -> Entry:
    slow = entry()
    slow.pass_through = 0.5
    return slow


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (examined(entry(negative_keywords=frozenset({"cheap"})), keywords=("cheap",)), Unserved.NEGATIVE_KEYWORD),
        (examined(entry(), seen={"pcmp_0": MOST_SHOWN_A_DAY}), Unserved.VIEWER_SATED),
        (examined(half_paced(), draw=0.5), Unserved.PACED),
        (examined(short_of_money()), Unserved.BUDGET_IN_FLIGHT),
        (
            examined(entry(format=Format.BOOSTED), page=replace(PAGE, organic_count=0)),
            Unserved.NO_SLOT_OF_ITS_FORMAT,
        ),
    ],
)
def test_a_campaign_is_kept_out_of_one_search(found: Examined, why: Unserved) -> None:
    assert (dict(found.refused), dict(found.contenders)) == ({"pcmp_0": why}, {})


@pytest.mark.parametrize(
    "found",
    [
        examined(entry(negative_keywords=frozenset({"cheap"})), keywords=("wedding",)),
        examined(entry(), seen={"pcmp_0": MOST_SHOWN_A_DAY - 1, "pcmp_1": 99}),
        examined(half_paced(), draw=0.49),
        examined(entry(format=Format.BOOSTED)),
    ],
)
def test_a_campaign_contends_for_one_search(found: Examined) -> None:
    assert (dict(found.refused), list(found.contenders)) == ({}, ["pcmp_0"])


def test_a_full_fit_counts_more() -> None:
    wedding = entry(keywords=frozenset({"wedding"}))
    [(fitting, _)] = examined(wedding, keywords=("wedding",)).contenders.values()
    [(half, _)] = examined(wedding, keywords=("wedding", "night")).contenders.values()
    assert (fitting.score, half.score) == (3.0, 2.5)


def test_one_looks_until_there_are_advertisers_enough() -> None:
    many = examined(*(entry(number) for number in range(50)))
    assert len(many.contenders) == PAGE.max_density_top20 + SPARE
    crowd = [entry(number, advertiser=1) for number in range(50)]
    behind = examined(*crowd, entry(50), entry(51))
    assert {contender.advertiser_id for contender, _ in behind.contenders.values()} == {"padv_1", "padv_50", "padv_51"}


def test_one_looks_at_two_hundred_and_no_more() -> None:
    tired = {f"pcmp_{number}": MOST_SHOWN_A_DAY for number in range(MOST_EXAMINED)}
    found = examined(*(entry(number) for number in range(MOST_EXAMINED + 5)), seen=tired)
    assert (len(found.refused), len(found.contenders)) == (MOST_EXAMINED, 0)
