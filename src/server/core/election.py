"""Work that one process does at a time: whichever holds a lock of the database's does it, and another follows when that
one is gone.

The lock belongs to a connection, and the work is given that very connection: who has lost the one has lost the other.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import TypeAlias

import asyncpg
import structlog

from callsheet.sql.core import Queries
from server.core.cancelling import end_if_told
from server.core.db import Tx, load_queries

_queries = load_queries("server.core", Queries)

LOOK_EVERY_SECONDS = 1.0
RETRY_SECONDS = 0.5
STATEMENT_SECONDS = 30.0

# The driver reports a connection that dies under a statement in one of four families, its own confusion included.
_LOST = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)

Work: TypeAlias = Callable[[Tx], Awaitable[None]]
"""Goes on for as long as it may. It has to use its connection every so often, or it never hears that it was lost."""


class Election:
    """Does some work whenever nobody else does it."""

    def __init__(self, url: str, name: str) -> None:
        self._url = url
        self._name = name
        self._log = structlog.get_logger("election").bind(name=name)

    async def run(self, work: Work) -> None:
        """Runs until it is cancelled; a database that goes away only makes it wait."""
        while True:
            try:
                async with self._connected() as tx:
                    await self._become_the_only_one(tx)
                    await work(tx)
            except _LOST as error:
                end_if_told(error)
                self._log.warning("lost its database", error=type(error).__name__)
            await asyncio.sleep(RETRY_SECONDS)

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[Tx]:
        connection: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(
            self._url,
            timeout=5,
            command_timeout=STATEMENT_SECONDS,
            server_settings={"application_name": f"callsheet-{self._name.replace(':', '-')}"},
        )
        try:
            yield Tx(connection)
        finally:
            with suppress(*_LOST):
                await connection.close(timeout=1)

    async def _become_the_only_one(self, tx: Tx) -> None:
        while True:
            if await _queries.take_lock(tx, name=self._name):
                self._log.info("elected")
                return
            await asyncio.sleep(LOOK_EVERY_SECONDS)
