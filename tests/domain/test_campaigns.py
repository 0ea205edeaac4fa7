"""What a campaign's day is, and where a campaign lives in the log."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import product

import pytest

from server.core.clock import SystemClock
from server.core.errors import IllegalTransition
from server.core.ids import SystemIds
from server.promo.domain.advertiser import AdvertiserStatus
from server.promo.domain.campaign import (
    TRANSITIONS,
    WITH_ADVERTISER,
    Audience,
    Budget,
    Campaign,
    CampaignEvent,
    CampaignStatus,
    CampaignTerms,
    Format,
    PacingMode,
    Schedule,
    Surface,
    Target,
    TargetEntityType,
    TotalBudgetMode,
    apply,
    following,
    keyword,
    lift,
    suspended_for,
)
from server.promo.domain.partitions import partition_of

NOW = datetime(2026, 5, 1, tzinfo=UTC)
RUNNING = Campaign(
    campaign_id="pcmp_1",
    advertiser_id="padv_1",
    owner_user_id="usr_1",
    status=CampaignStatus.ACTIVE,
    terms=CampaignTerms(
        "Spring",
        Target(Surface.PEOPLE_SEARCH, Format.FEATURED, TargetEntityType.SERVICE_PROFILE, "srv_1"),
        Audience(("berlin",), ("model",), (), (), ()),
        Schedule(date(2026, 5, 1), None, "Europe/Berlin"),
        Budget(100, 1_000, TotalBudgetMode.UNLIMITED, None, PacingMode.EVEN),
    ),
    version=3,
    limits_version=5,
    created_at=NOW,
    updated_at=NOW,
)


@pytest.mark.parametrize(("status", "event"), [*product(CampaignStatus, CampaignEvent)])
def test_every_pair_of_status_and_event_is_a_step_or_refused(status: CampaignStatus, event: CampaignEvent) -> None:
    campaign = replace(RUNNING, status=status)
    target = TRANSITIONS.get((status, event))
    if target is None:
        with pytest.raises(IllegalTransition):
            apply(campaign, event, now=NOW)
        return
    moved = apply(campaign, event, now=NOW)
    assert (moved.status, moved.version, moved.limits_version) == (target, 4, 6)
    assert (moved.status_before_suspension is None) == (target is not CampaignStatus.SUSPENDED)
    assert (moved.activated_at is not None) == (target is CampaignStatus.ACTIVE)


@pytest.mark.parametrize("status", [CampaignStatus.DRAFT, CampaignStatus.ACTIVE, CampaignStatus.PAUSED])
def test_a_lifted_suspension_leads_back(status: CampaignStatus) -> None:
    suspended = apply(replace(RUNNING, status=status), CampaignEvent.SUSPEND, now=NOW, reason="because")
    assert suspended.suspended_reason == "because"
    lifted = apply(suspended, lift(suspended), now=NOW)
    assert (lifted.status, lifted.suspended_reason) == (status, "")
    with pytest.raises(IllegalTransition):
        lift(lifted)


@pytest.mark.parametrize(
    ("zone", "now", "today"),
    [
        ("Europe/Berlin", datetime(2026, 3, 28, 23, 30, tzinfo=UTC), date(2026, 3, 29)),
        ("Europe/Berlin", datetime(2026, 3, 29, 21, 59, tzinfo=UTC), date(2026, 3, 29)),
        ("Europe/Berlin", datetime(2026, 3, 29, 22, 0, tzinfo=UTC), date(2026, 3, 30)),
        ("Europe/Berlin", datetime(2026, 10, 25, 22, 59, tzinfo=UTC), date(2026, 10, 25)),
        ("Europe/Berlin", datetime(2026, 10, 25, 23, 0, tzinfo=UTC), date(2026, 10, 26)),
        ("Asia/Kolkata", datetime(2026, 5, 1, 18, 30, tzinfo=UTC), date(2026, 5, 2)),
        ("Pacific/Kiritimati", datetime(2026, 5, 1, 10, 0, tzinfo=UTC), date(2026, 5, 2)),
    ],
)
def test_a_day_begins_at_the_campaigns_own_midnight(zone: str, now: datetime, today: date) -> None:
    assert Schedule(date(2026, 1, 1), None, zone).today(now) == today


def test_keywords_are_compared_without_case_and_spacing() -> None:
    assert keyword("  Straßen   PORTRÄT\t") == "strassen porträt"


def test_a_campaign_keeps_its_partition() -> None:
    """The numbers are written down: records that were appended under them are still in the log."""
    names = ["pcmp_01hk153x00e2w8z9q4t6v7y8z9", "pcmp_01hk153x00e2w8z9q4t6v7y8za"]
    assert [[partition_of(name, partitions) for partitions in (1, 4, 16)] for name in names] == [[0, 1, 13], [0, 3, 11]]


def test_campaigns_spread_over_the_partitions() -> None:
    ids = SystemIds(SystemClock())
    counts = Counter(partition_of(ids.new("pcmp"), 4) for _ in range(4_000))
    assert set(counts) == {0, 1, 2, 3}
    assert min(counts.values()) > 800


@pytest.mark.parametrize(
    ("status", "reason", "event"),
    [
        (CampaignStatus.DRAFT, "", CampaignEvent.SUSPEND),
        (CampaignStatus.ACTIVE, "", CampaignEvent.SUSPEND),
        (CampaignStatus.PAUSED, "", CampaignEvent.SUSPEND),
        (CampaignStatus.ENDED, "", None),
        (CampaignStatus.SUSPENDED, "its picture", None),
        (CampaignStatus.SUSPENDED, WITH_ADVERTISER, CampaignEvent.KEEP_SUSPENDED),
    ],
)
def test_a_reason_of_its_own_outlasts_that_of_its_advertiser(
    status: CampaignStatus, reason: str, event: CampaignEvent | None
) -> None:
    was_active = CampaignStatus.ACTIVE if status is CampaignStatus.SUSPENDED else None
    campaign = replace(RUNNING, status=status, suspended_reason=reason, status_before_suspension=was_active)
    moved = suspended_for(campaign, "owed", now=NOW)
    if moved is None:
        assert event is None
        return
    after, happened = moved
    assert (happened, after.status, after.suspended_reason) == (event, CampaignStatus.SUSPENDED, "owed")
    assert (after.version, after.status_before_suspension) == (campaign.version + 1, was_active or status)
    assert following(after, AdvertiserStatus.PAUSED) is None
