"""The stream over Kafka: nothing but where the log is has changed."""

from dataclasses import replace
from pathlib import Path

from devstack.program import complete
from devstack.roles import DatabaseUrls
from devstack.valkey import Valkey
from server.adapters.eventlog.kafka import kafka_log
from server.adapters.eventlog.port import Partition
from server.core.clock import SystemClock
from tests.streams.harness import IDS, PARTITIONS, Kept, control, kept, stream_in, until_committed
from tests.support.kafka import running_kafka


def test_killed_and_started_again_it_goes_on_where_it_was(
    database: DatabaseUrls, valkey_log: Valkey, valkey_budget: Valkey, tmp_path: Path
) -> None:
    name = IDS.new("pcmp")

    async def append(brokers: str, *versions: int) -> int:
        async with kafka_log(brokers, SystemClock()) as log:
            await log.ensure("clicks", PARTITIONS)
            return await log.append(Partition("clicks", 0), [control(name, version) for version in versions])

    with running_kafka(tmp_path / "kafka") as brokers:
        stream = replace(stream_in(tmp_path, database, valkey_log, valkey_budget), kafka_brokers=brokers)
        with stream.running() as child:
            first = complete(append(brokers, 1, 2))
            complete(until_committed(database, 0, first))
            child.kill()
            child.wait()
        last = complete(append(brokers, 3, 2, 4))
        with stream.running():
            complete(until_committed(database, 0, last))
    # Heartbeats of the process that was killed lie between, as many as its last moments had time for.
    assert complete(kept(database)) == [
        Kept(0, offset, name, version) for offset, version in ((first - 1, 1), (first, 2), (last - 2, 3), (last, 4))
    ]
