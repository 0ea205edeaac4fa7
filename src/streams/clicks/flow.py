"""How the click stream is wired. Beside the engine, the only module that knows Bytewax.

log partition ─▶ read ─┬─▶ batch, whole and in columns ───────────────────────┐
                       └─▶ its clicks ─▶ lanes, counting across partitions ─▶ join ─▶ decide, claim, commit
"""

from collections.abc import Callable, Iterable

import bytewax.operators as op
from bytewax.dataflow import Dataflow
from bytewax.operators import StatefulBatchLogic

from server.promo.domain.partitions import CLICK_LOG
from streams.clicks.arrived import Known
from streams.clicks.lanes import Lane, Said, Turn
from streams.clicks.reading import ClickReader, Forked
from streams.clicks.writer import Item, PartitionWriter, Ready, Writing
from streams.engine.sink import PartitionedSink
from streams.engine.source import LogSource, Reading
from streams.engine.standing import Standing


def click_flow(reading: Reading, reader: Callable[[int], ClickReader], writing: Writing, partitions: int) -> Dataflow:
    """The dataflow over every partition of the click log."""
    flow = Dataflow(CLICK_LOG)
    source: LogSource[Forked, Known] = LogSource(reading, CLICK_LOG, partitions, reader)
    batches = op.input("log", flow, source)
    turns = op.flat_map("turns", batches, _turns)
    said = op.stateful_batch("count", turns, lambda kept: _Lane(writing.standing, partitions, kept))
    wholes = op.map("whole", batches, _whole)
    answers = op.map("answers", said, _to_partition)
    joined = op.merge("join", wholes, answers)
    sink: PartitionedSink[Item, Ready] = PartitionedSink(
        reading.background, writing.standing, partitions, lambda number, kept: PartitionWriter(writing, number, kept)
    )
    op.output("commit", joined, sink)
    return flow


class _Lane(StatefulBatchLogic[Turn, Said, "tuple[int, bytes]"]):
    """A lane as Bytewax keeps it. Which one it is, its first turn says."""

    def __init__(self, standing: Standing, partitions: int, kept: tuple[int, bytes] | None) -> None:
        self._standing = standing
        self._partitions = partitions
        self._number, self._lane = 0, None
        if kept is not None:
            self._number, self._lane = kept[0], Lane(kept[0], partitions, kept[1])

    def on_batch(self, values: list[Turn]) -> tuple[Iterable[Said], bool]:
        if self._lane is None:
            self._number = values[0].lane
            self._lane = Lane(self._number, self._partitions)
        return list(self._lane.take(values)), StatefulBatchLogic.RETAIN

    def snapshot(self) -> tuple[int, bytes]:
        if self._lane is None:
            raise AssertionError("a lane is made by its first turn")
        with self._standing.metrics.snapshot_seconds.labels("state").time():
            return self._number, self._lane.snapshot()


def _turns(forked: Forked) -> list[tuple[str, Turn]]:
    return [(str(turn.lane), turn) for turn in forked.turns]


def _whole(forked: Forked) -> tuple[str, Item]:
    return str(forked.whole.arrived.partition), forked.whole


def _to_partition(keyed: tuple[str, Said]) -> tuple[str, Item]:
    _, said = keyed
    return str(said.partition), said
