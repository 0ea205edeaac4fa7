"""Rows that serving reads and writes, and what they mean."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from callsheet.sql.promo_serving import Queries
from server.core.db import Record, Tx, load_queries
from server.promo.domain.advertiser import AdvertiserStatus
from server.promo.domain.campaign import CampaignStatus, Format, PacingMode, Surface
from server.promo.domain.policy import Place, Policy
from server.promo.serving.domain.candidate import Candidate, Hours
from server.promo.serving.domain.guard import Allowance
from server.promo.serving.domain.unserved import Unserved

_queries = load_queries("server.promo.serving", Queries)

SOURCES = ("campaign", "advertiser", "funding", "spending")


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
class Change:
    """Something was written about a campaign."""

    source: str
    campaign_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Exposure:
    """What one server has shown of a campaign and may yet be clicked."""

    server: str
    campaign_id: str
    cents: float
    as_of: datetime


class ServingRepository:
    """Reads and writes on the caller's transaction."""

    async def active_after(self, tx: Tx, after: str | None, limit: int) -> list[str]:
        rows = await _queries.active_campaigns_after(tx, after=after, limit=limit)
        return [row["campaign_id"] for row in rows]

    async def changes(self, tx: Tx, since: Mapping[str, datetime]) -> list[Change]:
        rows = await _queries.changed_campaigns(
            tx,
            campaigns_since=since["campaign"],
            advertisers_since=since["advertiser"],
            funded_since=since["funding"],
            spent_since=since["spending"],
        )
        return [Change(row["source"], row["campaign_id"], row["updated_at"]) for row in rows]

    async def load(self, tx: Tx, campaign_ids: Sequence[str], now: datetime) -> list[Known]:
        rows = await _queries.candidates(tx, campaign_ids=campaign_ids, now=now)
        return [_known(row) for row in rows]

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


def _known(row: Record) -> Known:
    pace_day = row["pace_day"]
    return Known(_candidate(row), _going(row, pace_day) if pace_day is not None else None)


def _going(row: Record, day: date) -> Going:
    return Going(row["campaign_id"], day, row["pass_through"], row["click_rate"])


def _candidate(row: Record) -> Candidate:
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
        allowance=Allowance(
            daily_cents=row["daily_budget_cents"],
            total_cents=row["total_budget_cents"],
            balance_cents=row["balance_cents"],
            spent_today_cents=row["spent_today_cents"],
            spent_cents=row["spent_cents"],
        ),
        budget_day=row["budget_day"],
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
