"""The clock of disputes, and what follows an answer."""

from server.core.jobs import Job, Postpone
from server.core.worker import Registered
from server.support.chargebacks.answering import ChargebackUseCases
from server.support.chargebacks.timers import ANSWERED, DUE_NOW, DUE_SOON


def registered(usecases: ChargebackUseCases) -> list[Registered]:
    """Which handler runs which of the chargebacks' jobs."""

    async def due_soon(job: Job) -> None:
        again = await usecases.due_soon(job.key)
        if again is not None:
            raise Postpone(again)

    async def due_now(job: Job) -> None:
        again = await usecases.due_now(job.key)
        if again is not None:
            raise Postpone(again)

    async def answered(job: Job) -> None:
        await usecases.answered(job.text("call_id"))

    return [Registered(DUE_SOON, due_soon), Registered(DUE_NOW, due_now), Registered(ANSWERED, answered)]
