"""Whatever dies while a story is told, the ledger is what the log comes to, to the cent, and comes to again."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest
import redis

from devstack import valkey
from devstack.ports import free_port
from devstack.program import complete, running
from devstack.roles import DatabaseUrls, create_database
from devstack.valkey import Valkey
from server.adapters.budgets.valkey import valkey_budgets
from server.adapters.eventlog.codec import encode_heartbeat
from server.core import db
from server.promo.audit.chains import verify
from server.promo.audit.reconciling import Sides, reconcile
from tests.crash.marketplace import Marketplace
from tests.crash.mishaps import Archive, Machinery, Measure
from tests.streams.fold import Folded, fold
from tests.streams.harness import PARTITIONS, append, opened, stream_in, until_committed
from tests.streams.story import ENDS, LATEST, Appended, Story
from tests.streams.world import World
from tests.support.database import DatabaseServer
from tests.support.parts import emptied

SEED = 20371025
APPENDED_AT_ONCE = 200
PATIENCE_SECONDS = 1_800

SHORT = Measure(
    records=120, campaigns=8, stream_kills=2, server_kills=1, log_kills=1, losses=1, restores=1, rescales=0, replays=1
)
FULL = Measure(
    records=26_000,
    campaigns=24,
    stream_kills=30,
    server_kills=5,
    log_kills=3,
    losses=5,
    restores=5,
    rescales=1,
    replays=2,
)


class Chapter(NamedTuple):
    """A piece of the story: what it puts into each partition, and when it ends."""

    records: Mapping[int, list[bytes]]
    ends: datetime


@pytest.mark.parametrize("measure", [SHORT, pytest.param(FULL, marks=pytest.mark.crash)], ids=["short", "full"])
def test_the_ledger_is_the_fold_of_the_log(
    database_server: DatabaseServer, database: DatabaseUrls, valkey_budget: Valkey, tmp_path: Path, measure: Measure
) -> None:
    say(f"seed {SEED}, {measure}")
    log = valkey.event_log(tmp_path / "log", free_port())
    world = World(database, log, stream_in(tmp_path / "stream", database, log, valkey_budget))
    story = Story(complete(world.campaigns(measure.campaigns)), PARTITIONS, measure.records, SEED)
    market = Marketplace(world, tmp_path)
    with copied(database_server, database) as other:
        archive = told(story, world, Machinery(world, log, valkey_budget, measure), market, measure)
        expected = fold(archive)
        say(f"{len(expected.events):,} events, {Counter(expected.verdicts.values())}")
        assert market.taken <= expected.events
        assert market.deaths == measure.server_kills
        compare(world, expected)
        replayed = World(other, log, stream_in(tmp_path / "again", other, log, emptied(valkey_budget)))
        for _ in replays(replayed, archive, measure.replays):
            compare(replayed, expected)
            assert replayed.told(HEADS) == world.told(HEADS)


HEADS = "select campaign_id, sequence, promo_cents, cash_cents, hash from promo_spend_head order by campaign_id"


def told(story: Story, world: World, machinery: Machinery, market: Marketplace, measure: Measure) -> list[list[bytes]]:
    """Tells the story, chapter by chapter, each with its mishap, until all of it is committed; what the log held."""
    chapters = list(chapters_of(list(story), machinery.mishaps + 1))
    with machinery, market, Archive(world.log) as archive:
        opened_at = {turn * len(chapters) // (measure.server_kills + 1) for turn in range(1, measure.server_kills + 1)}
        for number, chapter in enumerate(chapters):
            before = archive.newest[0]
            for partition, records in chapter.records.items():
                complete(append(world.log, partition, records))
            if number in opened_at:
                market.trades(dies=True)
            time_goes_on(world, chapter)
            archive.collect()
            say(f"chapter {number + 1} of {len(chapters)}: {machinery.something_goes_wrong(before)}")
            archive.collect()
        until_all_committed(world, archive.newest)
        machinery.stops()
        archive.collect()
        complete(agree(world, machinery.budgets))
    return archive.partitions


def time_goes_on(world: World, chapter: Chapter) -> None:
    """What servers say of an idle partition, in the story's own time: without it the newest clicks would wait."""
    for number in range(PARTITIONS):
        complete(append(world.log, number, [encode_heartbeat(chapter.ends + LATEST)]))


def replays(world: World, archive: Sequence[Sequence[bytes]], times: int) -> Iterator[None]:
    """Once by a stream that nothing happens to, into a database that has seen nothing; and once more from the log's
    beginning, by one that knows nothing, into what the first has written.
    """
    for turn in range(times):
        home = world.stream.home.with_name(f"turn-{turn}")
        log = valkey.event_log(home.with_name(f"turn-{turn}-log"), free_port())
        stream = stream_in(home, world.database, log, world.stream.budgets)
        with running(log.program(), log.directory.with_suffix(".output")), Archive(log) as held:
            last = [filled(log, number, records) for number, records in enumerate(archive)]
            as_before(world, log)
            with stream.running():
                until_all_committed(world, last)
                # What comes behind all that was committed before is committed when the lanes have counted up to it.
                late = encode_heartbeat(ENDS + 2 * LATEST)
                last = [complete(append(log, number, [late])) for number in range(PARTITIONS)]
                until_all_committed(world, last)
            held.collect()
            archive = held.partitions
        yield


def as_before(world: World, log: Valkey) -> None:
    """Lets a log with the same records be the one that was read before."""
    with redis.Redis(port=log.port) as client:
        for number, generation in world.told(
            "select partition, generation from stream_partition where generation <> ''"
        ):
            client.hset(f"log:{{clicks:{number}}}:description", "generation", str(generation))


def filled(log: Valkey, number: int, records: Sequence[bytes]) -> int:
    for first in range(0, len(records), APPENDED_AT_ONCE):
        complete(append(log, number, records[first : first + APPENDED_AT_ONCE]))
    return len(records)


def until_all_committed(world: World, last: Sequence[int]) -> None:
    for number, offset in enumerate(last):
        complete(until_committed(world.database, number, offset, patience=PATIENCE_SECONDS))


@contextmanager
def copied(server: DatabaseServer, database: DatabaseUrls) -> Iterator[DatabaseUrls]:
    """A database that is what this one is now."""
    name = urlsplit(database.owner_url).path.removeprefix("/")

    async def copy() -> None:
        async with server.administration.connect() as connection:
            await create_database(connection, f"{name}_again", template=name)

    async def drop() -> None:
        async with server.administration.connect() as connection:
            await connection.execute(f'drop database "{name}_again" with (force)')

    with ExitStack() as stack:
        complete(copy())
        stack.callback(lambda: complete(drop()))
        yield server.administration.urls(f"{name}_again")


def compare(world: World, expected: Folded) -> None:
    assert complete(world.spend_chains()) == expected.lines
    verdicts = {
        (str(event), str(campaign)): str(verdict)
        for event, campaign, verdict in world.told("select event_id, campaign_id, verdict from promo_click_decision")
    }
    clicks = verdicts.keys() | expected.verdicts.keys()
    told_and_due = {click: (verdicts.get(click), expected.verdicts.get(click)) for click in clicks}
    assert {click: pair for click, pair in told_and_due.items() if pair[0] != pair[1]} == {}
    assert world.told("select count(*) from promo_event") == [(len(expected.events),)]
    assert world.told("select sum(impressions)::int, sum(duplicate_clicks)::int from promo_rollup_15m") == [
        (expected.impressions, expected.duplicate_clicks)
    ]


async def agree(world: World, budgets: Valkey) -> None:
    """The chains are whole, and budgets, counters and decisions know of the same money as the ledger."""
    async with (
        db.connect(world.database.app_url, application="audit", size=2) as database,
        opened(world.log) as log,
        valkey_budgets(budgets.url, cluster=False) as there,
    ):
        assert (await verify(database, lambda _: None)).findings == []
        found = await reconcile(Sides(database, there, log, PARTITIONS), lambda _: None)
        assert (found.differences, found.under_way) == ([], 0)


def chapters_of(records: Sequence[Appended], number: int) -> Iterator[Chapter]:
    """The story in so many pieces, each with the partitions that anything is said in."""
    size = len(records) // number + 1
    for first in range(0, len(records), size):
        piece = records[first : first + size]
        appended: dict[int, list[bytes]] = defaultdict(list)
        for partition, _, record in piece:
            appended[partition].append(record)
        yield Chapter(appended, piece[-1].at)


def say(text: str) -> None:
    """How far a long run has come, for whoever watches it with `-s`."""
    print(text, flush=True)  # noqa: T201
