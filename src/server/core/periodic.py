"""Looking at something again and again."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine

from server.core.cancelling import end_if_told


def every(seconds: float, look: Callable[[], Awaitable[None]]) -> Callable[[], Coroutine[None, None, None]]:
    """Work that looks, rests that long, and looks again until it is cancelled. What goes wrong is for `look` to say."""

    async def keep_looking() -> None:
        while True:
            await look()
            end_if_told()
            await asyncio.sleep(seconds)

    return keep_looking
