"""Runs db/invariants.sql: named queries, each of which must return no row."""

import re
from dataclasses import dataclass
from pathlib import Path

import asyncpg

INVARIANTS = Path(__file__).parents[2] / "db" / "invariants.sql"
_NAME = re.compile(r"^-- name: *(\w+)[^\n]*\n", re.MULTILINE)
SHOWN_ROWS = 3


@dataclass(frozen=True, slots=True)
class Invariant:
    name: str
    query: str


def load_invariants(path: Path = INVARIANTS) -> tuple[Invariant, ...]:
    """The queries of the file, in its order; none where the file does not exist."""
    if not path.exists():
        return ()
    _, *pieces = _NAME.split(path.read_text())
    return tuple(Invariant(name, query.strip()) for name, query in zip(pieces[::2], pieces[1::2], strict=True))


async def broken_invariants(url: str, invariants: tuple[Invariant, ...]) -> list[str]:
    """One line for each invariant that does not hold: its name and the first offending rows."""
    connection = await asyncpg.connect(url)
    try:
        broken = []
        for invariant in invariants:
            rows = await connection.fetch(invariant.query)
            if rows:
                shown = "; ".join(str(dict(row)) for row in rows[:SHOWN_ROWS])
                broken.append(f"{invariant.name}: {len(rows)} rows, such as {shown}")
        return broken
    finally:
        await connection.close()
