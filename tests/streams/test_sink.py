"""The sink's snapshots: nobody waits for them, and they claim no more than is written."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence

import pytest
from prometheus_client import CollectorRegistry

from streams.engine.background import Background, background
from streams.engine.sink import PartitionedSink
from streams.engine.standing import Standing, StreamMetrics


class Slow:
    """Writes a batch when it is told to."""

    def __init__(self, beside: Background) -> None:
        self._beside = beside
        self._turns = asyncio.Semaphore(0)
        self.written: list[int] = []

    async def open(self) -> None:
        """Needs nothing."""

    def take(self, item: int) -> Iterable[int]:
        return [item]

    async def write(self, batch: int) -> None:
        await self._turns.acquire()
        if batch < 0:
            raise ValueError(batch)
        self.written.append(batch)

    def snapshot(self, under_way: Sequence[int]) -> bytes:
        return repr(list(under_way)).encode()

    def let(self, batches: int) -> None:
        async def release() -> None:
            for _ in range(batches):
                self._turns.release()

        self._beside.complete(release())


@pytest.fixture
def beside() -> Iterator[Background]:
    with background() as beside:
        yield beside


@pytest.fixture
def standing() -> Standing:
    return Standing(StreamMetrics(CollectorRegistry()))


def test_a_snapshot_waits_for_nobody_and_holds_what_is_not_written(beside: Background, standing: Standing) -> None:
    writer = Slow(beside)
    sink = PartitionedSink[int, int](beside, standing, 1, lambda number, kept: writer)
    partition = sink.build_part("commit", "0", None)
    partition.write_batch([1, 2, 3])
    assert partition.snapshot() == b"[1, 2, 3]"
    writer.let(3)
    partition.close()
    assert (writer.written, partition.snapshot()) == ([1, 2, 3], b"[]")


def test_a_batch_that_could_not_be_written_is_in_no_snapshot(beside: Background, standing: Standing) -> None:
    """Where it failed for good there is nothing to be kept: whoever asks hears of it instead."""
    writer = Slow(beside)
    sink = PartitionedSink[int, int](beside, standing, 1, lambda number, kept: writer)
    partition = sink.build_part("commit", "0", None)
    partition.write_batch([-1, 2])
    writer.let(2)
    beside.complete(asyncio.sleep(0.05))
    with pytest.raises(ValueError, match="-1"):
        partition.snapshot()
    partition.close()
