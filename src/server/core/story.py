"""Everything that happened to one thing, in order, with every sum: what `callsheet explain` tells."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from callsheet.sql.core import Queries
from server.core.db import Tx, load_queries

_queries = load_queries("server.core", Queries)


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened."""

    at: datetime
    what: str
    details: str = ""


@dataclass(frozen=True, slots=True)
class Sum:
    """A number that must follow from others, and whether it does."""

    name: str
    cents: int
    expected_cents: int

    @property
    def holds(self) -> bool:
        return self.cents == self.expected_cents


@dataclass(frozen=True, slots=True)
class Story:
    """What a thing is, what happened to it, and what its money adds up to."""

    title: str
    facts: Sequence[tuple[str, str]]
    entries: Sequence[Entry]
    sums: Sequence[Sum] = ()


class Teller(Protocol):
    """Tells the story of things with one prefix; None where there is no such thing."""

    async def tell(self, tx: Tx, identifier: str) -> Story | None: ...


async def job_entries(tx: Tx, key: str) -> list[Entry]:
    """The jobs about a thing, each at the time that says most: its end, or when it is due."""
    return [
        Entry(
            row["finished_at"] or row["run_at"],
            f"job {row['kind']} {row['status']}",
            f"{row['job_id']} · attempts {row['attempts']}" + (f" · {row['last_error']}" if row["last_error"] else ""),
        )
        for row in await _queries.jobs_about(tx, key=key)
    ]
