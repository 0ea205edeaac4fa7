"""Budgets on one real Valkey: the contract, and what is left when it vanishes or goes back in time."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import cast

import pytest
import redis.asyncio

from devstack import valkey
from devstack.ports import free_port
from devstack.program import complete
from devstack.valkey import Valkey
from server.adapters.budgets.errors import BudgetsDown
from server.adapters.budgets.port import Answer, Budgets, Spent
from server.adapters.budgets.valkey import ValkeyBudgets, valkey_budgets
from tests.adapters.budgets.contract import CAMPAIGN, CHARGED, FIRST, BudgetsContract, claim, click, loaded, one, step
from tests.support.parts import running_valkey


@pytest.fixture
async def budgets(valkey_budget: Valkey) -> AsyncIterator[ValkeyBudgets]:
    async with valkey_budgets(valkey_budget.url, cluster=False) as opened:
        yield opened


class TestOnOneServer(BudgetsContract):
    """The contract."""


@pytest.fixture
async def client(valkey_budget: Valkey) -> AsyncIterator["redis.asyncio.Redis"]:
    async with redis.asyncio.Redis(port=valkey_budget.port) as opened:
        yield opened


async def test_a_server_that_lost_everything_is_noticed(budgets: Budgets, client: "redis.asyncio.Redis") -> None:
    await loaded(budgets)
    await one(budgets, claim(click(1)), FIRST)
    await client.flushall()
    assert (await one(budgets, claim(click(2)), step(1))).answer is Answer.UNKNOWN


async def test_a_server_that_went_back_is_noticed_even_after_it_was_loaded_again(
    budgets: Budgets, client: "redis.asyncio.Redis"
) -> None:
    await loaded(budgets)
    await one(budgets, claim(click(1)), FIRST)
    copy = await kept(client)
    await one(budgets, claim(click(2)), step(1))
    await one(budgets, claim(click(3)), step(2))
    await put_back(client, copy)
    assert (await one(budgets, claim(click(4)), step(3))).answer is Answer.UNEXPECTED
    await budgets.load(Spent(CAMPAIGN, 300), step(4))
    assert (await one(budgets, claim(click(4)), step(4))).outcomes == (CHARGED,)
    await put_back(client, copy)
    assert (await one(budgets, claim(click(5)), step(5))).answer is Answer.UNEXPECTED


async def kept(client: "redis.asyncio.Redis") -> dict[bytes, bytes]:
    return {cast("bytes", key): cast("bytes", await client.dump(key)) for key in await client.keys()}


async def put_back(client: "redis.asyncio.Redis", copy: dict[bytes, bytes]) -> None:
    await client.flushall()
    for key, value in copy.items():
        await client.restore(key, 0, value)


async def test_scripts_that_a_server_forgot_are_told_again(budgets: Budgets, client: "redis.asyncio.Redis") -> None:
    await loaded(budgets)
    await one(budgets, claim(click(1)), FIRST)
    await client.script_flush()
    assert (await one(budgets, claim(click(2)), step(1))).outcomes == (CHARGED,)
    assert (await budgets.views([CAMPAIGN]))[CAMPAIGN].spent.total_cents == 200


async def test_a_campaign_without_clicks_is_forgotten_by_itself(
    budgets: Budgets, client: "redis.asyncio.Redis"
) -> None:
    await loaded(budgets)
    await one(budgets, claim(click(1)), FIRST)
    assert all([await client.ttl(key) > 7 * 86_400 for key in await client.keys()])


@pytest.fixture
def small_server(tmp_path: Path) -> Iterator[Valkey]:
    with running_valkey(valkey.budgets(tmp_path / "small", free_port())) as server:
        yield server


async def test_a_server_without_memory_left_is_down_and_charges_nothing(small_server: Valkey) -> None:
    async with (
        valkey_budgets(small_server.url, cluster=False) as budgets,
        redis.asyncio.Redis(port=small_server.port) as client,
    ):
        await loaded(budgets)
        await client.config_set("maxmemory", 1)
        with pytest.raises(BudgetsDown):
            await one(budgets, claim(click(1)), FIRST)
        await client.config_set("maxmemory", 0)
        assert (await one(budgets, claim(click(1)), FIRST)).outcomes == (CHARGED,)


async def test_a_server_that_is_not_there_is_down() -> None:
    async with valkey_budgets(f"redis://127.0.0.1:{free_port()}/0", cluster=False) as budgets:
        with pytest.raises(BudgetsDown):
            await budgets.check()
        with pytest.raises(BudgetsDown):
            await one(budgets, claim(click(1)), FIRST)


def test_a_server_can_be_asked_from_any_loop(valkey_budget: Valkey) -> None:
    async def ask() -> None:
        async with valkey_budgets(valkey_budget.url, cluster=False) as budgets:
            await budgets.check()

    complete(ask())
