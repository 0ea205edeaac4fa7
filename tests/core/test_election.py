"""Work that one process does at a time: it ends when it is told to, whatever its connection says."""

import asyncio

import asyncpg
import pytest

from devstack.roles import DatabaseUrls
from server.core.db import Tx
from server.core.election import Election


async def test_a_statement_that_breaks_when_it_is_cancelled_does_not_keep_the_work_going(
    database: DatabaseUrls,
) -> None:
    elected = asyncio.Event()

    async def work(tx: Tx) -> None:
        elected.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise asyncpg.InterfaceError("another operation is in progress") from None

    task = asyncio.create_task(Election(database.app_url, "test").run(work))
    await elected.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        async with asyncio.timeout(60):
            await task
