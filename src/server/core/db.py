"""PostgreSQL: pools, transactions that are tried again, and named queries.

Whoever has a `Tx` is inside somebody's transaction and neither begins nor commits. Whoever has the `Database` owns
transactions, and calls nothing outside of the database while one is open.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib import resources
from types import TracebackType
from typing import Protocol, TypeAlias, TypeVar, cast

import aiosql
import asyncpg
import stamina
from aiosql.adapters.asyncpg import AsyncPGAdapter
from aiosql.types import SyncDriverAdapterProtocol

from server.core.call import current_call
from server.core.cancelling import end_if_told
from server.core.errors import Contention, DependencyDown, PoolExhausted
from server.core.pool import Connection, Pool

Record: TypeAlias = asyncpg.Record
T = TypeVar("T")
T_contra = TypeVar("T_contra", contravariant=True)

ATTEMPTS = 6
ACQUIRE_SECONDS = 2.0
PATIENCE_SECONDS = 10.0

_LOST_A_RACE = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError)
_UNREACHABLE = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.TooManyConnectionsError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)


class Observer(Protocol):
    """Sees every transaction: tests count statements with it and check the order in which locks are taken."""

    def begun(self) -> None: ...
    def statement(self, sql: str) -> None: ...
    def ended(self) -> None: ...


ObserverFactory: TypeAlias = Callable[[], Observer]


Effect: TypeAlias = "Callable[[Tx], Awaitable[object]]"


class Guard(Protocol[T_contra]):
    """Runs first and last inside a transaction; `before` may raise to end it without any effect."""

    async def before(self, tx: "Tx") -> None: ...
    async def after(self, tx: "Tx", result: T_contra) -> None: ...


class Tx:
    """A connection inside a transaction, or one on loan for single reads. It can do everything but end itself."""

    __slots__ = ("_connection", "_last", "_observer")

    def __init__(self, connection: "asyncpg.Connection[Record]", observer: Observer | None = None) -> None:
        self._connection = connection
        self._observer = observer
        self._last: list[Effect] = []

    def at_last(self, effect: "Effect") -> None:
        """Has an effect follow everything else in the transaction, right before COMMIT, in the order of asking.

        It is for rows that stand last in the lock order, so that a step that needs some can be followed by another
        that takes earlier locks. A connection on loan has no end to wait for, and takes none.
        """
        self._last.append(effect)

    async def take_last(self) -> None:
        """Runs what was left for the end; whoever ends the transaction does it once."""
        while self._last:
            await self._last.pop(0)(self)

    def fetch(self, sql: str, *arguments: object) -> Awaitable[list[Record]]:
        self._seen(sql)
        return self._connection.fetch(sql, *arguments)

    def fetchrow(self, sql: str, *arguments: object) -> Awaitable[Record | None]:
        self._seen(sql)
        return self._connection.fetchrow(sql, *arguments)

    def fetchval(self, sql: str, *arguments: object) -> Awaitable[object]:
        self._seen(sql)
        return self._connection.fetchval(sql, *arguments)

    def execute(self, sql: str, *arguments: object) -> Awaitable[str]:
        self._seen(sql)
        return self._connection.execute(sql, *arguments)

    def executemany(self, sql: str, rows: Iterable[Sequence[object]]) -> Awaitable[None]:
        self._seen(sql)
        return self._connection.executemany(sql, rows)

    async def copy_in(self, table: str, columns: Sequence[str], data: Iterable[bytes]) -> None:
        """Copies rows that are in PostgreSQL's binary format already into a table."""
        self._seen(f"copy {table}")
        await self._connection.copy_to_table(table, source=_as_they_come(data), columns=columns, format="binary")

    def at_one_instant(self) -> AbstractAsyncContextManager[object]:
        return self._connection.transaction(isolation="repeatable_read", readonly=True)

    def _seen(self, sql: str) -> None:
        if self._observer is not None:
            self._observer.statement(sql)


async def _as_they_come(data: Iterable[bytes]) -> AsyncIterator[bytes]:
    for piece in data:
        yield piece


class Database:
    """Connections under one role, and the only place where transactions begin and end."""

    def __init__(self, pool: Pool, observe: ObserverFactory | None = None) -> None:
        self._pool = pool
        self._observe = observe

    @property
    def size(self) -> int:
        return self._pool.size

    @property
    def idle(self) -> int:
        return self._pool.idle

    def read(self) -> AbstractAsyncContextManager[Tx]:
        """A connection for reads, each statement its own transaction."""
        return _Loan(self._pool, self._observe)

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Tx]:
        """A connection for reads that all see the same instant."""
        async with self.read() as tx, tx.at_one_instant():
            yield tx

    async def run(self, work: Callable[[Tx], Awaitable[T]], *, once: Guard[T] | None = None) -> T:
        """Runs the work in one transaction and commits it.

        A transaction that loses against concurrent ones, or whose connection goes before COMMIT was sent, is tried
        again as a whole, within the caller's deadline. One whose COMMIT got no answer is not: the caller's
        idempotency key settles what happened.
        """
        try:
            async for attempt in stamina.retry_context(
                on=(*_LOST_A_RACE, _NotReached),
                attempts=ATTEMPTS,
                timeout=_patience(),
                wait_initial=0.01,
                wait_max=0.4,
                wait_jitter=0.05,
            ):
                with attempt:
                    return await self._transaction(work, once)
        except (*_LOST_A_RACE, asyncpg.LockNotAvailableError) as error:
            raise Contention from error
        except _NotReached as error:
            raise DependencyDown("postgresql") from error
        raise AssertionError("a retried block either returns or raises")

    async def _transaction(self, work: Callable[[Tx], Awaitable[T]], once: Guard[T] | None) -> T:
        try:
            connection = await self._pool.acquire(ACQUIRE_SECONDS)
        except TimeoutError as error:
            raise PoolExhausted from error
        except _UNREACHABLE as error:
            end_if_told(error)
            raise _NotReached from error
        observer = self._observe() if self._observe else None
        try:
            return await _committed(connection, observer, work, once)
        except _NotReached:
            # After a failover every pooled connection leads to the server that stepped down.
            self._pool.expire()
            raise
        finally:
            if observer is not None:
                observer.ended()
            self._pool.release(connection)


class _Loan:
    """One loan of a connection. A class and not a generator, because every read pays for it."""

    __slots__ = ("_connection", "_observe", "_pool")

    def __init__(self, pool: Pool, observe: ObserverFactory | None) -> None:
        self._pool = pool
        self._observe = observe
        self._connection: Connection | None = None

    async def __aenter__(self) -> Tx:
        try:
            self._connection = await self._pool.acquire(ACQUIRE_SECONDS)
        except TimeoutError as error:
            raise PoolExhausted from error
        except _UNREACHABLE as error:
            end_if_told(error)
            raise DependencyDown("postgresql") from error
        return Tx(self._connection, self._observe() if self._observe else None)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        connection = self._connection
        if connection is None:
            return
        if kind is asyncio.CancelledError or isinstance(error, _UNREACHABLE):
            # Its statement may still run over there: nobody else shall wait for that.
            connection.terminate()
        self._pool.release(connection)
        if isinstance(error, _UNREACHABLE):
            end_if_told(error)
            self._pool.expire()
            raise DependencyDown("postgresql") from error


class _NotReached(Exception):
    """The server could not be reached, or went away before COMMIT was sent: nothing happened."""


async def _committed(
    connection: "asyncpg.Connection[Record]",
    observer: Observer | None,
    work: Callable[[Tx], Awaitable[T]],
    once: Guard[T] | None,
) -> T:
    transaction = connection.transaction()
    tx = Tx(connection, observer)
    try:
        await transaction.start()
        if observer is not None:
            observer.begun()
        if once is not None:
            await once.before(tx)
        result = await work(tx)
        if once is not None:
            await once.after(tx, result)
        await tx.take_last()
    except _UNREACHABLE as error:
        # It may be alive, in the middle of this transaction: nobody else shall have it.
        connection.terminate()
        end_if_told(error)
        raise _NotReached from error
    except BaseException:
        if not connection.is_closed():
            await transaction.rollback()
        raise
    try:
        await transaction.commit()
    except _UNREACHABLE as error:
        connection.terminate()
        end_if_told(error)
        raise DependencyDown("postgresql") from error
    return result


def _patience() -> float:
    call = current_call()
    return PATIENCE_SECONDS if call is None else call.remaining()


@asynccontextmanager
async def connect(
    url: str,
    *,
    application: str,
    size: int = 10,
    pooler: bool = False,
    observe: ObserverFactory | None = None,
) -> AsyncIterator[Database]:
    """Opens a pool and closes it again. It does not wait for the server: a call that finds none says so."""

    async def opened() -> Connection:
        return await asyncpg.connect(
            url,
            timeout=ACQUIRE_SECONDS,
            statement_cache_size=0 if pooler else 200,
            server_settings={} if pooler else {"application_name": application},
        )

    pool = Pool(opened, size)
    try:
        yield Database(pool, observe)
    finally:
        await pool.close()


class _Queries:
    """Lets aiosql hand its statements to a `Tx` and give back the very awaitable that the driver makes.

    It calls itself synchronous, so that aiosql wraps nothing around it: its own asynchronous selects are generators.
    """

    is_aio_driver = False

    def __init__(self) -> None:
        self._numbered = AsyncPGAdapter()  # type: ignore[no-untyped-call]  # aiosql leaves it untyped

    def process_sql(self, query_name: str, op_type: object, sql: str) -> str:
        numbered: str = self._numbered.process_sql(query_name, op_type, sql)  # type: ignore[no-untyped-call]
        return numbered

    def select(
        self, tx: Tx, query_name: str, sql: str, parameters: Mapping[str, object], record_class: object = None
    ) -> Awaitable[list[Record]]:
        return tx.fetch(sql, *self._ordered(query_name, parameters))

    def select_one(
        self, tx: Tx, query_name: str, sql: str, parameters: Mapping[str, object], record_class: object = None
    ) -> Awaitable[Record | None]:
        return tx.fetchrow(sql, *self._ordered(query_name, parameters))

    def select_value(self, tx: Tx, query_name: str, sql: str, parameters: Mapping[str, object]) -> Awaitable[object]:
        return tx.fetchval(sql, *self._ordered(query_name, parameters))

    def insert_update_delete(
        self, tx: Tx, query_name: str, sql: str, parameters: Mapping[str, object]
    ) -> Awaitable[str]:
        return tx.execute(sql, *self._ordered(query_name, parameters))

    def insert_update_delete_many(
        self, tx: Tx, query_name: str, sql: str, rows: Iterable[Mapping[str, object]]
    ) -> Awaitable[None]:
        return tx.executemany(sql, [self._ordered(query_name, row) for row in rows])

    def _ordered(self, query_name: str, parameters: Mapping[str, object]) -> list[object]:
        return [parameters[name] for name in self._numbered.var_sorted[query_name]]


Queries = TypeVar("Queries")


def load_queries(package: str, protocol: type[Queries]) -> Queries:
    """The named statements of a slice's `queries.sql`, behind the protocol that `make gen` wrote from it."""
    text = resources.files(package).joinpath("queries.sql").read_text(encoding="utf-8")
    return cast("Queries", aiosql.from_str(text, cast("Callable[..., SyncDriverAdapterProtocol]", _Queries)))
