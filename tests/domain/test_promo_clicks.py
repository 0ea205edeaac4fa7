"""What is decided about clicks after the stream: suspicious hours, hours of a zone, switches, claims, proofs."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise, product
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.errors import IllegalTransition
from server.promo.domain.agreement import DaySums, Disagreement, Held, drifted, of_days, under_way
from server.promo.domain.claim import CLICK_CLAIM_TRANSITIONS, ClickClaim, ClickClaimEvent, ClickClaimStatus, decided
from server.promo.domain.crediting import ChargedClick, credit_of
from server.promo.domain.funds import Funds
from server.promo.domain.late import HourOfCampaign, LateClick, neighbourhoods, without_impression
from server.promo.domain.report import ReportGranularity, Span, bucket_of, buckets
from server.promo.domain.switches import KillSwitchScope, Switch, Switchboard, switched
from server.promo.domain.verdicts import Rule

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
ZONES = (
    "Europe/Berlin",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "America/St_Johns",
    "Pacific/Chatham",
    "America/Santiago",
    "Africa/Cairo",
    "Asia/Beirut",
    "UTC",
)


@given(st.sampled_from(ZONES), st.dates(date(2024, 1, 1), date(2027, 12, 31)), st.sampled_from(ReportGranularity))
def test_rows_of_a_report_have_no_gap_and_no_overlap(zone: str, day: date, granularity: ReportGranularity) -> None:
    span = Span(day, day + timedelta(days=1), granularity, zone)
    starts = list(buckets(span))
    assert starts[0] == span.starts_at
    assert all(before < after for before, after in pairwise(starts))
    lengths = [after - before for before, after in pairwise([*starts, span.ends_at])]
    longest = timedelta(hours=1) if granularity is ReportGranularity.HOUR else timedelta(hours=25)
    assert all(timedelta(minutes=15) <= length <= longest for length in lengths)


@given(
    st.sampled_from(ZONES),
    st.datetimes(datetime(2024, 1, 1), datetime(2027, 12, 31)),  # noqa: DTZ001  made aware below
    st.sampled_from(ReportGranularity),
)
def test_a_quarter_of_an_hour_lies_in_one_row(zone: str, at: datetime, granularity: ReportGranularity) -> None:
    """So rollups by the quarter lose nothing, whatever the zone does."""
    quarter = at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0, tzinfo=UTC)
    first = bucket_of(quarter, granularity, zone)
    assert bucket_of(quarter + timedelta(minutes=15) - timedelta(microseconds=1), granularity, zone) == first
    assert first <= quarter
    day = quarter.astimezone(ZoneInfo(zone)).date()
    assert first in set(buckets(Span(day, day, granularity, zone)))


@pytest.mark.parametrize(
    ("clicks", "impressions", "baseline", "spike"),
    [
        (30, 100, (10_000, 100), True),
        (29, 100, (10_000, 100), False),
        (30, 3_000, (10_000, 100), False),
        (30, 100, (999, 1), False),
        (40, 10, (10_000, 100), True),
        (40, 100, (10_000, 0), True),
        (40, 100, (10_000, 4_000), False),
    ],
)
def test_an_hour_is_compared_with_its_own_past(
    clicks: int, impressions: int, baseline: tuple[int, int], spike: bool
) -> None:
    assert HourOfCampaign("pcmp_1", NOW, impressions, clicks, *baseline).is_spike is spike


def test_impressions_are_looked_for_around_the_time_that_their_device_believes_in() -> None:
    right, days_off = NOW, NOW - timedelta(days=3)
    clicks = [LateClick("pcmp_1", f"pevt_{n}", f"pimp_{n}", at) for n, at in enumerate((right, days_off, right))]
    near = list(neighbourhoods(clicks))
    assert [len(one.clicks) for one in near] == [1, 2]
    assert all(one.since <= click.at - timedelta(hours=2) for one in near for click in one.clicks)
    assert all(one.until > click.at for one in near for click in one.clicks)
    found = without_impression(clicks, {"pimp_0"})
    assert [one.event_id for one in found["pcmp_1"]] == ["pevt_1", "pevt_2"]


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_a_credit_is_what_was_taken(promo: int, cash: int) -> None:
    charged = ChargedClick("pevt_1", "pble_1", Funds(-promo, -cash), NOW, credited=False)
    movement = credit_of(charged, "pcmp_1", "pble_2", Rule.CLAIMED)
    assert (movement.funds, movement.restored_cents) == (Funds(promo, cash), promo + cash)
    assert (movement.reverses_entry_id, movement.budget_day) == ("pble_1", None)


@pytest.mark.parametrize(("status", "granted"), [*product(ClickClaimStatus, (True, False))])
def test_a_claim_is_decided_once(status: ClickClaimStatus, granted: bool) -> None:
    claim = ClickClaim(
        claim_id="pclm_1",
        campaign_id="pcmp_1",
        event_id="pevt_1",
        spend_entry_id="pble_1",
        claimed_by="usr_1",
        reason="why",
        status=status,
        version=1,
        created_at=NOW,
        updated_at=NOW,
    )
    event = ClickClaimEvent.GRANT if granted else ClickClaimEvent.DENY
    target = CLICK_CLAIM_TRANSITIONS.get((status, event))
    if target is None:
        with pytest.raises(IllegalTransition):
            decided(claim, granted=granted, by="usr_2", reason="because", now=NOW)
        return
    after, happened = decided(claim, granted=granted, by="usr_2", reason="because", now=NOW)
    assert (after.status, after.version, happened) == (target, 2, event)


switches = st.one_of(
    st.just(Switch(KillSwitchScope.EVERYTHING)),
    st.sampled_from([Rule.METRONOME, Rule.CLICK_RATE]).map(lambda rule: Switch(KillSwitchScope.RULE, rule.value)),
    st.sampled_from(["pcmp_1", "pcmp_2"]).map(lambda name: Switch(KillSwitchScope.CAMPAIGN, name)),
)


@given(st.lists(st.tuples(switches, st.booleans()), max_size=12))
def test_a_switchboard_is_the_last_word_about_each_switch(thrown: list[tuple[Switch, bool]]) -> None:
    board, last = Switchboard(), {}
    for switch, stopped in thrown:
        board = switched(board, switch, stopped=stopped)
        last[switch] = stopped
    off = {switch for switch, stopped in last.items() if stopped}
    assert board.version == len(thrown)
    assert board.everything is (Switch(KillSwitchScope.EVERYTHING) in off)
    assert {Switch(KillSwitchScope.RULE, rule.value) for rule in board.rules} | {
        Switch(KillSwitchScope.CAMPAIGN, name) for name in board.campaigns
    } == off - {Switch(KillSwitchScope.EVERYTHING)}


@given(st.lists(st.tuples(st.integers(1, 9), st.booleans())), st.integers(0, 10))
def test_a_claim_is_drift_only_where_no_commit_can_bring_it(claims: list[tuple[int, bool]], last: int) -> None:
    held = [Held(f"key_{n}", offset, 10, in_ledger) for n, (offset, in_ledger) in enumerate(claims)]
    lost = drifted(held, last)
    assert all(claim.offset <= last and not claim.in_ledger for claim in lost)
    kinds = Counter("lost" if claim in lost else "on its way" if claim.offset > last else "there" for claim in held)
    assert under_way(held, last) == 10 * kinds["on its way"]


def test_days_are_compared_by_everybody_who_counts_them() -> None:
    day = date(2026, 5, 1)
    assert list(of_days("pcmp_1", [DaySums(day, 50, 50, 50)])) == []
    found = list(of_days("pcmp_1", [DaySums(day, 50, 40, 60)]))
    assert [one.kind for one in found] == [Disagreement.DECISIONS, Disagreement.ROLLUPS]
