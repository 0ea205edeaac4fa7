"""What viewers were shown is counted alike by a process alone and by all of them together."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date

import pytest
import redis.asyncio

from devstack.ports import free_port
from devstack.valkey import Valkey
from server.adapters.viewings import KEPT_FOR, ProcessViewings, Viewings, viewings

PATIENCE = 60.0
TODAY, TOMORROW = date(2026, 5, 20), date(2026, 5, 21)


@pytest.fixture(params=["process", "shared"])
async def counted(request: pytest.FixtureRequest, valkey_budget: Valkey) -> AsyncIterator[Viewings]:
    async with viewings(valkey_budget.url if request.param == "shared" else "", PATIENCE) as opened:
        yield opened


async def test_counts_are_of_a_viewer_a_day_and_a_campaign(counted: Viewings) -> None:
    await counted.shown("viewer", TODAY, ["pcmp_1", "pcmp_2"])
    await counted.shown("viewer", TODAY, ["pcmp_1"])
    assert await counted.of("viewer", TODAY) == {"pcmp_1": 2, "pcmp_2": 1}
    assert await counted.of("viewer", TOMORROW) == {}
    assert await counted.of("another", TODAY) == {}


async def test_counts_at_once_are_all_counted(counted: Viewings) -> None:
    await asyncio.gather(*(counted.shown("viewer", TODAY, ["pcmp_1"]) for _ in range(50)))
    assert await counted.of("viewer", TODAY) == {"pcmp_1": 50}


async def test_processes_count_together_and_forget_after_a_day_and_a_half(valkey_budget: Valkey) -> None:
    async with viewings(valkey_budget.url, PATIENCE) as one, viewings(valkey_budget.url, PATIENCE) as other:
        await one.shown("viewer", TODAY, ["pcmp_1"])
        await other.shown("viewer", TODAY, ["pcmp_1"])
        assert await one.of("viewer", TODAY) == {"pcmp_1": 2}
    client = redis.asyncio.Redis.from_url(valkey_budget.url)
    try:
        [key] = await client.keys("*")
        assert 0 < await client.ttl(key) <= KEPT_FOR.total_seconds()
    finally:
        await client.aclose()


async def test_a_process_counts_alone_while_nobody_answers() -> None:
    async with viewings(f"redis://127.0.0.1:{free_port()}/0") as alone:
        assert await alone.of("viewer", TODAY) == {}
        await alone.shown("viewer", TODAY, ["pcmp_1"])
        assert await alone.of("viewer", TODAY) == {"pcmp_1": 1}


async def test_a_process_forgets_who_was_there_longest_ago() -> None:
    few = ProcessViewings(most_viewers=2)
    for viewer in ("first", "second", "first", "third"):
        await few.shown(viewer, TODAY, ["pcmp_1"])
    assert [await few.of(viewer, TODAY) for viewer in ("first", "second", "third")] == [
        {"pcmp_1": 2},
        {},
        {"pcmp_1": 1},
    ]
