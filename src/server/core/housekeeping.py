"""What keeps the core's own tables small."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from callsheet.sql.core import Queries
from server.core.clock import Clock
from server.core.db import Database, Tx, load_queries
from server.core.idempotency import forget_expired
from server.core.jobs import CronKind, Job, JobKind
from server.core.worker import Registered

_queries = load_queries("server.core", Queries)

BATCH = 1000
DONE_JOBS_KEPT = timedelta(days=30)

FORGET_ANSWERS = JobKind("core.forget_answers", "deletes stored answers of idempotent calls after a week")
FORGET_JOBS = JobKind("core.forget_jobs", "deletes jobs that ended a month ago")

CRONS = (CronKind(FORGET_ANSWERS, timedelta(hours=1)), CronKind(FORGET_JOBS, timedelta(hours=24)))


def registered(database: Database, clock: Clock) -> list[Registered]:
    """Which handler runs which of the core's jobs."""

    async def forget_answers(job: Job) -> None:
        await _in_batches(database, lambda tx: forget_expired(tx, clock.now(), BATCH))

    async def forget_jobs(job: Job) -> None:
        before = clock.now() - DONE_JOBS_KEPT

        async def forget(tx: Tx) -> int:
            return len(await _queries.delete_finished_jobs(tx, before=before, limit=BATCH))

        await _in_batches(database, forget)

    return [Registered(FORGET_ANSWERS, forget_answers), Registered(FORGET_JOBS, forget_jobs)]


async def _in_batches(database: Database, forget: Callable[[Tx], Awaitable[int]]) -> None:
    """Short transactions until one finds less than a full batch, so that nobody waits for a clean-up."""
    while await database.run(forget) == BATCH:
        pass
