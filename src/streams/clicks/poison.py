"""Finds the events that the database refuses, by halves: one of them must not keep the others of its batch away."""

from collections.abc import Sequence
from dataclasses import replace

import asyncpg

from server.core.clock import Clock
from server.core.db import Database, Tx
from streams.clicks import committing, copying
from streams.clicks.arrived import Arrived
from streams.clicks.committing import Decided

POISONED = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError)
"""Refused for what a value is, SQLSTATE classes 22 and 23: it will be refused again."""


class _Undone(Exception):
    """Ends an attempt that would have worked."""


async def poisoned(database: Database, decided: Decided, clock: Clock) -> dict[int, str]:
    """The rows that are refused whatever stands beside them, each with the reason."""
    return await _among(database, decided, range(decided.arrived.events), clock)


async def _among(database: Database, decided: Decided, rows: Sequence[int], clock: Clock) -> dict[int, str]:
    refusal = await _refusal(database, _only(decided, rows), clock) if rows else None
    if refusal is None:
        return {}
    if len(rows) == 1:
        return {rows[0]: f"refused_{refusal.sqlstate}"}
    half = len(rows) // 2
    return await _among(database, decided, rows[:half], clock) | await _among(database, decided, rows[half:], clock)


async def _refusal(database: Database, decided: Decided, clock: Clock) -> asyncpg.PostgresError | None:
    """What the database says against the events; None where it would store them."""

    async def work(tx: Tx) -> None:
        await committing.write(tx, decided, clock)
        raise _Undone

    try:
        await database.run(work)
    except _Undone:
        return None
    except POISONED as error:
        return error
    raise AssertionError("an attempt always ends with an exception")


def _only(decided: Decided, rows: Sequence[int]) -> Decided:
    """The batch with nothing but these events, and what was decided about them."""
    whole = decided.arrived
    others = frozenset(range(whole.events)) - frozenset(rows)
    arrived: Arrived = replace(whole.without(others), controls=())
    by_place = {decision.click.place: decision for decision in decided.decisions}
    kept = [
        replace(decision, considered=replace(decision.considered, clicked=clicked))
        for clicked in arrived.clicks
        if (decision := by_place.get(clicked.click.place))
    ]
    return Decided(arrived, copying.doubted(arrived), replace(decided.plan, duplicates=()), kept, doubted=True)
