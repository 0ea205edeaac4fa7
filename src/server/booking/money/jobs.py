"""Which handler runs which of money's jobs."""

from dataclasses import dataclass

from server.booking.money.answers import Answers
from server.booking.money.beginning import Beginning
from server.booking.money.checking import Checking
from server.booking.money.paying_out import PayingOut
from server.booking.money.sweeping import Sweeping
from server.booking.money.timers import ANSWERED, BEGIN_PAYMENT, COLLECT_DEBT, RECONCILE, SETTLE, SWEEP
from server.core.jobs import Job
from server.core.worker import Registered


@dataclass(frozen=True, slots=True)
class MoneyHandlers:
    """Who does the work."""

    beginning: Beginning
    answers: Answers
    paying_out: PayingOut
    sweeping: Sweeping
    checking: Checking


def registered(do: MoneyHandlers) -> list[Registered]:
    """The jobs of booking's money."""

    async def begin(job: Job) -> None:
        await do.beginning.begin(job.key)

    async def answered(job: Job) -> None:
        await do.answers.heard(job.text("call_id"))

    async def settle(job: Job) -> None:
        await do.paying_out.settle(job.key)

    async def collect(job: Job) -> None:
        await do.paying_out.collect(job.key)

    async def sweep(job: Job) -> None:
        await do.sweeping.sweep()

    async def reconcile(job: Job) -> None:
        going_on = "after" in job.payload
        await do.checking.check_page(job.text("run") if going_on else job.key, job.text("after") if going_on else "")

    return [
        Registered(BEGIN_PAYMENT, begin),
        Registered(ANSWERED, answered),
        Registered(SETTLE, settle),
        Registered(COLLECT_DEBT, collect),
        Registered(SWEEP, sweep),
        Registered(RECONCILE, reconcile),
    ]
