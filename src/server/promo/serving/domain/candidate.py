"""A campaign as serving sees it, and whether anything keeps it from being shown at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from server.promo.domain.advertiser import AdvertiserStatus
from server.promo.domain.campaign import CampaignStatus, Format, PacingMode, Surface
from server.promo.domain.day import hour_of_week
from server.promo.domain.policy import Place
from server.promo.serving.domain.guard import Allowance
from server.promo.serving.domain.unserved import Obstacle


@dataclass(frozen=True, slots=True)
class Hours:
    """When a campaign may be shown: days and hours of the week in its zone. No hours means all of them."""

    start_date: date
    end_date: date | None
    time_zone: str
    of_week: frozenset[int]


@dataclass(frozen=True, slots=True)
class Candidate:
    """What is known of a campaign: what it wants, what it may spend, and how it has done."""

    campaign_id: str
    advertiser_id: str
    advertiser_status: AdvertiserStatus
    status: CampaignStatus
    listing_id: str
    surface: Surface
    format: Format
    cities: tuple[str, ...]
    roles: tuple[str, ...]
    keywords: frozenset[str]
    negative_keywords: frozenset[str]
    hours: Hours
    cpc_cents: int
    pacing: PacingMode
    allowance: Allowance
    budget_day: date
    """The day that the allowance's spending is of."""

    @property
    def places(self) -> list[Place]:
        """Everywhere it wants to be shown."""
        roles: Sequence[str | None] = self.roles or (None,)
        return [Place(self.surface, role, city) for role in roles for city in self.cities]


def obstacle(candidate: Candidate, now: datetime) -> Obstacle | None:
    """What keeps the campaign from every search at that time; None where nothing does."""
    if candidate.status is not CampaignStatus.ACTIVE:
        return Obstacle.NOT_ACTIVE
    if candidate.advertiser_status is not AdvertiserStatus.ACTIVE:
        return Obstacle.ADVERTISER_INACTIVE
    return _out_of_time(candidate.hours, now) or _out_of_money(candidate, now)


def _out_of_time(hours: Hours, now: datetime) -> Obstacle | None:
    local = now.astimezone(ZoneInfo(hours.time_zone))
    if local.date() < hours.start_date:
        return Obstacle.NOT_STARTED
    if hours.end_date is not None and local.date() > hours.end_date:
        return Obstacle.OVER
    if hours.of_week and hour_of_week(local) not in hours.of_week:
        return Obstacle.OUTSIDE_HOURS
    return None


def _out_of_money(candidate: Candidate, now: datetime) -> Obstacle | None:
    allowance, cpc = candidate.allowance, candidate.cpc_cents
    if allowance.balance_cents < cpc:
        return Obstacle.NO_BALANCE
    if allowance.total_left_cents is not None and allowance.total_left_cents < cpc:
        return Obstacle.TOTAL_BUDGET_SPENT
    today = now.astimezone(ZoneInfo(candidate.hours.time_zone)).date()
    if today == candidate.budget_day and allowance.daily_left_cents < cpc:
        return Obstacle.DAILY_BUDGET_SPENT
    return None
