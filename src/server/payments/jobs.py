"""Payments' jobs, and who runs them."""

from datetime import timedelta
from typing import Final

from server.core.jobs import CronKind, Job
from server.core.worker import Registered
from server.payments.kinds import HANDLE_EVENT, PERFORM_CALL, SWEEP_CALLS, SYNC_CARDS
from server.payments.usecases.calls import Calls
from server.payments.usecases.inbox import Inbox
from server.payments.usecases.wallets import CardWallets

CRONS: Final = (CronKind(SWEEP_CALLS, timedelta(minutes=15)),)


def registered(calls: Calls, inbox: Inbox, wallets: CardWallets) -> list[Registered]:
    """Which handler runs which of this slice's jobs."""

    async def perform(job: Job) -> None:
        await calls.perform(job.key)

    async def sweep(job: Job) -> None:
        await calls.sweep()

    async def handle(job: Job) -> None:
        await inbox.handle(job.key)

    async def sync(job: Job) -> None:
        await wallets.sync(job.key)

    return [
        Registered(PERFORM_CALL, perform),
        Registered(SWEEP_CALLS, sweep),
        Registered(HANDLE_EVENT, handle),
        Registered(SYNC_CARDS, sync),
    ]
