"""The cases' timers."""

from server.core.jobs import Job, Postpone
from server.core.worker import Registered
from server.support.cases.overseeing import Overseeing
from server.support.cases.timers import AUTO_CLOSE, CUSTOMER_REMINDER, DEADLINE, SELLER_SILENCE, SETTLEMENT


def registered(overseeing: Overseeing) -> list[Registered]:
    """Which handler runs which of the cases' jobs."""

    async def deadline(job: Job) -> None:
        again = await overseeing.deadline_passed(job.key)
        if again is not None:
            raise Postpone(again)

    async def remind_customer(job: Job) -> None:
        await overseeing.remind_customer(job.key)

    async def auto_close(job: Job) -> None:
        await overseeing.close_unanswered(job.key)

    async def go_on_without_seller(job: Job) -> None:
        await overseeing.go_on_without_seller(job.key)

    async def settle(job: Job) -> None:
        await overseeing.settle(job.key)

    return [
        Registered(DEADLINE, deadline),
        Registered(CUSTOMER_REMINDER, remind_customer),
        Registered(AUTO_CLOSE, auto_close),
        Registered(SELLER_SILENCE, go_on_without_seller),
        Registered(SETTLEMENT, settle),
    ]
