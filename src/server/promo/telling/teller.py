"""The story of a campaign."""

from callsheet.sql.promo_telling import Queries
from server.core.db import Record, Tx, load_queries
from server.core.story import Entry, Story, Sum, job_entries
from server.promo.campaigns.repository import CampaignRepository
from server.promo.domain.campaign import Campaign

_queries = load_queries("server.promo.telling", Queries)


class CampaignTeller:
    """Tells a campaign's transitions, money and jobs, clicks by the day, and whether its sums agree."""

    def __init__(self, campaigns: CampaignRepository) -> None:
        self._campaigns = campaigns

    async def tell(self, tx: Tx, identifier: str) -> Story | None:
        campaign = await self._campaigns.get(tx, identifier)
        if campaign is None:
            return None
        return Story(
            title=f"campaign {campaign.campaign_id}: {campaign.status}",
            facts=_facts(campaign),
            entries=[
                *[_step(row) for row in await _queries.steps_of(tx, campaign_id=identifier)],
                *[_movement(row) for row in await _queries.movements_of(tx, campaign_id=identifier)],
                *[_day(row) for row in await _queries.days_of(tx, campaign_id=identifier)],
                *await job_entries(tx, identifier),
            ],
            sums=await self._sums(tx, campaign),
        )

    async def _sums(self, tx: Tx, campaign: Campaign) -> list[Sum]:
        row = await _queries.sums_of(tx, campaign_id=campaign.campaign_id)
        if row is None:
            raise AssertionError("a sum without rows is a row")
        return [
            Sum("entries that brought money = their head", row["funding_cents"], row["funding_head_cents"]),
            Sum("entries that took money = their head", row["taken_cents"], row["spend_head_cents"]),
            Sum("charged clicks = their counters", row["spend_cents"], row["counted_cents"]),
            Sum("brought + taken = balance", row["funding_cents"] + row["taken_cents"], campaign.balance_cents),
        ]


def _facts(campaign: Campaign) -> list[tuple[str, str]]:
    terms, budget = campaign.terms, campaign.terms.budget
    total = "no cap" if budget.total_cents is None else f"{budget.total_cents}"
    return [
        ("advertiser", f"{campaign.advertiser_id} of {campaign.owner_user_id}"),
        ("listing", f"{terms.target.entity_id}, {terms.target.format} on {terms.target.surface}"),
        ("audience", " · ".join((", ".join(terms.audience.roles), ", ".join(terms.audience.cities))).lstrip(" ·")),
        ("days", f"{terms.schedule.start_date} to {terms.schedule.end_date or '…'} ({terms.schedule.time_zone})"),
        ("budget", f"{budget.cpc_cents} a click, {budget.daily_cents} a day, {total} in all, {budget.pacing}"),
        ("version", f"{campaign.version}, limits {campaign.limits_version}"),
    ]


def _step(row: Record) -> Entry:
    details = " · ".join(part for part in (row["actor_kind"], row["actor_user_id"], row["reason"]) if part)
    return Entry(row["created_at"], f"{row['event']}: {row['from_status'] or '–'} → {row['to_status']}", details)


def _movement(row: Record) -> Entry:
    parts = (row["entry_id"], row["credit_source"], row["reason"], row["reverses_entry_id"])
    return Entry(
        row["created_at"],
        f"{row['kind']} {row['amount_cents']:+} ({row['promo_cents']:+} of it promotional)",
        " · ".join(part for part in parts if part),
    )


def _day(row: Record) -> Entry:
    return Entry(row["last"], f"clicks of {row['budget_day']}: {row['cents']:+}", f"{row['clicks']} charged")
