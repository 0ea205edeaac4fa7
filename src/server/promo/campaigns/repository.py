"""Rows of promo_campaign and what they mean."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import TypedDict

from callsheet.sql.promo_campaigns import Queries
from server.core.call import correlation_id
from server.core.db import Record, Tx, load_queries
from server.core.errors import StaleVersion
from server.promo.domain.campaign import (
    Audience,
    AutomaticTopUps,
    Budget,
    Campaign,
    CampaignStatus,
    CampaignTerms,
    Format,
    PacingMode,
    Schedule,
    Surface,
    Target,
    TargetEntityType,
    TotalBudgetMode,
)
from server.promo.domain.funds import Funds
from server.promo.domain.history import CampaignStep

_queries = load_queries("server.promo.campaigns", Queries)


class CampaignRepository:
    """Reads and writes campaigns on the caller's transaction."""

    async def insert(self, tx: Tx, campaign: Campaign) -> None:
        """Stores a new campaign."""
        await _queries.insert_campaign(
            tx,
            campaign_id=campaign.campaign_id,
            advertiser_id=campaign.advertiser_id,
            **_columns(campaign.terms),
            status=campaign.status,
            version=campaign.version,
            limits_version=campaign.limits_version,
            now=campaign.created_at,
        )

    async def get(self, tx: Tx, campaign_id: str) -> Campaign | None:
        row = await _queries.get_campaign(tx, campaign_id=campaign_id)
        return None if row is None else _campaign(row)

    async def lock(self, tx: Tx, campaign_id: str) -> Campaign | None:
        """Reads a campaign and keeps others from changing it until the transaction ends."""
        await _queries.lock_campaign(tx, campaign_id=campaign_id)
        return await self.get(tx, campaign_id)

    async def lock_of(self, tx: Tx, advertiser_id: str) -> None:
        """Keeps others from changing an advertiser's campaigns until the transaction ends."""
        await _queries.lock_campaigns_of(tx, advertiser_id=advertiser_id)

    async def page(
        self, tx: Tx, advertiser_id: str, statuses: frozenset[CampaignStatus], before: str | None, limit: int | None
    ) -> list[Campaign]:
        """An advertiser's campaigns, newest first, older than the given id; all of them where there is no limit."""
        rows = await _queries.list_campaigns(
            tx, advertiser_id=advertiser_id, statuses=sorted(statuses), before=before, limit=limit
        )
        return [_campaign(row) for row in rows]

    async def save(self, tx: Tx, before: Campaign, after: Campaign) -> None:
        """Writes a change; StaleVersion where the campaign is no longer what it was decided from."""
        saved = await _queries.save_campaign(
            tx,
            campaign_id=after.campaign_id,
            expected_version=before.version,
            **_columns(after.terms),
            status=after.status,
            activated_at=after.activated_at,
            status_before_suspension=after.status_before_suspension,
            suspended_reason=after.suspended_reason or None,
            version=after.version,
            limits_version=after.limits_version,
            now=after.updated_at,
        )
        if saved is None:
            raise StaleVersion(after.campaign_id, after.version)

    async def save_statuses(self, tx: Tx, campaigns: Sequence[Campaign]) -> None:
        """Writes where locked campaigns stand after one step each."""
        saved = await _queries.save_statuses(
            tx,
            campaign_ids=[campaign.campaign_id for campaign in campaigns],
            statuses=[campaign.status for campaign in campaigns],
            statuses_before=[campaign.status_before_suspension for campaign in campaigns],
            reasons=[campaign.suspended_reason or None for campaign in campaigns],
            versions=[campaign.version for campaign in campaigns],
            limits_versions=[campaign.limits_version for campaign in campaigns],
            times=[campaign.updated_at for campaign in campaigns],
        )
        written = {row["campaign_id"] for row in saved}
        for campaign in campaigns:
            if campaign.campaign_id not in written:
                raise StaleVersion(campaign.campaign_id, campaign.version)

    async def record(self, tx: Tx, steps: Sequence[CampaignStep]) -> None:
        """Writes steps of the history."""
        await _queries.insert_campaign_events(
            tx,
            campaign_ids=[step.campaign_id for step in steps],
            sequences=[step.sequence for step in steps],
            events=[step.event for step in steps],
            from_statuses=[step.from_status for step in steps],
            to_statuses=[step.to_status for step in steps],
            actor_kinds=[step.by.kind for step in steps],
            actor_user_ids=[step.by.user_id for step in steps],
            reasons=[step.reason for step in steps],
            times=[step.created_at for step in steps],
            correlation_id=correlation_id(),
        )

    async def past_their_end(self, tx: Tx, now: datetime, limit: int) -> list[str]:
        """The ids of running campaigns whose last day has passed in their zone."""
        rows = await _queries.campaigns_past_their_end(tx, now=now, limit=limit)
        return [row["campaign_id"] for row in rows]

    async def active(self, tx: Tx, after: str, limit: int) -> list[Campaign]:
        """Active campaigns in the order of their ids, from the given one on."""
        return [_campaign(row) for row in await _queries.active_campaigns(tx, after=after, limit=limit)]


class _Columns(TypedDict):
    """The columns that hold a campaign's terms."""

    target_entity_type: str
    target_entity_id: str
    name: str
    surface: str
    format: str
    city_targets: Sequence[str]
    role_targets: Sequence[str]
    keyword_targets: Sequence[str]
    negative_keyword_targets: Sequence[str]
    hours_of_week: Sequence[int] | None
    start_date: date
    end_date: date | None
    time_zone: str
    cpc_cents: int
    daily_budget_cents: int
    total_budget_mode: str
    total_budget_cents: int | None
    pacing_mode: str
    auto_topup_below_cents: int | None
    auto_topup_cents: int | None


def _columns(terms: CampaignTerms) -> _Columns:
    target, audience, schedule, budget = terms.target, terms.audience, terms.schedule, terms.budget
    return _Columns(
        target_entity_type=target.entity_type,
        target_entity_id=target.entity_id,
        name=terms.name,
        surface=target.surface,
        format=target.format,
        city_targets=audience.cities,
        role_targets=audience.roles,
        keyword_targets=audience.keywords,
        negative_keyword_targets=audience.negative_keywords,
        hours_of_week=audience.hours_of_week or None,
        start_date=schedule.start_date,
        end_date=schedule.end_date,
        time_zone=schedule.time_zone,
        cpc_cents=budget.cpc_cents,
        daily_budget_cents=budget.daily_cents,
        total_budget_mode=budget.total_mode,
        total_budget_cents=budget.total_cents,
        pacing_mode=budget.pacing,
        auto_topup_below_cents=budget.topups.below_cents if budget.topups else None,
        auto_topup_cents=budget.topups.amount_cents if budget.topups else None,
    )


def _campaign(row: Record) -> Campaign:
    return Campaign(
        campaign_id=row["campaign_id"],
        advertiser_id=row["advertiser_id"],
        owner_user_id=row["user_id"],
        status=CampaignStatus(row["status"]),
        terms=CampaignTerms(
            name=row["name"],
            target=Target(
                surface=Surface(row["surface"]),
                format=Format(row["format"]),
                entity_type=TargetEntityType(row["target_entity_type"]),
                entity_id=row["target_entity_id"],
            ),
            audience=Audience(
                cities=tuple(row["city_targets"]),
                roles=tuple(row["role_targets"]),
                keywords=tuple(row["keyword_targets"] or ()),
                negative_keywords=tuple(row["negative_keyword_targets"]),
                hours_of_week=tuple(row["hours_of_week"] or ()),
            ),
            schedule=Schedule(row["start_date"], row["end_date"], row["time_zone"]),
            budget=Budget(
                cpc_cents=row["cpc_cents"],
                daily_cents=row["daily_budget_cents"],
                total_mode=TotalBudgetMode(row["total_budget_mode"]),
                total_cents=row["total_budget_cents"],
                pacing=PacingMode(row["pacing_mode"]),
                topups=(
                    AutomaticTopUps(row["auto_topup_below_cents"], row["auto_topup_cents"])
                    if row["auto_topup_cents"]
                    else None
                ),
            ),
        ),
        version=row["version"],
        limits_version=row["limits_version"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        activated_at=row["activated_at"],
        status_before_suspension=(
            CampaignStatus(row["status_before_suspension"]) if row["status_before_suspension"] else None
        ),
        suspended_reason=row["suspended_reason"] or "",
        funded=Funds(row["funded_promo"] or 0, row["funded_cash"] or 0),
        spent=Funds(row["spent_promo"] or 0, row["spent_cash"] or 0),
        withdrawn_cents=row["withdrawn_cents"],
        restored_cents=row["restored_cents"] or 0,
    )
