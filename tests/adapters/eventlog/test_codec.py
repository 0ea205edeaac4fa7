"""Records of the click log: what was encoded comes back as columns, and damage is told."""

from collections.abc import Callable
from datetime import UTC, datetime

import pyarrow as pa
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import given
from hypothesis import strategies as st

from callsheet.promo.v1 import log_pb2
from server.adapters.eventlog.codec import (
    Events,
    Pulse,
    Reason,
    Undecodable,
    decode,
    encode_columns,
    encode_events,
    encode_heartbeat,
)
from server.adapters.eventlog.columns import SCHEMA, EventRow
from tests.adapters.eventlog.rows import LISTS, ROW

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
BARE = ROW._replace(
    **dict.fromkeys([field.name for field in SCHEMA if field.nullable])  # type: ignore[arg-type]  # all are optional
)


def decoded(record: bytes) -> Events:
    found = decode(record)
    assert isinstance(found, Events)
    return found


def refused(record: bytes) -> Reason:
    with pytest.raises(Undecodable) as error:
        decode(record)
    return error.value.reason


def test_rows_name_the_columns_in_their_order() -> None:
    assert list(EventRow._fields) == SCHEMA.names


def test_what_was_encoded_comes_back() -> None:
    found = decoded(encode_events([ROW, BARE], NOON, LISTS))
    assert (found.received_at, found.lists, found.columns.schema) == (NOON, LISTS, SCHEMA)
    first, second = found.columns.to_pylist()
    assert first == ROW._asdict() | {
        "received_at": NOON,
        "token_issued_at": datetime(2026, 3, 1, 11, 59, 59, tzinfo=UTC),
    }
    assert [name for name, value in second.items() if value is None] == [
        field.name for field in SCHEMA if field.nullable
    ]


def test_a_heartbeat_says_when() -> None:
    assert decode(encode_heartbeat(NOON)) == Pulse(NOON)


@pytest.mark.parametrize("rows", [[], [ROW] * 501])
def test_a_batch_has_one_to_five_hundred_events(rows: list[EventRow]) -> None:
    with pytest.raises(ValueError, match="1 to 500 events"):
        encode_events(rows, NOON, LISTS)


@pytest.mark.parametrize(
    ("column", "wrong", "rule"),
    [
        ("event_id", None, "no value for event_id"),
        ("received_at", None, "no value for received_at"),
        ("token_price_cents", 2**31, "too large"),
        ("city", 1, "Expected bytes"),
    ],
)
def test_a_value_that_its_column_does_not_take_is_refused(column: str, wrong: int | None, rule: str) -> None:
    with pytest.raises(ValueError, match=rule):
        encode_events([ROW._replace(**{column: wrong})], NOON, LISTS)  # type: ignore[arg-type]  # whatever it takes


def test_compression_is_worth_it() -> None:
    columns = decoded(encode_events([ROW] * 500, NOON, LISTS)).columns
    assert len(encode_columns(columns, NOON, LISTS)) < columns.nbytes / 5


def changed(change: Callable[[log_pb2.LogRecord], object]) -> bytes:
    message = log_pb2.LogRecord.FromString(encode_events([ROW], NOON, LISTS))
    change(message)
    return message.SerializeToString()


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (b"\xff\xff", Reason.MALFORMED),
        (b"", Reason.UNKNOWN_SCHEMA),
        (changed(lambda message: setattr(message, "schema_version", 2)), Reason.UNKNOWN_SCHEMA),
        (changed(lambda message: message.ClearField("received_at")), Reason.TIME_INVALID),
        (changed(lambda message: message.received_at.CopyFrom(Timestamp(seconds=10**15))), Reason.TIME_INVALID),
        (changed(lambda message: message.ClearField("events")), Reason.UNKNOWN_CONTENT),
        (changed(lambda message: setattr(message.events, "columns_version", 2)), Reason.UNKNOWN_SCHEMA),
        (changed(lambda message: setattr(message.events, "count", 2)), Reason.COLUMNS_DAMAGED),
        (changed(lambda message: setattr(message.events, "size", 100)), Reason.COLUMNS_DAMAGED),
        (changed(lambda message: setattr(message.events, "size", 2**31)), Reason.COLUMNS_DAMAGED),
        (changed(lambda message: setattr(message.events, "checksum", 1)), Reason.COLUMNS_DAMAGED),
        (changed(lambda message: setattr(message.events, "columns", b"")), Reason.COLUMNS_DAMAGED),
    ],
)
def test_what_cannot_be_read_is_told_by_its_reason(record: bytes, reason: Reason) -> None:
    assert refused(record) is reason


@given(st.data())
def test_damage_anywhere_is_told_or_harmless(data: st.DataObject) -> None:
    """One byte turned: the columns are refused or untouched, never something else."""
    whole = encode_events([ROW] * 3, NOON, LISTS)
    place = data.draw(st.integers(0, len(whole) - 1))
    damaged = bytearray(whole)
    damaged[place] ^= data.draw(st.integers(1, 255))
    try:
        found = decode(bytes(damaged))
    except Undecodable:
        return
    if isinstance(found, Events):
        assert found.columns.equals(decoded(whole).columns)


@given(st.binary(max_size=400))
def test_no_bytes_make_the_decoder_fail(record: bytes) -> None:
    try:
        found = decode(record)
    except Undecodable:
        return
    assert not isinstance(found, Events)


def test_columns_of_another_kind_are_never_taken_for_these() -> None:
    other = pa.RecordBatch.from_pydict({"a": [1]})
    with pytest.raises((ValueError, KeyError)):
        encode_columns(other, NOON, LISTS)
