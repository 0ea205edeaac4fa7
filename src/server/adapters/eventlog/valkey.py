"""The event log on Redis or Valkey Streams.

Ids are `0-1`, `0-2` …: the server numbers them, so offsets are dense. A hash beside each stream holds its generation,
its newest offset and how many bytes it holds. Both lie in one hash slot, and scripts change them together.

The server has to be its own, with `appendfsync always` and `noeviction`: an answered append is on disk.
"""

import secrets
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from importlib import resources
from typing import TypeAlias, cast

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import OutOfMemoryError, RedisError

from server.adapters.eventlog.errors import LogDown, LogFull, LogGone, LogShorter, PartitionsDiffer, RecordsTrimmed
from server.adapters.eventlog.port import Entry, Partition, Window
from server.core.clock import Clock

CONNECTIONS = 16
CONNECT_SECONDS = 2.0
ANSWER_SECONDS = 5.0

_Found: TypeAlias = list[tuple[bytes, Mapping[bytes, bytes]]]


class ValkeyLog:
    """An `EventLog` on a server that speaks the Redis protocol."""

    def __init__(self, client: Redis, clock: Clock, partition_bytes: int) -> None:
        self._client = client
        self._clock = clock
        self._partition_bytes = partition_bytes
        self._append = client.register_script(_script("append.lua"))
        self._trim = client.register_script(_script("trim.lua"))

    async def ensure(self, log: str, partitions: int) -> None:
        key = f"log:{{{log}}}:partitions"
        with _failures():
            await self._client.set(key, partitions, nx=True)
            found = int(await self._client.get(key) or 0)
        if found != partitions:
            raise PartitionsDiffer(log, partitions, found)

    async def append(self, partition: Partition, records: Sequence[bytes]) -> int:
        if not records:
            raise ValueError("an append needs at least one record")
        now = int(self._clock.now().timestamp() * 1000)
        with _failures():
            offset = await self._append(
                keys=_keys(partition), args=[self._partition_bytes, secrets.token_hex(16), now, *records]
            )
        if not offset:
            raise LogFull
        return int(offset)

    async def read(self, partition: Partition, *, after: int, limit: int) -> Window:
        stream, description = _keys(partition)
        with _failures():
            async with self._client.pipeline(transaction=True) as both:
                both.execute_command("HMGET", description, "newest", "generation")
                both.execute_command("XRANGE", stream, f"(0-{after}", "+", "COUNT", limit)
                (newest, generation), found = await both.execute()
        window = Window(tuple(_entry(*item) for item in found), int(newest or 0), (generation or b"").decode())
        if after and not window.generation:
            raise LogGone(partition, after)
        if window.newest < after:
            raise LogShorter(partition, after, window.newest)
        if window.newest > after and (not window.entries or window.entries[0].offset != after + 1):
            raise RecordsTrimmed(partition, after)
        return window

    async def offset_before(self, partition: Partition, at: datetime) -> int:
        stream, _ = _keys(partition)
        with _failures():
            oldest = cast("_Found", await self._client.xrange(stream, count=1))
            newest = cast("_Found", await self._client.xrevrange(stream, count=1))
            if not oldest or _entry(*oldest[0]).appended_at >= at:
                return 0
            before, beyond = _entry(*oldest[0]).offset, _entry(*newest[0]).offset + 1
            while beyond - before > 1:
                middle = (before + beyond) // 2
                found = cast("_Found", await self._client.xrange(stream, min=f"0-{middle}", count=1))
                if found and _entry(*found[0]).appended_at < at:
                    before = middle
                else:
                    beyond = middle
        return before

    async def trim(self, partition: Partition, *, upto: int) -> None:
        with _failures():
            await self._trim(keys=_keys(partition), args=[upto])

    async def check(self) -> None:
        with _failures():
            await self._client.ping()


@asynccontextmanager
async def valkey_log(url: str, clock: Clock, *, partition_bytes: int) -> AsyncIterator[ValkeyLog]:
    """Opens a log and closes it again. It does not wait for the server: a call that finds none says so.

    The client tries nothing twice by itself. An append whose answer was lost would be there twice without anybody
    having decided so.
    """
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=CONNECTIONS,
        timeout=CONNECT_SECONDS,
        socket_connect_timeout=CONNECT_SECONDS,
        socket_timeout=ANSWER_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
    client = Redis(connection_pool=pool)
    try:
        yield ValkeyLog(client, clock, partition_bytes)
    finally:
        await client.aclose()
        await pool.disconnect()


def _keys(partition: Partition) -> tuple[str, str]:
    stream = f"log:{{{partition.log}:{partition.number}}}"
    return stream, f"{stream}:description"


def _entry(identifier: bytes, fields: Mapping[bytes, bytes]) -> Entry:
    return Entry(
        offset=int(identifier.rpartition(b"-")[2]),
        record=fields[b"r"],
        appended_at=datetime.fromtimestamp(int(fields[b"t"]) / 1000, UTC),
    )


def _script(name: str) -> str:
    return resources.files("server.adapters.eventlog").joinpath(name).read_text(encoding="utf-8")


@contextmanager
def _failures() -> Iterator[None]:
    """The client's errors as ours: no memory left means full, anything else means that the log cannot be used."""
    try:
        yield
    except OutOfMemoryError as error:
        raise LogFull from error
    except (RedisError, OSError) as error:
        raise LogDown from error
