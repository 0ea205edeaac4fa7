"""The stream from end to end: what was decided arrives once, in order, whatever dies on the way."""

import asyncio
import os
import random
import signal
from contextlib import ExitStack
from pathlib import Path

import redis.asyncio

from callsheet.promo.v1 import log_pb2
from callsheet.promo.v1.promo_pb2_grpc import PromoServiceStub
from devstack import valkey
from devstack.ports import free_port
from devstack.program import POLL_SECONDS, complete, running
from devstack.roles import DatabaseUrls
from devstack.valkey import Valkey
from server.adapters.eventlog.port import Partition
from server.promo.domain.partitions import partition_of
from tests.rpc.promo import advertiser, campaign
from tests.streams.harness import (
    IDS,
    PARTITIONS,
    PATIENCE_SECONDS,
    Kept,
    Stream,
    append,
    control,
    kept,
    opened,
    relaying_server,
    stream_in,
    until_committed,
    until_measured,
)


async def campaigns_relayed(database: DatabaseUrls, log: Valkey, number: int) -> list[str]:
    """Creates campaigns over RPCs and lets a worker's relays move what they announce; their ids."""
    async with relaying_server(database, log) as server:
        promo = PromoServiceStub(server.channel)
        owner = await advertiser(promo)
        return [(await campaign(promo, owner)).campaign_id for _ in range(number)]


def test_a_campaign_reaches_the_stream(
    database: DatabaseUrls, valkey_log: Valkey, valkey_budget: Valkey, tmp_path: Path
) -> None:
    """From CreateCampaign through outbox, relay and log to promo_control, and a clean end."""
    made = complete(campaigns_relayed(database, valkey_log, 6))
    stream = stream_in(tmp_path, database, valkey_log, valkey_budget)
    with stream.running() as child:
        for number in range(PARTITIONS):
            there = sum(partition_of(name, PARTITIONS) == number for name in made)
            complete(until_committed(database, number, there))
        partition = f"clicks/{partition_of(made[0], PARTITIONS)}"
        complete(until_measured(stream, f'callsheet_stream_batches_total{{partition="{partition}"}}'))
        child.send_signal(signal.SIGTERM)
        assert child.wait(PATIENCE_SECONDS) == 0
    found = complete(kept(database))
    assert sorted((row.partition, row.key, row.version) for row in found) == sorted(
        (partition_of(name, PARTITIONS), name, 1) for name in made
    )


def test_whatever_moment_it_is_killed_at_nothing_is_lost_or_done_twice(
    database: DatabaseUrls, valkey_log: Valkey, valkey_budget: Valkey, tmp_path: Path
) -> None:
    chance = random.Random(20260301)  # noqa: S311  a fixed seed, no secret
    names = [IDS.new("pcmp") for _ in range(20)]
    versions = dict.fromkeys(names, 0)
    expected: list[Kept] = []
    stream = stream_in(tmp_path, database, valkey_log, valkey_budget)
    offset = 0
    for _ in range(4):
        with stream.running() as child:
            for _ in range(8):
                made: list[tuple[str, int]] = []
                for name in chance.choices(names, k=100):
                    versions[name] += 1
                    made.append((name, versions[name]))
                offset = complete(append(valkey_log, 0, [control(*one) for one in made]))
                expected.extend(Kept(0, offset - 99 + place, *one) for place, one in enumerate(made))
            complete(until_committed(database, 0, chance.randrange(offset - 800, offset)))
            child.kill()
            child.wait()
    with stream.running():
        complete(until_committed(database, 0, offset))
    assert complete(kept(database)) == expected


def test_repetitions_and_stragglers_change_nothing(
    database: DatabaseUrls, valkey_log: Valkey, valkey_budget: Valkey, tmp_path: Path
) -> None:
    """A relay that died delivers again; a version that stands is not undone by an older one."""
    name, other = IDS.new("pcmp"), IDS.new("pcmp")
    first = [control(name, 1), control(name, 2), control(other, 1)]
    stream = stream_in(tmp_path, database, valkey_log, valkey_budget)
    with stream.running():
        third = complete(append(valkey_log, 0, first))
        complete(until_committed(database, 0, third))
        last = complete(append(valkey_log, 0, [*first, control(name, 3)]))
        complete(until_committed(database, 0, last))
    assert complete(kept(database)) == [
        Kept(0, third - 2, name, 1),
        Kept(0, third - 1, name, 2),
        Kept(0, third, other, 1),
        Kept(0, last, name, 3),
    ]


def test_what_cannot_be_read_is_set_aside_and_the_partition_goes_on(
    database: DatabaseUrls, valkey_log: Valkey, valkey_budget: Valkey, tmp_path: Path
) -> None:
    name = IDS.new("pcmp")
    garbage = b"\xff\x00 no protobuf"
    stream = stream_in(tmp_path, database, valkey_log, valkey_budget)
    with stream.running():
        last = complete(append(valkey_log, 1, [control(name, 1), garbage, control(name, 2)]))
        complete(until_committed(database, 1, last))
        assert stream.health()["healthy"]

    async def letters() -> list[log_pb2.DeadLetter]:
        async with opened(valkey_log) as log:
            window = await log.read(Partition("clicks-dead", 0), after=0, limit=10)
            return [log_pb2.DeadLetter.FromString(entry.record) for entry in window.entries]

    [letter] = complete(letters())
    assert (letter.log, letter.partition, letter.offset, letter.reason) == ("clicks", 1, last - 1, "malformed")
    assert letter.record == garbage
    assert complete(kept(database)) == [Kept(1, last - 2, name, 1), Kept(1, last, name, 2)]


def test_a_recreated_log_stops_its_partition_and_no_other(
    database: DatabaseUrls, valkey_log: Valkey, valkey_budget: Valkey, tmp_path: Path
) -> None:
    name, other = IDS.new("pcmp"), IDS.new("pcmp")
    stream = stream_in(tmp_path, database, valkey_log, valkey_budget)
    with stream.running():
        there = complete(append(valkey_log, 0, [control(name, 1)]))
        complete(until_committed(database, 0, there))
        complete(recreated(valkey_log, 0))
        complete(append(valkey_log, 0, [control(name, 2), control(name, 3)]))
        beside = complete(append(valkey_log, 1, [control(other, 1)]))
        complete(until_committed(database, 1, beside))
        complete(until_measured(stream, 'callsheet_stream_halted{partition="clicks/0"} 1.0'))
        assert stream.health()["checks"]["clicks/0"] is False
    assert complete(kept(database)) == [Kept(0, there, name, 1), Kept(1, beside, other, 1)]


def test_several_processes_share_the_partitions_and_restart_together(
    database: DatabaseUrls, valkey_log: Valkey, valkey_budget: Valkey, tmp_path: Path
) -> None:
    names = [IDS.new("pcmp") for _ in range(PARTITIONS)]
    stream = stream_in(tmp_path, database, valkey_log, valkey_budget, processes=2)
    with stream.running() as parent:
        for number, name in enumerate(names):
            complete(until_committed(database, number, complete(append(valkey_log, number, [control(name, 1)]))))
        members = children(parent.pid)
        assert len(members) == 2
        os.kill(members[0], signal.SIGKILL)
        for number, name in enumerate(names):
            complete(until_committed(database, number, complete(append(valkey_log, number, [control(name, 2)]))))
        assert set(children(parent.pid)).isdisjoint(members)
        parent.send_signal(signal.SIGTERM)
        assert parent.wait(PATIENCE_SECONDS) == 0
    # While one was dead the other's clock may have gone on in its log.
    assert [(one.partition, one.key, one.version) for one in complete(kept(database))] == [
        (number, name, version) for number, name in enumerate(names) for version in (1, 2)
    ]


def test_it_outlives_its_log(database: DatabaseUrls, valkey_budget: Valkey, tmp_path: Path) -> None:
    log = valkey.event_log(tmp_path / "log", free_port())
    name = IDS.new("pcmp")
    stream = stream_in(tmp_path, database, log, valkey_budget)
    with ExitStack() as stack:
        first = stack.enter_context(running(log.program(), tmp_path / "log-output"))
        stack.enter_context(stream.running())
        complete(until_committed(database, 0, complete(append(log, 0, [control(name, 1)]))))
        first.kill()
        first.wait()
        complete(until_unhealthy(stream))
        stack.enter_context(running(log.program(), tmp_path / "log-output"))
        complete(until_committed(database, 0, complete(append(log, 0, [control(name, 2)]))))
    # An idle partition's clock may have gone on in between: what counts is that both are there, once and in order.
    assert [(one.key, one.version) for one in complete(kept(database))] == [(name, 1), (name, 2)]


async def recreated(log: Valkey, number: int) -> None:
    """Deletes a partition as if its server had lost its disk."""
    async with redis.asyncio.Redis(port=log.port) as client:
        await client.delete(f"log:{{clicks:{number}}}", f"log:{{clicks:{number}}}:description")


async def until_unhealthy(stream: Stream) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            if not (await asyncio.to_thread(stream.health))["healthy"]:
                return
            await asyncio.sleep(POLL_SECONDS)


def children(pid: int) -> list[int]:
    """The processes that a process has started and not yet buried."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
