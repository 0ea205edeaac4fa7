"""What the stream needs goes away and comes back; and it becomes more than one process."""

import signal
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from devstack import valkey
from devstack.ports import free_port
from devstack.program import complete, running
from devstack.roles import DatabaseUrls
from devstack.valkey import Valkey
from server.promo.domain.partitions import partition_of
from streams.engine.cluster import FENCED_STATUS
from tests.streams.events import record
from tests.streams.harness import PARTITIONS, PATIENCE_SECONDS, append, stream_in, until_committed
from tests.streams.world import World
from tests.support.database import DatabaseServer
from tests.support.waiting import eventually


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)


def test_without_budgets_it_waits_and_says_so(
    database: DatabaseUrls, valkey_log: Valkey, tmp_path: Path, now: datetime
) -> None:
    """To decide clicks unbilled meanwhile would not be what the log says."""
    budgets = valkey.budgets(tmp_path / "budgets", free_port())
    world = World(database, valkey_log, stream_in(tmp_path, database, valkey_log, budgets))
    happening = complete(world.campaign(1_000))
    number = partition_of(happening.campaign_id, PARTITIONS)
    with ExitStack() as stack:
        first = stack.enter_context(running(budgets.program(), tmp_path / "budgets-output"))
        stack.enter_context(world.stream.running())
        complete(world.happens(happening, record([happening.click(now)])))
        first.kill()
        first.wait()
        last = complete(append(valkey_log, number, [record([happening.click(now)])]))

        async def paused() -> bool:
            return bool(await world.rows("select from stream_partition where charging_paused_at is not null"))

        complete(eventually(paused, "the pause to be seen"))
        assert f'callsheet_stream_charging_paused{{partition="clicks/{number}"}} 1.0' in world.stream.metrics()
        stack.enter_context(running(budgets.program(), tmp_path / "budgets-output"))
        complete(until_committed(database, number, last))
        assert not complete(paused())
    assert world.told("select verdict from promo_click_decision") == [("billed",)] * 2
    assert complete(world.balance(happening)) == 800


def test_it_outlives_its_database(
    database_server: DatabaseServer, world: World, database: DatabaseUrls, valkey_log: Valkey, now: datetime
) -> None:
    happening = complete(world.campaign(1_000))
    number = partition_of(happening.campaign_id, PARTITIONS)

    async def limit(connections: int) -> None:
        async with database_server.administration.connect() as connection:
            await connection.execute(f"alter role callsheet_stream connection limit {connections}")
            if connections == 0:
                await connection.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'callsheet_stream'"
                )

    with world.stream.running():
        complete(world.happens(happening, record([happening.click(now)])))
        complete(limit(0))
        try:
            last = complete(append(valkey_log, number, [record([happening.click(now), happening.impression(now)])]))

            async def seen() -> bool:
                return "could not write" in world.stream.output.read_text()

            complete(eventually(seen, "the outage to be noticed"))
        finally:
            complete(limit(-1))
        complete(until_committed(database, number, last))
    assert world.told("select verdict from promo_click_decision") == [("billed",)] * 2
    assert complete(world.balance(happening)) == 800


def test_one_process_becomes_two_and_nothing_is_lost(world: World, now: datetime) -> None:
    happenings = complete(world.several(4, 1_000))
    for stream in (world.stream, replace(world.stream, processes=2), world.stream):
        with stream.running():
            for happening in happenings:
                complete(world.happens(happening, record([happening.click(now), happening.impression(now)])))
    billed = world.told("select campaign_id, count(*) from promo_click_decision where verdict = 'billed' group by 1")
    assert sorted(billed) == sorted((happening.campaign_id, 3) for happening in happenings)


def test_a_stalled_stream_that_wakes_up_commits_nothing(world: World, now: datetime) -> None:
    """It finds its fence gone, says so by its exit status, and leaves everything to whoever came after it."""
    happening = complete(world.campaign(1_000))
    successor = replace(world.stream, home=world.stream.home / "successor", port=free_port())
    with world.stream.running() as stalled:
        complete(world.happens(happening, record([happening.click(now)])))
        stalled.send_signal(signal.SIGSTOP)
        with successor.running():
            complete(world.happens(happening, record([happening.click(now)])))
            stalled.send_signal(signal.SIGCONT)
            assert stalled.wait(PATIENCE_SECONDS) == FENCED_STATUS
            complete(world.happens(happening, record([happening.click(now)])))
    assert world.told("select verdict from promo_click_decision") == [("billed",)] * 3
    assert complete(world.balance(happening)) == 700
