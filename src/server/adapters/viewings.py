"""How often each viewer was shown what today, counted by all servers together.

The counts cap how often a viewer sees one campaign, and travel in the tokens, where a rule compares them with the
viewer's clicks: one server of several that counted alone would make honest viewers look eager. They may be lost at any
time, so their server may evict what it likes, and nobody waits long for it: while it is away each process counts alone.
"""

import asyncio
from collections import Counter, OrderedDict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import date, timedelta
from typing import Final, Protocol, cast

import structlog
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

CONNECTIONS: Final = 32
ANSWER_SECONDS: Final = 0.05
AWAY_SECONDS: Final = 1.0
KEPT_FOR: Final = timedelta(hours=36)
MOST_VIEWERS: Final = 100_000


class Viewings(Protocol):
    """Counts by viewer and day. A viewer is a keyed hash."""

    async def of(self, viewer: str, day: date) -> Mapping[str, int]:
        """How often the viewer was shown each campaign that day."""

    async def shown(self, viewer: str, day: date, campaign_ids: Sequence[str]) -> None:
        """Counts that the viewer was shown these once more."""


class ProcessViewings:
    """Counts of one process, of as many viewers as there were last."""

    def __init__(self, most_viewers: int = MOST_VIEWERS) -> None:
        self._counts: OrderedDict[tuple[date, str], Counter[str]] = OrderedDict()
        self._most_viewers = most_viewers

    async def of(self, viewer: str, day: date) -> Mapping[str, int]:
        return self._counts.get((day, viewer), {})

    async def shown(self, viewer: str, day: date, campaign_ids: Sequence[str]) -> None:
        counts = self._counts.setdefault((day, viewer), Counter())
        counts.update(campaign_ids)
        self._counts.move_to_end((day, viewer))
        if len(self._counts) > self._most_viewers:
            self._counts.popitem(last=False)


class SharedViewings:
    """Counts on a server that speaks the Redis protocol: a hash for each viewer and day."""

    def __init__(self, client: Redis, answer_seconds: float) -> None:
        self._client = client
        self._answer_seconds = answer_seconds
        self._alone = ProcessViewings()
        self._away_until = 0.0

    async def of(self, viewer: str, day: date) -> Mapping[str, int]:
        if self._is_away():
            return await self._alone.of(viewer, day)
        try:
            async with asyncio.timeout(self._answer_seconds):
                found = cast("Mapping[bytes, bytes]", await self._client.hgetall(_key(viewer, day)))
        except (RedisError, OSError) as error:
            self._went_away(error)
            return await self._alone.of(viewer, day)
        return {campaign_id.decode(): int(times) for campaign_id, times in found.items()}

    async def shown(self, viewer: str, day: date, campaign_ids: Sequence[str]) -> None:
        if self._is_away():
            return await self._alone.shown(viewer, day, campaign_ids)
        key = _key(viewer, day)
        try:
            async with asyncio.timeout(self._answer_seconds), self._client.pipeline(transaction=False) as together:
                for campaign_id in campaign_ids:
                    together.execute_command("HINCRBY", key, campaign_id, 1)
                together.execute_command("EXPIRE", key, int(KEPT_FOR.total_seconds()))
                await together.execute()
        except (RedisError, OSError) as error:
            self._went_away(error)
            await self._alone.shown(viewer, day, campaign_ids)

    def _is_away(self) -> bool:
        return asyncio.get_running_loop().time() < self._away_until

    def _went_away(self, error: Exception) -> None:
        self._away_until = asyncio.get_running_loop().time() + AWAY_SECONDS
        structlog.get_logger("viewings").warning("counting alone", error=type(error).__name__)


@asynccontextmanager
async def viewings(url: str, answer_seconds: float = ANSWER_SECONDS) -> AsyncIterator[Viewings]:
    """The counts at that address, or of this process alone where there is none."""
    if not url:
        yield ProcessViewings()
        return
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=CONNECTIONS,
        timeout=answer_seconds,
        socket_connect_timeout=answer_seconds,
        socket_timeout=answer_seconds,
        retry=Retry(NoBackoff(), 0),
    )
    client = Redis(connection_pool=pool)
    try:
        yield SharedViewings(client, answer_seconds)
    finally:
        await client.aclose()
        await pool.disconnect()


def _key(viewer: str, day: date) -> str:
    return f"viewings:{day.isoformat()}:{viewer}"
