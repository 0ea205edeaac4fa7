"""Budgets on a real cluster of three shards."""

from collections.abc import AsyncIterator, Iterator

import pytest
import redis

from server.adapters.budgets.port import Budgets
from server.adapters.budgets.valkey import ValkeyBudgets, valkey_budgets
from tests.adapters.budgets.cluster import running_cluster
from tests.adapters.budgets.contract import FIRST, BudgetsContract, claim, click, loaded


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
