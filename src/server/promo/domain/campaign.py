"""What a campaign is and what may be asked of one."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from server.core.clock import is_zone
from server.core.errors import FieldInvalid, Violation


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
class Budget:
    """What a click costs, and how much may be spent. No total means unlimited."""

    cpc_cents: int
    daily_cents: int
    total_mode: TotalBudgetMode
    total_cents: int | None
    pacing: PacingMode


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


def keyword(text: str) -> str:
    """A keyword as it is compared: without case, single spaces."""
    return " ".join(text.casefold().split())


def check_terms(terms: CampaignTerms, *, now: datetime) -> None:
    """What the proto's rules cannot say: how fields go together, the clock, the zone's existence."""
    violations = [
        *_target_violations(terms.target, terms.audience),
        *_keyword_violations(terms.audience),
        *_schedule_violations(terms.schedule, now),
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


def _schedule_violations(schedule: Schedule, now: datetime) -> Iterator[Violation]:
    if not is_zone(schedule.time_zone):
        yield Violation("terms.time_zone", "must be an IANA zone, such as Europe/Berlin")
    elif schedule.start_date < schedule.today(now):
        yield Violation("terms.start_date", "must not be in the past in the campaign's time_zone")
    if schedule.end_date is not None and schedule.end_date < schedule.start_date:
        yield Violation("terms.end_date", "must not be before start_date")


def _budget_violations(budget: Budget) -> Iterator[Violation]:
    if budget.daily_cents < budget.cpc_cents:
        yield Violation("terms.daily_budget_cents", "must pay for one click at least")
    if (budget.total_mode is TotalBudgetMode.CAPPED) != (budget.total_cents is not None):
        yield Violation("terms.total_budget_cents", "must be given exactly where total_budget_mode is capped")
    elif budget.total_cents is not None and budget.total_cents < budget.cpc_cents:
        yield Violation("terms.total_budget_cents", "must pay for one click at least")
