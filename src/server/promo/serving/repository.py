"""Rows that serving reads and writes, and what they mean."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from callsheet.sql.promo_serving import Queries
from server.core.db import Record, Tx, load_queries
from server.promo.domain.advertiser import AdvertiserStatus
from server.promo.domain.campaign import CampaignStatus, Format, PacingMode, Surface
from server.promo.domain.policy import Place, Policy
from server.promo.serving.domain.candidate import Candidate, Hours
from server.promo.serving.domain.guard import Allowance
from server.promo.serving.domain.unserved import Unserved

_queries = load_queries("server.promo.serving", Queries)


class Source(StrEnum):
    """What of a campaign was written."""

    CAMPAIGN = "campaign"
    ADVERTISER = "advertiser"
    FUNDING = "funding"
    SPENDING = "spending"


MONEY = frozenset({Source.FUNDING, Source.SPENDING})


@dataclass(frozen=True, slots=True)
class Going:
    """How fast a campaign goes, as it was published."""

    campaign_id: str
    day: date
    pass_through: float
    click_rate: float


@dataclass(frozen=True, slots=True)
class Known:
    """A campaign as serving loads it; without a pace as long as none was published."""

    candidate: Candidate
    going: Going | None


@dataclass(frozen=True, slots=True)
class Budget:
    """What a campaign may spend and has spent, with the day that the day's spending is of."""

    campaign_id: str
    day: date
    allowance: Allowance


@dataclass(frozen=True, slots=True)
class Change:
    """Something was written about a campaign."""

    source: Source
    campaign_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Exposure:
    """What one server has shown of a campaign and may yet be clicked."""

    server: str
    campaign_id: str
    cents: float
    as_of: datetime


@dataclass(frozen=True, slots=True)
class Pacing:
    """How fast a campaign goes, and what was planned to be spent by then."""

    pass_through: float
    allocation_cents: int
    planned_cents: int
    at: datetime


class ServingRepository:
    """Reads and writes on the caller's transaction."""

    async def active_after(self, tx: Tx, after: str, limit: int) -> list[str]:
        rows = await _queries.active_campaigns_after(tx, after=after, limit=limit)
        return [row["campaign_id"] for row in rows]

    async def changes(self, tx: Tx, since: datetime) -> Iterator[Change]:
        """What was written since then."""
        rows = await _queries.changed_campaigns(tx, since=since)
        return (Change(Source(row["source"]), row["campaign_id"], row["updated_at"]) for row in rows)

    async def load(self, tx: Tx, campaign_ids: Sequence[str], now: datetime) -> Iterator[Known]:
        """Campaigns whole, each made when it is taken: whoever has calls to answer takes them a few at a time."""
        wanted = await _queries.campaigns_to_serve(tx, campaign_ids=campaign_ids)
        budgets = {row["campaign_id"]: row for row in await self._budgets(tx, campaign_ids, now)}
        return (_known(row, budgets[row["campaign_id"]]) for row in wanted)

    async def budgets(self, tx: Tx, campaign_ids: Sequence[str], now: datetime) -> Iterator[Budget]:
        """What campaigns may spend and have spent."""
        return map(_budget, await self._budgets(tx, campaign_ids, now))

    async def _budgets(self, tx: Tx, campaign_ids: Sequence[str], now: datetime) -> list[Record]:
        return await _queries.budgets_to_serve(tx, campaign_ids=campaign_ids, now=now)

    async def paces(self, tx: Tx, after: int, limit: int) -> tuple[list[Going], int]:
        """What was published after that number, and the newest number of it."""
        rows = await _queries.paces_after(tx, published=after, limit=limit)
        newest = rows[-1]["published"] if rows else after
        return [_going(row, row["budget_day"]) for row in rows], newest

    async def policies_digest(self, tx: Tx) -> str:
        return str(await _queries.policies_digest(tx))

    async def policies(self, tx: Tx) -> dict[Place, Policy]:
        policies = map(_policy, await _queries.all_policies(tx))
        return {policy.place: policy for policy in policies}

    async def publish_exposure(self, tx: Tx, server: str, cents: Mapping[str, float], now: datetime) -> None:
        await _queries.publish_exposure(
            tx, server=server, campaign_ids=list(cents), cents=list(cents.values()), now=now
        )

    async def exposures(self, tx: Tx, server: str, since: datetime) -> list[Exposure]:
        """What others have shown since then."""
        rows = await _queries.exposures_of_others(tx, server=server, since=since)
        return [Exposure(row["server"], row["campaign_id"], row["cents"], row["as_of"]) for row in rows]

    async def count_searches(self, tx: Tx, bucket_start: datetime, counts: Iterable[tuple[Place, int]]) -> None:
        ordered = sorted(counts, key=lambda count: (count[0].surface, count[0].role or "", count[0].city))
        await _queries.count_searches(
            tx,
            surfaces=[place.surface for place, _ in ordered],
            roles=[place.role or "" for place, _ in ordered],
            cities=[place.city for place, _ in ordered],
            bucket_start=bucket_start,
            searches=[searches for _, searches in ordered],
        )

    async def count_unserved(self, tx: Tx, hour: datetime, counts: Iterable[tuple[str, Unserved, int]]) -> None:
        ordered = sorted(counts)
        await _queries.count_unserved(
            tx,
            campaign_ids=[campaign_id for campaign_id, _, _ in ordered],
            reasons=[reason for _, reason, _ in ordered],
            hour=hour,
            samples=[samples for _, _, samples in ordered],
        )

    async def unserved(self, tx: Tx, campaign_id: str, since: datetime) -> list[tuple[Unserved, int]]:
        """Why a campaign was not shown since then, with the number of samples, the most frequent reason first."""
        rows = await _queries.unserved_since(tx, campaign_id=campaign_id, since=since)
        return [(Unserved(row["reason"]), row["samples"]) for row in rows]

    async def pacing(self, tx: Tx, campaign_id: str) -> Pacing | None:
        row = await _queries.pacing_of(tx, campaign_id=campaign_id)
        if row is None:
            return None
        return Pacing(row["pass_through"], row["allocation_cents"], row["planned_cents"], row["stepped_at"])


def _known(row: Record, budget: Record) -> Known:
    pace_day = row["pace_day"]
    return Known(_candidate(row, _budget(budget)), _going(row, pace_day) if pace_day is not None else None)


def _budget(row: Record) -> Budget:
    allowance = Allowance(
        daily_cents=row["daily_budget_cents"],
        total_cents=row["total_budget_cents"],
        balance_cents=row["balance_cents"],
        spent_today_cents=row["spent_today_cents"],
        spent_cents=row["spent_cents"],
    )
    return Budget(row["campaign_id"], row["budget_day"], allowance)


def _going(row: Record, day: date) -> Going:
    return Going(row["campaign_id"], day, row["pass_through"], row["click_rate"])


def _candidate(row: Record, budget: Budget) -> Candidate:
    return Candidate(
        campaign_id=row["campaign_id"],
        advertiser_id=row["advertiser_id"],
        advertiser_status=AdvertiserStatus(row["advertiser_status"]),
        status=CampaignStatus(row["status"]),
        listing_id=row["target_entity_id"],
        surface=Surface(row["surface"]),
        format=Format(row["format"]),
        cities=tuple(row["city_targets"]),
        roles=tuple(row["role_targets"]),
        keywords=frozenset(row["keyword_targets"] or ()),
        negative_keywords=frozenset(row["negative_keyword_targets"]),
        hours=Hours(row["start_date"], row["end_date"], row["time_zone"], frozenset(row["hours_of_week"] or ())),
        cpc_cents=row["cpc_cents"],
        pacing=PacingMode(row["pacing_mode"]),
        allowance=budget.allowance,
        budget_day=budget.day,
    )


def _policy(row: Record) -> Policy:
    return Policy(
        policy_id=row["policy_id"],
        place=Place(Surface(row["surface"]), row["role"], row["city"]),
        cpc_floor_cents=row["cpc_floor_cents"],
        max_density_top20=row["max_density_top20"],
        max_above_fold=row["max_above_fold"],
        updated_at=row["updated_at"],
    )
