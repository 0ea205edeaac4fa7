"""Which processes live, as the kernel tells it."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Process:
    """One process for as long as it lives: a pid may be given again, but not with the same start."""

    pid: int
    started: str
    name: str

    @property
    def lives(self) -> bool:
        return _process(self.pid) == self


def _process(pid: int) -> Process | None:
    try:
        stat = Path("/proc", str(pid), "stat").read_text()
    except OSError:
        return None
    name, _, fields = stat.partition("(")[2].rpartition(")")
    return None if fields.split()[0] == "Z" else Process(pid, fields.split()[19], name)


def children(pid: int) -> set[Process]:
    """The processes that this one started itself."""
    tasks = Path("/proc", str(pid), "task").iterdir()
    pids = [int(child) for task in tasks for child in _started_by(task)]
    return {process for process in map(_process, pids) if process is not None}


def _started_by(task: Path) -> list[str]:
    """By this thread; by none that has ended since it was listed."""
    with suppress(FileNotFoundError, ProcessLookupError):
        return (task / "children").read_text().split()
    return []


def descendants(pid: int) -> set[Process]:
    """Every process that this one started, and those they started."""
    own = children(pid)
    return own.union(*(descendants(child.pid) for child in own))
