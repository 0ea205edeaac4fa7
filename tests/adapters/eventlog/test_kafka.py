"""The event log on a real Kafka broker."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from uuid import uuid4

import pytest
from confluent_kafka.admin import AdminClient

from devstack.ports import free_port
from devstack.program import POLL_SECONDS
from server.adapters.eventlog.errors import LogDown
from server.adapters.eventlog.kafka import KafkaLog, kafka_log
from server.adapters.eventlog.port import EventLog
from server.core.clock import ManualClock
from tests.adapters.eventlog.contract import CLICKS, NOON, EventLogContract
from tests.support.kafka import running_kafka


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_kafka(tmp_path_factory.mktemp("kafka") / "node") as address:
        yield address


class TestKafkaLog(EventLogContract):
    """The contract, and what only this backend promises."""

    @pytest.fixture
    async def log(self, broker: str, clock: ManualClock) -> AsyncIterator[KafkaLog]:
        async with kafka_log(broker, clock, prefix=f"{uuid4().hex}.") as log:
            yield log

    async def test_a_recreated_topic_has_another_generation(self, broker: str, clock: ManualClock) -> None:
        generations = []
        for _ in range(2):
            async with kafka_log(broker, clock, prefix="recreated.") as log:
                await log.ensure("clicks", 2)
                await log.append(CLICKS, [b"a"])
                generations.append((await log.read(CLICKS, after=0, limit=1)).generation)
            await deleted(broker, "recreated.clicks")
        assert generations[0] != generations[1]

    async def test_a_trim_may_overtake_the_client_which_reads_ahead(self, log: EventLog) -> None:
        newest = await log.append(CLICKS, [b"first"])
        for _ in range(30):
            await log.read(CLICKS, after=newest - 1, limit=1)
            trimmed = await log.append(CLICKS, [b"skipped"])
            await log.trim(CLICKS, upto=trimmed)
            newest = await log.append(CLICKS, [b"wanted"])
            window = await log.read(CLICKS, after=trimmed, limit=10)
            assert [entry.record for entry in window.entries] == [b"wanted"]


async def deleted(broker: str, topic: str) -> None:
    """Deletes a topic and waits until nobody finds it any more."""
    admin = AdminClient({"bootstrap.servers": broker, "log_level": 0})
    admin.delete_topics([topic])[topic].result(10)
    async with asyncio.timeout(60):
        while True:
            if topic not in admin.list_topics(timeout=5).topics:
                return
            await asyncio.sleep(POLL_SECONDS)


async def test_a_broker_that_is_away_is_told_apart_from_a_full_log() -> None:
    async with kafka_log(f"127.0.0.1:{free_port()}", ManualClock(NOON)) as log:
        with pytest.raises(LogDown):
            await log.check()
