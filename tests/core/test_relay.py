"""The relay: what is stored with an effect reaches the log, in order, at least once, through one worker."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial

import asyncpg
import pytest

from devstack.program import POLL_SECONDS
from devstack.roles import DatabaseUrls
from server.core import db
from server.core.clock import SystemClock
from server.core.db import Database, Tx
from server.core.errors import DependencyDown
from server.core.notify import Wakeups, listen
from server.core.outbox import Outbox, Topic
from server.core.relay import OUTBOX_CHANNEL, Outgoing, Relay, Route

TOPIC = Topic("orders", "for these tests")
OTHER = Topic("clicks", "for these tests")


@dataclass
class Destination:
    """Where events arrive, and what goes wrong there."""

    arrived: list[Outgoing] = field(default_factory=list)
    down: bool = False
    refusals: int = 0
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def deliver(self, events: Sequence[Outgoing]) -> None:
        async with self.changed:
            if self.down:
                self.refusals += 1
                self.changed.notify_all()
                raise DependencyDown("event_log")
            self.arrived.extend(events)
            self.changed.notify_all()

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(60), self.changed:
            await self.changed.wait_for(condition)

    def versions(self, key: str) -> list[int]:
        return [event.version for event in self.arrived if event.key == key]


@pytest.fixture
async def pool(database: DatabaseUrls) -> AsyncIterator[Database]:
    async with db.connect(database.app_url, application="test") as pool:
        yield pool


@asynccontextmanager
async def relaying(
    database: DatabaseUrls, deliver: Callable[[Sequence[Outgoing]], Awaitable[None]], topic: Topic = TOPIC
) -> AsyncIterator[asyncio.Task[None]]:
    wakeups = Wakeups()
    async with asyncio.TaskGroup() as group:
        listening = group.create_task(listen(database.app_url, [OUTBOX_CHANNEL], wakeups))
        relay = group.create_task(Relay(database.app_url, Route(topic, deliver), wakeups).run())
        try:
            yield relay
        finally:
            listening.cancel()
            relay.cancel()


async def publish(tx: Tx, key: str, version: int, topic: Topic = TOPIC) -> None:
    await Outbox(SystemClock()).publish(tx, topic, key=key, version=version, payload=f"{key}:{version}".encode())


async def waiting(pool: Database) -> int:
    async with pool.read() as tx:
        count = await tx.fetchval("select count(*) from core.outbox")
    assert isinstance(count, int)
    return count


async def relay_has_looked(pool: Database) -> None:
    """Until the relay has asked whether something is held back, which it does after it found nothing to move."""
    looked = "select from pg_stat_activity where application_name like 'callsheet-relay-%' and query like '%exists%'"
    async with asyncio.timeout(60), pool.read() as tx:
        while True:
            if await tx.fetch(looked):
                return
            await asyncio.sleep(POLL_SECONDS)


async def waiting_are(pool: Database, number: int) -> None:
    async with asyncio.timeout(60):
        while True:
            if await waiting(pool) == number:
                return
            await asyncio.sleep(POLL_SECONDS)


async def test_events_arrive_in_order_and_leave_the_outbox(database: DatabaseUrls, pool: Database) -> None:
    there = Destination()
    async with relaying(database, there.deliver):
        for version in (1, 2, 3):
            await pool.run(partial(publish, key="ord_a", version=version))
        await there.until(lambda: len(there.arrived) == 3)
        await waiting_are(pool, 0)
    assert [event.payload for event in there.arrived] == [b"ord_a:1", b"ord_a:2", b"ord_a:3"]


async def test_a_topic_moves_only_its_own_events(database: DatabaseUrls, pool: Database) -> None:
    there = Destination()
    await pool.run(lambda tx: publish(tx, "pcmp_a", 1, OTHER))
    await pool.run(lambda tx: publish(tx, "ord_a", 1))
    async with relaying(database, there.deliver):
        await there.until(lambda: bool(there.arrived))
        await waiting_are(pool, 1)
    assert [event.key for event in there.arrived] == ["ord_a"]


async def test_an_event_waits_for_every_elder_transaction(database: DatabaseUrls, pool: Database) -> None:
    """Its sequence is taken when the row is written, not when it is committed: a later one must not overtake it."""
    there = Destination()
    elder = await asyncpg.connect(database.app_url)
    try:
        elder_transaction = elder.transaction()
        await elder_transaction.start()
        await publish(Tx(elder), "ord_slow", 1)
        await pool.run(lambda tx: publish(tx, "ord_fast", 1))
        async with relaying(database, there.deliver):
            await relay_has_looked(pool)
            assert there.arrived == []
            await elder_transaction.commit()
            await there.until(lambda: len(there.arrived) == 2)
    finally:
        await elder.close()
    assert [event.key for event in there.arrived] == ["ord_slow", "ord_fast"]


async def test_versions_of_a_key_keep_their_order_under_concurrent_transactions(
    database: DatabaseUrls, pool: Database
) -> None:
    there = Destination()
    versions = dict.fromkeys((f"ord_{number}" for number in range(4)), 0)

    async def change(tx: Tx, key: str) -> None:
        """As a slice does it: what carries the version is locked while its event is written."""
        await tx.execute("select pg_advisory_xact_lock(hashtextextended($1, 0))", key)
        versions[key] += 1
        await publish(tx, key, versions[key])

    async with relaying(database, there.deliver):
        await asyncio.gather(*(pool.run(partial(change, key=key)) for key in [*versions] * 15))
        await there.until(lambda: len(there.arrived) == 60)
    assert {key: there.versions(key) for key in versions} == {key: list(range(1, 16)) for key in versions}


async def test_a_relay_that_dies_before_it_deletes_repeats_and_loses_nothing(
    database: DatabaseUrls, pool: Database
) -> None:
    there = Destination()

    async def deliver_and_die(events: Sequence[Outgoing]) -> None:
        await there.deliver(events)
        await asyncio.Event().wait()

    for version in (1, 2):
        await pool.run(partial(publish, key="ord_a", version=version))
    async with relaying(database, deliver_and_die):
        await there.until(lambda: len(there.arrived) == 2)
    assert await waiting(pool) == 2
    async with relaying(database, there.deliver):
        await pool.run(lambda tx: publish(tx, "ord_a", 3))
        await there.until(lambda: len(there.arrived) == 5)
        await waiting_are(pool, 0)
    assert there.versions("ord_a") == [1, 2, 1, 2, 3]


async def test_of_two_relays_one_works_and_the_other_takes_over(database: DatabaseUrls, pool: Database) -> None:
    first, second = Destination(), Destination()
    async with relaying(database, first.deliver) as working:
        await pool.run(lambda tx: publish(tx, "ord_a", 1))
        await first.until(lambda: len(first.arrived) == 1)
        async with relaying(database, second.deliver):
            for version in range(2, 12):
                await pool.run(partial(publish, key="ord_a", version=version))
            await first.until(lambda: len(first.arrived) == 11)
            await waiting_are(pool, 0)
            assert second.arrived == []
            working.cancel()
            await pool.run(lambda tx: publish(tx, "ord_a", 12))
            await second.until(lambda: len(second.arrived) == 1)
    assert first.versions("ord_a") + second.versions("ord_a") == list(range(1, 13))


async def test_events_wait_while_the_log_is_away(database: DatabaseUrls, pool: Database) -> None:
    there = Destination(down=True)
    async with relaying(database, there.deliver):
        await pool.run(lambda tx: publish(tx, "ord_a", 1))
        await there.until(lambda: there.refusals > 1)
        await pool.run(lambda tx: publish(tx, "ord_a", 2))
        assert await waiting(pool) == 2
        there.down = False
        await there.until(lambda: len(there.arrived) == 2)
    assert there.versions("ord_a") == [1, 2]


async def test_a_relay_survives_its_connection(database: DatabaseUrls, pool: Database) -> None:
    there = Destination()
    async with relaying(database, there.deliver):
        await pool.run(lambda tx: publish(tx, "ord_a", 1))
        await there.until(lambda: len(there.arrived) == 1)
        await waiting_are(pool, 0)
        async with pool.read() as tx:
            ended = await tx.fetch(
                "select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1",
                "callsheet-relay-orders",
            )
        assert len(ended) == 1
        await pool.run(lambda tx: publish(tx, "ord_a", 2))
        await there.until(lambda: len(there.arrived) == 2)
    assert there.versions("ord_a") == [1, 2]
