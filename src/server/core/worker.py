"""Works off jobs: claims what is due, runs a bounded number at a time, and settles how each ended."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypeAlias

import structlog
from asyncpg import UniqueViolationError

from callsheet.sql.core import Queries
from server.core.call import Call, answering
from server.core.clock import Clock
from server.core.crash import point
from server.core.db import Database, Tx, load_queries
from server.core.errors import DependencyDown, Failure, PoolExhausted
from server.core.jobs import CronKind, Handler, Job, JobKind, Jobs, Postpone, job_of, pause_before
from server.core.metrics import JobMetrics
from server.core.notify import Wakeups, wait

_queries = load_queries("server.core", Queries)

Mark: TypeAlias = Callable[[Tx], Awaitable[str]]

JOBS_CHANNEL = "callsheet_jobs"
LOOK_EVERY_SECONDS = 1.0
CRON_EVERY_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Registered:
    """A kind of job and what handles it."""

    kind: JobKind
    handler: Handler


class Worker:
    """One process's share of the work. Several workers do not get into each other's way."""

    def __init__(
        self,
        database: Database,
        jobs: Jobs,
        clock: Clock,
        registered: Sequence[Registered],
        crons: Sequence[CronKind],
        metrics: JobMetrics,
        *,
        concurrency: int,
    ) -> None:
        self._database = database
        self._jobs = jobs
        self._clock = clock
        self._registered: Mapping[str, Registered] = {entry.kind.name: entry for entry in registered}
        self._crons = tuple(crons)
        self._metrics = metrics
        self._concurrency = concurrency
        self._running: set[asyncio.Task[None]] = set()
        self._log = structlog.get_logger("worker")
        unknown = [cron.job.name for cron in self._crons if cron.job.name not in self._registered]
        if len(self._registered) != len(registered) or unknown:
            raise ValueError(f"each kind has one handler, each cron a kind; without: {unknown}")

    async def work(self, wakeups: Wakeups, stop: asyncio.Event) -> None:
        """Works until told to stop, then lets running jobs end."""
        async with wakeups.on(JOBS_CHANNEL) as woken:
            waker = asyncio.create_task(_relay(stop, woken))
            try:
                while not stop.is_set():
                    await self._take(woken)
            finally:
                waker.cancel()
                await asyncio.gather(*self._running, return_exceptions=True)

    async def schedule(self, stop: asyncio.Event) -> None:
        """Enqueues what the clock says, and refreshes what the metrics show."""
        while not stop.is_set():
            try:
                for cron in self._crons:
                    await self._database.run(partial(self._jobs.enqueue_due, cron=cron))
                await self._measure()
            except (DependencyDown, PoolExhausted) as failure:
                self._log.warning("could not schedule", reason=failure.reason)
            await wait_for(stop, CRON_EVERY_SECONDS)

    async def run_due(self) -> int:
        """Runs everything that is due now and tells how many runs that took: for tests and for draining a queue."""
        runs = 0
        while claimed := await self._claim(self._concurrency):
            await asyncio.gather(*(self._run(job) for job in claimed))
            runs += len(claimed)
        return runs

    async def _take(self, woken: asyncio.Event) -> None:
        """Fills the free places; where there are none, or nothing is due, waits for either."""
        free = self._concurrency - len(self._running)
        try:
            claimed = await self._claim(free) if free else []
        except (DependencyDown, PoolExhausted) as failure:
            self._log.warning("could not claim jobs", reason=failure.reason)
            claimed = []
        for job in claimed:
            task = asyncio.create_task(self._run(job))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
            task.add_done_callback(lambda _: woken.set())
        if not claimed:
            await wait(woken, LOOK_EVERY_SECONDS)

    async def _claim(self, limit: int) -> list[Job]:
        now = self._clock.now()
        leases = [entry.kind.lease for entry in self._registered.values()]

        async def claim(tx: Tx) -> list[Job]:
            rows = await _queries.claim_jobs(tx, kinds=list(self._registered), leases=leases, now=now, limit=limit)
            return [job_of(row) for row in rows]

        return await self._database.run(claim)

    async def _run(self, job: Job) -> None:
        kind = self._registered[job.kind].kind
        began = time.perf_counter()
        if job.claims > kind.claims:
            outcome = await self._hold(job, job.attempts, "claimed too often: its workers died")
        else:
            outcome = await self._handled(job, kind)
        self._metrics.runs.labels(job.kind, outcome).inc()
        self._metrics.seconds.labels(job.kind).observe(time.perf_counter() - began)

    async def _handled(self, job: Job, kind: JobKind) -> str:
        deadline = asyncio.get_running_loop().time() + kind.lease.total_seconds()
        call = Call(method=f"job:{job.kind}", correlation_id=job.correlation_id or job.job_id, deadline=deadline)
        try:
            with answering(call):
                async with asyncio.timeout(kind.lease.total_seconds() * 0.9):
                    await self._registered[job.kind].handler(job)
            await point("job.handled")
            await self._settle(
                lambda tx: _queries.finish_job(tx, job_id=job.job_id, claims=job.claims, now=self._now())
            )
        except Postpone as later:
            await self._requeue(job, later.until, job.attempts, "postponed")
            return "postponed"
        except Exception as error:  # noqa: BLE001  a failing job must not take the worker with it
            return await self._failed(job, kind, error)
        return "done"

    async def _failed(self, job: Job, kind: JobKind, error: Exception) -> str:
        """Tries again later, or holds the job when its attempts are used up. The unforeseen leaves a trace."""
        reason = error.reason if isinstance(error, Failure) else type(error).__name__
        attempts = job.attempts + 1
        if isinstance(error, Failure):
            self._log.warning("job failed", kind=job.kind, job_id=job.job_id, attempts=attempts, reason=reason)
        else:
            self._log.exception("job failed", kind=job.kind, job_id=job.job_id, attempts=attempts)
        if attempts >= kind.attempts:
            return await self._hold(job, attempts, reason)
        await self._requeue(job, self._now() + pause_before(attempts), attempts, reason)
        return "failed"

    async def _requeue(self, job: Job, run_at: datetime, attempts: int, reason: str) -> None:
        async def mark(tx: Tx) -> str:
            return await _queries.requeue_job(
                tx,
                job_id=job.job_id,
                claims=job.claims,
                run_at=run_at,
                attempts=attempts,
                last_error=reason,
                now=self._now(),
            )

        try:
            await self._settle(mark)
        except UniqueViolationError:
            # Another job of its key was queued at the same moment. It is seen now, and makes this one superfluous.
            await self._settle(mark)

    async def _hold(self, job: Job, attempts: int, reason: str) -> str:
        self._log.error("job held", kind=job.kind, job_id=job.job_id, reason=reason)
        await self._settle(
            lambda tx: _queries.hold_job(
                tx, job_id=job.job_id, claims=job.claims, attempts=attempts, last_error=reason, now=self._now()
            )
        )
        return "held"

    async def _settle(self, mark: Mark) -> None:
        """Writes how a job ended. Where the database is away the lease runs out and somebody runs the job again."""
        try:
            await self._database.run(mark)
        except Failure as failure:
            self._log.warning("a job's end was not recorded; it will run again", reason=failure.reason)

    async def _measure(self) -> None:
        async with self._database.read() as tx:
            counts = await _queries.job_counts(tx, now=self._now())
            lags = await _queries.outbox_lag(tx, now=self._now())
        self._metrics.waiting.clear()
        self._metrics.oldest.clear()
        for row in counts:
            self._metrics.waiting.labels(row["kind"], row["status"]).set(row["jobs"])
            if row["status"] == "queued":
                self._metrics.oldest.labels(row["kind"]).set(row["oldest_seconds"])
        self._metrics.outbox.clear()
        self._metrics.outbox_lag.clear()
        for row in lags:
            self._metrics.outbox.labels(row["topic"]).set(row["events"])
            self._metrics.outbox_lag.labels(row["topic"]).set(row["oldest_seconds"])

    def _now(self) -> datetime:
        return self._clock.now()


async def wait_for(stop: asyncio.Event, seconds: float) -> None:
    """That long, or until told to stop."""
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return


async def _relay(stop: asyncio.Event, woken: asyncio.Event) -> None:
    await stop.wait()
    woken.set()
