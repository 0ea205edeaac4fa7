"""The one way in which cases change."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from server.core.clock import Clock
from server.core.db import Tx
from server.core.errors import NotFound
from server.core.ids import Ids
from server.core.jobs import Jobs
from server.support.cases.conversation import Message, written
from server.support.cases.domain import (
    INTERNAL_EVENTS,
    LEGAL_TYPES,
    By,
    Case,
    CaseType,
    Event,
    Severity,
    Status,
    Visibility,
    apply,
    note,
    step,
)
from server.support.cases.history import Step, marks
from server.support.cases.repository import CaseRepository
from server.support.cases.standing import AuthorRole
from server.support.cases.timers import DEADLINE, timers_of
from server.support.evidence.timers import LEGAL_HOLD
from server.support.sla.clocks import Promise, deadlines


class Promises(Protocol):
    """Knows what is promised to a new case."""

    async def promise(self, tx: Tx, case_type: CaseType, severity: Severity) -> Promise | None: ...


@dataclass(frozen=True, slots=True)
class Change:
    """A case before and after something that happened to it."""

    before: Case
    after: Case
    event: Event
    by: By
    details: Mapping[str, str] = field(default_factory=dict)


class CaseBook:
    """Writes changes of cases on the caller's transaction: each with its event, its clocks and its timers.

    Jobs come last in the order of locks, so a transaction that changes two cases hands in both changes at once.
    """

    def __init__(self, repository: CaseRepository, promises: Promises, clock: Clock, ids: Ids, jobs: Jobs) -> None:
        self._repository = repository
        self._promises = promises
        self._clock = clock
        self._ids = ids
        self._jobs = jobs

    def now(self) -> datetime:
        return self._clock.now()

    async def open(self, tx: Tx, case: Case, by: By, details: Mapping[str, str]) -> Case:
        """Stores a new case with what is promised to it; CaseAlreadyOpen where there is one."""
        entry = step(None, case, Event.OPEN, by, details, case.created_at)
        opened = await self._promised(tx, case, [_as_step(entry.event, case, by, case.created_at)])
        await self._repository.insert(tx, opened)
        await self._repository.record(tx, entry)
        await self._watch_the_clock(tx, opened)
        return opened

    async def lock(self, tx: Tx, case_id: str) -> Case:
        """The case, held until the transaction ends."""
        case = await self._repository.lock(tx, case_id)
        if case is None:
            raise NotFound(case_id)
        return case

    def moved(self, case: Case, event: Event, by: By, **details: str) -> Change:
        """The change that an event of the machine makes."""
        return Change(case, apply(case, event, now=self.now()), event, by, details)

    def noted(self, case: Case, event: Event, by: By, **details: str) -> Change:
        """The change that something makes which moves the case nowhere."""
        return Change(case, note(case, event, now=self.now()), event, by, details)

    async def say(
        self, tx: Tx, case: Case, body_md: str, role: AuthorRole, by: By, visibility: Visibility = Visibility.PUBLIC
    ) -> Message:
        """Stores a message of the case. The event that tells of it is the caller's to write."""
        message = written(self._ids.new("smg"), case.case_id, visibility, role, by.user_id, body_md, now=self.now())
        await self._repository.say(tx, message)
        return message

    async def write(self, tx: Tx, *changes: Change) -> Case:
        """Stores the changes and gives the first case as it is now."""
        stored = [await self._store(tx, change) for change in changes]
        for change, after in zip(changes, stored, strict=True):
            if change.event not in INTERNAL_EVENTS:
                await self._set_timers(tx, change.before, after)
                await self._watch_the_clock(tx, after)
        return stored[0]

    async def _store(self, tx: Tx, change: Change) -> Case:
        now = self.now()
        after = change.after if change.event in INTERNAL_EVENTS else await self._timed(tx, change, now)
        await self._repository.save(tx, change.before, after)
        await self._repository.record(tx, step(change.before, after, change.event, change.by, change.details, now))
        return after

    async def _timed(self, tx: Tx, change: Change, now: datetime) -> Case:
        """The case with the deadlines that its history gives; what was overdue before is a miss, for good."""
        for clock, due in change.before.deadlines.overdue(now):
            await self._repository.miss(tx, change.before, clock, due, now=now)
        history = await self._repository.steps(tx, change.before.case_id)
        history.append(_as_step(change.event, change.after, change.by, now))
        if change.event is Event.REOPEN:
            return await self._promised(tx, change.after, history)
        return _by_its_clocks(change.after, history)

    async def _promised(self, tx: Tx, case: Case, history: list[Step]) -> Case:
        """A cycle begins with what is promised then, and keeps that."""
        promise = await self._promises.promise(tx, case.type, case.severity)
        return _by_its_clocks(replace(case, promise=promise), history)

    async def _set_timers(self, tx: Tx, before: Case, after: Case) -> None:
        if before.status is after.status:
            return
        if after.type in LEGAL_TYPES and Status.CLOSED in (before.status, after.status):
            await self._jobs.enqueue(tx, LEGAL_HOLD, key=after.case_id)
        wanted = {timer.kind.name for timer in timers_of(after)}
        for timer in timers_of(before):
            if timer.kind.name not in wanted:
                await self._jobs.cancel(tx, timer.kind, key=after.case_id)
        for timer in timers_of(after):
            await self._jobs.enqueue(tx, timer.kind, key=after.case_id, run_at=after.status_since + timer.after)

    async def _watch_the_clock(self, tx: Tx, case: Case) -> None:
        """A job wakes at the next deadline. One that was enqueued for an earlier one looks, and postpones itself."""
        due = case.deadlines.next_after(self.now())
        if due is not None:
            await self._jobs.enqueue(tx, DEADLINE, key=case.case_id, run_at=due)


def _as_step(event: Event, case: Case, by: By, at: datetime) -> Step:
    return Step(event, case.status, by.standing, at)


def _by_its_clocks(case: Case, history: list[Step]) -> Case:
    if case.promise is None:
        return case
    return replace(case, deadlines=deadlines(list(marks(history)), case.promise))
