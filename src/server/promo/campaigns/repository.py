"""Rows of promo_campaign and what they mean."""

from callsheet.sql.promo_campaigns import Queries
from server.core.db import Record, Tx, load_queries
from server.promo.domain.campaign import (
    Audience,
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

_queries = load_queries("server.promo.campaigns", Queries)


class CampaignRepository:
    """Reads and writes campaigns on the caller's transaction."""

    async def insert(self, tx: Tx, campaign: Campaign) -> None:
        """Stores a new campaign."""
        target, audience = campaign.terms.target, campaign.terms.audience
        schedule, budget = campaign.terms.schedule, campaign.terms.budget
        await _queries.insert_campaign(
            tx,
            campaign_id=campaign.campaign_id,
            advertiser_id=campaign.advertiser_id,
            target_entity_type=target.entity_type,
            target_entity_id=target.entity_id,
            name=campaign.terms.name,
            surface=target.surface,
            format=target.format,
            city_targets=audience.cities,
            role_targets=audience.roles,
            keyword_targets=audience.keywords,
            negative_keyword_targets=audience.negative_keywords,
            hours_of_week=audience.hours_of_week or None,
            status=campaign.status,
            start_date=schedule.start_date,
            end_date=schedule.end_date,
            time_zone=schedule.time_zone,
            cpc_cents=budget.cpc_cents,
            daily_budget_cents=budget.daily_cents,
            total_budget_mode=budget.total_mode,
            total_budget_cents=budget.total_cents,
            pacing_mode=budget.pacing,
            version=campaign.version,
            limits_version=campaign.limits_version,
            now=campaign.created_at,
        )

    async def get(self, tx: Tx, campaign_id: str) -> Campaign | None:
        row = await _queries.get_campaign(tx, campaign_id=campaign_id)
        return None if row is None else _campaign(row)

    async def page(
        self, tx: Tx, advertiser_id: str, statuses: frozenset[CampaignStatus], before: str | None, limit: int
    ) -> list[Campaign]:
        """An advertiser's campaigns, newest first, older than the given id."""
        rows = await _queries.list_campaigns(
            tx, advertiser_id=advertiser_id, statuses=sorted(statuses), before=before, limit=limit
        )
        return [_campaign(row) for row in rows]


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
            ),
        ),
        version=row["version"],
        limits_version=row["limits_version"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )
