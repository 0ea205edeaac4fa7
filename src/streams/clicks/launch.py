"""The ways to start the click stream: one process, one of several, or all of several."""

import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from prometheus_client import CollectorRegistry
from prometheus_client.multiprocess import MultiProcessCollector

from server.core.status_page import status_page
from streams.clicks.options import Options
from streams.clicks.process import stream
from streams.engine.cluster import METRICS_DIRECTORY, Cluster, end_with_parent
from streams.engine.run import Member, recovery

__all__ = ["Options", "alone", "one_of_several", "several"]

Environment = Callable[[str, str], dict[str, str]]
"""This process's environment with one more variable."""


def alone(options: Options) -> int:
    """The whole stream in this process."""
    return stream(options, None)


def one_of_several(options: Options, number: int, addresses: Sequence[str]) -> int:
    """One process of a cluster that somebody else keeps, and no longer than that."""
    end_with_parent()
    return stream(options, Member(number, addresses))


def several(options: Options, size: int, environment: Environment) -> int:
    """Keeps a cluster of processes, with one status page for all of them."""
    # Made before there are several who would make it at once.
    recovery(options.recovery_dir)
    with tempfile.TemporaryDirectory(prefix="callsheet-metrics-") as directory:
        registry = CollectorRegistry()
        MultiProcessCollector(registry, path=directory)  # type: ignore[no-untyped-call]  # untyped there
        cluster = Cluster(size, _command, environment(METRICS_DIRECTORY, directory), Path(directory))
        with status_page(options.status_host, options.status_port, registry, cluster.alive):
            return cluster.keep()


def _command(number: int, addresses: Sequence[str]) -> list[str]:
    places = [part for address in addresses for part in ("--address", address)]
    return [sys.executable, "-m", "server.cli", "stream", "--member", str(number), *places]
