"""Points of the click stream: between a claim and its commit, and between a commit and its being known."""

import signal
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from devstack.program import complete
from devstack.roles import DatabaseUrls
from devstack.valkey import Valkey
from server.promo.domain.partitions import partition_of
from tests.crash.victim import PATIENCE_SECONDS
from tests.streams.events import record
from tests.streams.harness import PARTITIONS, append, stream_in
from tests.streams.world import World


@pytest.mark.parametrize("point", ["clicks.claimed", "clicks.committed"])
def test_a_click_is_charged_once_by_whoever_comes_after(
    database: DatabaseUrls, valkey_log: Valkey, valkey_budget: Valkey, tmp_path: Path, point: str
) -> None:
    world = World(database, valkey_log, stream_in(tmp_path, database, valkey_log, valkey_budget))
    happening = complete(world.campaign(1_000, daily_cents=200))
    number = partition_of(happening.campaign_id, PARTITIONS)
    dying = replace(world.stream, crash_point=point)
    with dying.running() as child:
        complete(append(valkey_log, number, [record([happening.click(datetime.now(UTC)) for _ in range(3)])]))
        assert child.wait(PATIENCE_SECONDS) == -signal.SIGKILL
    with world.stream.running():
        complete(world.happens(happening, record([happening.impression(datetime.now(UTC))])))
    assert world.told("select verdict, count(*) from promo_click_decision group by verdict order by verdict") == [
        ("billed", 2),
        ("cap_daily", 1),
    ]
    assert complete(world.balance(happening)) == 800
