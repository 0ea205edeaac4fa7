"""Sends events to the log at a steady rate, as a process of its own beside what is measured.

Its records are made before it begins, and each is appended when its time has come: a partition's records one after
another, the partitions beside each other, as servers append them. When it begins it says so, and at the end how far
behind its stamps the log had the records: what is late here is the sender's, not the stream's.
"""

import argparse
import asyncio
import json
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from bench.memory import warm
from bench.stream_events import Load, Records
from bench.stream_place import LOG_BYTES
from server.adapters.eventlog.port import EventLog, Partition
from server.adapters.eventlog.valkey import valkey_log
from server.core.clock import SystemClock
from server.promo.domain.partitions import CLICK_LOG

BEFORE = timedelta(seconds=20)
"""For the memory to be there, after the records are made."""

MADE_PER_SECOND = 60_000


class Due(NamedTuple):
    """A record, and when it is to be sent."""

    at: datetime
    record: bytes


def main() -> None:
    """Makes the records, sends them, and tells how it went."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--log", required=True)
    parser.add_argument("--rate", type=int, required=True)
    parser.add_argument("--seconds", type=int, required=True)
    parser.add_argument("--partitions", type=int, required=True)
    chosen = parser.parse_args()
    campaigns = sys.stdin.read().split()
    load = Load(chosen.rate * chosen.seconds, chosen.partitions, per_second=chosen.rate)
    began = datetime.now(UTC) + BEFORE + timedelta(seconds=load.events / MADE_PER_SECOND)
    waiting: dict[int, list[Due]] = defaultdict(list)
    for partition, at, record in Records(load, campaigns, began):
        waiting[partition].append(Due(at, record))
    warm()
    time.sleep(max(0.0, (began - datetime.now(UTC)).total_seconds()))
    print("sending", flush=True)
    late = asyncio.run(sent(chosen.log, waiting))
    print(json.dumps([round(one, 1) for one in late]), flush=True)


async def sent(url: str, waiting: dict[int, list[Due]]) -> list[float]:
    """Sends everything; how many milliseconds after its stamp each record was in the log."""
    async with valkey_log(url, SystemClock(), partition_bytes=LOG_BYTES) as log:
        each = await asyncio.gather(*(in_time(log, number, records) for number, records in waiting.items()))
    return [late for partition in each for late in partition]


async def in_time(log: EventLog, number: int, records: Sequence[Due]) -> list[float]:
    late = []
    for at, record in records:
        await asyncio.sleep(max(0.0, (at - datetime.now(UTC)).total_seconds()))
        await log.append(Partition(CLICK_LOG, number), [record])
        late.append((datetime.now(UTC) - at).total_seconds() * 1000)
    return late


if __name__ == "__main__":
    main()
