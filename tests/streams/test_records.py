"""Whatever bytes a record has, it means something or has a reason why not."""

from datetime import UTC, datetime

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import given
from hypothesis import strategies as st

from callsheet.promo.v1 import campaign_pb2, log_pb2
from server.adapters.eventlog.codec import Events, Pulse
from server.adapters.eventlog.codec import Reason as Damage
from server.adapters.eventlog.port import Entry
from streams.clicks.records import Control, Reason, Unreadable, decode, newer
from tests.streams.harness import IDS, control

NOW = datetime(2026, 3, 1, tzinfo=UTC)
CAMPAIGN = IDS.new("pcmp")


def read(record: bytes) -> Events | Pulse | Control | Unreadable:
    return decode(Entry(offset=7, record=record, appended_at=NOW))


def answered(record: bytes) -> bool:
    found = read(record)
    return isinstance(found, Events | Pulse) or found.offset == 7


def changed(change: str) -> bytes:
    """A good record with one thing wrong."""
    record = log_pb2.LogRecord.FromString(control(CAMPAIGN, 1))
    match change:
        case "schema":
            record.schema_version = 2
        case "content":
            record.control.ClearField("campaign")
        case "status":
            record.control.campaign.status = campaign_pb2.CAMPAIGN_STATUS_UNSPECIFIED
        case "key":
            record.control.key = "pcmp_\x00"
        case "version":
            record.control.version = 0
        case "time":
            record.received_at.CopyFrom(Timestamp(seconds=1 << 60))
        case "no time":
            record.ClearField("received_at")
        case "text":
            record.control.campaign.time_zone = "Europe/\x00"
    return record.SerializeToString()


def test_a_control_record_says_what_is_in_force() -> None:
    found = read(control(CAMPAIGN, 3, daily_budget_cents=700))
    assert isinstance(found, Control)
    assert (found.offset, found.kind, found.key, found.version) == (7, "campaign", CAMPAIGN, 3)
    assert found.payload["daily_budget_cents"] == 700
    assert found.payload["total_budget_cents"] is None
    assert found.payload["status"] == "draft"


def debit(promo_cents: int, cash_cents: int, campaign_id: str = CAMPAIGN) -> bytes:
    """A request to take money."""
    record = log_pb2.LogRecord.FromString(control(CAMPAIGN, 1))
    record.control.CopyFrom(
        log_pb2.ControlRecord(
            key=IDS.new("padj"),
            version=1,
            debit=log_pb2.DebitRequest(campaign_id=campaign_id, promo_cents=promo_cents, cash_cents=cash_cents),
        )
    )
    return record.SerializeToString()


UNREADABLE = {
    "no protobuf": (b"\xff\xff\xff", Damage.MALFORMED),
    "cut off": (control(CAMPAIGN, 1)[:-3], Damage.MALFORMED),
    "nothing": (b"", Damage.UNKNOWN_SCHEMA),
    "schema": (changed("schema"), Damage.UNKNOWN_SCHEMA),
    "content": (changed("content"), Reason.UNKNOWN_CONTENT),
    "status": (changed("status"), Reason.UNKNOWN_CONTENT),
    "key": (changed("key"), Reason.KEY_INVALID),
    "version": (changed("version"), Reason.VERSION_INVALID),
    "time": (changed("time"), Damage.TIME_INVALID),
    "no time": (changed("no time"), Damage.TIME_INVALID),
    "text": (changed("text"), Reason.TEXT_INVALID),
    "a debit of nothing": (debit(0, 0), Reason.AMOUNT_INVALID),
    "a debit that gives": (debit(5, -1), Reason.AMOUNT_INVALID),
    "a debit beyond every column": (debit(1 << 40, 0), Reason.AMOUNT_INVALID),
    "a debit without a campaign": (debit(1, 1, campaign_id=""), Reason.KEY_INVALID),
}


@pytest.mark.parametrize(("record", "reason"), [pytest.param(*case, id=name) for name, case in UNREADABLE.items()])
def test_what_cannot_be_read_has_a_reason(record: bytes, reason: Reason | Damage) -> None:
    assert read(record) == Unreadable(7, reason, record)


@given(st.binary(max_size=200))
def test_no_bytes_are_too_strange(record: bytes) -> None:
    assert answered(record)


@given(st.binary(min_size=1, max_size=4), st.integers(min_value=0, max_value=200))
def test_no_damage_is_too_strange(damage: bytes, place: int) -> None:
    good = control(CAMPAIGN, 1)
    place %= len(good)
    assert answered(good[:place] + damage + good[place + len(damage) :])


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(min_value=1, max_value=5)), max_size=12))
def test_of_a_batch_only_what_is_newer_stands(versions: list[tuple[str, int]]) -> None:
    found = read(control(CAMPAIGN, 1))
    assert isinstance(found, Control)
    batch = [
        Control(offset, found.kind, key, version, found.payload, NOW)
        for offset, (key, version) in enumerate(versions, start=1)
    ]
    stands = newer(batch)
    for key in "ab":
        seen = [control.version for control in batch if control.key == key]
        highest = [version for place, version in enumerate(seen) if version > max(seen[:place], default=0)]
        assert [control.version for control in stands if control.key == key] == highest
