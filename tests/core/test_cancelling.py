"""A cancellation that somebody took for something else."""

import asyncio
from contextlib import suppress

import pytest

from server.core.cancelling import end_if_told
from server.core.periodic import every


async def test_work_that_repeats_ends_though_what_it_repeats_swallowed_the_cancellation() -> None:
    looked = asyncio.Event()

    async def look() -> None:
        looked.set()
        # As a driver does that calls it a lost connection.
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(60)

    task = asyncio.create_task(every(0, look)())
    await looked.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 5)


async def test_who_was_not_told_goes_on() -> None:
    end_if_told(ConnectionError())
