"""Rows of plans and paces, and what they mean."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

from callsheet.sql.promo_pacing import Queries
from server.core.db import Record, Tx, load_queries
from server.promo.serving.domain.candidate import Candidate
from server.promo.serving.domain.guard import FORGOTTEN_AFTER_SECONDS
from server.promo.serving.domain.pacing import Curve, Pace

_queries = load_queries("server.promo.pacing", Queries)

Audience: TypeAlias = tuple[str, tuple[str, ...], tuple[str, ...], str]
"""Surface, cities, roles and zone: what decides how a day's traffic looks."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How often a campaign was seen and clicked on."""

    impressions: int
    clicks: int

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.impressions + other.impressions, self.clicks + other.clicks)


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a campaign's day began with; without a curve its traffic is taken to be uniform."""

    campaign_id: str
    day: date
    curve: Curve | None
    week: Counts


@dataclass(frozen=True, slots=True)
class Standing:
    """How a campaign goes; what was never made or published is missing."""

    beginning: Beginning | None
    pace: Pace | None
    click_rate: float | None
    today: Counts
    open_cents: float


@dataclass(frozen=True, slots=True)
class Stepped:
    """A pace to be published, and what it follows from."""

    campaign_id: str
    pace: Pace
    click_rate: float
    allocation_cents: int
    planned_cents: int
    spent_cents: int


class PacingRepository:
    """Reads and writes on the caller's transaction."""

    async def lock(self, tx: Tx) -> None:
        """Lets one publisher work at a time."""
        await _queries.lock_pacing(tx)

    async def standings(self, tx: Tx, campaign_ids: Sequence[str], now: datetime) -> dict[str, Standing]:
        rows = await _queries.paces_of(tx, campaign_ids=campaign_ids, now=now, forgotten_after=FORGOTTEN_AFTER_SECONDS)
        return {row["campaign_id"]: _standing(row) for row in rows}

    async def traffic(
        self, tx: Tx, campaign_ids: Sequence[str], now: datetime
    ) -> Mapping[Audience, Mapping[tuple[date, int], int]]:
        """Searches of the week before by audience, day and quarter of the clock."""
        found: dict[Audience, dict[tuple[date, int], int]] = defaultdict(dict)
        for row in await _queries.traffic_before(tx, campaign_ids=campaign_ids, now=now):
            audience = (row["surface"], tuple(row["city_targets"]), tuple(row["role_targets"]), row["time_zone"])
            found[audience][row["day"], row["quarter"]] = row["searches"]
        return found

    async def weeks(self, tx: Tx, campaign_ids: Sequence[str], now: datetime) -> dict[str, Counts]:
        rows = await _queries.week_before(tx, campaign_ids=campaign_ids, now=now)
        return {row["campaign_id"]: Counts(row["impressions"], row["clicks"]) for row in rows}

    async def put_beginnings(self, tx: Tx, beginnings: Sequence[Beginning]) -> None:
        await _queries.put_day_plans(
            tx,
            campaign_ids=[one.campaign_id for one in beginnings],
            days=[one.day for one in beginnings],
            curves=[None if one.curve is None else _array(one.curve) for one in beginnings],
            impressions=[one.week.impressions for one in beginnings],
            clicks=[one.week.clicks for one in beginnings],
        )

    async def publish(self, tx: Tx, stepped: Sequence[Stepped]) -> None:
        await _queries.put_paces(
            tx,
            campaign_ids=[one.campaign_id for one in stepped],
            days=[one.pace.day for one in stepped],
            stepped_at=[one.pace.minute for one in stepped],
            steps=[_array(one.pace.steps) for one in stepped],
            pass_through=[one.pace.pass_through for one in stepped],
            click_rates=[one.click_rate for one in stepped],
            allocations=[one.allocation_cents for one in stepped],
            planned=[one.planned_cents for one in stepped],
            spent=[one.spent_cents for one in stepped],
        )

    async def forget(self, tx: Tx, *, searches: datetime, unserved: datetime, exposures: datetime) -> None:
        """Lets go of what is older than these."""
        await _queries.forget_searches(tx, before=searches)
        await _queries.forget_unserved(tx, before=unserved)
        await _queries.forget_exposures(tx, before=exposures)


def audience(candidate: Candidate) -> Audience:
    """Whose searches a campaign is for."""
    return (candidate.surface, candidate.cities, candidate.roles, candidate.hours.time_zone)


def _standing(row: Record) -> Standing:
    beginning = pace = None
    if row["plan_day"] is not None:
        curve = None if row["curve"] is None else tuple(row["curve"])
        week = Counts(row["week_impressions"], row["week_clicks"])
        beginning = Beginning(row["campaign_id"], row["plan_day"], curve, week)
    if row["pace_day"] is not None:
        pace = Pace(row["pace_day"], row["stepped_at"], tuple(row["steps"]))
    today = Counts(row["today_impressions"], row["today_clicks"])
    return Standing(beginning, pace, row["click_rate"], today, row["open_cents"])


def _array(values: Iterable[float]) -> str:
    """As PostgreSQL writes an array: its arrays of arrays would have to be of one length."""
    return "{" + ",".join(map(repr, values)) + "}"
