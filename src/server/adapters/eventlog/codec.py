"""Records of the click log, to bytes and back. A batch of events stays columns: no event becomes an object here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from zlib import crc32

import pyarrow as pa
from google.protobuf.message import DecodeError
from google.protobuf.timestamp_pb2 import Timestamp

from callsheet.promo.v1 import log_pb2
from server.adapters.eventlog.columns import COLUMNS_VERSION, MOST_EVENTS, SCHEMA, EventRow

SCHEMA_VERSION = 1
"""Of the header."""

LARGEST_BATCH_BYTES = 16 * 1024 * 1024

_NAMES, _TYPES = tuple(SCHEMA.names), tuple(SCHEMA.types)
_REQUIRED = frozenset(field.name for field in SCHEMA if not field.nullable)
_LZ4 = pa.Codec("lz4_raw")


class Reason(StrEnum):
    """Why bytes are no record that we understand."""

    MALFORMED = "malformed"
    UNKNOWN_SCHEMA = "unknown_schema"
    UNKNOWN_CONTENT = "unknown_content"
    TIME_INVALID = "time_invalid"
    COLUMNS_DAMAGED = "columns_damaged"


class Undecodable(Exception):
    """Bytes that are no record that we understand."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Lists:
    """By which lists a batch's events were classified, as the lists' dates."""

    networks: str = ""
    robots: str = ""


@dataclass(frozen=True, slots=True)
class Events:
    """A batch of events, as columns."""

    received_at: datetime
    lists: Lists
    columns: pa.RecordBatch


@dataclass(frozen=True, slots=True)
class Pulse:
    """A heartbeat."""

    received_at: datetime


@dataclass(frozen=True, slots=True)
class ControlFound:
    """A control record, left as its message."""

    received_at: datetime
    record: log_pb2.ControlRecord


def encode_events(rows: Sequence[EventRow], received_at: datetime, lists: Lists) -> bytes:
    """A record of these events, 1 to 500 of them; ValueError for a value that its column does not take."""
    if not 1 <= len(rows) <= MOST_EVENTS:
        raise ValueError(f"a batch has 1 to {MOST_EVENTS} events")
    try:
        arrays = [pa.array(values, kind) for values, kind in zip(zip(*rows, strict=True), _TYPES, strict=True)]
    except pa.ArrowException as error:
        raise ValueError(str(error)) from error
    return encode_columns(pa.RecordBatch.from_arrays(arrays, schema=SCHEMA), received_at, lists)


def encode_columns(columns: pa.RecordBatch, received_at: datetime, lists: Lists) -> bytes:
    """A record of events that are columns already."""
    for name, column in zip(_NAMES, columns.columns, strict=True):
        if column.null_count and name in _REQUIRED:
            raise ValueError(f"no value for {name}")
    message = columns.serialize()
    packed = _LZ4.compress(message, asbytes=True)
    return _record(
        received_at,
        events=log_pb2.EventBatch(
            columns_version=COLUMNS_VERSION,
            count=columns.num_rows,
            columns=packed,
            size=message.size,
            checksum=crc32(packed),
            network_list=lists.networks,
            robot_list=lists.robots,
        ),
    )


def encode_heartbeat(received_at: datetime) -> bytes:
    """A record that says nothing but when."""
    return _record(received_at, heartbeat=log_pb2.Heartbeat())


def decode(record: bytes) -> Events | Pulse | ControlFound:
    """What a record holds; Undecodable where it cannot be told. Whatever the bytes are, it answers."""
    try:
        message = log_pb2.LogRecord.FromString(record)
    except DecodeError:
        raise Undecodable(Reason.MALFORMED) from None
    if message.schema_version != SCHEMA_VERSION:
        raise Undecodable(Reason.UNKNOWN_SCHEMA)
    received_at = _received_at(message)
    match message.WhichOneof("content"):
        case "events":
            return _events(message.events, received_at)
        case "heartbeat":
            return Pulse(received_at)
        case "control":
            return ControlFound(received_at, message.control)
        case _:
            raise Undecodable(Reason.UNKNOWN_CONTENT)


def _events(batch: log_pb2.EventBatch, received_at: datetime) -> Events:
    if batch.columns_version != COLUMNS_VERSION:
        raise Undecodable(Reason.UNKNOWN_SCHEMA)
    packed = batch.columns
    if crc32(packed) != batch.checksum or batch.size > LARGEST_BATCH_BYTES:
        raise Undecodable(Reason.COLUMNS_DAMAGED)
    try:
        columns = pa.ipc.read_record_batch(_LZ4.decompress(packed, batch.size), SCHEMA)
    except (pa.ArrowException, OSError, ValueError):
        raise Undecodable(Reason.COLUMNS_DAMAGED) from None
    if columns.num_rows != batch.count or not 1 <= columns.num_rows <= MOST_EVENTS:
        raise Undecodable(Reason.COLUMNS_DAMAGED)
    return Events(received_at, Lists(batch.network_list, batch.robot_list), columns)


def _record(
    received_at: datetime,
    *,
    events: log_pb2.EventBatch | None = None,
    heartbeat: log_pb2.Heartbeat | None = None,
) -> bytes:
    stamp = Timestamp()
    stamp.FromDatetime(received_at)
    return log_pb2.LogRecord(
        schema_version=SCHEMA_VERSION, received_at=stamp, events=events, heartbeat=heartbeat
    ).SerializeToString()


def _received_at(message: log_pb2.LogRecord) -> datetime:
    if not message.HasField("received_at"):
        raise Undecodable(Reason.TIME_INVALID)
    try:
        return message.received_at.ToDatetime(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise Undecodable(Reason.TIME_INVALID) from None
