"""Named places at which the crash suite kills the process; in production they cost one comparison.

The suite finds the names by reading the code, so a name is always a literal.
"""

import os
import signal
from dataclasses import dataclass


@dataclass(slots=True)
class _Armed:
    """Where to die, and how many passes to survive first."""

    name: str
    passes: int


_armed: _Armed | None = None


def arm(setting: str) -> None:
    """Takes `name` or `name:passes` from the configuration; empty disarms."""
    global _armed  # noqa: PLW0603  one process dies once: the switch is the process's own
    name, _, passes = setting.partition(":")
    _armed = _Armed(name, int(passes or 0)) if name else None


async def point(name: str) -> None:
    """A place worth dying at: between a promise made and a promise kept."""
    if _armed is None or _armed.name != name:
        return
    if _armed.passes > 0:
        _armed.passes -= 1
        return
    os.kill(os.getpid(), signal.SIGKILL)
