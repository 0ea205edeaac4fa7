"""Transactions and connections on a real database: tried again, never half done, never lent twice."""

import asyncio
from collections import Counter
from functools import partial

import asyncpg
import pytest

from devstack.roles import DatabaseUrls
from server.core import db as database_module
from server.core.db import Database, Effect, Tx, connect
from server.core.errors import Contention, DependencyDown, PoolExhausted
from server.core.pool import Connection, Pool
from tests.support.waiting import eventually


async def add(tx: Tx, key: str) -> None:
    await tx.execute("insert into core.cron (name, last_slot) values ($1, now())", key)


async def names(database: Database) -> set[str]:
    async with database.read() as tx:
        return {row["name"] for row in await tx.fetch("select name from core.cron")}


async def test_what_fails_leaves_nothing(database: DatabaseUrls) -> None:
    async with connect(database.app_url, application="test") as pool:

        async def half(tx: Tx) -> None:
            await add(tx, "half")
            raise ValueError("no")

        with pytest.raises(ValueError, match="no"):
            await pool.run(half)
        assert await names(pool) == set()


async def test_a_deadlock_is_tried_again_until_both_are_done(database: DatabaseUrls) -> None:
    """Two transactions lock the same two rows in opposite orders, and both get there in the end."""
    async with connect(database.app_url, application="test") as pool:
        await pool.run(partial(add, key="a"))
        await pool.run(partial(add, key="b"))
        tries: Counter[str] = Counter()
        both_hold_one = asyncio.Barrier(2)

        async def cross(tx: Tx, first: str, second: str) -> None:
            tries[first] += 1
            await tx.execute("update core.cron set last_slot = now() where name = $1", first)
            if sum(tries.values()) <= 2:
                await both_hold_one.wait()
            await tx.execute("update core.cron set last_slot = now() where name = $1", second)

        await asyncio.gather(pool.run(lambda tx: cross(tx, "a", "b")), pool.run(lambda tx: cross(tx, "b", "a")))
        assert sum(tries.values()) == 3


async def test_whoever_always_loses_is_told_so(database: DatabaseUrls) -> None:
    async with connect(database.app_url, application="test") as pool:
        tries = 0

        async def lose(tx: Tx) -> None:
            nonlocal tries
            tries += 1
            await add(tx, "lost")
            await tx.execute("do $$ begin raise exception 'lost' using errcode = '40001'; end $$")

        with pytest.raises(Contention):
            await pool.run(lose)
        assert tries == database_module.ATTEMPTS
        assert await names(pool) == set()


async def test_a_connection_that_dies_before_commit_is_tried_again(database: DatabaseUrls) -> None:
    async with connect(database.app_url, application="test") as pool:
        tries = 0

        async def die_once(tx: Tx) -> None:
            nonlocal tries
            tries += 1
            await add(tx, "survivor")
            if tries == 1:
                await _kill(database, await tx.fetchval("select pg_backend_pid()"))
                await tx.fetchval("select 1")

        await pool.run(die_once)
        assert tries == 2
        assert await names(pool) == {"survivor"}


async def test_a_commit_without_an_answer_is_not_repeated(
    database: DatabaseUrls, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody knows whether it happened: repeating it could do it twice."""
    runs = 0

    async def unanswered(self: object) -> None:
        raise asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")

    async with connect(database.app_url, application="test") as pool:

        async def work(tx: Tx) -> None:
            nonlocal runs
            runs += 1

        monkeypatch.setattr("asyncpg.transaction.Transaction.commit", unanswered)
        with pytest.raises(DependencyDown):
            await pool.run(work)
        assert runs == 1


async def test_a_busy_pool_says_so_and_recovers(database: DatabaseUrls, monkeypatch: pytest.MonkeyPatch) -> None:
    async with connect(database.app_url, application="test", size=1) as pool:
        async with pool.read():
            with monkeypatch.context() as impatient:
                impatient.setattr(database_module, "ACQUIRE_SECONDS", 0.05)
                with pytest.raises(PoolExhausted):
                    async with pool.read():
                        raise AssertionError("there is one connection")
        assert await names(pool) == set()


async def test_a_cancelled_read_does_not_leave_its_statement_to_the_next(database: DatabaseUrls) -> None:
    async with connect(database.app_url, application="test", size=1) as pool:

        async def sleep() -> None:
            async with pool.read() as tx:
                await tx.fetchval("select pg_sleep(600)")

        sleeping = asyncio.create_task(sleep())

        async def runs() -> bool:
            return pool.size == 1 and pool.idle == 0

        await eventually(runs, "the connection to be lent")
        sleeping.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sleeping
        async with asyncio.timeout(60):
            assert await names(pool) == set()


@pytest.mark.parametrize("in_transaction", [True, False])
async def test_a_cancellation_that_the_driver_swallows_ends_the_caller_and_its_connection(
    database: DatabaseUrls, *, in_transaction: bool
) -> None:
    """What it raises instead is no lost connection: nothing is tried again, nobody is lent a half-done transaction."""
    async with connect(database.app_url, application="test", size=1) as pool:
        began: list[object] = []

        async def swallowed(tx: Tx) -> None:
            began.append(await tx.fetchval("select pg_backend_pid()"))
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError as error:
                raise asyncpg.InterfaceError("another operation is in progress") from error

        async def reading() -> None:
            async with pool.read() as tx:
                await swallowed(tx)

        task = asyncio.create_task(pool.run(swallowed) if in_transaction else reading())
        await eventually(lambda: asyncio.sleep(0, bool(began)), "the statement to be under way")
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert len(began) == 1
        async with pool.read() as tx:
            assert await tx.fetchval("select pg_backend_pid()") != began[0]


async def test_reads_of_one_snapshot_see_one_instant(database: DatabaseUrls) -> None:
    async with connect(database.app_url, application="test") as pool, pool.snapshot() as tx:
        assert await tx.fetchval("select count(*) from core.cron") == 0
        await pool.run(lambda other: add(other, "later"))
        assert await tx.fetchval("select count(*) from core.cron") == 0


class Line:
    """Stands for a connection where the real one does not matter."""

    def __init__(self) -> None:
        self.closed = False

    def is_closed(self) -> bool:
        return self.closed

    def terminate(self) -> None:
        self.closed = True

    async def close(self, *, timeout: float) -> None:  # noqa: ASYNC109  the driver's own signature
        self.closed = True


async def _line() -> Connection:
    return Line()  # type: ignore[return-value]  # all that the pool asks of a connection


async def test_no_connection_is_lent_twice_under_a_crowd() -> None:
    pool = Pool(_line, 3)
    lent: set[Connection] = set()
    most = 0

    async def borrow() -> None:
        nonlocal most
        connection = await pool.acquire(10)
        assert connection not in lent
        lent.add(connection)
        most = max(most, len(lent))
        await asyncio.sleep(0)
        lent.remove(connection)
        pool.release(connection)

    await asyncio.gather(*(borrow() for _ in range(200)))
    assert most == pool.size == 3
    await pool.close()


async def test_those_who_gave_up_take_nobodys_place() -> None:
    pool = Pool(_line, 1)
    held = await pool.acquire(1)
    waiting = [asyncio.create_task(pool.acquire(30)) for _ in range(5)]
    await asyncio.sleep(0)
    for task in waiting[:4]:
        task.cancel()
    pool.release(held)
    assert await waiting[4] is held
    assert [
        isinstance(result, asyncio.CancelledError)
        for result in await asyncio.gather(*waiting[:4], return_exceptions=True)
    ] == [True] * 4


async def test_an_expired_connection_is_not_lent_again() -> None:
    pool = Pool(_line, 2)
    lent, idle = await pool.acquire(1), await pool.acquire(1)
    pool.release(idle)
    pool.expire()
    pool.release(lent)
    fresh = await pool.acquire(1)
    assert fresh not in (lent, idle)
    assert lent.is_closed()
    assert idle.is_closed()


async def test_a_connection_that_cannot_be_opened_costs_no_place() -> None:
    refusals = [OSError("refused")] * 5

    async def refusing() -> Connection:
        if refusals:
            raise refusals.pop()
        return await _line()

    pool = Pool(refusing, 1)
    for _ in range(5):
        with pytest.raises(OSError, match="refused"):
            await pool.acquire(1)
    assert not (await pool.acquire(1)).is_closed()


async def _kill(database: DatabaseUrls, pid: object) -> None:
    connection = await asyncpg.connect(database.app_url)
    await connection.execute("select pg_terminate_backend($1)", pid)
    await connection.close()


async def test_what_is_left_for_the_end_follows_everything_else_in_order(database: DatabaseUrls) -> None:
    """And nothing of it where the work fails."""
    seen: list[str] = []

    def effect(name: str) -> Effect:
        async def run(tx: Tx) -> None:
            seen.append(name)
            await add(tx, name)

        return run

    async def work(tx: Tx, fails: bool) -> None:
        tx.at_last(effect("first"))
        tx.at_last(effect("second"))
        seen.append("work")
        if fails:
            raise ValueError("no")

    async with connect(database.app_url, application="test") as pool:
        with pytest.raises(ValueError, match="no"):
            await pool.run(partial(work, fails=True))
        assert (seen, await names(pool)) == (["work"], set())
        seen.clear()
        await pool.run(partial(work, fails=False))
        assert (seen, await names(pool)) == (["work", "first", "second"], {"first", "second"})
