"""The state directory: who uses it, its secrets, its logs, and the ports its parts had the last time."""

import json
import os
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from fcntl import LOCK_EX, LOCK_NB, LOCK_SH, flock
from pathlib import Path

from devstack.configuration import STATE_VARIABLE
from devstack.ports import free_ports, is_free

PREDECESSOR_SECONDS = 30.0
"""How long the processes of an earlier run, which was killed, may take to end."""


class StateInUse(Exception):
    """Another run uses this state directory; the message names it."""


@dataclass(frozen=True, slots=True)
class State:
    """One directory with everything that outlives a run."""

    directory: Path

    def part(self, name: str) -> Path:
        """The data of one embedded part."""
        return self.directory / name

    def log(self, name: str) -> Path:
        """A fresh log file; the one of the run before is kept beside it."""
        log = self.directory / "logs" / f"{name}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        if log.exists():
            log.replace(log.with_suffix(".log.1"))
        return log

    def secret(self, name: str, make: Callable[[], str] = lambda: secrets.token_urlsafe(32)) -> str:
        """A secret that is made at its first use and stays: what it protects or signs would be lost with it."""
        file = self.directory / "secrets" / name
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not file.exists():
            _write_private(file, make())
        return file.read_text()

    def port(self, name: str) -> int:
        """The port a part had the last time, if it is still free, so that what was pasted somewhere goes on working."""
        file = self.directory / "ports" / name
        file.parent.mkdir(exist_ok=True)
        if file.exists() and is_free(int(file.read_text())):
            return int(file.read_text())
        others = {int(other.read_text()) for other in file.parent.iterdir()}
        # One more than there are others, so that one at least was promised to none of them.
        port = next(port for port in free_ports(len(others) + 1) if port not in others)
        file.write_text(str(port))
        return port

    def publish(self, environment: Mapping[str, str]) -> None:
        """Leave the running stack's environment for `python -m devstack run`."""
        _write_private(self._published, json.dumps(dict(environment), indent=2))

    def published(self) -> dict[str, str] | None:
        """The environment of the running stack; None where none runs."""
        if not self._published.exists() or not _is_claimed(self.directory):
            return None
        return {str(name): str(value) for name, value in json.loads(self._published.read_text()).items()}

    def withdraw(self) -> None:
        self._published.unlink(missing_ok=True)

    @property
    def _published(self) -> Path:
        return self.directory / "environment.json"


@contextmanager
def claimed(directory: Path) -> Iterator[tuple[State, int]]:
    """The state directory for one run alone, and the descriptor that holds the claim.

    Children inherit the descriptor: after a run that was killed, the next one waits until the last of them is gone.
    """
    directory.mkdir(parents=True, exist_ok=True)
    claim = os.open(directory / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _claim(claim, directory)
        os.ftruncate(claim, 0)
        os.pwrite(claim, str(os.getpid()).encode(), 0)
        yield State(directory), claim
    finally:
        os.close(claim)


def _is_claimed(directory: Path) -> bool:
    with (directory / "lock").open() as claim:
        try:
            flock(claim, LOCK_SH | LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _claim(claim: int, directory: Path) -> None:
    deadline = time.monotonic() + PREDECESSOR_SECONDS
    while True:
        try:
            return flock(claim, LOCK_EX | LOCK_NB)
        except BlockingIOError:
            holder = os.pread(claim, 32, 0).decode()
            if Path("/proc", holder).exists():
                raise StateInUse(
                    f"process {holder} uses {directory}: stop it, or give this run another {STATE_VARIABLE} and ports"
                ) from None
            if time.monotonic() > deadline:
                raise StateInUse(f"processes of the run {holder}, which was killed, still use {directory}") from None
            time.sleep(0.2)


def _write_private(file: Path, content: str) -> None:
    """Write a file that only its owner reads; it appears whole or not at all."""
    half_written = file.with_name(f"{file.name}.{os.getpid()}")
    descriptor = os.open(half_written, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    half_written.rename(file)
