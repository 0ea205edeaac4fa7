"""The event log on a real Valkey."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
import redis.asyncio

from devstack import valkey
from devstack.ports import free_port
from devstack.program import complete, running
from devstack.valkey import Valkey
from server.adapters.eventlog.errors import LogDown, LogFull, LogShorter
from server.adapters.eventlog.port import EventLog
from server.adapters.eventlog.valkey import ValkeyLog, valkey_log
from server.core.clock import ManualClock
from tests.adapters.eventlog.contract import CLICKS, NOON, EventLogContract, records

ROOM = 1 << 20


def opened(server: Valkey, clock: ManualClock) -> AbstractAsyncContextManager[ValkeyLog]:
    return valkey_log(server.url, clock, partition_bytes=ROOM)


class TestValkeyLog(EventLogContract):
    """The contract, and what only this backend promises."""

    @pytest.fixture
    async def log(self, valkey_log: Valkey, clock: ManualClock) -> AsyncIterator[ValkeyLog]:
        async with opened(valkey_log, clock) as log:
            yield log

    async def test_a_full_partition_refuses_and_loses_nothing(self, log: EventLog) -> None:
        fitting = ROOM // 100_064
        for _ in range(fitting):
            await log.append(CLICKS, [b"x" * 100_000])
        with pytest.raises(LogFull):
            await log.append(CLICKS, [b"x" * 100_000])
        assert [offset for offset, _ in await records(log)] == list(range(1, fitting + 1))

    async def test_a_batch_that_does_not_fit_leaves_nothing_behind(self, log: EventLog) -> None:
        with pytest.raises(LogFull):
            await log.append(CLICKS, [b"x" * (ROOM // 2)] * 3)
        assert await records(log) == []

    async def test_room_comes_back_with_what_is_trimmed(self, log: EventLog) -> None:
        half = b"x" * (ROOM // 2 - 100)
        await log.append(CLICKS, [half, half])
        with pytest.raises(LogFull):
            await log.append(CLICKS, [half])
        await log.trim(CLICKS, upto=1)
        assert await log.append(CLICKS, [half]) == 3
        await log.trim(CLICKS, upto=3)
        assert await log.append(CLICKS, [half, half]) == 5

    async def test_a_recreated_log_has_another_generation(self, log: EventLog, valkey_log: Valkey) -> None:
        await log.append(CLICKS, [b"a", b"b"])
        before = await log.read(CLICKS, after=0, limit=10)
        async with redis.asyncio.Redis(port=valkey_log.port) as client:
            await client.flushall()
        with pytest.raises(LogShorter):
            await log.read(CLICKS, after=2, limit=10)
        await log.append(CLICKS, [b"a", b"b"])
        after = await log.read(CLICKS, after=0, limit=10)
        assert after.entries[0].offset == before.entries[0].offset
        assert after.generation != before.generation

    async def test_a_stream_that_alone_was_deleted_counts_as_recreated(self, log: EventLog, valkey_log: Valkey) -> None:
        await log.append(CLICKS, [b"a", b"b"])
        before = await log.read(CLICKS, after=0, limit=10)
        async with redis.asyncio.Redis(port=valkey_log.port) as client:
            await client.delete("log:{clicks:1}")
        await log.append(CLICKS, [b"c"])
        after = await log.read(CLICKS, after=0, limit=10)
        assert (after.newest, after.generation == before.generation) == (1, False)

    async def test_a_server_without_memory_is_a_full_log(self, log: EventLog, valkey_log: Valkey) -> None:
        async with redis.asyncio.Redis(port=valkey_log.port) as client:
            kept = (await client.config_get("maxmemory"))["maxmemory"] or "0"
            await client.config_set("maxmemory", 1)
            try:
                with pytest.raises(LogFull):
                    await log.append(CLICKS, [b"a"])
            finally:
                await client.config_set("maxmemory", kept)
        assert await records(log) == []


def test_every_acknowledged_record_survives_a_kill(tmp_path: Path) -> None:
    server = valkey.event_log(tmp_path / "log", free_port())
    output = tmp_path / "output"

    async def fill() -> str:
        async with opened(server, ManualClock(NOON)) as log:
            await log.append(CLICKS, [b"a", b"b"])
            return (await log.read(CLICKS, after=0, limit=1)).generation

    async def go_on() -> str:
        async with opened(server, ManualClock(NOON)) as log:
            assert await records(log) == [(1, b"a"), (2, b"b")]
            assert await log.append(CLICKS, [b"c"]) == 3
            return (await log.read(CLICKS, after=2, limit=1)).generation

    with running(server.program(), output) as child:
        generation = complete(fill())
        child.kill()
        child.wait()
    with running(server.program(), output):
        assert complete(go_on()) == generation


async def test_a_server_that_is_away_is_told_apart_from_a_full_log() -> None:
    nowhere = f"redis://127.0.0.1:{free_port()}/0"
    async with valkey_log(nowhere, ManualClock(NOON), partition_bytes=ROOM) as log:
        with pytest.raises(LogDown):
            await log.check()
        with pytest.raises(LogDown):
            await log.append(CLICKS, [b"a"])
