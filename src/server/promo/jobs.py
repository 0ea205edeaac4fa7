"""Promo's schedules."""

from datetime import timedelta

from server.core.jobs import CronKind, Job, JobKind
from server.core.worker import Registered
from server.promo.campaigns.usecases import CampaignUseCases

END_CAMPAIGNS = JobKind("promo.end_campaigns", "ends campaigns whose last day has passed in their zone")

CRONS = (CronKind(END_CAMPAIGNS, timedelta(minutes=15)),)


def registered(campaigns: CampaignUseCases) -> list[Registered]:
    """Which handler runs which of this slice's jobs."""

    async def end_campaigns(job: Job) -> None:
        await campaigns.end_what_is_over()

    return [Registered(END_CAMPAIGNS, end_campaigns)]
