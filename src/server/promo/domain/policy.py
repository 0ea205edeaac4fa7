"""What the marketplace asks of campaigns, by surface, role and city."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from server.core.errors import FieldInvalid, Violation
from server.promo.domain.advertiser import AdvertiserStatus
from server.promo.domain.campaign import Campaign, CampaignStatus, Surface
from server.promo.errors import AdvertiserInactive, BalanceEmpty, CampaignOver, CityNotServed, ClickTooCheap


@dataclass(frozen=True, slots=True)
class Place:
    """A surface and, among people, a role, in a city."""

    surface: Surface
    role: str | None
    city: str


@dataclass(frozen=True, slots=True)
class Policy:
    """The lowest price of a click, and how many placements there may be among the first twenty and above the fold."""

    policy_id: str
    place: Place
    cpc_floor_cents: int
    max_density_top20: int
    max_above_fold: int
    updated_at: datetime


def check_policy(policy: Policy) -> None:
    """What the proto's rules cannot say: how fields go together."""
    violations = []
    if (policy.place.surface is Surface.PEOPLE_SEARCH) != (policy.place.role is not None):
        violations.append(Violation("role", "must be given exactly on people_search"))
    if policy.max_above_fold > policy.max_density_top20:
        violations.append(Violation("max_above_fold", "must be at most max_density_top20"))
    if violations:
        raise FieldInvalid(*violations)


def places(campaign: Campaign) -> list[Place]:
    """Everywhere a campaign wants to be shown: its roles times its cities."""
    surface, audience = campaign.terms.target.surface, campaign.terms.audience
    roles: Sequence[str | None] = audience.roles or (None,)
    return [Place(surface, role, city) for role in roles for city in audience.cities]


def floor(wanted: Sequence[Place], policies: Iterable[Policy]) -> int:
    """The highest floor of those places; CityNotServed where one of them has no policy."""
    floors = {policy.place: policy.cpc_floor_cents for policy in policies}
    missing = next((place for place in wanted if place not in floors), None)
    if missing is not None:
        raise CityNotServed(missing.surface, missing.role or "", missing.city)
    return max(floors[place] for place in wanted)


def check_activation(
    campaign: Campaign, advertiser: AdvertiserStatus, policies: Iterable[Policy], *, now: datetime
) -> None:
    """Whether a campaign may be shown from now on."""
    if advertiser is not AdvertiserStatus.ACTIVE:
        raise AdvertiserInactive(campaign.advertiser_id, advertiser)
    schedule = campaign.terms.schedule
    if schedule.end_date is not None and schedule.end_date < schedule.today(now):
        raise CampaignOver(campaign.campaign_id, schedule.end_date)
    check_price(campaign, policies)
    if campaign.balance_cents <= 0:
        raise BalanceEmpty(campaign.campaign_id)


def check_change(campaign: Campaign, policies: Iterable[Policy]) -> None:
    """Whether a campaign may run on under other terms. One that is suspended may be let back into searches by somebody
    else, so it has to pay by then what it would have to pay now.
    """
    if CampaignStatus.ACTIVE in (campaign.status, campaign.status_before_suspension):
        check_price(campaign, policies)


def check_price(campaign: Campaign, policies: Iterable[Policy]) -> None:
    """Whether a campaign pays what its places ask for."""
    lowest = floor(places(campaign), policies)
    if campaign.terms.budget.cpc_cents < lowest:
        raise ClickTooCheap(campaign.campaign_id, lowest)
