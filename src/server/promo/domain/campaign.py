"""What a campaign is and what may be asked of one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from zoneinfo import ZoneInfo

from server.core.clock import is_zone
from server.core.errors import FieldInvalid, IllegalTransition, Violation
from server.promo.domain.advertiser import AdvertiserStatus
from server.promo.domain.funds import NOTHING, Funds

LEAST_TOPUP_CENTS = 100
WITH_ADVERTISER = "its advertiser is suspended"
"""Why a campaign is suspended that goes on by itself once its advertiser may."""


class TargetEntityType(StrEnum):
    """The kind of thing that a campaign shows."""

    SERVICE_PROFILE = "service_profile"
    STUDIO = "studio"


class Surface(StrEnum):
    """Where a campaign is shown."""

    PEOPLE_SEARCH = "people_search"
    STUDIO_SEARCH = "studio_search"


class Format(StrEnum):
    """How a campaign's listing stands out."""

    FEATURED = "featured"
    BOOSTED = "boosted"


class CampaignStatus(StrEnum):
    """Where a campaign stands."""

    DRAFT = "draft"
    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"
    SUSPENDED = "suspended"


class PacingMode(StrEnum):
    """How a day's budget is spread over the day."""

    EVEN = "even"
    ACCELERATED = "accelerated"


class TotalBudgetMode(StrEnum):
    """Whether all days together have a cap."""

    CAPPED = "capped"
    UNLIMITED = "unlimited"


class CampaignEvent(StrEnum):
    """What happens to a campaign. A lifted suspension leads back to where the campaign stood before."""

    CREATE = "create"
    UPDATE = "update"
    ACTIVATE = "activate"
    PAUSE = "pause"
    END = "end"
    END_DATE_PASSED = "end_date_passed"
    SUSPEND = "suspend"
    LIFT_TO_DRAFT = "lift_to_draft"
    LIFT_TO_ACTIVE = "lift_to_active"
    LIFT_TO_PAUSED = "lift_to_paused"
    KEEP_SUSPENDED = "keep_suspended"
    STOP_AUTOMATIC_TOPUPS = "stop_automatic_topups"


TRANSITIONS: Mapping[tuple[CampaignStatus, CampaignEvent], CampaignStatus] = MappingProxyType(
    {
        (CampaignStatus.DRAFT, CampaignEvent.ACTIVATE): CampaignStatus.ACTIVE,
        (CampaignStatus.DRAFT, CampaignEvent.END): CampaignStatus.ENDED,
        (CampaignStatus.DRAFT, CampaignEvent.SUSPEND): CampaignStatus.SUSPENDED,
        (CampaignStatus.ACTIVE, CampaignEvent.PAUSE): CampaignStatus.PAUSED,
        (CampaignStatus.ACTIVE, CampaignEvent.END): CampaignStatus.ENDED,
        (CampaignStatus.ACTIVE, CampaignEvent.END_DATE_PASSED): CampaignStatus.ENDED,
        (CampaignStatus.ACTIVE, CampaignEvent.SUSPEND): CampaignStatus.SUSPENDED,
        (CampaignStatus.PAUSED, CampaignEvent.ACTIVATE): CampaignStatus.ACTIVE,
        (CampaignStatus.PAUSED, CampaignEvent.END): CampaignStatus.ENDED,
        (CampaignStatus.PAUSED, CampaignEvent.END_DATE_PASSED): CampaignStatus.ENDED,
        (CampaignStatus.PAUSED, CampaignEvent.SUSPEND): CampaignStatus.SUSPENDED,
        (CampaignStatus.SUSPENDED, CampaignEvent.LIFT_TO_DRAFT): CampaignStatus.DRAFT,
        (CampaignStatus.SUSPENDED, CampaignEvent.LIFT_TO_ACTIVE): CampaignStatus.ACTIVE,
        (CampaignStatus.SUSPENDED, CampaignEvent.LIFT_TO_PAUSED): CampaignStatus.PAUSED,
    }
)

_LIFTS = {
    CampaignStatus.DRAFT: CampaignEvent.LIFT_TO_DRAFT,
    CampaignStatus.ACTIVE: CampaignEvent.LIFT_TO_ACTIVE,
    CampaignStatus.PAUSED: CampaignEvent.LIFT_TO_PAUSED,
}

_SHOWN_ON = {
    Surface.PEOPLE_SEARCH: (TargetEntityType.SERVICE_PROFILE, "srv_"),
    Surface.STUDIO_SEARCH: (TargetEntityType.STUDIO, "std_"),
}


@dataclass(frozen=True, slots=True)
class Target:
    """What is shown, and where."""

    surface: Surface
    format: Format
    entity_type: TargetEntityType
    entity_id: str


@dataclass(frozen=True, slots=True)
class Audience:
    """Whose searches it is shown in. No keywords means any search, no hours means always."""

    cities: tuple[str, ...]
    roles: tuple[str, ...]
    keywords: tuple[str, ...]
    negative_keywords: tuple[str, ...]
    hours_of_week: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Schedule:
    """From which day to which, and in which zone days begin."""

    start_date: date
    end_date: date | None
    time_zone: str

    def today(self, now: datetime) -> date:
        """The campaign's own day at that instant: 23 or 25 hours long twice a year."""
        return now.astimezone(ZoneInfo(self.time_zone)).date()


@dataclass(frozen=True, slots=True)
class AutomaticTopUps:
    """Below which balance the advertiser's card is charged, and how much."""

    below_cents: int
    amount_cents: int


@dataclass(frozen=True, slots=True)
class Budget:
    """What a click costs, and how much may be spent. No total means unlimited."""

    cpc_cents: int
    daily_cents: int
    total_mode: TotalBudgetMode
    total_cents: int | None
    pacing: PacingMode
    topups: AutomaticTopUps | None = None


@dataclass(frozen=True, slots=True)
class CampaignTerms:
    """Everything about a campaign that its advertiser decides."""

    name: str
    target: Target
    audience: Audience
    schedule: Schedule
    budget: Budget


@dataclass(frozen=True, slots=True)
class Campaign:
    """A listing that somebody pays to have shown."""

    campaign_id: str
    advertiser_id: str
    owner_user_id: str
    status: CampaignStatus
    terms: CampaignTerms
    version: int
    limits_version: int
    created_at: datetime
    updated_at: datetime
    activated_at: datetime | None = None
    status_before_suspension: CampaignStatus | None = None
    suspended_reason: str = ""
    funded: Funds = NOTHING
    spent: Funds = NOTHING
    withdrawn_cents: int = 0
    """What of `spent` went by other ways than clicks."""
    restored_cents: int = 0
    """What of `funded` gives back clicks that were found invalid later."""

    @property
    def balance_cents(self) -> int:
        """What may still be spent: what was put in, less what was taken."""
        return self.funded.total_cents + self.spent.total_cents

    @property
    def clicked_cents(self) -> int:
        """What clicks have cost, those among them that were given back later."""
        return -self.spent.total_cents - self.withdrawn_cents

    @property
    def total_limit_cents(self) -> int | None:
        """What clicks may have cost in all: a click that was given back does not count against the total budget."""
        total = self.terms.budget.total_cents
        return None if total is None else total + self.restored_cents

    def is_over(self, now: datetime) -> bool:
        """Whether it still runs although its last day has passed where it is."""
        end = self.terms.schedule.end_date
        runs = self.status in (CampaignStatus.ACTIVE, CampaignStatus.PAUSED)
        return runs and end is not None and end < self.terms.schedule.today(now)


def apply(campaign: Campaign, event: CampaignEvent, *, now: datetime, reason: str = "") -> Campaign:
    """The campaign after the event; IllegalTransition where the machine has no such step. A status decides about money,
    so the stream is told.
    """
    target = TRANSITIONS.get((campaign.status, event))
    if target is None:
        raise IllegalTransition(campaign.campaign_id, campaign.status, event)
    suspends = target is CampaignStatus.SUSPENDED
    return replace(
        campaign,
        status=target,
        version=campaign.version + 1,
        limits_version=campaign.limits_version + 1,
        updated_at=now,
        activated_at=campaign.activated_at or (now if target is CampaignStatus.ACTIVE else None),
        status_before_suspension=campaign.status if suspends else None,
        suspended_reason=reason if suspends else "",
    )


def lift(campaign: Campaign) -> CampaignEvent:
    """The event that leads a suspended campaign back; IllegalTransition for any other."""
    before = campaign.status_before_suspension
    if before is None:
        raise IllegalTransition(campaign.campaign_id, campaign.status, "lift_suspension")
    return _LIFTS[before]


def suspended_for(campaign: Campaign, reason: str, *, now: datetime) -> tuple[Campaign, CampaignEvent] | None:
    """The campaign suspended for a reason of its own, and how that came about. One that is suspended with its
    advertiser does not go on with them any more. None where there is a reason already, or nothing that could go on.
    """
    if (campaign.status, CampaignEvent.SUSPEND) in TRANSITIONS:
        return apply(campaign, CampaignEvent.SUSPEND, now=now, reason=reason), CampaignEvent.SUSPEND
    if campaign.suspended_reason != WITH_ADVERTISER:
        return None
    kept = replace(campaign, suspended_reason=reason, version=campaign.version + 1, updated_at=now)
    return kept, CampaignEvent.KEEP_SUSPENDED


def following(campaign: Campaign, advertiser: AdvertiserStatus) -> CampaignEvent | None:
    """What a campaign has to do to stand as its advertiser has it; None where it does."""
    if advertiser is AdvertiserStatus.SUSPENDED:
        runs = campaign.status in (CampaignStatus.ACTIVE, CampaignStatus.PAUSED)
        return CampaignEvent.SUSPEND if runs else None
    suspended = campaign.status is CampaignStatus.SUSPENDED and campaign.suspended_reason == WITH_ADVERTISER
    return lift(campaign) if suspended else None


def revise(campaign: Campaign, terms: CampaignTerms, *, now: datetime) -> Campaign:
    """The campaign under other terms. What is sold stays what it was once anybody may have paid for it."""
    if campaign.status is CampaignStatus.ENDED:
        raise IllegalTransition(campaign.campaign_id, campaign.status, CampaignEvent.UPDATE)
    check_terms(terms, now=now, before=campaign)
    changes_limits = _limits(terms) != _limits(campaign.terms)
    return replace(
        campaign,
        terms=terms,
        version=campaign.version + 1,
        limits_version=campaign.limits_version + changes_limits,
        updated_at=now,
    )


def without_automatic_topups(campaign: Campaign, *, now: datetime) -> Campaign | None:
    """The campaign with automatic top-ups off; None where they are."""
    if campaign.terms.budget.topups is None:
        return None
    budget = replace(campaign.terms.budget, topups=None)
    terms = replace(campaign.terms, budget=budget)
    return replace(campaign, terms=terms, version=campaign.version + 1, updated_at=now)


def _limits(terms: CampaignTerms) -> tuple[str, int, int | None]:
    return terms.schedule.time_zone, terms.budget.daily_cents, terms.budget.total_cents


def keyword(text: str) -> str:
    """A keyword as it is compared: without case, single spaces."""
    return " ".join(text.casefold().split())


def check_terms(terms: CampaignTerms, *, now: datetime, before: Campaign | None = None) -> None:
    """What the proto's rules cannot say: how fields go together, the clock, the zone's existence. Of a campaign that
    exists, a day that was agreed on may lie in the past, and what an activation fixed stays.
    """
    kept = before.terms.schedule if before else None
    violations = [
        *(_fixed_violations(terms, before.terms) if before and before.activated_at else ()),
        *_target_violations(terms.target, terms.audience),
        *_keyword_violations(terms.audience),
        *_schedule_violations(terms.schedule, kept, now),
        *_budget_violations(terms.budget),
    ]
    if violations:
        raise FieldInvalid(*violations)


def _target_violations(target: Target, audience: Audience) -> Iterator[Violation]:
    entity_type, prefix = _SHOWN_ON[target.surface]
    if target.entity_type is not entity_type:
        yield Violation("terms.target_entity_type", f"must be {entity_type} on {target.surface}")
    elif not target.entity_id.startswith(prefix):
        yield Violation("terms.target_entity_id", f"must be the id of a {entity_type}: {prefix}…")
    if target.surface is Surface.PEOPLE_SEARCH and not audience.roles:
        yield Violation("terms.role_targets", f"must name at least one role on {target.surface}")
    if target.surface is Surface.STUDIO_SEARCH and audience.roles:
        yield Violation("terms.role_targets", f"must be empty on {target.surface}")


def _keyword_violations(audience: Audience) -> Iterator[Violation]:
    for field, words in (
        ("terms.keyword_targets", audience.keywords),
        ("terms.negative_keyword_targets", audience.negative_keywords),
    ):
        if "" in words:
            yield Violation(field, "must not be blank")
        if len(set(words)) < len(words):
            yield Violation(field, "must be unique, whatever their case")
    both = sorted(set(audience.keywords) & set(audience.negative_keywords))
    if both:
        yield Violation("terms.negative_keyword_targets", f"must not be a keyword_target as well: {both[0]}")


def _fixed_violations(terms: CampaignTerms, before: CampaignTerms) -> Iterator[Violation]:
    if terms.target != before.target:
        yield Violation("terms.target_entity_id", "must stay, like surface and format: the campaign has been active")
    if terms.schedule.time_zone != before.schedule.time_zone:
        yield Violation("terms.time_zone", "must stay: the campaign has been active")


def _schedule_violations(schedule: Schedule, kept: Schedule | None, now: datetime) -> Iterator[Violation]:
    if not is_zone(schedule.time_zone):
        yield Violation("terms.time_zone", "must be an IANA zone, such as Europe/Berlin")
        return
    today = schedule.today(now)
    if schedule.start_date < today and (kept is None or schedule.start_date != kept.start_date):
        yield Violation("terms.start_date", "must not be in the past in the campaign's time_zone")
    if schedule.end_date is not None and schedule.end_date < today and kept != schedule:
        yield Violation("terms.end_date", "must not be in the past in the campaign's time_zone")
    if schedule.end_date is not None and schedule.end_date < schedule.start_date:
        yield Violation("terms.end_date", "must not be before start_date")


def _budget_violations(budget: Budget) -> Iterator[Violation]:
    if budget.daily_cents < budget.cpc_cents:
        yield Violation("terms.daily_budget_cents", "must pay for one click at least")
    if (budget.total_mode is TotalBudgetMode.CAPPED) != (budget.total_cents is not None):
        yield Violation("terms.total_budget_cents", "must be given exactly where total_budget_mode is capped")
    elif budget.total_cents is not None and budget.total_cents < budget.cpc_cents:
        yield Violation("terms.total_budget_cents", "must pay for one click at least")
    if budget.topups is not None and budget.topups.amount_cents < max(budget.topups.below_cents, LEAST_TOPUP_CENTS):
        rule = f"must be at least auto_topup_below_cents, so that one payment is enough, and {LEAST_TOPUP_CENTS}"
        yield Violation("terms.auto_topup_cents", rule)
