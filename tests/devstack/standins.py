"""Small programs in place of Callsheet's processes, for tests of what looks after them."""

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from devstack.program import NotReady, Program, tethered


@dataclass(frozen=True, slots=True)
class Standin:
    """A program that is ready at once, writes down when it starts and stops, and starts a child of its own.

    A stubborn one does not stop when asked; a careless one leaves its child behind.
    """

    name: str
    directory: Path
    stubborn: bool = False
    careless: bool = False

    @property
    def program(self) -> Program:
        habits = (str(self.stubborn), str(self.careless))
        return Program(
            name=self.name,
            argv=(sys.executable, __file__, str(self.directory), self.name, *habits),
            probe=self._ready,
            environment={**os.environ, "STANDINS": str(self.directory)},
        )

    @property
    def pid(self) -> int:
        return int((self.directory / f"{self.name}.pid").read_text())

    async def _ready(self) -> None:
        try:
            os.kill(self.pid, 0)
        except OSError as error:
            raise NotReady("it has not begun") from error


def journal(directory: Path) -> list[str]:
    """What the programs of a directory wrote down, in order."""
    return (directory / "journal").read_text().splitlines()


def left_behind(directory: Path) -> list[int]:
    """The pids of everything that the programs of this directory, or what runs them, left."""
    mark = f"STANDINS={directory}".encode()
    return [process for process in _processes() if mark in _environment(process)]


def _processes() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _environment(pid: int) -> list[bytes]:
    try:
        return Path("/proc", str(pid), "environ").read_bytes().split(b"\0")
    except OSError:
        return []


def _main(directory: Path, name: str, stubborn: bool, careless: bool) -> None:
    def note(text: str) -> None:
        with (directory / "journal").open("a") as written:
            written.write(f"{name} {text}\n")

    def end(number: int, frame: object) -> None:
        note("stopped")
        sys.exit(0)

    signal.signal(signal.SIGTERM, signal.SIG_IGN if stubborn else end)
    child = ("sleep", "300")
    subprocess.Popen(child if careless else tethered(child), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    note("started")
    sys.stdout.write(f"{name} says hello\n")
    sys.stdout.flush()
    half_written = directory / f"{name}.pid.new"
    half_written.write_text(str(os.getpid()))
    half_written.rename(directory / f"{name}.pid")
    while True:
        signal.pause()


if __name__ == "__main__":
    _main(Path(sys.argv[1]), sys.argv[2], sys.argv[3] == "True", sys.argv[4] == "True")
