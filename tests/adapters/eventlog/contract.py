"""What every backend of the event log has to do. A backend's test class gives the fixtures `log` and `clock`."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from server.adapters.eventlog.codec import Events, decode, encode_events
from server.adapters.eventlog.errors import LogShorter, PartitionsDiffer, RecordsTrimmed
from server.adapters.eventlog.port import EventLog, Partition
from server.core.clock import ManualClock
from tests.adapters.eventlog.rows import LISTS, ROW

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
CLICKS = Partition("clicks", 1)


async def records(log: EventLog, partition: Partition = CLICKS, after: int = 0) -> list[tuple[int, bytes]]:
    window = await log.read(partition, after=after, limit=1000)
    return [(entry.offset, entry.record) for entry in window.entries]


class EventLogContract:
    """Inherited by one test class per backend."""

    @pytest.fixture
    def clock(self) -> ManualClock:
        return ManualClock(NOON)

    @pytest.fixture(autouse=True)
    async def _made(self, log: EventLog) -> None:
        await log.ensure("clicks", 2)

    async def test_offsets_count_from_one_without_a_gap(self, log: EventLog) -> None:
        assert await log.append(CLICKS, [b"a"]) == 1
        assert await log.append(CLICKS, [b"b", b"c", b"d"]) == 4
        assert await records(log) == [(1, b"a"), (2, b"b"), (3, b"c"), (4, b"d")]

    async def test_concurrent_appends_stay_whole_and_dense(self, log: EventLog) -> None:
        batches = [[f"{writer}:{index}".encode() for index in range(5)] for writer in range(20)]
        ends = await asyncio.gather(*(log.append(CLICKS, batch) for batch in batches))

        found = await records(log)
        assert [offset for offset, _ in found] == list(range(1, 101))
        for batch, end in zip(batches, ends, strict=True):
            assert [record for _, record in found[end - 5 : end]] == batch

    async def test_partitions_number_their_records_apart(self, log: EventLog) -> None:
        await log.append(CLICKS, [b"a", b"b"])
        assert await log.append(Partition("clicks", 0), [b"c"]) == 1
        assert await records(log, Partition("clicks", 0)) == [(1, b"c")]

    async def test_records_are_opaque(self, log: EventLog) -> None:
        strange = [b"", b"\x00", bytes(range(256)), b"\xff" * 300_000]
        await log.append(CLICKS, strange)
        assert [record for _, record in await records(log)] == strange

    async def test_batches_of_events_come_back_as_columns(self, log: EventLog) -> None:
        """As large as they get, and several in one append."""
        rows = [ROW._replace(event_id=f"pevt_{number}") for number in range(1500)]
        batches = [encode_events(rows[start : start + 500], NOON, LISTS) for start in range(0, 1500, 500)]
        await log.append(CLICKS, batches)
        found = [decode(record) for _, record in await records(log)]
        columns = [batch.columns for batch in found if isinstance(batch, Events)]
        assert [one.num_rows for one in columns] == [500, 500, 500]
        assert [name for one in columns for name in one["event_id"].to_pylist()] == [row.event_id for row in rows]

    async def test_a_read_goes_on_after_an_offset_up_to_a_limit(self, log: EventLog) -> None:
        await log.append(CLICKS, [b"a", b"b", b"c", b"d"])
        window = await log.read(CLICKS, after=1, limit=2)
        assert [entry.record for entry in window.entries] == [b"b", b"c"]
        assert window.newest == 4

    async def test_a_read_at_the_end_answers_at_once_with_nothing(self, log: EventLog) -> None:
        end = await log.append(CLICKS, [b"a"])
        window = await log.read(CLICKS, after=end, limit=10)
        assert (window.entries, window.newest) == ((), end)

    async def test_a_partition_that_nothing_was_appended_to_is_empty(self, log: EventLog) -> None:
        window = await log.read(CLICKS, after=0, limit=10)
        assert (window.entries, window.newest) == ((), 0)

    async def test_a_generation_stays_while_the_log_lives(self, log: EventLog) -> None:
        await log.append(CLICKS, [b"a"])
        first = await log.read(CLICKS, after=0, limit=10)
        await log.append(CLICKS, [b"b"])
        await log.trim(CLICKS, upto=2)
        await log.append(CLICKS, [b"c"])
        later = await log.read(CLICKS, after=2, limit=10)
        assert first.generation == later.generation != ""

    async def test_numbering_goes_on_after_a_trim(self, log: EventLog) -> None:
        await log.append(CLICKS, [b"a", b"b", b"c"])
        await log.trim(CLICKS, upto=3)
        assert await log.append(CLICKS, [b"d"]) == 4
        assert await records(log, after=3) == [(4, b"d")]

    async def test_a_reader_whose_next_record_was_trimmed_is_told(self, log: EventLog) -> None:
        await log.append(CLICKS, [b"a", b"b", b"c"])
        await log.trim(CLICKS, upto=2)
        with pytest.raises(RecordsTrimmed):
            await log.read(CLICKS, after=1, limit=10)
        assert await records(log, after=2) == [(3, b"c")]

    async def test_a_reader_is_told_when_everything_it_needs_was_trimmed(self, log: EventLog) -> None:
        await log.append(CLICKS, [b"a", b"b"])
        await log.trim(CLICKS, upto=2)
        with pytest.raises(RecordsTrimmed):
            await log.read(CLICKS, after=0, limit=10)

    async def test_a_reader_ahead_of_the_log_is_told(self, log: EventLog) -> None:
        await log.append(CLICKS, [b"a"])
        with pytest.raises(LogShorter):
            await log.read(CLICKS, after=2, limit=10)

    async def test_a_trim_beyond_the_end_empties_the_partition(self, log: EventLog) -> None:
        await log.append(CLICKS, [b"a"])
        await log.trim(CLICKS, upto=1)
        await log.trim(CLICKS, upto=1)
        window = await log.read(CLICKS, after=1, limit=10)
        assert (window.entries, window.newest) == ((), 1)

    async def test_an_instant_finds_its_offset(self, log: EventLog, clock: ManualClock) -> None:
        assert await log.offset_before(CLICKS, NOON) == 0
        for _ in range(7):
            await log.append(CLICKS, [b"x"])
            clock.advance(timedelta(minutes=1))
        assert await log.offset_before(CLICKS, NOON) == 0
        assert await log.offset_before(CLICKS, NOON + timedelta(seconds=30)) == 1
        assert await log.offset_before(CLICKS, NOON + timedelta(minutes=3)) == 3
        assert await log.offset_before(CLICKS, NOON + timedelta(days=1)) == 7

    async def test_trimmed_records_are_not_found_by_their_time(self, log: EventLog, clock: ManualClock) -> None:
        await log.append(CLICKS, [b"a", b"b"])
        await log.trim(CLICKS, upto=2)
        assert await log.offset_before(CLICKS, NOON + timedelta(days=1)) == 0

    async def test_the_number_of_partitions_is_fixed(self, log: EventLog) -> None:
        await log.ensure("clicks", 2)
        with pytest.raises(PartitionsDiffer):
            await log.ensure("clicks", 3)

    async def test_it_says_that_it_answers(self, log: EventLog) -> None:
        await log.check()
