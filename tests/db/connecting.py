"""Connections for the tests of the database, and the little world they look at."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeAlias

import asyncpg

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
WORLD = Path(__file__).parent / "world"


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Connection]:
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


async def populate(app: Connection, stream: Connection) -> None:
    """A little of everything, consistent to the cent, written by the roles that would write it."""
    await app.execute((WORLD / "app.sql").read_text(encoding="utf-8"))
    await stream.execute((WORLD / "stream.sql").read_text(encoding="utf-8"))
