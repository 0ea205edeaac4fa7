"""What must always be true of the stored data, as named queries that return no row: `db/invariants.sql`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from server.core.db import Tx

_NAME = re.compile(r"^-- name: *(\w+)[^\n]*\n", re.MULTILINE)
SHOWN_ROWS = 3


@dataclass(frozen=True, slots=True)
class Invariant:
    """A sentence about the data, and the query for what breaks it."""

    name: str
    meaning: str
    query: str


def load_invariants(path: Path) -> tuple[Invariant, ...]:
    """The invariants of the file, in its order."""
    _, *pieces = _NAME.split(path.read_text(encoding="utf-8"))
    return tuple(_invariant(name, text) for name, text in zip(pieces[::2], pieces[1::2], strict=True))


async def broken_invariants(tx: Tx, invariants: Sequence[Invariant]) -> list[str]:
    """One line for each invariant that does not hold: its name and the first offending rows."""
    broken = []
    for invariant in invariants:
        rows = await tx.fetch(invariant.query)
        if rows:
            shown = "; ".join(str(dict(row)) for row in rows[:SHOWN_ROWS])
            broken.append(f"{invariant.name}: {len(rows)} rows, such as {shown}")
    return broken


def _invariant(name: str, text: str) -> Invariant:
    lines = text.strip().splitlines()
    comment = [line.removeprefix("--").strip() for line in lines if line.startswith("--")]
    query = "\n".join(line for line in lines if not line.startswith("--"))
    return Invariant(name, " ".join(comment), query.rstrip().rstrip(";"))
