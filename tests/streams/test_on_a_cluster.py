"""Budgets that lie on three shards, from one end to the other: the stream claims there, and a server looks after it."""

import io
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
import redis
from rich.console import Console

from devstack.program import complete
from devstack.roles import DatabaseUrls
from devstack.valkey import Valkey
from server import audits
from server.adapters.budgets.port import Claim, ClickClaim, Limits, Outcome
from server.adapters.budgets.valkey import valkey_budgets
from server.config import Settings
from server.promo.verifying.timers import VERIFY_SPEND
from tests.adapters.budgets.cluster import SHARDS, running_cluster, shard_of
from tests.rpc.growth import enqueue
from tests.rpc.harness import running_server, settings_for
from tests.streams.events import Happening, record
from tests.streams.harness import PARTITIONS, stream_in
from tests.streams.world import World

MADE, ON_EACH_SHARD = 40, 2
CAMPAIGNS = SHARDS * ON_EACH_SHARD


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Valkey]:
    """Its first shard, which knows the others."""
    with running_cluster(tmp_path) as url:
        port = int(url.rpartition(":")[2].partition("/")[0])
        yield Valkey("shard", tmp_path, port, ())


@pytest.fixture
def world(
    database: DatabaseUrls, valkey_log: Valkey, cluster: Valkey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> World:
    monkeypatch.setenv("CALLSHEET_BUDGET_CLUSTER", "true")
    return World(database, valkey_log, stream_in(tmp_path / "stream", database, valkey_log, cluster))


def spread(happenings: Sequence[Happening]) -> list[Happening]:
    """As many on each shard."""
    by_shard: dict[int, list[Happening]] = defaultdict(list)
    for happening in happenings:
        by_shard[shard_of(happening.campaign_id)].append(happening)
    return [happening for shard in range(SHARDS) for happening in by_shard[shard][:ON_EACH_SHARD]]


async def claimed_for_nothing(cluster: Valkey, campaigns: Sequence[str]) -> None:
    """A claim of each campaign that no commit will ever bring."""
    today = datetime.now(UTC).date()
    async with valkey_budgets(cluster.url, cluster=True) as budgets:
        for name, view in (await budgets.views(campaigns)).items():
            click = ClickClaim(f"{name}:pimp_lost", 70, today, 1, 9)
            claim = Claim(name, Limits(view.limits_version, 5_000, None, 9_000), (click,))
            [answered] = await budgets.claim([(claim, view.at)], settled=0)
            assert answered.outcomes == (Outcome.CHARGED,)


async def spent(cluster: Valkey, campaigns: Sequence[str]) -> list[int]:
    async with valkey_budgets(cluster.url, cluster=True) as budgets:
        return sorted(view.spent.total_cents for view in (await budgets.views(campaigns)).values())


async def looked_after(world: World, settings: Settings) -> None:
    """A server's worker proves what was spent."""
    async with running_server(
        world.database,
        log_url=world.log.url,
        log_partitions=PARTITIONS,
        budget_url=settings.budget_url,
        budget_cluster=settings.budget_cluster,
    ) as server:
        await enqueue(server, VERIFY_SPEND)
        await server.worker().run_due()


def test_a_stream_claims_on_every_shard_and_a_server_takes_back_what_drifted(world: World, cluster: Valkey) -> None:
    now = datetime.now(UTC)
    happenings = spread(complete(world.several(MADE, 10_000)))
    names = [happening.campaign_id for happening in happenings]
    with world.stream.running():
        for happening in happenings:
            complete(world.happens(happening, record([happening.click(now) for _ in range(2)])))
    assert complete(spent(cluster, names)) == [200] * CAMPAIGNS
    with redis.RedisCluster.from_url(cluster.url) as client:
        sizes = [client.dbsize(target_nodes=node) for node in client.get_primaries()]
    assert sizes == [3 * ON_EACH_SHARD] * SHARDS

    complete(claimed_for_nothing(cluster, names))
    assert complete(spent(cluster, names)) == [270] * CAMPAIGNS
    settings = settings_for(
        world.database,
        log_url=world.log.url,
        log_partitions=PARTITIONS,
        budget_url=cluster.url,
        budget_cluster=True,
    )
    complete(looked_after(world, settings))
    assert complete(spent(cluster, names)) == [200] * CAMPAIGNS
    told = io.StringIO()
    assert complete(audits.reconcile_all(settings, Console(file=told))), told.getvalue()
    assert f"campaigns {CAMPAIGNS}, of which" in told.getvalue()
