"""Several server processes on one port. Each is started anew, never forked: gRPC does not survive a fork."""

import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from types import FrameType

import structlog
from prometheus_client import CollectorRegistry
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from server.config import LogFormat, Settings, environment_with
from server.core import logs
from server.core.status_page import status_page

METRICS_DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"
SHORTEST_LIFE_SECONDS = 1.0
LOOK_EVERY_SECONDS = 0.2


class Fleet:
    """Keeps a number of server processes alive: a dead one is replaced, one that dies at once is replaced slowly."""

    def __init__(self, size: int, environment: dict[str, str]) -> None:
        self._environment = environment
        self._children: list[subprocess.Popen[bytes]] = []
        self._born: dict[int, float] = {}
        self._size = size
        self._stopping = threading.Event()
        self._log = structlog.get_logger("fleet")

    def start(self) -> None:
        for _ in range(self._size):
            self._children.append(self._spawn())

    def stop(self) -> None:
        """Told once, by a signal: no process is replaced from now on."""
        self._stopping.set()
        for child in self._children:
            if child.poll() is None:
                child.send_signal(signal.SIGTERM)

    def keep(self) -> int:
        """Replaces the dead until told to stop; then waits for the living. The exit status of the whole."""
        while not self._stopping.wait(LOOK_EVERY_SECONDS):
            for index, child in enumerate(self._children):
                if child.poll() is not None:
                    self._children[index] = self._replace(child)
        return max(abs(child.wait()) for child in self._children)

    def alive(self) -> dict[str, bool]:
        return {f"process {index}": child.poll() is None for index, child in enumerate(self._children)}

    def _replace(self, dead: subprocess.Popen[bytes]) -> subprocess.Popen[bytes]:
        self._log.error("a server process ended and is replaced", pid=dead.pid, status=dead.returncode)
        mark_process_dead(dead.pid, self._environment[METRICS_DIRECTORY])  # type: ignore[no-untyped-call]  # untyped there
        if time.monotonic() - self._born.pop(dead.pid) < SHORTEST_LIFE_SECONDS:
            self._stopping.wait(SHORTEST_LIFE_SECONDS)
        return self._spawn()

    def _spawn(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "server.cli", "serve", "--member"]
        child = subprocess.Popen(command, env=self._environment)  # noqa: S603  our own program
        self._born[child.pid] = time.monotonic()
        return child


def serve(settings: Settings, size: int) -> int:
    """Runs the fleet in the foreground, with one status page for all of it."""
    logs.configure(as_json=settings.log_format is LogFormat.JSON, level=settings.log_level, process="fleet")
    directory = tempfile.mkdtemp(prefix="callsheet-metrics-")
    fleet = Fleet(size, environment_with(METRICS_DIRECTORY, directory))

    def end(number: int, frame: FrameType | None) -> None:
        fleet.stop()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=directory)  # type: ignore[no-untyped-call]  # untyped there
    try:
        fleet.start()
        with status_page(settings.metrics_host, settings.metrics_port, registry, fleet.alive):
            return fleet.keep()
    finally:
        shutil.rmtree(directory, ignore_errors=True)
