"""Which processes live, as the kernel tells it."""

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


def descendants(pid: int) -> set[Process]:
    """Every process that this one started, and those they started."""
    found = set()
    for task in Path("/proc", str(pid), "task").iterdir():
        for child in map(int, (task / "children").read_text().split()):
            process = _process(child)
            if process is not None:
                found |= {process, *descendants(child)}
    return found
