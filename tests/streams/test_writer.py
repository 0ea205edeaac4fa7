"""One writer per partition: whoever took it last commits, everybody else is refused."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

import pytest
from prometheus_client import CollectorRegistry

from devstack.roles import DatabaseUrls
from devstack.valkey import Valkey
from server.adapters.budgets.valkey import valkey_budgets
from server.adapters.eventlog.columns import EventRow
from server.adapters.eventlog.port import Entry, Partition
from server.core import db
from server.core.clock import SystemClock
from server.core.db import Database, Tx
from server.core.errors import DependencyDown
from streams.clicks.arrived import Known, arrive
from streams.clicks.joining import Whole
from streams.clicks.recent import Recent
from streams.clicks.rules.book import DEFAULT_BOOK
from streams.clicks.writer import PartitionWriter, Writing
from streams.engine.backlog import Backlog
from streams.engine.errors import Abandoned, Fenced
from streams.engine.positions import Position, Positions
from streams.engine.source import LogBatch
from streams.engine.standing import Standing, StreamMetrics
from tests.streams.events import Happening, record
from tests.streams.harness import IDS, Kept, committed, control, kept, opened

NAME = IDS.new("pcmp")


class MakeWriter(Protocol):
    """Makes a writer of partition 0, with what a snapshot kept or with nothing. What one has seen the next remembers,
    but for one that is said to be forgetful.
    """

    def __call__(self, kept: bytes | None = None, *, forgetful: bool = False) -> PartitionWriter: ...


@pytest.fixture
async def pool(database: DatabaseUrls) -> AsyncIterator[Database]:
    async with db.connect(database.stream_url, application="test") as pool:
        yield pool


@pytest.fixture
def standing() -> Standing:
    return Standing(StreamMetrics(CollectorRegistry()))


@pytest.fixture
async def writer(
    pool: Database, valkey_log: Valkey, valkey_budget: Valkey, standing: Standing
) -> AsyncIterator[MakeWriter]:
    async with opened(valkey_log) as log, valkey_budgets(valkey_budget.url, cluster=False) as budgets:
        clock = SystemClock()
        backlog = Backlog(1_000)
        writing = Writing(pool, log, budgets, Positions(pool, clock), clock, standing, backlog, few_ids())

        def make(kept: bytes | None = None, *, forgetful: bool = False) -> PartitionWriter:
            return PartitionWriter(replace(writing, recent=few_ids()) if forgetful else writing, 0, kept)

        yield make


def few_ids() -> Recent:
    return Recent(1 << 10, 1_000)


def batch(first: int, *versions: int, generation: str = "one") -> Whole:
    """Control records of one campaign, from an offset on."""
    now = datetime.now(UTC)
    entries = tuple(Entry(place, control(NAME, version), now) for place, version in enumerate(versions, start=first))
    return whole(entries, generation)


def events(first: int, *records: Sequence[EventRow]) -> Whole:
    """Records of events, from an offset on."""
    now = datetime.now(UTC)
    return whole(tuple(Entry(place, record(rows), now) for place, rows in enumerate(records, start=first)))


def whole(entries: tuple[Entry, ...], generation: str = "one") -> Whole:
    return Whole(arrive(LogBatch(0, generation, entries), Known(0, DEFAULT_BOOK)), frozenset())


async def write(writer: PartitionWriter, *batches: Whole) -> None:
    """Hands the batches over as the dataflow does."""
    for batch in batches:
        for ready in writer.take(batch):
            await writer.write(ready)


async def test_a_stale_writer_is_refused_and_leaves_nothing(writer: MakeWriter, database: DatabaseUrls) -> None:
    stalled, newer = writer(), writer()
    await stalled.open()
    await write(stalled, batch(1, 1))
    await newer.open()
    with pytest.raises(Fenced):
        await write(stalled, batch(2, 2))
    await write(newer, batch(1, 1, 2, 3))
    with pytest.raises(Fenced):
        await write(stalled, batch(2, 2))
    assert await kept(database) == [Kept(0, 1, NAME, 1), Kept(0, 2, NAME, 2), Kept(0, 3, NAME, 3)]


async def test_what_is_committed_is_skipped_and_the_rest_written(writer: MakeWriter, database: DatabaseUrls) -> None:
    first, second = writer(), writer()
    await first.open()
    await write(first, batch(1, 1, 2))
    await second.open()
    await write(second, batch(1, 1), batch(2, 2, 3), batch(4, 4))
    assert [row.offset for row in await kept(database)] == [1, 2, 3, 4]
    assert await committed(database, 0) == 4


async def test_what_was_being_written_when_a_snapshot_was_taken_is_written_by_whoever_begins_there(
    writer: MakeWriter, database: DatabaseUrls
) -> None:
    """Of the batches under way one is committed after the snapshot and one never: neither is missing, none is twice."""
    first = writer()
    await first.open()
    await write(first, batch(1, 1))
    under_way = [ready for whole in (batch(2, 2), batch(3, 3)) for ready in first.take(whole)]
    kept_then = first.snapshot(under_way)
    await first.write(under_way[0])
    assert await committed(database, 0) == 2
    second = writer(kept_then)
    await second.open()
    await write(second, batch(4, 4))
    assert [row.offset for row in await kept(database)] == [1, 2, 3, 4]
    assert await committed(database, 0) == 4


async def test_a_snapshot_of_somebody_who_has_not_begun_again_loses_nothing(
    writer: MakeWriter, database: DatabaseUrls
) -> None:
    first = writer()
    await first.open()
    under_way = [*first.take(batch(1, 1))]
    second = writer(first.snapshot(under_way))
    third = writer(second.snapshot([]))
    await third.open()
    await write(third, batch(2, 2))
    assert [row.offset for row in await kept(database)] == [1, 2]


@pytest.mark.parametrize("forgetful", [False, True], ids=["remembered", "forgotten"])
async def test_events_that_are_there_already_are_stored_and_counted_once(
    writer: MakeWriter, pool: Database, database: DatabaseUrls, forgetful: bool
) -> None:
    """Those that are remembered are asked about; those that are not undo the copy, and then all are asked about."""
    happening, now = Happening(NAME), datetime.now(UTC)
    shown = [happening.impression(now - timedelta(seconds=number)) for number in range(5)]
    clicked = happening.click(now)
    first = writer()
    await first.open()
    await write(first, events(1, [*shown[:2], clicked], shown[2:4]))
    second = writer(forgetful=forgetful)
    await second.open()
    await write(second, events(3, [shown[0], shown[4], shown[0]], [clicked, shown[3]]))
    assert await committed(database, 0) == 4
    async with pool.read() as tx:
        stored = await tx.fetch("select event_id, log_offset from promo_event where campaign_id = $1", NAME)
        counted = await tx.fetchrow(
            "select sum(impressions) as impressions, sum(clicks + invalid_clicks) as clicks,"
            " sum(duplicate_clicks) as duplicates from promo_rollup_15m where campaign_id = $1",
            NAME,
        )
    expected = {event.event_id: 1 for event in [*shown[:2], clicked]} | {event.event_id: 2 for event in shown[2:4]}
    assert {row["event_id"]: row["log_offset"] for row in stored} == expected | {shown[4].event_id: 3}
    assert counted is not None
    assert tuple(counted) == (5, 1, 1)


async def test_a_gap_halts_the_partition(writer: MakeWriter, standing: Standing, database: DatabaseUrls) -> None:
    there = writer()
    await there.open()
    await write(there, batch(1, 1))
    await write(there, batch(3, 3))
    assert standing.checks() == {"clicks/0": False}
    assert await committed(database, 0) == 1


async def test_another_generation_halts_the_partition(
    writer: MakeWriter, standing: Standing, database: DatabaseUrls
) -> None:
    there = writer()
    await there.open()
    await write(there, batch(1, 1))
    await write(there, batch(2, 2, generation="two"))
    assert standing.checks() == {"clicks/0": False}
    assert await committed(database, 0) == 1


async def test_a_commit_whose_answer_was_lost_is_not_repeated(pool: Database) -> None:
    """The position was moved by the very transaction that nobody heard of: it tells, and nothing is written again."""
    positions = Positions(pool, SystemClock())
    partition = Partition("clicks", 0)
    held = await positions.take(partition)

    async def step(tx: Tx) -> bool:
        return await positions.advance(tx, partition, held, Position(held.fence, 5, "one", 0))

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
        await write(there, batch(1, 1))
    assert await committed(database, 0) == 0


async def test_whoever_takes_a_partition_ends_a_transaction_that_stands_still(pool: Database) -> None:
    """A writer that was stopped in the middle of a copy keeps its locks until somebody ends its session."""
    clock = SystemClock()
    partition = Partition("clicks", 0)
    positions = Positions(pool, clock, stalled=timedelta(milliseconds=20))
    held = await positions.take(partition)
    begun, woken = asyncio.Event(), asyncio.Event()

    async def stands_still() -> AsyncIterator[bytes]:
        begun.set()
        await woken.wait()
        yield b""

    async def stalled(tx: Tx) -> None:
        await positions.advance(tx, partition, held, Position(held.fence, 5, "one", 0))
        # Any table will do, and no row of it ever comes.
        await tx._connection.copy_to_table("promo_rollup_15m", source=stands_still(), format="binary")

    writing = asyncio.create_task(pool.run(stalled))
    await begun.wait()
    taken = await positions.take(partition)
    woken.set()
    # It finds its session gone, tries again as it would, and is refused.
    with pytest.raises(Fenced):
        await writing
    assert (taken.fence, taken.last_offset) == (held.fence + 1, 0)
