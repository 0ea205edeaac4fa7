"""How long `SelectPlacements` takes with ten thousand active campaigns in one city and surface, at two hundred searches
a second, while budgets are spent and campaigns are changed beside it.

Half of the campaigns are paced evenly, a third has keywords, some have hours of the week. ghz, which is not Python,
asks at a fixed rate, each time as somebody else. For comparison: what the database takes for the plainest query that
finds the best of the same campaigns, one caller at a time, and what a call takes here that does nothing.

`--campaigns` and `--seconds` take smaller numbers for a quick look.
"""

import argparse
import asyncio
import json
import random
import statistics
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg

from bench.calling import echo
from bench.report import console, result
from callsheet.promo.v1.promo_pb2_grpc import PromoServiceStub
from devstack.codegen.protos import build_image
from devstack.program import complete
from devstack.roles import DatabaseUrls
from server.core.call import Role
from server.core.clock import ManualClock
from server.core.db import connect
from server.core.ids import encode, uuid7
from server.promo.pacing.repository import PacingRepository
from server.promo.pacing.usecases import PacingUseCases
from server.promo.serving.keeping import REACH_BACK
from server.promo.serving.repository import ServingRepository
from tests.processes.serving import Serving, serving
from tests.rpc.harness import as_user
from tests.rpc.serving import search
from tests.support.database import database_server
from tests.support.go_tools import go_tool
from tests.support.waiting import eventually

CAMPAIGNS = 10_000
SECONDS = 30
RATE = 200
CONNECTIONS = 8
SPENT_A_SECOND = 100
WORDS = ("wedding", "portrait", "fashion", "night", "studio", "street", "event", "product")
METHOD = "callsheet.promo.v1.PromoService.SelectPlacements"
SEARCH = {
    "surface": "SURFACE_PEOPLE_SEARCH",
    "role": "photographer",
    "city": "berlin",
    "keywords": ["portrait"],
    "query_hash": "q-{{.RequestNumber}}",
    "device": "{{randomString 12}}",
    "organic_count": 20,
}
ECHO = "callsheet.booking.v1.BookingService/GetOrder"
BFF = as_user("svc_bff", Role.SERVICE)

_FILL = """
    with made as (
      insert into promo_campaign (campaign_id, advertiser_id, target_entity_type, target_entity_id, name, surface,
        format, city_targets, role_targets, keyword_targets, hours_of_week, status, start_date, cpc_cents,
        daily_budget_cents, total_budget_mode, time_zone, pacing_mode, activated_at)
      select campaign_id, 'padv_' || n % 2000, 'service_profile', 'srv_' || substr(campaign_id, 6), 'Campaign ' || n,
        'people_search', case when n % 4 = 0 then 'boosted' else 'featured' end, '{berlin}', '{photographer}',
        case when n % 3 = 0 then array[($3::text[])[1 + n % 8]] else '{}' end,
        case when n % 10 = 0 then
          (select array_agg(hour) from generate_series(0, 167) as hour where hour % 2 = n / 10 % 2) end,
        'active', current_date - 1, 60 + n % 240, 50000, 'unlimited', 'Europe/Berlin',
        case when n % 2 = 0 then 'even' else 'accelerated' end, now()
      from unnest($1::text[], $2::int[]) as numbered (campaign_id, n)
      returning campaign_id
    )
    insert into promo_funding_head (campaign_id, sequence, cash_cents) select campaign_id, 1, 1000000 from made
"""
_SPEND = """
    with spent as (select unnest($1::text[]) as campaign_id), counted as (
      insert into promo_rollup_15m (campaign_id, bucket_start, impressions, clicks, billed_clicks, spend_cents)
      select campaign_id, date_bin('15 minutes', now(), 'epoch'), 50, 1, 1, 100 from spent
      on conflict (campaign_id, bucket_start) do update
        set spend_cents = promo_rollup_15m.spend_cents + 100, clicks = promo_rollup_15m.clicks + 1
    )
    insert into promo_spend_head (campaign_id, sequence, cash_cents) select campaign_id, 1, -100 from spent
    on conflict (campaign_id) do update set cash_cents = promo_spend_head.cash_cents - 100, updated_at = now()
"""
_TOUCH = "update promo_campaign set cpc_cents = 60 + (cpc_cents + 7) % 240, updated_at = now() where campaign_id = $1"
_QUERY = """
    select c.campaign_id from promo_campaign c
    join promo_advertiser a on a.advertiser_id = c.advertiser_id and a.status = 'active'
    join promo_funding_head f on f.campaign_id = c.campaign_id
    left join promo_spend_head s on s.campaign_id = c.campaign_id
    where c.surface = 'people_search' and c.status = 'active' and 'berlin' = any(c.city_targets)
      and 'photographer' = any(c.role_targets)
      and (cardinality(c.keyword_targets) = 0 or c.keyword_targets && array['portrait'])
      and f.cash_cents + coalesce(s.cash_cents, 0) >= c.cpc_cents
    order by c.cpc_cents desc limit 2
"""


@dataclass(frozen=True, slots=True)
class Load:
    """What is asked of the measurement."""

    campaigns: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Servers:
    """The server, and the port of one that answers and does nothing else."""

    real: Serving
    bare_port: int


@dataclass(frozen=True, slots=True)
class Report:
    """What ghz saw: searches a second, and latencies in milliseconds."""

    rate: float
    p50: float
    p99: float


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--campaigns", type=int, default=CAMPAIGNS)
    parser.add_argument("--seconds", type=int, default=SECONDS)
    load = Load(**vars(parser.parse_args()))
    with (
        tempfile.TemporaryDirectory(prefix="callsheet-bench-") as directory,
        database_server() as server,
        server.clone("callsheet_bench_serving") as urls,
    ):
        image = Path(directory) / "protos.binpb"
        build_image(image)
        names = complete(fill(urls, load.campaigns))
        with (
            serving(urls, Path(directory), CALLSHEET_CALLS_PER_SECOND="1000000") as running,
            echo(Path(directory), ECHO, b"") as bare,
        ):
            complete(measure(urls, Servers(running, bare), image, names, load))


async def fill(urls: DatabaseUrls, campaigns: int) -> list[str]:
    """Active campaigns with money, in one city and for one role."""
    now, dice = datetime.now(UTC), _dice(1)
    names = [f"pcmp_{encode(uuid7(now, dice.getrandbits(74)))}" for _ in range(campaigns)]
    owner = await asyncpg.connect(urls.owner_url)
    try:
        await owner.execute(
            "insert into promo_advertiser (advertiser_id, user_id, status) "
            "select 'padv_' || n, 'usr_' || n, 'active' from generate_series(0, 1999) as n"
        )
        await owner.execute(
            "insert into promo_policy"
            " (policy_id, surface, role, city, cpc_floor_cents, max_density_top20, max_above_fold)"
            " values ('ppol_1', 'people_search', 'photographer', 'berlin', 50, 4, 2)"
        )
        await owner.execute(_FILL, names, list(range(campaigns)), list(WORDS))
        await owner.execute("vacuum analyze promo_campaign")
    finally:
        await owner.close()
    return names


async def measure(urls: DatabaseUrls, servers: Servers, image: Path, names: list[str], load: Load) -> None:
    """The time of a search as its caller sees it, of a call that does nothing, and of the query that it replaces."""
    async with servers.real.channel() as channel:
        promo = PromoServiceStub(channel)

        async def serves() -> bool:
            try:
                answer = await promo.SelectPlacements(search(), metadata=BFF)
            except Exception:  # noqa: BLE001  until it has looked
                return False
            return len(answer.placements) > 0

        began = time.perf_counter()
        await eventually(serves, "the first placements")
        result("serving_first_load", time.perf_counter() - began, "s")
    # Everything was written a moment ago; what is measured is a server that has run for a while.
    await asyncio.sleep(2 * REACH_BACK.total_seconds())
    async with spending(urls, names):
        # At the same time, since what else runs here is felt by both.
        floor, report = await asyncio.gather(
            asyncio.to_thread(asked, servers.bare_port, image, load.seconds, ECHO, {}),
            asyncio.to_thread(asked, servers.real.grpc_port, image, load.seconds, METHOD, SEARCH),
        )
    console.print(f"searches at {report.rate:.0f}/s over {len(names):,} campaigns")
    result("serving_nothing_p99", floor.p99, "ms")
    result("serving_p50", report.p50, "ms")
    result("serving_p99", report.p99, "ms")
    await paced(urls)
    query = await queried(urls)
    result("serving_one_query", query, "ms")
    result("serving_query_to_p50", query / report.p50, "ratio")


def asked(port: int, image: Path, seconds: int, method: str, data: Mapping[str, object]) -> Report:
    """Calls at a fixed rate; one that fails fails the measurement."""
    command = [
        str(go_tool("ghz")),
        "--insecure",
        "--call",
        method,
        "--protoset",
        str(image),
        "--rps",
        str(RATE),
        "--total",
        str(RATE * seconds),
        "--concurrency",
        "32",
        "--connections",
        str(CONNECTIONS),
        "--data",
        json.dumps(data),
        "--metadata",
        json.dumps(dict(BFF)),
        "--format",
        "json",
        f"127.0.0.1:{port}",
    ]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    report = json.loads(answer.stdout)
    if set(report["statusCodeDistribution"]) != {"OK"}:
        raise SystemExit(f"calls failed: {report['statusCodeDistribution']}")
    latencies = {point["percentage"]: point["latency"] / 1e6 for point in report["latencyDistribution"]}
    return Report(report["rps"], latencies[50], latencies[99])


@asynccontextmanager
async def spending(urls: DatabaseUrls, names: list[str]) -> AsyncIterator[None]:
    """Charges clicks, and now and then changes a campaign, as stream and advertisers do meanwhile."""
    stream, app = await asyncpg.connect(urls.stream_url), await asyncpg.connect(urls.app_url)
    dice = _dice(2)

    async def spend() -> None:
        while True:
            began = time.perf_counter()
            await stream.execute(_SPEND, dice.sample(names, min(len(names), SPENT_A_SECOND // 10)))
            await app.execute(_TOUCH, dice.choice(names))
            await asyncio.sleep(max(0.0, 0.1 - (time.perf_counter() - began)))

    task = asyncio.create_task(spend())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await stream.close()
        await app.close()


async def paced(urls: DatabaseUrls) -> None:
    """How long the publisher takes each minute, and when every campaign's day begins at once."""
    clock = ManualClock(datetime.now(UTC))
    async with connect(urls.app_url, application="bench", size=2) as database:
        publisher = PacingUseCases(database, PacingRepository(), ServingRepository(), clock)
        for name in ("pacing_new_day", "pacing_minute"):
            began = time.perf_counter()
            await publisher.publish()
            result(name, time.perf_counter() - began, "s")
            clock.advance(timedelta(minutes=1))


async def queried(urls: DatabaseUrls) -> float:
    """The median time of the query, in milliseconds."""
    connection = await asyncpg.connect(urls.app_url)
    times = []
    try:
        for _ in range(50):
            began = time.perf_counter()
            assert len(await connection.fetch(_QUERY)) == 2
            times.append(time.perf_counter() - began)
    finally:
        await connection.close()
    return statistics.median(times) * 1000


def _dice(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311  nothing is kept secret with them


if __name__ == "__main__":
    main()
