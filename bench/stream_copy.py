"""The limit: nothing but the events, as bytes that are ready, copied straight into their table by one connection."""

import time
from collections.abc import AsyncIterator, Sequence

import asyncpg
import pgpq
import pyarrow as pa
from pgpq.encoders import StringEncoderBuilder
from pgpq.schema import Jsonb

from bench.stream_baseline import EVENTS, Batch, Row

AT_ONCE = 16_000


async def bare_copy(url: str, batches: Sequence[Batch]) -> float:
    """Events copied in a second, a transaction for every sixteen thousand."""
    rows = list({row[:2]: row for batch in batches for row in batch.events}.values())
    packed = [_packed(rows[first : first + AT_ONCE]) for first in range(0, len(rows), AT_ONCE)]
    connection = await asyncpg.connect(url)
    try:
        began = time.perf_counter()
        for data in packed:
            async with connection.transaction():
                await connection.copy_to_table("promo_event", source=_whole(data), columns=EVENTS, format="binary")
        return len(rows) / (time.perf_counter() - began)
    finally:
        await connection.close()


async def _whole(data: bytes) -> AsyncIterator[bytes]:
    yield data


def _packed(rows: Sequence[Row]) -> bytes:
    columns = dict(zip(EVENTS, map(list, zip(*sorted(rows, key=lambda row: str(row[0])), strict=True)), strict=True))
    numbers = {"log_partition": pa.int32(), "log_offset": pa.int64(), "log_index": pa.int32()}
    times = dict.fromkeys(("ts", "rule_ts"), pa.timestamp("us", tz="UTC"))
    kinds = numbers | times
    schema = pa.schema([pa.field(name, kinds.get(name, pa.string())) for name in EVENTS])
    batch = pa.RecordBatch.from_pydict(columns, schema=schema)
    encoders = {
        field.name: StringEncoderBuilder.new_with_output(field, Jsonb())
        if field.name == "extra_json"
        else pgpq.ArrowToPostgresBinaryEncoder.infer_encoder(field)
        for field in schema
    }
    encoder = pgpq.ArrowToPostgresBinaryEncoder.new_with_encoders(schema, encoders)
    return encoder.write_header() + encoder.write_batch(batch) + encoder.finish()
