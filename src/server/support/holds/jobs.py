"""The holds' timers."""

from server.core.jobs import Job
from server.core.worker import Registered
from server.support.holds.timers import EXPIRY, WARNING
from server.support.holds.usecases import HoldUseCases


def registered(usecases: HoldUseCases) -> list[Registered]:
    """Which handler runs which of the holds' jobs."""

    async def warn(job: Job) -> None:
        await usecases.warn(job.key)

    async def expire(job: Job) -> None:
        await usecases.expire(job.key)

    return [Registered(WARNING, warn), Registered(EXPIRY, expire)]
