"""How long it takes from a click's receipt until `GetBudget` and `WatchCampaign` show what it cost, under load.

Records that were made before are appended when their time has come; between them, five times a second, one with a
single click of a campaign that nobody else clicks. Two callers watch that campaign: one asks for its budget again and
again, one follows it.
"""

import argparse
import asyncio
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.report import console, result
from bench.stream_events import PRICE_CENTS, Load, Records
from bench.stream_place import LOG_BYTES, Place, made
from bench.stream_world import campaign_ids, controls
from callsheet.promo.v1 import budget_pb2, report_pb2
from callsheet.promo.v1.promo_pb2_grpc import PromoServiceStub
from devstack.program import complete, running
from devstack.roles import DatabaseUrls
from server.adapters.eventlog.port import EventLog, Partition
from server.adapters.eventlog.valkey import valkey_log
from server.core import logs
from server.core.clock import SystemClock
from server.promo.domain.partitions import CLICK_LOG, partition_of
from tests.rpc.harness import as_user, running_server
from tests.streams.events import Happening, record
from tests.support.waiting import eventually

ADVERTISER_USER = "usr_bench"
BEFORE = timedelta(seconds=10)
PROBE_SECONDS = 0.2
ASK_SECONDS = 0.02


@dataclass(slots=True)
class Seen:
    """When each click's cost was to be seen first."""

    sent: list[float] = field(default_factory=list)
    seen: list[float] = field(default_factory=list)

    def spent(self, cents: int) -> None:
        while len(self.seen) < cents // PRICE_CENTS:
            self.seen.append(time.time())

    def milliseconds(self) -> list[float]:
        return [(seen - sent) * 1000 for sent, seen in zip(self.sent, self.seen, strict=False)]


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=int, default=30_000, help="events a second; half of what `stream` printed")
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--partitions", type=int, default=4)
    chosen = parser.parse_args()
    latencies(chosen.rate, chosen.seconds, chosen.partitions)


def latencies(rate: int, seconds: int, partitions: int) -> None:
    """Measures and prints, at so many events a second."""
    logs.configure(as_json=False, level="error", process="bench")
    load = Load(rate * seconds, partitions, per_second=rate)
    campaigns = campaign_ids(load.campaigns + 1, datetime.now(UTC) - timedelta(days=1))
    with made(load, campaigns) as place, place.database() as urls:
        state = place.home / "state"
        state.mkdir()
        with running(place.stream(urls, Path(state)), place.home / "stream.log"):
            asyncio.run(measure(place, urls, load, campaigns))


async def measure(place: Place, urls: DatabaseUrls, load: Load, campaigns: Sequence[str]) -> None:
    probe, *others = campaigns
    asked, watched = Seen(), Seen()
    async with (
        valkey_log(place.log.url, SystemClock(), partition_bytes=LOG_BYTES) as log,
        running_server(urls, log_url=place.log.url, log_partitions=load.partitions) as server,
    ):
        await log.ensure(CLICK_LOG, load.partitions)
        for number, records in enumerate(controls(campaigns, load.partitions, datetime.now(UTC))):
            await log.append(Partition(CLICK_LOG, number), records)
        console.print("making events")
        began = datetime.now(UTC) + BEFORE + timedelta(seconds=load.events / 200_000)
        ready = list(Records(load, others, began))
        promo = PromoServiceStub(server.channel)
        watchers = [
            asyncio.create_task(ask(promo, probe, asked.spent)),
            asyncio.create_task(follow(promo, probe, watched.spent)),
        ]
        # On a thread of its own: a sender that is late holds the partitions' clocks back, and with them every click.
        sending = asyncio.create_task(asyncio.to_thread(lambda: complete(sent(place, ready))))
        await clicks(log, load, probe, (asked, watched), sending)

        async def all_seen() -> bool:
            return min(len(asked.seen), len(watched.seen)) >= len(asked.sent)

        await eventually(all_seen, "every click to be seen")
        for watcher in watchers:
            watcher.cancel()
    for name, seen in (("get_budget", asked), ("watch_campaign", watched)):
        percentiles = statistics.quantiles(seen.milliseconds(), n=100, method="inclusive")
        result(f"stream_{name}_p50", percentiles[49], "ms")
        result(f"stream_{name}_p95", percentiles[94], "ms")


async def sent(place: Place, ready: Sequence[tuple[int, datetime, bytes]]) -> None:
    async with valkey_log(place.log.url, SystemClock(), partition_bytes=LOG_BYTES) as log:
        await send(log, ready)


async def send(log: EventLog, ready: Sequence[tuple[int, datetime, bytes]]) -> None:
    """Appends each record when its time has come."""
    for partition, at, record_ in ready:
        await asyncio.sleep(max(0.0, (at - datetime.now(UTC)).total_seconds()))
        await log.append(Partition(CLICK_LOG, partition), [record_])


async def clicks(
    log: EventLog, load: Load, campaign_id: str, seen: Sequence[Seen], sending: "asyncio.Task[None]"
) -> None:
    """Clicks of one campaign, as long as others are sent."""
    happening = Happening(campaign_id, PRICE_CENTS)
    partition = Partition(CLICK_LOG, partition_of(campaign_id, load.partitions))
    while not sending.done():
        now = datetime.now(UTC)
        for one in seen:
            one.sent.append(now.timestamp())
        await log.append(partition, [record([happening.click(now)])])
        await asyncio.sleep(PROBE_SECONDS)
    await sending


async def ask(promo: PromoServiceStub, campaign_id: str, spent: Callable[[int], None]) -> None:
    request = budget_pb2.GetBudgetRequest(campaign_id=campaign_id)
    while True:
        answer = await promo.GetBudget(request, metadata=as_user(ADVERTISER_USER))
        spent(answer.budget.spent_on_clicks_cents)
        await asyncio.sleep(ASK_SECONDS)


async def follow(promo: PromoServiceStub, campaign_id: str, spent: Callable[[int], None]) -> None:
    request = report_pb2.WatchCampaignRequest(campaign_id=campaign_id)
    async for answer in promo.WatchCampaign(request, metadata=as_user(ADVERTISER_USER)):
        spent(answer.budget.spent_on_clicks_cents)


if __name__ == "__main__":
    main()
