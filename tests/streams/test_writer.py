"""One writer per partition: whoever took it last commits, everybody else is refused."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime

import pytest
from prometheus_client import CollectorRegistry

from devstack.roles import DatabaseUrls
from devstack.valkey import Valkey
from server.adapters.eventlog.port import Entry, Partition
from server.core import db
from server.core.clock import SystemClock
from server.core.db import Database, Tx
from server.core.errors import DependencyDown
from streams.clicks.records import Control, decode
from streams.clicks.writer import Batch, PartitionWriter, Writing
from streams.engine.errors import Abandoned, Fenced
from streams.engine.positions import Positions
from streams.engine.standing import Standing, StreamMetrics
from tests.streams.harness import IDS, Kept, committed, control, kept, opened

NAME = IDS.new("pcmp")
MakeWriter = Callable[[], PartitionWriter]


@pytest.fixture
async def pool(database: DatabaseUrls) -> AsyncIterator[Database]:
    async with db.connect(database.stream_url, application="test") as pool:
        yield pool


@pytest.fixture
def standing() -> Standing:
    return Standing(StreamMetrics(CollectorRegistry()))


@pytest.fixture
async def writer(pool: Database, valkey_log: Valkey, standing: Standing) -> AsyncIterator[MakeWriter]:
    async with opened(valkey_log) as log:
        clock = SystemClock()
        writing = Writing(pool, log, Positions(pool, clock), clock, standing)
        yield lambda: PartitionWriter(writing, 0)


def batch(first: int, *versions: int, generation: str = "one") -> Batch:
    """Control records of one campaign, from an offset on."""
    found = [
        decode(Entry(offset, control(NAME, version), datetime.now(UTC)))
        for offset, version in enumerate(versions, start=first)
    ]
    controls = tuple(record for record in found if isinstance(record, Control))
    return Batch(generation, first, first + len(versions) - 1, controls, ())


async def test_a_stale_writer_is_refused_and_leaves_nothing(writer: MakeWriter, database: DatabaseUrls) -> None:
    stalled, newer = writer(), writer()
    await stalled.open()
    await stalled.write([batch(1, 1)])
    await newer.open()
    with pytest.raises(Fenced):
        await stalled.write([batch(2, 2)])
    await newer.write([batch(1, 1, 2, 3)])
    with pytest.raises(Fenced):
        await stalled.write([batch(2, 2)])
    assert await kept(database) == [Kept(0, 1, NAME, 1), Kept(0, 2, NAME, 2), Kept(0, 3, NAME, 3)]


async def test_what_is_committed_is_skipped_and_the_rest_written(writer: MakeWriter, database: DatabaseUrls) -> None:
    first, second = writer(), writer()
    await first.open()
    await first.write([batch(1, 1, 2)])
    await second.open()
    await second.write([batch(1, 1), batch(2, 2, 3), batch(4, 4)])
    assert [row.offset for row in await kept(database)] == [1, 2, 3, 4]
    assert await committed(database, 0) == 4


async def test_a_gap_halts_the_partition(writer: MakeWriter, standing: Standing, database: DatabaseUrls) -> None:
    there = writer()
    await there.open()
    await there.write([batch(1, 1)])
    await there.write([batch(3, 3)])
    assert standing.checks() == {"clicks/0": False}
    assert await committed(database, 0) == 1


async def test_another_generation_halts_the_partition(
    writer: MakeWriter, standing: Standing, database: DatabaseUrls
) -> None:
    there = writer()
    await there.open()
    await there.write([batch(1, 1)])
    await there.write([batch(2, 2, generation="two")])
    assert standing.checks() == {"clicks/0": False}
    assert await committed(database, 0) == 1


async def test_a_commit_whose_answer_was_lost_is_not_repeated(pool: Database) -> None:
    """The position was moved by the very transaction that nobody heard of: it tells, and nothing is written again."""
    positions = Positions(pool, SystemClock())
    partition = Partition("clicks", 0)
    held = await positions.take(partition)

    async def step(tx: Tx) -> bool:
        return await positions.advance(tx, partition, held, last_offset=5, generation="one")

    assert await pool.run(step)
    assert not await pool.run(step)


async def test_told_to_stop_it_gives_up_what_it_cannot_write(
    writer: MakeWriter, standing: Standing, database: DatabaseUrls, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = writer()
    await there.open()

    async def away(*arguments: object) -> None:
        standing.stop()
        raise DependencyDown("postgresql")

    monkeypatch.setattr(Database, "run", away)
    with pytest.raises(Abandoned):
        await there.write([batch(1, 1)])
    assert await committed(database, 0) == 0
