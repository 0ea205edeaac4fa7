"""Pacing's schedules."""

from datetime import timedelta

from server.core.jobs import CronKind, Job, JobKind
from server.core.worker import Registered
from server.promo.pacing.usecases import PacingUseCases

PUBLISH = JobKind("promo.publish_pacing", "steps every active campaign's pace, and makes the plan of its new day")
FORGET = JobKind("promo.forget_serving", "lets go of traffic, samples and exposures that nobody needs any more")

CRONS = (CronKind(PUBLISH, timedelta(minutes=1)), CronKind(FORGET, timedelta(hours=1)))


def registered(pacing: PacingUseCases) -> list[Registered]:
    """Which handler runs which of these jobs."""

    async def publish(job: Job) -> None:
        await pacing.publish()

    async def forget(job: Job) -> None:
        await pacing.forget()

    return [Registered(PUBLISH, publish), Registered(FORGET, forget)]
