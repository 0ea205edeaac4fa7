"""`callsheet log show`: records as a person reads them."""

import io
from datetime import UTC, datetime

import pytest
from rich.console import Console

from callsheet.promo.v1 import campaign_pb2, log_pb2
from devstack.valkey import Valkey
from server.adapters.eventlog.codec import Lists, encode_events, encode_heartbeat
from server.adapters.eventlog.port import EventLog, Partition
from server.adapters.eventlog.valkey import valkey_log as open_log
from server.config import Settings
from server.core.clock import ManualClock
from server.core.grpc.proto import timestamp
from server.logbook import Wanted, show
from server.promo.domain.partitions import CLICK_LOG, DEAD_LETTERS
from tests.adapters.eventlog.rows import ROW

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
EVERYTHING = Wanted(partition=None, after=None, limit=100, dead=False, heartbeats=True)


async def shown(valkey_log: Valkey, wanted: Wanted) -> tuple[bool, str]:
    settings = Settings.model_validate({"log_url": valkey_log.url, "log_partitions": 2})
    output = Console(file=io.StringIO(), width=300, color_system=None)
    right = await show(settings, wanted, output)
    assert isinstance(output.file, io.StringIO)
    return right, output.file.getvalue()


async def filled(log: EventLog) -> None:
    limits = log_pb2.LogRecord(
        schema_version=1,
        received_at=timestamp(NOON),
        control=log_pb2.ControlRecord(
            key="pcmp_1",
            version=3,
            campaign=log_pb2.CampaignLimits(
                status=campaign_pb2.CAMPAIGN_STATUS_ACTIVE, daily_budget_cents=5000, time_zone="UTC"
            ),
        ),
    )
    strange = ROW._replace(
        event_id="pevt_2",
        city="hamburg",
        robot=True,
        network_class="data_centre",
        token_state="forged",
        token_price_cents=None,
        token_city=None,
        advertiser_link="device",
    )
    await log.append(
        Partition(CLICK_LOG, 0),
        [
            encode_events([ROW, strange], NOON, Lists("2026-02-01", "2026-01-01")),
            limits.SerializeToString(),
            encode_heartbeat(NOON),
            b"\xff\xff garbage",
        ],
    )
    letter = log_pb2.DeadLetter(log="clicks", partition=1, offset=7, generation="g", reason="malformed", record=b"\xff")
    note = log_pb2.DeadLetter(given_back=log_pb2.GivenBack(letter=1))
    await log.append(Partition(DEAD_LETTERS, 0), [letter.SerializeToString(), b"\xff", note.SerializeToString()])


@pytest.fixture(autouse=True)
async def _filled(valkey_log: Valkey) -> None:
    async with open_log(valkey_log.url, ManualClock(NOON), partition_bytes=1 << 20) as log:
        await filled(log)


async def test_every_kind_of_record_is_readable(valkey_log: Valkey) -> None:
    right, text = await shown(valkey_log, EVERYTHING)
    assert right
    lines = text.splitlines()
    assert [line.split()[0] for line in lines] == ["clicks/0", "#1", "0", "1", "#2", "#3", "#4", "clicks/1"]
    assert "2 events, lists of 2026-02-01 and 2026-01-01" in lines[1]
    assert "click      pevt_1  pcmp_1  pimp_1  valid 150 ¢, slot 3, served 7  münchen  f  residential" in lines[2]
    assert "prefetch" in lines[2]
    assert "forged  hamburg" in lines[3]
    assert "data_centre  robot  prefetch  own device" in lines[3]
    assert "control     pcmp_1 v3  status: CAMPAIGN_STATUS_ACTIVE" in lines[4]
    assert "heartbeat" in lines[5]
    assert "unreadable  malformed  10 bytes: ff ff 20" in lines[6]


async def test_heartbeats_are_left_out_unless_asked_for(valkey_log: Valkey) -> None:
    _, text = await shown(valkey_log, Wanted(partition=0, after=1, limit=100, dead=False, heartbeats=False))
    assert [line.split()[0] for line in text.splitlines()] == ["clicks/0", "#2", "#4"]


async def test_the_newest_are_shown_unless_an_offset_is_given(valkey_log: Valkey) -> None:
    _, text = await shown(valkey_log, Wanted(partition=0, after=None, limit=2, dead=False, heartbeats=True))
    assert [line.split()[0] for line in text.splitlines()] == ["clicks/0", "#3", "#4"]
    _, text = await shown(valkey_log, Wanted(partition=0, after=0, limit=1, dead=False, heartbeats=True))
    assert [line.split()[0] for line in text.splitlines()] == ["clicks/0", "#1", "0", "1"]


async def test_what_was_said_last_is_found_behind_heartbeats_and_what_was_trimmed(valkey_log: Valkey) -> None:
    async with open_log(valkey_log.url, ManualClock(NOON), partition_bytes=1 << 20) as log:
        await log.append(Partition(CLICK_LOG, 0), [encode_heartbeat(NOON)] * 450)
        await log.trim(Partition(CLICK_LOG, 0), upto=1)
    right, text = await shown(valkey_log, Wanted(partition=0, after=None, limit=20, dead=False, heartbeats=False))
    assert right
    assert [line.split()[0] for line in text.splitlines()] == ["clicks/0", "#2", "#4"]


async def test_dead_letters_say_where_they_stood_and_why(valkey_log: Valkey) -> None:
    _, text = await shown(valkey_log, Wanted(partition=None, after=None, limit=100, dead=True, heartbeats=False))
    assert "malformed" in text
    assert "clicks/1 #7 of g  1 bytes: ff" in text
    assert "unreadable" in text


async def test_a_partition_that_is_none_is_refused(valkey_log: Valkey) -> None:
    right, text = await shown(valkey_log, Wanted(partition=2, after=None, limit=1, dead=False, heartbeats=True))
    assert not right
    assert "the partitions 0 to 1" in text


async def test_an_offset_that_was_trimmed_is_told(valkey_log: Valkey) -> None:
    async with open_log(valkey_log.url, ManualClock(NOON), partition_bytes=1 << 20) as log:
        await log.trim(Partition(CLICK_LOG, 0), upto=3)
    right, text = await shown(valkey_log, Wanted(partition=0, after=0, limit=1, dead=False, heartbeats=True))
    assert not right
    assert "was trimmed" in text
