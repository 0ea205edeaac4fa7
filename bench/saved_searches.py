"""How long a night takes: 200,000 saved searches of which a third are equal to others, 50,000 changed documents, two
worker processes, of which one is killed on the way and replaced.

Printed besides: how many queries the matching took, how much memory a worker needed at most, and whether anybody was
told anything twice. `--searches` and `--documents` take smaller numbers for a quick look.
"""

import argparse
import asyncio
import json
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime

import asyncpg

from bench.report import console, result
from devstack.program import complete
from devstack.roles import DatabaseUrls
from server.core.clock import SystemClock
from server.core.db import Tx, connect
from server.core.ids import SystemIds
from server.core.jobs import Jobs
from server.growth.notifications.repository import NotificationRepository
from server.growth.saved_searches.domain import SearchScope
from server.growth.saved_searches.matching import Ask, Match, PostgresSearchIndex
from server.growth.saved_searches.night_rows import NightRepository
from server.growth.saved_searches.nightly import CityRun, NightlyRun
from server.growth.saved_searches.query import canonical, parse, query_hash
from tests.support.database import database_server

SEARCHES = 200_000
DOCUMENTS = 50_000
CITIES = 50
COMMON_QUERIES = 300
WORKERS = 2
ZONE = "Europe/Berlin"
DAY = date(2026, 11, 21)
ROLES = [f"role{number}" for number in range(40)]
TAGS = [f"tag{number}" for number in range(200)]


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--searches", type=int, default=SEARCHES)
    parser.add_argument("--documents", type=int, default=DOCUMENTS)
    parser.add_argument("--work", metavar="URL", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.work:
        asyncio.run(work(chosen.work))
        return
    with database_server() as server, server.clone("callsheet_bench_searches") as urls:
        complete(fill(urls, chosen.searches, chosen.documents))
        seconds, reports = night(urls)
        complete(report(urls, chosen.searches, seconds, reports))


class CountingIndex(PostgresSearchIndex):
    """Counts its queries."""

    def __init__(self) -> None:
        self.queries = 0

    async def matches(self, tx: Tx, ask: Ask) -> list[Match]:
        self.queries += 1
        return await super().matches(tx, ask)


async def work(url: str) -> None:
    """One worker: runs every city, in an order of its own, until nothing is due; then tells what it took."""
    clock, index = SystemClock(), CountingIndex()
    ids = SystemIds(clock)
    async with connect(url, application="bench", size=2) as database:
        nightly = NightlyRun(database, NightRepository(), NotificationRepository(), index, clock, ids, Jobs(clock, ids))
        cities = [f"city{number}" for number in range(CITIES)]
        random.shuffle(cities)
        for city in cities:
            await nightly.run(CityRun(ZONE, DAY, SearchScope.PEOPLE, city))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"queries": index.queries, "peak_mib": peak}))


def night(urls: DatabaseUrls) -> tuple[float, list[dict[str, float]]]:
    """Two workers; the first one is killed after a moment and replaced."""
    began = time.perf_counter()
    workers = [_worker(urls) for _ in range(WORKERS)]
    try:
        workers[0].wait(timeout=5)
    except subprocess.TimeoutExpired:
        workers[0].send_signal(signal.SIGKILL)
        workers[0].wait()
        workers[0] = _worker(urls)
    answers = [worker.communicate()[0] for worker in workers]
    assert all(worker.returncode == 0 for worker in workers)
    return time.perf_counter() - began, [json.loads(answer) for answer in answers]


def _worker(urls: DatabaseUrls) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        (sys.executable, "-m", "bench.saved_searches", "--work", urls.app_url), stdout=subprocess.PIPE
    )


async def fill(urls: DatabaseUrls, searches: int, documents: int) -> None:
    owner = await asyncpg.connect(urls.owner_url)
    now = datetime.now(UTC)
    chance = random.Random(1)  # noqa: S311  a measurement is repeated with the same searches
    try:
        await owner.copy_records_to_table(
            "saved_search",
            records=_searches(chance, searches, now),
            columns=["search_id", "user_id", "scope", "query_json", "query_hash", "city", "time_zone", "created_at"],
        )
        await owner.copy_records_to_table(
            "search_document",
            records=_documents(chance, documents),
            columns=["document_id", "scope", "owner_user_id", "city", "title", "roles", "tags", "price_cents"],
        )
        await owner.execute("analyze saved_search")
        await owner.execute("analyze search_document")
    finally:
        await owner.close()


def _searches(chance: random.Random, searches: int, now: datetime) -> Iterator[tuple[object, ...]]:
    common = [_query(chance) for _ in range(COMMON_QUERIES)]
    for number in range(searches):
        # Two searches for each person. The common ones are common within a city.
        text, hashed = chance.choice(common) if number % 3 == 0 else _query(chance)
        yield (
            f"ssv_{number:026}",
            f"usr_{number // 2}",
            "people",
            text,
            hashed,
            f"city{number % CITIES}",
            ZONE,
            now,
        )


def _query(chance: random.Random) -> tuple[str, str]:
    node = parse(
        {
            "all": [
                {"roles": {"any_of": chance.sample(ROLES, 2)}},
                {"any": [{"tags": {"any_of": chance.sample(TAGS, 3)}}, {"verified": True}]},
                {"price_cents": {"lte": chance.randrange(10_000, 100_000)}},
            ]
        }
    )
    return canonical(node), query_hash(node)


def _documents(chance: random.Random, documents: int) -> Iterator[tuple[object, ...]]:
    for number in range(documents):
        yield (
            f"srv_{number}",
            "people",
            f"usr_p{number}",
            f"city{number % CITIES}",
            f"Person {number}",
            chance.sample(ROLES, 2),
            chance.sample(TAGS, 5),
            chance.randrange(5_000, 150_000),
        )


async def report(urls: DatabaseUrls, searches: int, seconds: float, reports: list[dict[str, float]]) -> None:
    connection = await asyncpg.connect(urls.app_url)
    try:
        due = await connection.fetchval("select count(*) from saved_search where last_run_dt < $1", DAY)
        distinct = await connection.fetchval("select count(distinct (city, query_hash)) from saved_search")
        alerts = await connection.fetchval("select count(*) from saved_search_alert")
        mails = await connection.fetchval("select count(*) from core.job")
        twice = await connection.fetchval(
            "select count(*) - count(distinct (user_id, document_id)) from saved_search_alert_item"
        )
    finally:
        await connection.close()
    assert (due, mails) == (0, alerts)
    console.print(f"{searches:,} searches, {distinct:,} distinct; {alerts:,} alerts, each with one mail to send")
    result("saved_searches_night", seconds, "s")
    result("saved_searches_rate", searches / seconds, "searches/s")
    # What the killed worker had asked went with it.
    result("saved_searches_queries_per_distinct", sum(one["queries"] for one in reports) / distinct, "queries")
    result("saved_searches_peak_memory", max(one["peak_mib"] for one in reports), "MiB")
    result("saved_searches_told_twice", twice, "items")


if __name__ == "__main__":
    main()
