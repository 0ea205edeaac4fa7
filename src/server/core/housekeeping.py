"""What keeps the core's own tables small."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import structlog

from callsheet.sql.core import Queries
from server.core.clock import Clock
from server.core.db import Database, Tx, load_queries
from server.core.idempotency import forget_expired
from server.core.invariants import broken_invariants, load_invariants
from server.core.jobs import CronKind, Job, JobKind
from server.core.worker import Registered

_queries = load_queries("server.core", Queries)

BATCH = 1000
DONE_JOBS_KEPT = timedelta(days=30)

FORGET_ANSWERS = JobKind("core.forget_answers", "deletes stored answers of idempotent calls after a week")
FORGET_JOBS = JobKind("core.forget_jobs", "deletes jobs that ended a month ago")

CHECK_INVARIANTS = JobKind(
    "core.check_invariants", "runs every invariant of the data and reports the broken", lease=timedelta(minutes=10)
)

CRONS = (
    CronKind(FORGET_ANSWERS, timedelta(hours=1)),
    CronKind(FORGET_JOBS, timedelta(hours=24)),
    CronKind(CHECK_INVARIANTS, timedelta(hours=1)),
)


def registered(database: Database, clock: Clock, invariants: Path) -> list[Registered]:
    """Which handler runs which of the core's jobs."""

    async def forget_answers(job: Job) -> None:
        await _in_batches(database, lambda tx: forget_expired(tx, clock.now(), BATCH))

    async def forget_jobs(job: Job) -> None:
        before = clock.now() - DONE_JOBS_KEPT

        async def forget(tx: Tx) -> int:
            return len(await _queries.delete_finished_jobs(tx, before=before, limit=BATCH))

        await _in_batches(database, forget)

    async def check_invariants(job: Job) -> None:
        async with database.snapshot() as tx:
            for broken in await broken_invariants(tx, load_invariants(invariants)):
                structlog.get_logger("invariants").error("an invariant is broken", invariant=broken)

    return [
        Registered(FORGET_ANSWERS, forget_answers),
        Registered(FORGET_JOBS, forget_jobs),
        Registered(CHECK_INVARIANTS, check_invariants),
    ]


async def _in_batches(database: Database, forget: Callable[[Tx], Awaitable[int]]) -> None:
    """Short transactions until one finds less than a full batch, so that nobody waits for a clean-up."""
    while await database.run(forget) == BATCH:
        pass
