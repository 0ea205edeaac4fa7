"""A reader for tests of the source: all that it tells of records is where they stand."""

from dataclasses import dataclass

from streams.engine.positions import Position
from streams.engine.source import LogBatch


@dataclass(frozen=True, slots=True)
class Offsets:
    """What was read at once."""

    offsets: tuple[int, ...]

    @property
    def events(self) -> int:
        return len(self.offsets)


class OffsetReader:
    """Reads nothing but offsets, and has nothing to keep."""

    async def open(self, committed: Position, kept: None) -> None:
        """Needs nothing."""

    def read(self, batch: LogBatch) -> Offsets:
        return Offsets(tuple(entry.offset for entry in batch.entries))

    def snapshot(self) -> None:
        """Keeps nothing."""
