"""One writer per partition as a Bytewax sink. A batch is being written while the next ones are being made."""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from typing import Generic, Protocol, TypeVar

from bytewax.outputs import FixedPartitionedSink, StatefulSinkPartition

from streams.engine.background import Background
from streams.engine.standing import Standing

UNDER_WAY = 3
"""Batches of one partition that are being written; whoever brings another one waits."""

Item = TypeVar("Item")
Item_contra = TypeVar("Item_contra", contravariant=True)
Batch = TypeVar("Batch")


class Writer(Protocol[Item_contra, Batch]):
    """Writes one partition's batches, in order, each once."""

    async def open(self) -> None:
        """Takes the partition; called first, once."""

    def take(self, item: Item_contra) -> Iterable[Batch]:
        """Takes what the dataflow brings, and gives the batches that can be written now. Runs on the dataflow's thread,
        beside the writing.
        """

    async def write(self, batch: Batch) -> None:
        """Returns when the batch is committed. Batches are written one after another, in the order they were given."""

    def snapshot(self, under_way: Sequence[Batch]) -> bytes:
        """What was taken and is not surely written: what is in no batch yet, and the batches under way, some of which
        may be committed by the time somebody begins from here.
        """


class PartitionedSink(FixedPartitionedSink[Item, bytes], Generic[Item, Batch]):
    """Hands each partition's items to a writer of its own. Items are pairs of partition number and item."""

    def __init__(
        self,
        background: Background,
        standing: Standing,
        partitions: int,
        writer: Callable[[int, bytes | None], Writer[Item, Batch]],
    ) -> None:
        self._background = background
        self._standing = standing
        self._partitions = partitions
        self._writer = writer

    def list_parts(self) -> list[str]:
        return [str(number) for number in range(self._partitions)]

    def part_fn(self, item_key: str) -> int:
        return int(item_key)

    def build_part(self, step_id: str, for_part: str, resume_state: bytes | None) -> "_Partition[Item, Batch]":
        return _Partition(self._background, self._standing, self._writer(int(for_part), resume_state))


class _Partition(StatefulSinkPartition[Item, bytes], Generic[Item, Batch]):
    """Writes in the background. A snapshot waits for nobody: it holds what is under way, so that it never claims more
    than the database has.
    """

    def __init__(self, background: Background, standing: Standing, writer: Writer[Item, Batch]) -> None:
        self._background = background
        self._standing = standing
        self._writer = writer
        self._under_way: deque[tuple[Future[None], Batch | None]] = deque([(background.submit(writer.open()), None)])

    def write_batch(self, values: list[Item]) -> None:
        for value in values:
            for batch in self._writer.take(value):
                self._wait_for(UNDER_WAY - 1)
                self._under_way.append((self._background.submit(self._writer.write(batch)), batch))
        self._forget_done()

    def snapshot(self) -> bytes:
        with self._standing.metrics.snapshot_seconds.labels("batches").time():
            self._forget_done()
            return self._writer.snapshot([batch for _, batch in self._under_way if batch is not None])

    def close(self) -> None:
        # Also called while the dataflow falls over an error, when a second one would bring the whole process down.
        try:
            self._wait_for(0)
        except Exception as error:  # noqa: BLE001  whoever runs the dataflow raises it again
            self._standing.fail(error)

    def _wait_for(self, left: int) -> None:
        while len(self._under_way) > left:
            self._under_way.popleft()[0].result()

    def _forget_done(self) -> None:
        while self._under_way and self._under_way[0][0].done():
            self._under_way.popleft()[0].result()
