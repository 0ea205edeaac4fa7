"""Rows on their way into a table, in PostgreSQL's own binary format: no value is looked at twice."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import pgpq
import pyarrow as pa
import pyarrow.compute as pc

from server.core.db import Tx

HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
"""What a binary copy begins with."""

TRAILER = b"\xff\xff"
"""What it ends with."""

INSTANT = pa.timestamp("us", tz="UTC")
_JSONB = pa.scalar("\x01")
"""The version of its format, which stands before a document's text."""

_NOTHING_BETWEEN = pa.scalar("")


class Packing:
    """How the rows of one table are packed; columns are copied in the schema's order."""

    def __init__(
        self,
        table: str,
        schema: pa.Schema,
        *,
        json: Sequence[str] = (),
        names: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.schema = schema
        self._table = table
        self._columns = tuple(names.get(name, name) for name in schema.names)
        self._json = [(schema.get_field_index(name), schema.field(name)) for name in json]

    def packed(self, rows: pa.RecordBatch) -> tuple[bytes, ...]:
        """The rows without beginning and end, in pieces."""
        for place, field in self._json:
            marked = pc.binary_join_element_wise(_JSONB, rows.column(place), _NOTHING_BETWEEN)
            rows = rows.set_column(place, field, marked)
        # Given an encoder for each column, it would need ten times as long to begin as to pack a few rows.
        encoder = pgpq.ArrowToPostgresBinaryEncoder(self.schema)
        encoder.write_header()
        # The encoder gives what it has whenever that is enough to be worth it, and the rest when it is told to finish.
        return encoder.write_batch(rows), encoder.finish().removesuffix(TRAILER)

    async def copy(self, tx: Tx, pieces: Sequence[bytes]) -> None:
        """Copies packed rows into the table; a row that is there already fails the statement."""
        await tx.copy_in(self._table, self._columns, (HEADER, *pieces, TRAILER))

    async def copy_columns(self, tx: Tx, columns: Mapping[str, Sequence[object]]) -> None:
        """Packs columns of values and copies them."""
        arrays = [pa.array(columns[field.name], field.type) for field in self.schema]
        await self.copy(tx, self.packed(pa.RecordBatch.from_arrays(arrays, schema=self.schema)))


def columns(kinds: Mapping[str, pa.DataType]) -> pa.Schema:
    """A schema of columns that may be null."""
    return pa.schema(list(kinds.items()))
