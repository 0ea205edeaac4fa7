"""How long the first page of a home feed takes: a million posts, a reader who follows ten thousand authors, one who
follows fifty, and one who follows nobody; in silence, and while somebody publishes without a pause.

`--posts` takes a smaller number for a quick look.
"""

import argparse
import asyncio
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import asyncpg
from rich.progress import track

from bench.report import console, result
from devstack.program import complete
from devstack.roles import DatabaseUrls
from server.core.call import Actor, Role
from server.core.clock import SystemClock
from server.core.db import connect
from server.core.pagination import PageTokens
from server.core.secrecy import KeyedHash, Sealed
from server.directory.repository import DirectoryRepository
from server.growth.feed.reading import FeedReading, ReadFeed
from server.growth.feed.repository import FeedRepository, FollowRepository
from tests.support.database import database_server

POSTS = 1_000_000
AUTHORS = 50_000
READERS = {"usr_many": 10_000, "usr_few": 50, "usr_none": 0}
READS = 400
BATCH = 50_000

_FILL = """
    insert into feed_post (feed_id, author_id, role_tags, kind, title, body_md, nsfw_band, city, is_published,
                           published_at, created_at, updated_at)
    select 'fdp_' || lpad(n::text, 26, '0'), 'usr_a' || (n::bigint * 7919 % $3), array['model'], 'case_study',
           'Work ' || n,
           repeat('Words about work. ', 8), (n % 21 = 0)::int, 'city' || n % 50, n % 49 <> 0,
           $4::timestamptz + n * interval '1 second', now(), now()
    from generate_series($1::int, $2::int) as n
"""
_FOLLOW = """
    insert into follow (follower_user_id, target_id, target_kind)
    select $1::text, 'usr_a' || n * ($3::int / $2::int), 'service_profile' from generate_series(1, $2::int) as n
"""
_PUBLISH = """
    insert into feed_post (feed_id, author_id, role_tags, kind, title, is_published, published_at)
    values ('fdp_new' || $1::text, 'usr_a' || $2::int, array['model'], 'case_study', 'New', true, now())
"""


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=POSTS)
    parser.add_argument("--reads", type=int, default=READS)
    chosen = parser.parse_args()
    with database_server() as server, server.clone("callsheet_bench_feed") as urls:
        complete(measure(urls, chosen.posts, chosen.reads))


async def measure(urls: DatabaseUrls, posts: int, reads: int) -> None:
    """Fills the database and reads it as the server does."""
    authors = max(1, min(AUTHORS, posts // 20))
    await fill(urls, posts, authors)
    async with connect(urls.app_url, application="bench", size=4) as database:
        people = DirectoryRepository(Sealed(b"0" * 32), KeyedHash(b"bench"))
        pages = PageTokens({1: b"bench"}, SystemClock())
        feed = FeedReading(database, FeedRepository(), FollowRepository(), people, pages)
        for name in READERS:
            await report(feed, name, reads, "quiet")
        async with publishing(urls, authors) as published:
            for name in READERS:
                await report(feed, name, reads, "publishing")
        console.print(f"{len(published):,} posts were published meanwhile")


async def fill(urls: DatabaseUrls, posts: int, authors: int) -> None:
    owner = await asyncpg.connect(urls.owner_url)
    began = datetime.now(UTC) - timedelta(seconds=posts + 1)
    try:
        for first in track(range(1, posts + 1, BATCH), "filling", console=console):
            await owner.execute(_FILL, first, min(posts, first + BATCH - 1), authors, began)
        for name, number in READERS.items():
            if number:
                await owner.execute(_FOLLOW, name, min(number, authors), authors)
        await owner.execute("vacuum analyze feed_post")
        await owner.execute("vacuum analyze follow")
    finally:
        await owner.close()


async def report(feed: FeedReading, reader: str, reads: int, circumstances: str) -> None:
    """The time of a first page, at the median and at the 99th percentile."""
    command = ReadFeed(Actor(reader, frozenset({Role.USER})), page_size=0, page_token="")
    seconds: list[float] = []
    for _ in range(reads):
        began = time.perf_counter()
        page = await feed.home(command)
        seconds.append(time.perf_counter() - began)
        assert page.items
    percentiles = statistics.quantiles(seconds, n=100, method="inclusive")
    name = f"feed_home_{reader.removeprefix('usr_')}_{circumstances}"
    result(f"{name}_p50", percentiles[49] * 1000, "ms")
    result(f"{name}_p99", percentiles[98] * 1000, "ms")


@asynccontextmanager
async def publishing(urls: DatabaseUrls, authors: int) -> AsyncIterator[list[str]]:
    """Publishes one post after the other beside the block; tells which."""
    writer = await asyncpg.connect(urls.app_url)
    published: list[str] = []

    async def publish() -> None:
        while True:
            number = str(len(published))
            await writer.execute(_PUBLISH, number, len(published) * 7919 % authors)
            published.append(number)

    task = asyncio.create_task(publish())
    try:
        yield published
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await writer.close()


if __name__ == "__main__":
    main()
