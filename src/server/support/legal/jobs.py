"""The law's timer."""

from server.core.jobs import Job
from server.core.worker import Registered
from server.support.legal.timers import RESTORATION
from server.support.legal.usecases import LegalUseCases


def registered(usecases: LegalUseCases) -> list[Registered]:
    """Which handler runs it."""

    async def restore(job: Job) -> None:
        await usecases.restore_when_due(job.key)

    return [Registered(RESTORATION, restore)]
