"""Evidence's jobs."""

from server.core.jobs import Job
from server.core.worker import Registered
from server.support.evidence.timers import ABANDONMENT, LEGAL_HOLD, QUARANTINE_CLEARANCE
from server.support.evidence.usecases import EvidenceUseCases


def registered(usecases: EvidenceUseCases) -> list[Registered]:
    """Which handler runs which of evidence's jobs."""

    async def abandon(job: Job) -> None:
        await usecases.abandon(job.key)

    async def clear_quarantine(job: Job) -> None:
        await usecases.clear_quarantine(job.key)

    async def settle_holds(job: Job) -> None:
        await usecases.settle_holds(job.key)

    return [
        Registered(ABANDONMENT, abandon),
        Registered(QUARANTINE_CLEARANCE, clear_quarantine),
        Registered(LEGAL_HOLD, settle_holds),
    ]
