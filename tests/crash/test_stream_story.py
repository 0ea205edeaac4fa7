"""Whatever dies while a story is told, the ledger is what the log comes to, to the cent, and comes to again."""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import redis

from devstack import valkey
from devstack.ports import free_port
from devstack.program import complete, running
from devstack.roles import DatabaseUrls, create_database
from devstack.valkey import Valkey
from tests.streams.fold import Folded, fold
from tests.streams.harness import PARTITIONS, append, committed, stream_in, until_committed
from tests.streams.story import Appended, Story
from tests.streams.world import World
from tests.support.database import DatabaseServer
from tests.support.parts import emptied

CAMPAIGNS = 8


@dataclass(frozen=True, slots=True)
class Measure:
    """How long a story is, and how much goes wrong in it."""

    records: int
    stream_kills: int
    log_kills: int
    losses: int
    restores: int


SHORT = Measure(records=120, stream_kills=2, log_kills=1, losses=1, restores=1)
FULL = Measure(records=26_000, stream_kills=30, log_kills=3, losses=5, restores=5)


@pytest.mark.parametrize("measure", [SHORT, pytest.param(FULL, marks=pytest.mark.crash)], ids=["short", "full"])
def test_the_ledger_is_the_fold_of_the_log(
    database_server: DatabaseServer, database: DatabaseUrls, valkey_budget: Valkey, tmp_path: Path, measure: Measure
) -> None:
    log = valkey.event_log(tmp_path / "log", free_port())
    world = World(database, log, stream_in(tmp_path, database, log, valkey_budget))
    story = Story(complete(world.campaigns(CAMPAIGNS)), PARTITIONS, measure.records, seed=20261025)
    with copied(database_server, database) as other, Machinery(world, log, valkey_budget, measure) as machinery:
        last = [0] * PARTITIONS
        for chapter in chapters(list(story), machinery.mishaps):
            for number, records in chapter.items():
                last[number] = complete(append(log, number, records))
            machinery.something_goes_wrong()
        machinery.goes_on()
        until_all_committed(database, last)
        machinery.stops()
        expected = fold(read_back(log))
        compare(world, expected)
        # Once more from the beginning, by a stream that nothing happens to, into a database that has seen nothing.
        again = World(other, log, stream_in(tmp_path / "again", other, log, emptied(valkey_budget)))
        with again.stream.running():
            until_all_committed(other, last)
        compare(again, expected)
        assert again.told(HEADS) == world.told(HEADS)


HEADS = "select campaign_id, sequence, promo_cents, cash_cents, hash from promo_spend_head order by campaign_id"


def until_all_committed(database: DatabaseUrls, last: Sequence[int]) -> None:
    for number, offset in enumerate(last):
        complete(until_committed(database, number, offset, patience=1_800))


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

    complete(copy())
    try:
        yield server.administration.urls(f"{name}_again")
    finally:
        complete(drop())


def compare(world: World, expected: Folded) -> None:
    assert complete(world.spend_chains()) == expected.lines
    verdicts = {
        (str(event), str(campaign)): str(verdict)
        for event, campaign, verdict in world.told("select event_id, campaign_id, verdict from promo_click_decision")
    }
    assert Counter(verdicts.values()) == Counter(expected.verdicts.values())
    assert verdicts == expected.verdicts
    assert world.told("select count(*) from promo_event") == [(len(expected.events),)]
    assert world.told("select sum(impressions)::int, sum(duplicate_clicks)::int from promo_rollup_15m") == [
        (expected.impressions, expected.duplicate_clicks)
    ]


def read_back(log: Valkey) -> list[list[bytes]]:
    """What the log holds: what was appended, and the heartbeats between."""
    with redis.Redis(port=log.port) as client:
        return [
            [fields[b"r"] for _, fields in client.xrange(f"log:{{clicks:{number}}}")] for number in range(PARTITIONS)
        ]


def chapters(records: Sequence[Appended], number: int) -> Iterator[Mapping[int, list[bytes]]]:
    """The story in so many pieces."""
    size = len(records) // number + 1
    for first in range(0, len(records), size):
        chapter: dict[int, list[bytes]] = {}
        for partition, record in records[first : first + size]:
            chapter.setdefault(partition, []).append(record)
        yield chapter


class Machinery:
    """The stream, its log and its budgets, and what happens to them."""

    def __init__(self, world: World, log: Valkey, budgets: Valkey, measure: Measure) -> None:
        self._world = world
        self._log = log
        self._budgets = budgets
        self._chance = random.Random(1)  # noqa: S311  a fixed seed, no secret
        self._copy: dict[bytes, bytes] = {}
        self._stream = ExitStack()
        self._server = ExitStack()
        kinds: list[tuple[Callable[[], None], int]] = [
            (self._kill_stream, measure.stream_kills),
            (self._kill_log, measure.log_kills),
            (self._lose_budgets, measure.losses),
            (self._restore_budgets, measure.restores),
        ]
        self._plan = [mishap for mishap, times in kinds for _ in range(times)]
        self._chance.shuffle(self._plan)
        self.mishaps = len(self._plan) + 1

    def __enter__(self) -> "Machinery":
        self._start_log()
        self.goes_on()
        return self

    def __exit__(self, *raised: object) -> None:
        self._stream.close()
        self._server.close()

    def goes_on(self) -> None:
        """Starts the stream where it is not running."""
        self._stream.close()
        self._stream = ExitStack()
        self._child = self._stream.enter_context(self._world.stream.running())

    def stops(self) -> None:
        self._stream.close()

    def something_goes_wrong(self) -> None:
        if self._plan:
            mishap = self._plan.pop()
            # Somewhere in the middle of what was appended just now.
            before = complete(committed(self._world.database, 0))
            complete(until_committed(self._world.database, 0, before + self._chance.randrange(3)))
            mishap()

    def _kill_stream(self) -> None:
        self._child.kill()
        self._child.wait()
        self.goes_on()

    def _kill_log(self) -> None:
        self._there.kill()
        self._there.wait()
        self._start_log()

    def _start_log(self) -> None:
        output = self._log.directory.with_suffix(".log")
        self._there = self._server.enter_context(running(self._log.program(), output))

    def _lose_budgets(self) -> None:
        with redis.Redis(port=self._budgets.port) as client:
            client.flushall()

    def _restore_budgets(self) -> None:
        """Puts a copy back that was made at the last restore; then makes one for the next. Both happen at one instant,
        as they do to a server that starts from an old file.
        """
        with redis.Redis(port=self._budgets.port) as client:
            if self._copy:
                with client.pipeline(transaction=True) as at_once:
                    at_once.flushdb()
                    for key, value in self._copy.items():
                        at_once.restore(key, 0, value)
                    at_once.execute()
            keys = list(client.scan_iter())
            with client.pipeline(transaction=True) as at_once:
                for key in keys:
                    at_once.dump(key)
                self._copy = {key: found for key, found in zip(keys, at_once.execute(), strict=True) if found}
