"""Several stream processes that are one Bytewax cluster: they start together, and when one dies all start anew."""

import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import FrameType

import structlog

FENCED_STATUS = 75
"""The exit status of a process whose partitions were taken over: starting it again would only take them back."""

METRICS_DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"
LOOK_EVERY_SECONDS = 0.2
SHORTEST_LIFE_SECONDS = 2.0
DRAIN_SECONDS = 20.0
ORPHAN_SECONDS = 2.0
"""How long the others may take to end when one has died: they cannot drain without it."""

STDIN = 0

Command = Callable[[int, Sequence[str]], Sequence[str]]
"""The command line of a member, from its number and everybody's addresses."""


class Cluster:
    """Keeps a number of stream processes running as one."""

    def __init__(self, size: int, command: Command, environment: dict[str, str], metrics: Path) -> None:
        self._size = size
        self._command = command
        self._environment = environment
        self._metrics = metrics
        self._members: list[subprocess.Popen[bytes]] = []
        self._stopping = threading.Event()
        self._log = structlog.get_logger("cluster")

    def alive(self) -> dict[str, bool]:
        return {f"process {number}": member.poll() is None for number, member in enumerate(self._members)}

    def keep(self) -> int:
        """Runs the cluster, again and again, until told to stop or taken over; the exit status of the whole."""
        _stop_on_signals(self._stopping)
        status = 0
        while not self._stopping.is_set():
            began = time.monotonic()
            self._start()
            status = self._watch()
            if status == FENCED_STATUS:
                return status
            if time.monotonic() - began < SHORTEST_LIFE_SECONDS:
                self._stopping.wait(SHORTEST_LIFE_SECONDS)
        return min(abs(status), 1)

    def _start(self) -> None:
        for outdated in self._metrics.iterdir():
            outdated.unlink()
        addresses = _free_addresses(self._size)
        self._members = [
            subprocess.Popen(  # noqa: S603  our own program
                self._command(number, addresses), env=self._environment, stdin=subprocess.PIPE
            )
            for number in range(self._size)
        ]

    def _watch(self) -> int:
        """Until one member has ended, or all shall; the status that tells why."""
        ended: int | None = None
        while ended is None and not self._stopping.wait(LOOK_EVERY_SECONDS):
            ended = next((status for member in self._members if (status := member.poll()) is not None), None)
        statuses = self._end_all(DRAIN_SECONDS if ended is None else ORPHAN_SECONDS)
        if FENCED_STATUS in statuses:
            self._log.error("another stream has taken the partitions over")
            return FENCED_STATUS
        if ended is not None:
            self._log.error("a stream process ended; all of them start anew", status=ended)
            return ended
        return max(abs(status) for status in statuses)

    def _end_all(self, patience: float) -> list[int]:
        for member in self._members:
            if member.poll() is None:
                member.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + patience
        for member in self._members:
            try:
                member.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                member.kill()
        statuses = [member.wait() for member in self._members]
        for member in self._members:
            if member.stdin is not None:
                member.stdin.close()
        return statuses


def end_with_parent() -> None:
    """Has this member end at once when whoever started it is gone: its input, on which nothing is ever written, ends
    then. Members left behind would write into the recovery store of those that come after them.
    """

    def watch() -> None:
        # Not through sys.stdin, whose lock this thread would still hold when the interpreter ends.
        while os.read(STDIN, 1):
            pass
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, name="parent", daemon=True).start()


def _free_addresses(size: int) -> list[str]:
    """Loopback ports that were free a moment ago, all different."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(size)]
        for free in sockets:
            free.bind(("127.0.0.1", 0))
        return ["{}:{}".format(*free.getsockname()) for free in sockets]


def _stop_on_signals(stopping: threading.Event) -> None:
    def stop(number: int, frame: FrameType | None) -> None:
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
