"""Database connections kept open for the next who needs one.

The driver's own pool starts a task and two timers for every loan, to reset session state that we never set; that costs
more than an indexed read itself. This one hands a connection over and takes it back.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeAlias

import asyncpg

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
CLOSE_SECONDS = 2.0


class Pool:
    """At most `limit` connections, opened when needed, the one used last first. Who waits is served in order."""

    def __init__(self, connect: Callable[[], Awaitable[Connection]], limit: int) -> None:
        self._connect = connect
        self._permits = asyncio.Semaphore(limit)
        self._idle: list[Connection] = []
        self._lent: dict[Connection, int] = {}
        self._generation = 0

    @property
    def size(self) -> int:
        return len(self._idle) + len(self._lent)

    @property
    def idle(self) -> int:
        return len(self._idle)

    async def acquire(self, patience: float) -> Connection:
        """A connection for the caller alone; TimeoutError where none comes free in time."""
        if self._permits.locked():
            async with asyncio.timeout(patience):
                await self._permits.acquire()
        else:
            await self._permits.acquire()
        generation = self._generation
        try:
            connection = self._open_idle() or await self._connect()
        except BaseException:
            self._permits.release()
            raise
        self._lent[connection] = generation
        return connection

    def release(self, connection: Connection) -> None:
        """Takes a connection back. One that is broken, or was lent before the last expiry, is not kept."""
        generation = self._lent.pop(connection)
        if generation == self._generation and not connection.is_closed():
            self._idle.append(connection)
        else:
            connection.terminate()
        self._permits.release()

    def expire(self) -> None:
        """Parts with every connection there is, at once or when it comes back. The next ones, opened after a failover,
        lead to the new server.
        """
        self._generation += 1
        while self._idle:
            self._idle.pop().terminate()

    async def close(self) -> None:
        """Says good-bye on idle connections and hangs up on the others."""
        for connection in self._lent:
            connection.terminate()
        while self._idle:
            connection = self._idle.pop()
            try:
                await connection.close(timeout=CLOSE_SECONDS)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError):
                connection.terminate()

    def _open_idle(self) -> "Connection | None":
        """The idle connection that was used last, if one is still open."""
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_closed():
                return connection
        return None
