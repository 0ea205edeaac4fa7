"""Work to be done after a transaction, stored by that very transaction.

A job runs at least once: its worker may die after the effect and before the mark. So a handler is written to be run
late and twice. A failing job is tried again with growing pauses; after its last attempt, or when it has killed its
worker too often, it is held for a person to look at, and never dropped.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeAlias

from callsheet.sql.core import Queries
from server.core.call import correlation_id
from server.core.clock import Clock
from server.core.db import Record, Tx, load_queries
from server.core.ids import Ids

_queries = load_queries("server.core", Queries)

JsonValue: TypeAlias = str | int | bool | list["JsonValue"] | dict[str, "JsonValue"] | None


@dataclass(frozen=True, slots=True)
class JobKind:
    """A kind of job: its name, what it is for, and how much patience it gets."""

    name: str
    meaning: str
    attempts: int = 12
    claims: int = 20
    lease: timedelta = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class CronKind:
    """A kind of job that the clock enqueues: every so often, counted from midnight UTC."""

    job: JobKind
    every: timedelta

    def slot(self, now: datetime) -> datetime:
        """The latest moment at or before now at which it is due."""
        midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        return midnight + (now - midnight) // self.every * self.every


@dataclass(frozen=True, slots=True)
class Job:
    """One job as its handler sees it."""

    job_id: str
    kind: str
    key: str
    payload: Mapping[str, JsonValue]
    run_at: datetime
    attempts: int
    claims: int
    correlation_id: str

    def text(self, name: str) -> str:
        """A text of the payload; a job without it is a defect of whoever enqueued it."""
        value = self.payload[name]
        if not isinstance(value, str):
            raise TypeError(f"{self.kind}: {name} is no text")
        return value


Handler: TypeAlias = Callable[[Job], Awaitable[None]]


class Postpone(Exception):
    """Raised by a handler for which it is too early: run again then, and count no failure."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"until {until.isoformat()}")
        self.until = until


class Jobs:
    """Enqueues jobs on the caller's transaction, and takes them back. The rows are written right before COMMIT, because
    they stand last in the lock order: a step that enqueues may be followed by one that locks an order or a case.
    """

    def __init__(self, clock: Clock, ids: Ids) -> None:
        self._clock = clock
        self._ids = ids

    async def enqueue(
        self,
        tx: Tx,
        kind: JobKind,
        *,
        key: str,
        payload: Mapping[str, JsonValue] | None = None,
        run_at: datetime | None = None,
    ) -> None:
        """Stores a job. While one of the same kind and key is queued there is one, at the earlier of the times."""
        now = self._clock.now()
        tx.at_last(
            partial(
                _queries.enqueue_job,
                job_id=self._ids.new("job"),
                kind=kind.name,
                key=key,
                payload=json.dumps(dict(payload or {})),
                run_at=run_at or now,
                correlation_id=correlation_id(),
                now=now,
            )
        )

    async def enqueue_all(
        self, tx: Tx, kind: JobKind, payloads: Mapping[str, Mapping[str, JsonValue]], *, run_at: datetime | None = None
    ) -> None:
        """Stores many jobs of one kind in one statement, by their keys."""
        now = self._clock.now()
        tx.at_last(
            partial(
                _queries.enqueue_jobs,
                job_ids=[self._ids.new("job") for _ in payloads],
                kind=kind.name,
                keys=list(payloads),
                payloads=[json.dumps(dict(payload)) for payload in payloads.values()],
                run_at=run_at or now,
                correlation_id=correlation_id(),
                now=now,
            )
        )

    async def cancel(self, tx: Tx, kind: JobKind, *, key: str) -> None:
        """Takes back a job that has not begun. One that has begun finds the state that made it superfluous."""
        tx.at_last(partial(_queries.cancel_job, kind=kind.name, key=key, now=self._clock.now()))

    async def release_held(self, tx: Tx, kind: str) -> int:
        """Queues the held jobs of a kind again, after a person has looked; tells how many."""
        return len(await _queries.release_held_jobs(tx, kind=kind, now=self._clock.now()))

    async def enqueue_due(self, tx: Tx, cron: CronKind) -> bool:
        """Enqueues a scheduled job if its slot was not taken by another worker; tells whether it did."""
        slot = cron.slot(self._clock.now())
        if await _queries.take_cron_slot(tx, name=cron.job.name, slot=slot) is None:
            return False
        await self.enqueue(tx, cron.job, key=slot.isoformat())
        return True


def job_of(row: Record) -> Job:
    """A job from its row."""
    return Job(
        job_id=row["job_id"],
        kind=row["kind"],
        key=row["key"],
        payload=json.loads(row["payload"]),
        run_at=row["run_at"],
        attempts=row["attempts"],
        claims=row["claims"],
        correlation_id=row["correlation_id"] or "",
    )


def pause_before(attempt: int) -> timedelta:
    """How long to wait before the next attempt: two seconds, doubling, an hour at most."""
    return timedelta(seconds=min(2**attempt, 3600))
