"""One writer per partition as a Bytewax sink. A batch is being written while the next one is being made."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Protocol, TypeVar

from bytewax.outputs import FixedPartitionedSink, StatefulSinkPartition

from streams.engine.background import Background

Batch = TypeVar("Batch")
Batch_contra = TypeVar("Batch_contra", contravariant=True)


class Writer(Protocol[Batch_contra]):
    """Writes one partition's batches, in order, each once."""

    async def open(self) -> None:
        """Takes the partition; called first, once."""

    async def write(self, batches: Sequence[Batch_contra]) -> None:
        """Returns when the batches are committed."""


class PartitionedSink(FixedPartitionedSink[Batch, None]):
    """Hands each partition's batches to a writer of its own. Items are pairs of partition number and batch."""

    def __init__(self, background: Background, partitions: int, writer: Callable[[int], Writer[Batch]]) -> None:
        self._background = background
        self._partitions = partitions
        self._writer = writer

    def list_parts(self) -> list[str]:
        return [str(number) for number in range(self._partitions)]

    def part_fn(self, item_key: str) -> int:
        return int(item_key)

    def build_part(self, step_id: str, for_part: str, resume_state: None) -> "_Partition[Batch]":
        return _Partition(self._background, self._writer(int(for_part)))


class _Partition(StatefulSinkPartition[Batch, None]):
    """Writes in the background, one call at a time. Before a snapshot everything is committed, so that a snapshot never
    claims more than the database has.
    """

    def __init__(self, background: Background, writer: Writer[Batch]) -> None:
        self._background = background
        self._writer = writer
        self._under_way: Future[None] | None = background.submit(writer.open())

    def write_batch(self, values: list[Batch]) -> None:
        self._drain()
        self._under_way = self._background.submit(self._writer.write(values))

    def snapshot(self) -> None:
        self._drain()

    def close(self) -> None:
        self._drain()

    def _drain(self) -> None:
        under_way, self._under_way = self._under_way, None
        if under_way is not None:
            under_way.result()
