"""Three days of a million viewers who click half a million times a day, through the stream as a process of its own.

The days are written into the log as fast as the stream takes them, with their own times. Meanwhile its memory, its
recovery store and its snapshots are looked at; then it is killed and started again; then it goes on at the pace of a
live evening, while each moment that it keeps a record waiting is noted, and is killed and started again a few times
more. Half of the events are clicks: impressions leave nothing behind.
"""

import argparse
import asyncio
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import Popen

import asyncpg

from bench.processes import resident_bytes
from bench.report import console, median, result
from bench.stream_events import Load, Records
from bench.stream_place import LOG_BYTES, Place, made
from bench.stream_world import campaign_ids, controls, heartbeat
from devstack.program import Program, complete, running
from devstack.roles import DatabaseUrls
from server.adapters.eventlog.columns import MOST_EVENTS
from server.adapters.eventlog.port import EventLog, Partition
from server.adapters.eventlog.valkey import valkey_log
from server.core.clock import SystemClock
from server.promo.domain.partitions import CLICK_LOG
from streams.clicks.lanes import LANES
from tests.support.waiting import eventually

VIEWERS = 1_000_000
CLICKS_A_DAY = 500_000
CLICKS = 0.5
DAYS = 3
"""What a rule counts for a day is packed as it grows: only the third day can be compared with one like it."""

DAY_SECONDS = 86_400
PARTITIONS = 4
RECORDS_AT_ONCE = 40
COMPLETE = timedelta(seconds=1)
"""When nobody expects older events: more than a partition's clock runs back by."""

RESTARTS = 5
PROBE_SECONDS = 0.1
RECORD_SECONDS = 5.0
TOLD_EVERY = 20
"""So often it is said how far the days are."""

AN_HOUR = timedelta(hours=1)
AHEAD = AN_HOUR + timedelta(days=DAYS, minutes=2)
NOTHING: tuple[tuple[bytes, ...], ...] = ((),) * PARTITIONS


@dataclass(frozen=True, slots=True)
class Sample:
    """What the process needed at some moment."""

    appended: int
    resident_bytes: int
    recovery_bytes: float


@dataclass(slots=True)
class Day:
    """A log that is being written, and a stream that reads it."""

    place: Place
    urls: DatabaseUrls
    program: Program
    last: list[int] = field(default_factory=lambda: [0] * PARTITIONS)
    samples: list[Sample] = field(default_factory=list)
    stalls: list[float] = field(default_factory=list)
    appended: int = 0

    @property
    def port(self) -> str:
        return self.program.environment["CALLSHEET_STREAM_METRICS_PORT"]

    async def append(self, log: EventLog, number: int, records: Sequence[bytes]) -> None:
        self.last[number] = await log.append(Partition(CLICK_LOG, number), records)

    async def append_all(self, log: EventLog, records: Sequence[Sequence[bytes]], at: datetime) -> None:
        """Something to each partition that is no newer than that, and behind it the time at which it is complete: none
        waits for another one's clock.
        """
        for number, its in enumerate(records):
            await self.append(log, number, [*its, heartbeat(at + COMPLETE)])

    def sample(self, child: "Popen[bytes]") -> Sample:
        return Sample(self.appended, resident_bytes(child.pid), self.measured("callsheet_stream_recovery_store_bytes"))

    def measured(self, name: str) -> float:
        """The sum of a metric's series."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics") as answer:
            lines = answer.read().decode().splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith((f"{name} ", f"{name}{{")))


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--share", type=float, default=1.0, help="of the viewers and their clicks")
    parser.add_argument("--live-seconds", type=int, default=180)
    chosen = parser.parse_args()
    clicks = int(CLICKS_A_DAY * chosen.share)
    load = Load(
        events=int(clicks / CLICKS) * DAYS,
        partitions=PARTITIONS,
        viewers=int(VIEWERS * chosen.share),
        per_second=clicks / CLICKS / DAY_SECONDS,
        clicks=CLICKS,
    )
    # To come, so that what the stream says of an idle partition, that it is now, moves no clock on.
    began = datetime.now(UTC) + AN_HOUR
    campaigns = campaign_ids(load.campaigns, began)
    with made(load, campaigns) as place, place.database() as urls:
        complete(prepared(urls))
        state = place.home / "state"
        state.mkdir()
        day = Day(place, urls, place.stream(urls, state))
        output = place.home / "stream.log"
        with running(day.program, output) as child:
            seconds = complete(lived(day, load, campaigns, began, child))
            result("stream_day_events", load.events / seconds, "events/s")
            told_memory(day.samples)
            told_milliseconds("stream_day_snapshot_stall_catching_up", day.stalls)
            child.kill()
            child.wait()
        # What was read since the last snapshot is counted again: here that is more than half an hour of the day.
        result("stream_day_restart_catching_up", restarted(day, output), "s")
        with running(day.program, output) as child:
            stalls, waits = complete(live(day, load, campaigns, chosen.live_seconds))
            told_milliseconds("stream_day_snapshot_stall", stalls)
            told_milliseconds("stream_day_record", waits)
            child.kill()
            child.wait()
        restarts = [restarted(day, output) for _ in range(RESTARTS)]
        console.print(f"restarts: {', '.join(f'{seconds:.2f}' for seconds in restarts)} s")
        result("stream_day_restart", median(restarts), "s")


def told_milliseconds(name: str, seconds: Sequence[float]) -> None:
    """The middle and the end of what was measured; a small share of a day may be over before anything was."""
    ordered = sorted(seconds)
    if not ordered:
        return
    result(f"{name}_p50", median(ordered) * 1000, "ms")
    result(f"{name}_p99", ordered[int(len(ordered) * 0.99)] * 1000, "ms")


async def prepared(urls: DatabaseUrls) -> None:
    """Partitions for the days to come."""
    connection = await asyncpg.connect(urls.owner_url)
    try:
        await connection.execute("select promo_event_ensure_partitions(current_date, current_date + $1::int)", DAYS + 1)
    finally:
        await connection.close()


def told_memory(samples: Sequence[Sample]) -> None:
    """The last day against the one before it."""
    days: list[list[Sample]] = [[] for _ in range(DAYS)]
    for sample in samples:
        days[(sample.appended - 1) * DAYS // samples[-1].appended].append(sample)
    for name, unit in (("resident_bytes", "memory"), ("recovery_bytes", "recovery_store")):
        *_, before, after = (max(getattr(sample, name) for sample in day) for day in days)
        result(f"stream_day_{unit}", after / 1e6, "MB")
        result(f"stream_day_{unit}_last_to_before", after / before, "ratio")


async def lived(day: Day, load: Load, campaigns: Sequence[str], began: datetime, child: "Popen[bytes]") -> float:
    """Writes the days into the log, no faster than they are read; how long that took."""
    started = time.perf_counter()
    epochs = _Epochs(day)
    async with opened(day) as (log, database):
        waiting = controls(campaigns, PARTITIONS, began)
        before = list(day.last)
        for turn, (partition, at, record) in enumerate(Records(load, campaigns, began), start=1):
            waiting[partition].append(record)
            if turn % RECORDS_AT_ONCE and turn * MOST_EVENTS < load.events:
                continue
            await day.append_all(log, waiting, at)
            # The stream always has something to read, and never so much that what it reads is late.
            await committed(database, before)
            before, waiting = list(day.last), [[] for _ in range(PARTITIONS)]
            day.appended = turn * MOST_EVENTS
            day.samples.append(day.sample(child))
            day.stalls += epochs.ended()
            if turn % max(1, load.events // MOST_EVENTS // TOLD_EVERY) < RECORDS_AT_ONCE:
                console.print(f"{day.appended / load.events:.0%} after {time.perf_counter() - started:.0f} s")
        await committed(database, day.last)
    return time.perf_counter() - started


def restarted(day: Day, output: Path) -> float:
    """From its start to its first commit, with something to read; it is killed behind that."""
    before = time.perf_counter()
    complete(one_more(day))
    with running(day.program, output) as child:
        complete(until_committed(day))
        seconds = time.perf_counter() - before
        child.kill()
        child.wait()
    return seconds


def evening() -> datetime:
    """Behind the days that were written, as late as it is now."""
    return datetime.now(UTC) + AHEAD


async def one_more(day: Day) -> None:
    async with opened(day) as (log, _):
        await day.append_all(log, NOTHING, evening())


async def until_committed(day: Day) -> None:
    async with opened(day) as (_, database):
        await committed(database, day.last)


async def live(day: Day, load: Load, campaigns: Sequence[str], seconds: int) -> tuple[list[float], list[float]]:
    """A live evening: how long each snapshot held the stream up, and how long records waited for their commit."""
    stalls: list[float] = []
    waits: list[float] = []
    async with opened(day) as (log, database):
        busy = Load(events=load.events, partitions=PARTITIONS, viewers=load.viewers, per_second=100, clicks=CLICKS)
        records = iter(Records(busy, campaigns, evening(), seed=2))
        epochs = _Epochs(day)
        started = busy_at = time.perf_counter()
        while (began := time.perf_counter()) < started + seconds:
            if began >= busy_at:
                busy_at += RECORD_SECONDS
                partition, _, record = next(records)
                await day.append(log, partition, [record])
                console.print(f"{began - started:.0f} s of a live evening")
            await day.append_all(log, NOTHING, evening())
            await committed(database, day.last)
            waits.append(time.perf_counter() - began)
            stalls += epochs.ended()
            await asyncio.sleep(PROBE_SECONDS)
    return stalls, waits


class _Epochs:
    """Adds up what all parts of a snapshot took; of several since the last look, their mean."""

    def __init__(self, day: Day) -> None:
        self._day = day
        self._seen = 0.0
        self._counted = self._counts()

    def _counts(self) -> float:
        return self._day.measured("callsheet_stream_snapshot_seconds_count")

    def ended(self) -> Iterator[float]:
        epochs, parts = divmod(self._counts() - self._counted, LANES + PARTITIONS)
        if not epochs or parts:
            return
        self._counted += epochs * (LANES + PARTITIONS)
        total = self._day.measured("callsheet_stream_snapshot_seconds_sum")
        yield (total - self._seen) / epochs
        self._seen = total


@asynccontextmanager
async def opened(day: Day) -> "AsyncIterator[tuple[EventLog, asyncpg.Connection[asyncpg.Record]]]":
    database = await asyncpg.connect(day.urls.stream_url)
    try:
        async with valkey_log(day.place.log.url, SystemClock(), partition_bytes=LOG_BYTES) as log:
            await log.ensure(CLICK_LOG, PARTITIONS)
            yield log, database
    finally:
        await database.close()


async def committed(database: "asyncpg.Connection[asyncpg.Record]", offsets: Sequence[int]) -> None:
    """Until every partition is committed that far."""

    async def reached() -> bool:
        rows = await database.fetch("select partition, last_offset from stream_partition where log = 'clicks'")
        there = {row["partition"]: row["last_offset"] for row in rows}
        return all(there.get(number, 0) >= offset for number, offset in enumerate(offsets))

    await eventually(reached, f"the stream to commit {list(offsets)}")


if __name__ == "__main__":
    main()
