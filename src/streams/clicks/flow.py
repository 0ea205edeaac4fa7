"""How the click stream is wired. Beside the engine, the only module that knows Bytewax.

log partition ──▶ decode ──▶ commit, one writer per partition
"""

import bytewax.operators as op
from bytewax.dataflow import Dataflow

from server.promo.domain.partitions import CLICK_LOG
from streams.clicks.records import Control, Unreadable, decode
from streams.clicks.writer import Batch, PartitionWriter, Writing
from streams.engine.background import Background
from streams.engine.sink import PartitionedSink
from streams.engine.source import LogBatch, LogSource, Reading


def click_flow(reading: Reading, writing: Writing, background: Background, partitions: int) -> Dataflow:
    """The dataflow over every partition of the click log."""
    flow = Dataflow(CLICK_LOG)
    records = op.input("log", flow, LogSource(reading, CLICK_LOG, partitions))
    batches = op.map("decode", records, _decoded)
    op.output(
        "commit", batches, PartitionedSink(background, partitions, lambda number: PartitionWriter(writing, number))
    )
    return flow


def _decoded(batch: LogBatch) -> tuple[str, Batch]:
    """A batch under the key that leads it to its partition's writer."""
    found = [decode(entry) for entry in batch.entries]
    return str(batch.partition), Batch(
        generation=batch.generation,
        first=batch.entries[0].offset,
        last=batch.entries[-1].offset,
        controls=tuple(record for record in found if isinstance(record, Control)),
        unreadable=tuple(record for record in found if isinstance(record, Unreadable)),
    )
