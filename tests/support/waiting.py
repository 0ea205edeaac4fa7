"""Waiting for something that another process or connection does."""

import asyncio
from collections.abc import Awaitable, Callable

PATIENCE_SECONDS = 60.0


async def eventually(condition: Callable[[], Awaitable[bool]], what: str, *, seconds: float = PATIENCE_SECONDS) -> None:
    """Returns as soon as the condition holds; fails, naming what was waited for, when patience ends."""
    try:
        async with asyncio.timeout(seconds):
            while not await condition():  # noqa: ASYNC110  nobody tells us: the condition is another process's
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError(f"waited in vain for: {what}") from None
