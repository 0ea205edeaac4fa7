"""Commits what a partition's batches lead to: each once, in offset order, under the partition's fence."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple, TypeAlias, TypeVar

import asyncpg
import structlog

from server.adapters.budgets.port import Budgets, Outcome
from server.adapters.eventlog.errors import LogBroken
from server.adapters.eventlog.port import EventLog, Partition
from server.core.clock import Clock
from server.core.crash import point
from server.core.db import Database, Tx
from server.core.errors import Failure
from server.promo.domain.partitions import CLICK_LOG
from streams.clicks import committing, copying, recalling
from streams.clicks.arrived import Arrived
from streams.clicks.charging import Charging
from streams.clicks.committing import Decided
from streams.clicks.copying import Prepared
from streams.clicks.deciding import NOTHING_KNOWN, Asked, Decision, Known, Plan, decisions, plan
from streams.clicks.in_force import InForce
from streams.clicks.joining import Complete, Joining, Place, Whole
from streams.clicks.lanes import Answer, Heard
from streams.clicks.letters import DeadLetters
from streams.clicks.poison import POISONED, poisoned
from streams.clicks.recent import Recent
from streams.clicks.records import ControlKind
from streams.clicks.rules.hits import Hits
from streams.engine.backlog import Backlog
from streams.engine.errors import Abandoned, RecordsMissing
from streams.engine.positions import Position, Positions
from streams.engine.standing import Standing

T = TypeVar("T")
RETRY_SECONDS = 0.5

Item: TypeAlias = Whole | Answer | Heard


@dataclass(frozen=True, slots=True)
class Writing:
    """What writing needs."""

    database: Database
    log: EventLog
    budgets: Budgets
    positions: Positions
    clock: Clock
    standing: Standing
    backlog: Backlog
    recent: Recent


class Ready(NamedTuple):
    """A batch that waits for nothing but its turn."""

    complete: Complete
    prepared: Prepared | None


class PartitionWriter:
    """The one writer of a partition, from the moment it has raised the fence until somebody else does.

    `take` runs on the dataflow's thread: it joins batches with what was found about their clicks, and turns their
    columns into what the database reads. Everything else runs in the background, one batch after another.
    """

    def __init__(self, writing: Writing, number: int, kept: bytes | None) -> None:
        self._writing = writing
        self._metrics = writing.standing.metrics
        self._partition = Partition(CLICK_LOG, number)
        self._joining = Joining(kept)
        self._prepared: dict[int, Prepared | None] = {}
        self._turn = asyncio.Lock()
        self._over: BaseException | None = None
        self._halted = False
        self._held: Position | None = None
        self._charging: Charging | None = None
        self._in_force = InForce()
        self._letters = DeadLetters(writing.log, writing.clock, self._partition)
        self._log = structlog.get_logger("writer").bind(partition=str(self._partition))
        writing.backlog.commits(number)
        for arrived in self._joining.waiting():
            writing.backlog.read(number, arrived.events)

    async def open(self) -> None:
        async with self._turn:
            await self._open()

    async def _open(self) -> None:
        held = await self._patiently(lambda: self._writing.positions.take(self._partition))
        # Read behind the fence: what an older writer had under way is in it, or was refused.
        self._in_force = await self._patiently(self._recalled)
        writing = self._writing
        self._charging = Charging(writing.budgets, writing.database, writing.clock, self._partition, held.fence)
        self._held = held
        self._metrics.fences.labels(str(self._partition)).inc()
        self._log.info("writing", fence=held.fence, last_offset=held.last_offset)

    def take(self, item: Item) -> Iterator[Ready]:
        match item:
            case Whole():
                self._joining.whole(item)
                # What it leads to has to wait for the other partitions; this does not, and is in nobody's way now.
                self._prepared[item.arrived.first] = self._prepare(item.arrived)
            case Answer():
                self._joining.answer(item)
            case Heard():
                self._writing.backlog.lowest(item.settled_ms)
        for complete in self._joining.complete():
            self._writing.backlog.handed_over(self._partition.number, self._writing.clock.now())
            arrived = complete.arrived
            yield Ready(
                complete,
                self._prepared.pop(arrived.first) if arrived.first in self._prepared else self._prepare(arrived),
            )

    def _prepare(self, arrived: Arrived) -> Prepared | None:
        """None where there are no events, and where they are committed."""
        if self._held is not None and arrived.last <= self._held.last_offset:
            return None
        return copying.prepare(arrived, self._writing.recent)

    def snapshot(self, under_way: Sequence[Ready]) -> bytes:
        return self._joining.snapshot([ready.complete for ready in under_way])

    async def write(self, ready: Ready) -> None:
        async with self._turn:
            if self._over is not None:
                raise self._over
            if not self._halted:
                await self._write_next(ready)
        self._writing.backlog.settled(self._partition.number, ready.complete.arrived.events)

    async def _write_next(self, ready: Ready) -> None:
        try:
            await self._write(ready)
        except LogBroken as error:
            self._halted = True
            self._log.error("halted", error=str(error))
            self._writing.standing.halt(str(self._partition), str(error))
        except BaseException as error:
            # Whatever was given to be written behind it must not be written without it.
            self._over = error
            raise

    async def _write(self, ready: Ready) -> None:
        arrived, hits = ready.complete
        committed = self._position().last_offset
        if arrived.last <= committed:
            return
        rest = arrived.between(committed, arrived.last)
        if rest.first != committed + 1:
            raise RecordsMissing(self._partition, committed, rest.first)
        for part in _parts(rest):
            began = time.perf_counter()
            prepared = ready.prepared if part is arrived else copying.doubted(part)
            await self._settle(part, hits, prepared)
            self._metrics.batch_seconds.observe(time.perf_counter() - began)

    async def _settle(self, part: Arrived, hits: Mapping[Place, Hits], prepared: Prepared | None) -> None:
        if part.unreadable:
            await self._patiently(lambda: self._letters.unreadable(part))
        while True:
            in_force = self._in_force.copy() if part.controls else self._in_force
            decided = await self._decide(part, hits, prepared, in_force)
            try:
                await self._commit_at_last(decided)
                break
            except POISONED as error:
                part = await self._without_poison(decided, error)
                prepared = copying.doubted(part)
        if decided.decisions:
            await point("clicks.committed")
        self._in_force = await self._patiently(self._recalled) if _has_debits(part) else in_force
        self._charger().committed(part.last)
        self._count(decided)

    async def _decide(
        self, part: Arrived, hits: Mapping[Place, Hits], prepared: Prepared | None, in_force: InForce
    ) -> Decided:
        known = NOTHING_KNOWN
        if prepared is not None and part.clicks:
            known = await self._patiently(lambda: self._known(part, prepared.shadowed))
        planned = plan(part, hits, known, in_force)
        answers: list[tuple[Asked, Sequence[Outcome]]] = []
        if planned.rounds:
            answers = await self._charged(planned, in_force)
            await point("clicks.claimed")
        return Decided(part, prepared, planned, decisions(planned, answers))

    async def _charged(self, planned: Plan, in_force: InForce) -> list[tuple[Asked, Sequence[Outcome]]]:
        """Waits for the budgets as long as it takes, and lets it be seen that nothing is charged meanwhile."""
        try:
            return await self._charger().ask(planned, in_force.taken)
        except Failure as failure:
            self._log.warning("charging paused", reason=failure.reason)
        await self._show_paused(self._writing.clock.now())
        answers = await self._patiently(lambda: self._charger().ask(planned, in_force.taken))
        await self._show_paused(None)
        self._log.info("charging again")
        return answers

    async def _show_paused(self, since: datetime | None) -> None:
        self._metrics.charging_paused.labels(str(self._partition)).set(since is not None)
        await self._patiently(lambda: self._writing.positions.pause(self._partition, self._position(), since))

    async def _commit_at_last(self, decided: Decided) -> None:
        try:
            await self._commit(decided)
        except asyncpg.UniqueViolationError:
            await self._commit(replace(decided, doubted=True))

    async def _commit(self, decided: Decided) -> None:
        """A transaction whose answer was lost is run again; the position tells whether it had been committed."""
        held, arrived = self._position(), decided.arrived
        reached = Position(held.fence, arrived.last, arrived.generation, arrived.after.clock_us)

        async def work(tx: Tx) -> None:
            if await self._writing.positions.advance(tx, self._partition, held, reached):
                await committing.write(tx, decided, self._writing.clock)

        with self._metrics.commit_seconds.time():
            await self._patiently(lambda: self._writing.database.run(work))
        self._held = reached

    async def _without_poison(self, decided: Decided, error: asyncpg.PostgresError) -> Arrived:
        """The batch without the events that the database refuses, which go to the dead letters. What was claimed for
        the batch is given up with them: it is decided anew.
        """
        rows = await self._patiently(lambda: poisoned(self._writing.database, decided, self._writing.clock))
        if not rows:
            raise error
        await self._patiently(lambda: self._letters.poisoned(decided.arrived, rows))
        self._charger().forget()
        self._metrics.records.labels(str(self._partition), "poison").inc(len(rows))
        return decided.arrived.without(frozenset(rows))

    async def _recalled(self) -> InForce:
        async with self._writing.database.snapshot() as tx:
            return await recalling.in_force(tx, self._partition.number)

    async def _known(self, part: Arrived, shadowed: frozenset[int]) -> Known:
        async with self._writing.database.read() as tx:
            return await recalling.known(tx, part.clicks, shadowed)

    async def _patiently(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """Tries until it works: there is nothing better to do with a batch than to wait for its database and log. Told
        to stop, it gives up.
        """
        while True:
            try:
                return await attempt()
            except Failure as failure:
                if self._writing.standing.stopping:
                    raise Abandoned from failure
                self._log.warning("could not write", reason=failure.reason)
            await asyncio.sleep(RETRY_SECONDS)

    def _position(self) -> Position:
        if self._held is None:
            raise AssertionError("a partition is taken before it is written")
        return self._held

    def _charger(self) -> Charging:
        if self._charging is None:
            raise AssertionError("a partition is taken before it is written")
        return self._charging

    def _count(self, decided: Decided) -> None:
        name, arrived = str(self._partition), decided.arrived
        self._metrics.batches.labels(name).inc()
        self._metrics.records.labels(name, "control").inc(len(arrived.controls))
        self._metrics.records.labels(name, "unreadable").inc(len(arrived.unreadable))
        self._metrics.events.labels(name, "impression").inc(arrived.events - len(arrived.clicks))
        self._metrics.events.labels(name, "duplicate_click").inc(len(decided.plan.duplicates))
        for (verdict, rule), number in Counter(map(_told, decided.decisions)).items():
            self._metrics.clicks.labels(verdict, rule).inc(number)


def _parts(arrived: Arrived) -> Iterator[Arrived]:
    """The batch, cut behind every request for money: it is settled by what was spent where it stands."""
    before = arrived.first - 1
    for end in (*(control.offset for control in arrived.controls if control.kind is ControlKind.DEBIT), arrived.last):
        if end > before:
            yield arrived.between(before, end)
            before = end


def _has_debits(arrived: Arrived) -> bool:
    return any(control.kind is ControlKind.DEBIT for control in arrived.controls)


def _told(decision: Decision) -> tuple[str, str]:
    deciding = decision.considered.judged.decided_by
    return decision.verdict.value, deciding.rule.value if deciding else ""
