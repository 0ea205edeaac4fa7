"""Reading reports."""

from dataclasses import dataclass
from datetime import date

from server.core.call import Actor
from server.core.db import Database
from server.promo.campaigns.repository import CampaignRepository
from server.promo.campaigns.usecases import visible_campaign
from server.promo.domain.report import Report, ReportGranularity, Span
from server.promo.reports.repository import ReportRepository


@dataclass(frozen=True, slots=True)
class GetCampaignReport:
    """Somebody wants to know what a campaign did."""

    actor: Actor
    campaign_id: str
    first_day: date
    last_day: date
    granularity: ReportGranularity


class ReportUseCases:
    """The operations on reports."""

    def __init__(self, database: Database, reports: ReportRepository, campaigns: CampaignRepository) -> None:
        self._database = database
        self._reports = reports
        self._campaigns = campaigns

    async def report(self, command: GetCampaignReport) -> Report:
        """What a campaign did, at one instant, for its advertiser, staff and services."""
        async with self._database.snapshot() as tx:
            found = await self._campaigns.get(tx, command.campaign_id)
            campaign = visible_campaign(found, command.campaign_id, command.actor)
            zone = campaign.terms.schedule.time_zone
            span = Span(command.first_day, command.last_day, command.granularity, zone)
            span.check()
            return await self._reports.report(tx, command.campaign_id, span)
