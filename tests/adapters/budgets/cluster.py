"""Three Valkeys that share the hash slots: what a script does with a key that it did not declare fails here."""

import time
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import redis
from redis.crc import key_slot

from devstack.ports import LOOPBACK, free_ports
from devstack.valkey import BUDGET_SETTINGS, Valkey
from tests.support.parts import running_valkey

SLOTS = 16_384
SHARDS = 3
FIRST_SLOTS = [number * SLOTS // SHARDS for number in range(SHARDS + 1)]
PATIENCE_SECONDS = 60.0


def shard_of(campaign_id: str) -> int:
    """Which shard has a campaign, by its number."""
    return bisect_right(FIRST_SLOTS, key_slot(campaign_id.encode())) - 1


@contextmanager
def running_cluster(directory: Path) -> Iterator[str]:
    """The cluster's address, once every shard knows of every slot."""
    ports = free_ports(2 * SHARDS)
    with ExitStack() as stack:
        shards = [
            stack.enter_context(running_valkey(_shard(directory / str(port), port, bus)))
            for port, bus in zip(ports[:SHARDS], ports[SHARDS:], strict=True)
        ]
        clients = [stack.enter_context(redis.Redis(port=shard.port)) for shard in shards]
        for number, client in enumerate(clients):
            client.execute_command("CLUSTER", "ADDSLOTSRANGE", FIRST_SLOTS[number], FIRST_SLOTS[number + 1] - 1)
            client.execute_command("CLUSTER", "MEET", LOOPBACK, ports[0], ports[SHARDS])
        _wait_for(clients)
        yield shards[0].url


def _shard(directory: Path, port: int, bus: int) -> Valkey:
    settings = ("--cluster-enabled", "yes", "--cluster-port", str(bus), "--cluster-config-file", "nodes.conf")
    return Valkey(f"shard {port}", directory, port, (*BUDGET_SETTINGS, *settings))


def _wait_for(clients: list["redis.Redis"]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not all(_whole(client) for client in clients):
        assert time.monotonic() < deadline, "the shards do not find each other"
        time.sleep(0.05)


def _whole(client: "redis.Redis") -> bool:
    info = client.execute_command("CLUSTER", "INFO")  # type: ignore[no-untyped-call]  # redis leaves it untyped
    return "ok" in str(info).partition("cluster_state")[2][:12]
