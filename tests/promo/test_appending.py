"""Events on their way into the log: put together, bounded, and never called durable before they are."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import pytest
from prometheus_client import CollectorRegistry

from server.adapters.eventlog.codec import Events, Lists, decode
from server.adapters.eventlog.columns import EventRow
from server.adapters.eventlog.errors import LogDown, LogFull
from server.adapters.eventlog.port import Partition, Window
from server.core.clock import ManualClock
from server.core.errors import Failure, Internal
from server.promo.ingest import appending
from server.promo.ingest.appending import Appender, Group
from server.promo.ingest.errors import IngestBusy, LogBehind
from server.promo.ingest.metrics import IngestMetrics
from tests.adapters.eventlog.rows import ROW

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LISTS = Lists("2026-01-01", "2026-01-01")


class HeldLog:
    """A log whose appends wait until a test lets them go on, or fail; the rest of a log nobody asks for here."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.fails_with: Exception | None = None
        self.appended: list[tuple[int, list[list[str]]]] = []
        self.under_way = 0

    async def ensure(self, log: str, partitions: int) -> None:
        assert (log, partitions) == ("clicks", 2)

    async def append(self, partition: Partition, records: Sequence[bytes]) -> int:
        self.under_way += 1
        assert self.under_way <= 2
        await self.open.wait()
        self.under_way -= 1
        if self.fails_with is not None:
            raise self.fails_with
        self.appended.append((partition.number, [ids(record) for record in records]))
        return len(self.appended)

    async def read(self, partition: Partition, *, after: int, limit: int) -> Window:
        raise AssertionError

    async def offset_before(self, partition: Partition, at: datetime) -> int:
        raise AssertionError

    async def trim(self, partition: Partition, *, upto: int) -> None:
        raise AssertionError

    async def check(self) -> None:
        raise AssertionError


def ids(record: bytes) -> list[str]:
    found = decode(record)
    assert isinstance(found, Events)
    names: list[str] = found.columns["event_id"].to_pylist()
    return names


@pytest.fixture
def log() -> HeldLog:
    return HeldLog()


@pytest.fixture
def appender(log: HeldLog) -> Appender:
    return Appender(log, 2, ManualClock(NOON), IngestMetrics(CollectorRegistry()), most_waiting=1000)


def rows(first: int, count: int) -> list[EventRow]:
    return [ROW._replace(event_id=f"pevt_{number}") for number in range(first, first + count)]


def group(first: int, count: int, lists: Lists = LISTS) -> Group:
    return Group(rows(first, count), lists)


async def appended(appender: Appender, groups: Mapping[int, Group]) -> dict[int, Failure | None]:
    return await appending.settled(appender.put(groups))


async def settled() -> None:
    """Lets everything that can go on go on."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_what_arrives_during_an_append_goes_with_the_next(log: HeldLog, appender: Appender) -> None:
    first = asyncio.create_task(appended(appender, {0: group(0, 500)}))
    await settled()
    others = [asyncio.create_task(appended(appender, {0: group(1000 + number, 1)})) for number in range(10)]
    await settled()
    assert not first.done()
    log.open.set()
    await asyncio.gather(first, *others)
    assert [[len(record) for record in records] for _, records in log.appended] == [[500], [10]]
    assert log.appended[1][1][0] == [f"pevt_{1000 + number}" for number in range(10)]


async def test_what_arrived_during_an_append_waits_for_company_when_it_is_over(
    log: HeldLog, appender: Appender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(appending, "LINGER_SECONDS", 60)
    first = asyncio.create_task(appended(appender, {0: group(0, 500)}))
    await settled()
    alone = asyncio.create_task(appended(appender, {0: group(1000, 1)}))
    log.open.set()
    await first
    await settled()
    assert not alone.done()
    await asyncio.gather(alone, appended(appender, {0: group(1001, 499)}))
    assert [[len(record) for record in records] for _, records in log.appended] == [[500], [500]]


async def test_a_full_record_does_not_linger_and_a_larger_append_is_several_records(
    log: HeldLog, appender: Appender
) -> None:
    log.open.set()
    await asyncio.gather(*[appended(appender, {0: group(number * 300, 300)}) for number in range(4)])
    [(_, records)] = log.appended
    assert [len(record) for record in records] == [500, 500, 200]
    assert [name for record in records for name in record] == [f"pevt_{number}" for number in range(1200)]


async def test_an_append_takes_no_more_than_may_be_done_at_once(log: HeldLog, appender: Appender) -> None:
    held = [asyncio.create_task(appended(appender, {0: group(number * 500, 500)})) for number in range(9)]
    log.open.set()
    await asyncio.gather(*held)
    assert [sum(map(len, records)) for _, records in log.appended] == [2000, 2000, 500]


async def test_a_record_is_of_one_pair_of_lists(log: HeldLog, appender: Appender) -> None:
    log.open.set()
    newer = Lists("2026-02-01", "2026-01-01")
    await asyncio.gather(
        appended(appender, {0: group(0, 1)}),
        appended(appender, {0: group(1, 1, newer)}),
        appended(appender, {0: group(2, 1, newer)}),
    )
    assert log.appended == [(0, [["pevt_0"], ["pevt_1", "pevt_2"]])]


async def test_partitions_do_not_wait_for_each_other(log: HeldLog, appender: Appender) -> None:
    both = asyncio.create_task(appended(appender, {0: group(0, 500), 1: group(500, 500)}))
    await settled()
    assert log.under_way == 2
    log.open.set()
    assert await both == {0: None, 1: None}


@pytest.mark.parametrize("failure", [LogFull(), LogDown()])
async def test_everybody_who_waits_for_an_append_is_told_that_it_failed(
    log: HeldLog, appender: Appender, failure: LogFull | LogDown
) -> None:
    log.fails_with = failure
    log.open.set()
    results = await asyncio.gather(*[appended(appender, {0: group(number, 1)}) for number in range(3)])
    assert results == [{0: failure}] * 3
    log.fails_with = None
    assert await appended(appender, {0: group(9, 1)}) == {0: None}


async def test_what_nobody_foresaw_leaves_nobody_waiting(log: HeldLog, appender: Appender) -> None:
    log.fails_with = RuntimeError("a defect")
    log.open.set()
    [failure] = (await appended(appender, {0: group(0, 1)})).values()
    assert isinstance(failure, Internal)


async def test_a_slow_log_makes_calls_wait_elsewhere(log: HeldLog, appender: Appender) -> None:
    """What waits is bounded, whatever comes: the first calls fill the room, the next are refused."""
    held = [asyncio.create_task(appended(appender, {0: group(number * 500, 500)})) for number in range(2)]
    await settled()
    with pytest.raises(IngestBusy):
        appender.admit(1)
    log.open.set()
    await asyncio.gather(*held)
    appender.admit(500)


async def test_a_stream_waits_for_room(log: HeldLog, appender: Appender) -> None:
    held = asyncio.create_task(appended(appender, {0: group(0, 1000)}))
    await settled()
    waiting = asyncio.create_task(appender.await_room(1))
    await settled()
    assert not waiting.done()
    log.open.set()
    await asyncio.gather(held, waiting)


async def test_one_call_larger_than_the_room_is_taken_when_nothing_else_waits(log: HeldLog, appender: Appender) -> None:
    log.open.set()
    appender.admit(1001)
    await appender.await_room(1001)
    assert await appended(appender, {0: group(0, 1001)}) == {0: None}


async def test_a_partition_whose_reader_is_too_far_behind_takes_nothing(log: HeldLog, appender: Appender) -> None:
    appender.close_to(frozenset({1}))
    appender.check_readers({0: group(0, 1)})
    with pytest.raises(LogBehind) as refused:
        appender.check_readers({0: group(0, 1), 1: group(1, 1)})
    assert refused.value.metadata == {"partition": "1"}
    appender.close_to(frozenset())
    appender.check_readers({1: group(1, 1)})


async def test_who_gives_up_waiting_disturbs_nobody(log: HeldLog, appender: Appender) -> None:
    gone = asyncio.create_task(appended(appender, {0: group(0, 1)}))
    stays = asyncio.create_task(appended(appender, {0: group(1, 1)}))
    await settled()
    gone.cancel()
    log.open.set()
    assert await stays == {0: None}
    assert log.appended == [(0, [["pevt_0", "pevt_1"]])]
