"""Where the invariants are, and how a test holds its database to them."""

from pathlib import Path

from server.core.db import connect
from server.core.invariants import Invariant, broken_invariants

INVARIANTS = Path(__file__).parents[2] / "db" / "invariants.sql"


async def broken_in(url: str, invariants: tuple[Invariant, ...]) -> list[str]:
    """One line for each invariant that does not hold in that database."""
    async with connect(url, application="test-invariants", size=1) as database, database.read() as tx:
        return await broken_invariants(tx, invariants)
