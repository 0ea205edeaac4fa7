"""Waking up when something was stored: LISTEN on a connection of its own, with polling underneath.

A notification is a hint. It can be lost with its connection, so whoever waits also looks by itself every so often.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import TypeAlias

import asyncpg
import structlog

from server.core.cancelling import end_if_told

Listening: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


class Wakeups:
    """Wakes those who wait on a channel, each at most once for any number of notifications."""

    def __init__(self) -> None:
        self._waiting: dict[str, set[asyncio.Event]] = {}

    @asynccontextmanager
    async def on(self, channel: str) -> AsyncIterator[asyncio.Event]:
        """An event that is set whenever the channel was notified; the one who waits clears it. A channel may name a
        payload: `channel:payload`.
        """
        event = asyncio.Event()
        self._waiting.setdefault(channel, set()).add(event)
        try:
            yield event
        finally:
            self._waiting[channel].discard(event)
            if not self._waiting[channel]:
                del self._waiting[channel]

    def wake(self, channel: str) -> None:
        for event in self._waiting.get(channel, ()):
            event.set()

    def wake_all(self) -> None:
        """After a gap in listening anything may have happened."""
        for channel in self._waiting:
            self.wake(channel)


def _set(lost: asyncio.Event, connection: object) -> None:
    lost.set()


def _heard(wakeups: Wakeups, connection: object, pid: int, channel: str, payload: object) -> None:
    """A notification with a payload wakes those who wait for that payload on the channel."""
    wakeups.wake(f"{channel}:{payload}" if payload else channel)


async def wait(event: asyncio.Event, seconds: float) -> None:
    """Until the event is set, or that long; then clears it."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
    event.clear()


async def listen(url: str, channels: Iterable[str], wakeups: Wakeups) -> None:
    """Listens until it is cancelled, connecting again whenever the connection is lost. Needs a direct connection: a
    pooler hands LISTEN to somebody else.
    """
    channels = tuple(channels)
    log = structlog.get_logger("listen")
    while True:
        end_if_told()
        try:
            connection: Listening = await asyncpg.connect(url, timeout=5)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
            log.warning("no connection to listen on", error=type(error).__name__)
            await asyncio.sleep(1)
            continue
        lost = asyncio.Event()
        connection.add_termination_listener(partial(_set, lost))
        try:
            for channel in channels:
                await connection.add_listener(channel, partial(_heard, wakeups))
            wakeups.wake_all()
            await lost.wait()
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
            log.warning("the listening connection was lost", error=type(error).__name__)
        finally:
            with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError):
                await connection.close(timeout=1)
