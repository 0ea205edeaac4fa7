"""One decision of all that was found."""

import pytest

from server.promo.domain.campaign import CampaignStatus
from server.promo.domain.verdicts import Rule, Verdict
from streams.clicks.rules.book import DEFAULT_BOOK, NOTHING_SWITCHED_OFF, Book, Mode, NoLimits, Setting, Switches
from streams.clicks.rules.hits import Hit, Hits
from streams.clicks.rules.judging import judge
from tests.streams.clicks import CLICK

FAST = Hit(Rule.TOO_FAST, 1, {"age_ms": 12})
ROBOT = Hit(Rule.KNOWN_BOT, 1, {"robot_list": "2026-11-01"})
HINT = Hit(Rule.TOO_FAST, 1, {"age_ms": 400}, hint=True)


def test_a_click_that_nothing_speaks_against_is_for_the_budget_to_decide() -> None:
    judged = judge(CLICK, (), DEFAULT_BOOK, NOTHING_SWITCHED_OFF, CampaignStatus.ACTIVE)
    assert judged.chargeable
    assert judged.hits == ()


@pytest.mark.parametrize("hits", [(FAST, ROBOT), (ROBOT, FAST)])
def test_the_first_rule_of_the_book_decides_and_all_hits_are_kept(hits: Hits) -> None:
    judged = judge(CLICK, hits, DEFAULT_BOOK, NOTHING_SWITCHED_OFF, CampaignStatus.ACTIVE)
    assert (judged.verdict, judged.decided_by, judged.hits) == (Verdict.INVALID, ROBOT, (ROBOT, FAST))


def test_a_hint_is_kept_and_decides_nothing() -> None:
    judged = judge(CLICK, (HINT,), DEFAULT_BOOK, NOTHING_SWITCHED_OFF, CampaignStatus.ACTIVE)
    assert (judged.verdict, judged.hits) == (None, (HINT,))


@pytest.mark.parametrize("mode", [Mode.SHADOW, Mode.OFF])
def test_a_version_in_shadow_is_kept_and_decides_nothing(mode: Mode) -> None:
    book = Book(
        3,
        (
            Setting(Rule.KNOWN_BOT, 2, mode, NoLimits()),
            Setting(Rule.KNOWN_BOT, 1, Mode.ON, NoLimits()),
        ),
    )
    newer = ROBOT._replace(version=2)
    judged = judge(CLICK, (newer,), book, NOTHING_SWITCHED_OFF, CampaignStatus.ACTIVE)
    assert (judged.verdict, judged.hits) == (None, (newer,))
    assert judge(CLICK, (newer, ROBOT), book, NOTHING_SWITCHED_OFF, CampaignStatus.ACTIVE).decided_by == ROBOT


def test_a_rule_that_was_switched_off_leaves_the_decision_to_the_next() -> None:
    switches = Switches(4, rules=frozenset({Rule.KNOWN_BOT}))
    judged = judge(CLICK, (ROBOT, FAST), DEFAULT_BOOK, switches, CampaignStatus.ACTIVE)
    assert (judged.decided_by, judged.hits) == (FAST, (ROBOT, FAST))


@pytest.mark.parametrize(
    ("status", "switches", "verdict"),
    [
        (CampaignStatus.DRAFT, NOTHING_SWITCHED_OFF, None),
        (CampaignStatus.ACTIVE, NOTHING_SWITCHED_OFF, None),
        (CampaignStatus.PAUSED, NOTHING_SWITCHED_OFF, None),
        (CampaignStatus.ENDED, NOTHING_SWITCHED_OFF, None),
        (CampaignStatus.SUSPENDED, NOTHING_SWITCHED_OFF, Verdict.SUSPENDED),
        (None, NOTHING_SWITCHED_OFF, Verdict.UNKNOWN_CAMPAIGN),
        (CampaignStatus.ACTIVE, Switches(1, everything=True), Verdict.CHARGING_STOPPED),
        (CampaignStatus.ACTIVE, Switches(1, campaigns=frozenset({"pcmp_1"})), Verdict.CHARGING_STOPPED),
        (CampaignStatus.ACTIVE, Switches(1, campaigns=frozenset({"pcmp_2"})), None),
    ],
)
def test_valid_clicks_are_charged_unless_charging_was_stopped(
    status: CampaignStatus | None, switches: Switches, verdict: Verdict | None
) -> None:
    assert judge(CLICK, (), DEFAULT_BOOK, switches, status).verdict == verdict


def test_an_invalid_click_is_invalid_whatever_was_stopped() -> None:
    judged = judge(CLICK, (ROBOT,), DEFAULT_BOOK, Switches(1, everything=True), None)
    assert judged.verdict is Verdict.INVALID
