"""What follows a refund that support approved."""

from server.core.jobs import Job
from server.core.worker import Registered
from server.support.refunds.timers import SETTLED
from server.support.refunds.usecases import RefundUseCases


def registered(usecases: RefundUseCases) -> list[Registered]:
    """Which handler runs it."""

    async def settle(job: Job) -> None:
        await usecases.settle(job.key)

    return [Registered(SETTLED, settle)]
