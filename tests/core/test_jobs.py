"""Jobs on a real database: enqueued with their cause, run at least once, tried again, held, never lost."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client import CollectorRegistry

from devstack.roles import DatabaseUrls
from server.core.clock import ManualClock
from server.core.db import Database, Tx, connect
from server.core.errors import Contention, DependencyDown
from server.core.ids import SystemIds
from server.core.jobs import CronKind, Job, JobKind, Jobs, Postpone, pause_before
from server.core.metrics import JobMetrics
from server.core.notify import Wakeups
from server.core.worker import Registered, Worker
from tests.support.waiting import eventually

SOMEBODY_WAITS = (
    "select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')"
)
ONE_LIKE_IT = """
    insert into core.job (job_id, kind, key, payload, run_at, status, created_at)
    select 'job_other', kind, key, payload, run_at, 'queued', created_at from core.job
"""
GREET = JobKind("test.greet", "greets", attempts=3, claims=4, lease=timedelta(seconds=30))


@dataclass(slots=True)
class Bench:
    """A database, a clock that is moved by hand, and jobs."""

    database: Database
    clock: ManualClock
    jobs: Jobs
    ran: list[Job] = field(default_factory=list)

    async def enqueue(self, key: str, *, run_at: datetime | None = None, name: str = "") -> None:
        await self.database.run(lambda tx: self.jobs.enqueue(tx, GREET, key=key, payload={"name": name}, run_at=run_at))

    def worker(self, failures: Sequence[BaseException] = (), crons: Sequence[CronKind] = ()) -> Worker:
        """A worker whose handler fails as often as there are failures, and then works."""
        left = list(failures)

        async def greet(job: Job) -> None:
            if left:
                raise left.pop(0)
            self.ran.append(job)

        metrics = JobMetrics(CollectorRegistry())
        registered = [Registered(GREET, greet)]
        return Worker(self.database, self.jobs, self.clock, registered, crons, metrics, concurrency=4)

    async def states(self) -> list[tuple[str, int, str | None]]:
        async with self.database.read() as tx:
            rows = await tx.fetch("select status, attempts, last_error from core.job order by created_at, job_id")
        return [(row["status"], row["attempts"], row["last_error"]) for row in rows]


@asynccontextmanager
async def bench(urls: DatabaseUrls) -> AsyncIterator[Bench]:
    clock = ManualClock(datetime(2026, 11, 21, 12, tzinfo=UTC))
    async with connect(urls.app_url, application="test", size=8) as database:
        yield Bench(database, clock, Jobs(clock, SystemIds(clock)))


async def test_a_job_exists_exactly_if_its_cause_does(database: DatabaseUrls) -> None:
    async with bench(database) as jobs:

        async def regret(tx: Tx) -> None:
            await jobs.jobs.enqueue(tx, GREET, key="a")
            raise ValueError("changed my mind")

        with pytest.raises(ValueError, match="changed my mind"):
            await jobs.database.run(regret)
        assert await jobs.states() == []
        await jobs.enqueue("a", name="Ada")
        assert await jobs.worker().run_due() == 1
        assert jobs.ran[0].text("name") == "Ada"
        assert await jobs.states() == [("done", 0, None)]


async def test_equal_jobs_that_wait_are_one_at_the_earlier_time(database: DatabaseUrls) -> None:
    async with bench(database) as jobs:
        later = jobs.clock.now() + timedelta(hours=2)
        await jobs.enqueue("a", run_at=later)
        await jobs.enqueue("a", run_at=later - timedelta(hours=1))
        await jobs.enqueue("a", run_at=later + timedelta(hours=1))
        worker = jobs.worker()
        assert await worker.run_due() == 0
        jobs.clock.advance(timedelta(hours=1))
        assert await worker.run_due() == 1
        jobs.clock.advance(timedelta(hours=9))
        assert await worker.run_due() == 0


async def test_a_job_enqueued_while_the_same_one_runs_runs_too(database: DatabaseUrls) -> None:
    async with bench(database) as jobs:
        await jobs.enqueue("a")
        metrics = JobMetrics(CollectorRegistry())
        runs: list[str] = []

        async def again_once(job: Job) -> None:
            runs.append(job.job_id)
            if len(runs) == 1:
                await jobs.enqueue("a")

        worker = Worker(
            jobs.database, jobs.jobs, jobs.clock, [Registered(GREET, again_once)], [], metrics, concurrency=1
        )
        assert await worker.run_due() == 2
        assert len(set(runs)) == 2


async def test_a_job_that_fails_while_the_same_one_is_queued_leaves_it_to_that(database: DatabaseUrls) -> None:
    """Neither sees the other in time: to be queued again, the first has to wait until the second is committed."""
    async with bench(database) as jobs:
        others: list[asyncio.Task[None]] = []
        queued, commit = asyncio.Event(), asyncio.Event()

        async def queue_another(tx: Tx) -> None:
            await tx.fetch(ONE_LIKE_IT)
            queued.set()
            await commit.wait()

        async def fail(job: Job) -> None:
            if not others:
                others.append(asyncio.create_task(jobs.database.run(queue_another)))
            await queued.wait()
            raise DependencyDown("nothing")

        async def waits() -> bool:
            async with jobs.database.read() as tx:
                return bool(await tx.fetchval(SOMEBODY_WAITS))

        async def let_it_commit() -> None:
            await eventually(waits, "the first to wait for the second")
            commit.set()

        metrics = JobMetrics(CollectorRegistry())
        worker = Worker(jobs.database, jobs.jobs, jobs.clock, [Registered(GREET, fail)], [], metrics, concurrency=1)
        await jobs.enqueue("a")
        runs, _ = await asyncio.gather(worker.run_due(), let_it_commit())
        assert runs == 2
        await others[0]
        assert [state[:2] for state in await jobs.states()] == [("done", 1), ("queued", 1)]


async def test_a_failing_job_is_tried_again_with_growing_pauses_and_then_held(database: DatabaseUrls) -> None:
    async with bench(database) as jobs:
        await jobs.enqueue("a")
        worker = jobs.worker([RuntimeError("secret"), Contention(), RuntimeError("secret")])
        assert await worker.run_due() == 1
        assert await jobs.states() == [("queued", 1, "RuntimeError")]
        jobs.clock.advance(pause_before(1))
        assert await worker.run_due() == 1
        assert await jobs.states() == [("queued", 2, "CONTENTION")]
        jobs.clock.advance(pause_before(2))
        assert await worker.run_due() == 1
        assert await jobs.states() == [("held", 3, "RuntimeError")]
        jobs.clock.advance(timedelta(days=1))
        assert await worker.run_due() == 0


async def test_a_held_job_runs_when_a_person_says_so(database: DatabaseUrls) -> None:
    async with bench(database) as jobs:
        await jobs.enqueue("a")
        worker = jobs.worker([RuntimeError("1"), RuntimeError("2"), RuntimeError("3")])
        for _ in range(3):
            await worker.run_due()
            jobs.clock.advance(timedelta(hours=1))
        assert await jobs.database.run(lambda tx: jobs.jobs.release_held(tx, GREET.name)) == 1
        assert await worker.run_due() == 1
        assert (await jobs.states())[0][0] == "done"


async def test_a_postponed_job_counts_no_failure(database: DatabaseUrls) -> None:
    async with bench(database) as jobs:
        await jobs.enqueue("a")
        until = jobs.clock.now() + timedelta(hours=3)
        worker = jobs.worker([Postpone(until)])
        await worker.run_due()
        assert await jobs.states() == [("queued", 0, "postponed")]
        jobs.clock.advance(timedelta(hours=3))
        assert await worker.run_due() == 1
        assert (await jobs.states())[0][0] == "done"


async def test_the_job_of_a_dead_worker_is_taken_over_and_held_when_it_kills_too_often(database: DatabaseUrls) -> None:
    async with bench(database) as jobs:
        await jobs.enqueue("a")
        died = asyncio.CancelledError()
        for _ in range(GREET.claims):
            dying = jobs.worker([died])
            with pytest.raises(asyncio.CancelledError):
                await dying.run_due()
            assert (await jobs.states())[0][0] == "running"
            jobs.clock.advance(GREET.lease + timedelta(seconds=31))
        await jobs.worker().run_due()
        assert jobs.ran == []
        assert (await jobs.states())[0][0] == "held"


async def test_two_workers_share_the_work_and_run_nothing_twice(database: DatabaseUrls) -> None:
    async with bench(database) as jobs:
        for number in range(60):
            await jobs.enqueue(f"job-{number}")
        first, second = jobs.worker(), jobs.worker()
        runs = await asyncio.gather(first.run_due(), second.run_due())
        assert sum(runs) == 60
        assert len({job.key for job in jobs.ran}) == len(jobs.ran) == 60


async def test_a_cancelled_job_does_not_run(database: DatabaseUrls) -> None:
    async with bench(database) as jobs:
        await jobs.enqueue("a")
        await jobs.database.run(lambda tx: jobs.jobs.cancel(tx, GREET, key="a"))
        assert await jobs.worker().run_due() == 0


async def test_a_schedule_is_enqueued_once_per_slot_by_any_number_of_workers(database: DatabaseUrls) -> None:
    async with bench(database) as jobs:
        hourly = CronKind(GREET, timedelta(hours=1))
        jobs.clock.advance(timedelta(minutes=25))

        async def offer() -> list[bool]:
            return await asyncio.gather(
                *(jobs.database.run(lambda tx: jobs.jobs.enqueue_due(tx, hourly)) for _ in range(8))
            )

        assert sorted(await offer()) == [False] * 7 + [True]
        assert not any(await offer())
        jobs.clock.advance(timedelta(minutes=35))
        assert sum(await offer()) == 1
        assert await jobs.worker().run_due() == 2
        assert sorted(job.key for job in jobs.ran) == ["2026-11-21T12:00:00+00:00", "2026-11-21T13:00:00+00:00"]


async def test_a_waiting_worker_wakes_up_and_stops_when_told(database: DatabaseUrls) -> None:
    async with bench(database) as jobs:
        wakeups, stop = Wakeups(), asyncio.Event()
        done = asyncio.Event()

        async def greet(job: Job) -> None:
            jobs.ran.append(job)
            done.set()

        metrics = JobMetrics(CollectorRegistry())
        worker = Worker(jobs.database, jobs.jobs, jobs.clock, [Registered(GREET, greet)], [], metrics, concurrency=2)
        working = asyncio.create_task(worker.work(wakeups, stop))
        await jobs.enqueue("a")
        wakeups.wake("callsheet_jobs")
        async with asyncio.timeout(60):
            await done.wait()
            stop.set()
            await working
        assert await jobs.states() == [("done", 0, None)]


def test_a_kind_has_one_handler_and_a_schedule_a_kind() -> None:
    async def nothing(job: Job) -> None:
        """Has nothing to do."""

    clock = ManualClock(datetime(2026, 11, 21, tzinfo=UTC))
    with pytest.raises(ValueError, match="one handler"):
        Worker(
            None,  # type: ignore[arg-type]  # refused before it would be used
            Jobs(clock, SystemIds(clock)),
            clock,
            [Registered(GREET, nothing), Registered(GREET, nothing)],
            [],
            JobMetrics(CollectorRegistry()),
            concurrency=1,
        )
