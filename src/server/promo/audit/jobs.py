"""The daily job that keeps where every advertiser's chains stand."""

from datetime import timedelta

from server.core.clock import Clock
from server.core.db import Database
from server.core.jobs import CronKind, Job, JobKind
from server.core.worker import Registered
from server.promo.audit.chains import make_checkpoints

CHECKPOINT_LEDGERS = JobKind(
    "promo.checkpoint_ledgers", "keeps where every advertiser's ledger stands on that day", lease=timedelta(minutes=5)
)
CRONS = (CronKind(CHECKPOINT_LEDGERS, timedelta(days=1)),)


def audit_jobs(database: Database, clock: Clock) -> list[Registered]:
    """The jobs that keep evidence."""

    async def checkpoint(job: Job) -> None:
        now = clock.now()
        await make_checkpoints(database, now.date(), now)

    return [Registered(CHECKPOINT_LEDGERS, checkpoint)]
