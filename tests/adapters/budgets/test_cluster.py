"""Budgets on a real cluster of three shards."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
import redis

from devstack.roles import DatabaseUrls
from devstack.valkey import Valkey
from server import doctor
from server.adapters.budgets.errors import BudgetsDown
from server.adapters.budgets.port import Budgets
from server.adapters.budgets.valkey import ValkeyBudgets, valkey_budgets
from tests.adapters.budgets.cluster import running_cluster
from tests.adapters.budgets.contract import FIRST, BudgetsContract, claim, click, loaded
from tests.rpc.harness import settings_for
from tests.support.waiting import eventually


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_cluster(tmp_path_factory.mktemp("cluster")) as url:
        yield url


@pytest.fixture
async def budgets(cluster: str) -> AsyncIterator[ValkeyBudgets]:
    with redis.RedisCluster.from_url(cluster) as client:
        client.flushall(target_nodes=redis.RedisCluster.PRIMARIES)
    async with valkey_budgets(cluster, cluster=True) as opened:
        yield opened


class TestOnThreeShards(BudgetsContract):
    """The contract."""


async def test_campaigns_lie_on_every_shard(budgets: Budgets, cluster: str) -> None:
    names = [f"pcmp_{number}" for number in range(60)]
    for name in names:
        await loaded(budgets, campaign=name)
    await budgets.claim([(claim(click(1), campaign=name), FIRST) for name in names], settled=0)
    with redis.RedisCluster.from_url(cluster) as client:
        sizes = [client.dbsize(target_nodes=node) for node in client.get_primaries()]
    assert len(sizes) == 3
    assert all(sizes)
    assert sum(sizes) == 3 * len(names)


async def test_a_client_that_was_just_opened_is_asked_for_everything_at_once(budgets: Budgets, cluster: str) -> None:
    """It looks for the slots first: what servers refuse because it is another's would end in a broken client."""
    names = [f"pcmp_{number}" for number in range(60)]
    for name in names:
        await loaded(budgets, campaign=name)
    for _ in range(3):
        async with valkey_budgets(cluster, cluster=True) as fresh:
            assert set(await fresh.views(names)) == set(names)
        async with valkey_budgets(cluster, cluster=True) as fresh:
            held = await asyncio.gather(*(fresh.held(name) for name in names))
            assert [list(claims) for claims in held] == [[]] * len(names)


async def test_a_cluster_that_misses_slots_is_down_for_everybody_until_they_are_back(cluster: str) -> None:
    names = [f"pcmp_{number}" for number in range(60)]
    async with valkey_budgets(cluster, cluster=True) as budgets:
        for name in names:
            await loaded(budgets, campaign=name)
        with redis.Redis.from_url(cluster) as shard:
            shard.execute_command("CLUSTER", "DELSLOTS", 0)
            answers = await asyncio.gather(
                *(budgets.claim([(claim(click(1), campaign=name), FIRST)], settled=0) for name in names),
                return_exceptions=True,
            )
            shard.execute_command("CLUSTER", "ADDSLOTS", 0)
        assert any(isinstance(answer, BudgetsDown) for answer in answers)
        assert [answer for answer in answers if not isinstance(answer, BudgetsDown | list)] == []

        async def back() -> bool:
            try:
                return len(await budgets.views(names)) == len(names)
            except BudgetsDown:
                return False

        await eventually(back, "the cluster to be whole again")


async def test_the_doctor_knows_a_cluster_and_says_where_settings_do_not(
    database: DatabaseUrls, cluster: str, valkey_budget: Valkey
) -> None:
    found = []
    for url, said in ((cluster, True), (cluster, False), (valkey_budget.url, True)):
        settings = settings_for(database, budget_url=url, budget_cluster=said)
        found += await doctor.examine(settings, [doctor.budgets])
    assert [(finding.well, finding.words) for finding in found] == [
        (True, "a cluster answers"),
        (False, "a cluster's server"),
        (False, "no cluster"),
    ]
    assert "CALLSHEET_BUDGET_CLUSTER=true" in found[1].remedy
    assert "CALLSHEET_BUDGET_CLUSTER=false" in found[2].remedy
