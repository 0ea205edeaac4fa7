"""The story of `make up`: look before anything starts, start what is missing, keep it running, stop it in order."""

import asyncio
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TypeVar

from rich.console import Console

from devstack import embedded, services
from devstack.background import in_background
from devstack.configuration import BadConfiguration, Configuration
from devstack.embedded import DatabasePart, Part
from devstack.golang import BuildFailed, GoUnavailable, build_gateway
from devstack.migrate import MigrationFailed
from devstack.output import Output
from devstack.outside import check_outside
from devstack.ports import is_free, owner_of
from devstack.program import Program, ProgramFailed
from devstack.report import Progress, problem, remark, summary
from devstack.state import State
from devstack.supervisor import Supervisor

T = TypeVar("T")

STOP_SECONDS = 25.0
PUBLISHED_PREFIXES = ("CALLSHEET_", "AWS_", "STRIPE_")
EXPECTED_FAILURES = (BadConfiguration, BuildFailed, MigrationFailed, ProgramFailed, OSError)


def check_ports(configuration: Configuration) -> None:
    """Raise when a port that people know by its number is taken, naming who has it."""
    taken = [port for port in configuration.ports if not is_free(port.number)]
    if taken:
        raise BadConfiguration(
            "\n".join(
                f"port {port.number} ({port.purpose}) is taken{_by(owner_of(port.number))}; "
                f"free it or set {port.variable} to another"
                for port in taken
            )
        )


def _by(pid: int | None) -> str:
    if pid is None:
        return ""
    command = Path("/proc", str(pid), "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    return f" by process {pid} ({command[:60]})"


class Stack:
    """Everything `make up` runs."""

    def __init__(self, configuration: Configuration, state: State, claim: int, console: Console) -> None:
        self._configuration = configuration
        self._state = state
        self._console = console
        self._progress = Progress(console)
        self._output = Output()
        self._supervisor = Supervisor(claim, self._output)
        self._began = time.monotonic()

    async def run(self) -> int:
        """Start, stay until a signal comes, stop. The exit status tells whether everything started."""
        told: asyncio.Queue[None] = asyncio.Queue()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, told.put_nowait, None)
        starting = asyncio.create_task(self._start())
        stop = asyncio.create_task(told.get())
        try:
            await asyncio.wait({starting, stop}, return_when=asyncio.FIRST_COMPLETED)
            if starting.done():
                starting.result()
                await stop
            return 0
        except EXPECTED_FAILURES as failure:
            problem(self._console, f"\n{failure}")
            return 1
        finally:
            stop.cancel()
            starting.cancel()
            await asyncio.wait({starting})
            await self._stop(told)

    async def _start(self) -> None:
        configuration, state = self._configuration, self._state
        await check_outside(configuration)
        binary, storage, database = await asyncio.gather(
            self._gateway_binary(),
            self._in_background("object storage", partial(embedded.object_storage, configuration, state)),
            self._in_background("database files", partial(embedded.database, configuration, state)),
        )
        others = [
            embedded.event_log(configuration, state),
            embedded.budgets(configuration, state),
            storage,
            embedded.stripe(configuration, state, services.webhook_url(configuration) if binary else ""),
            embedded.mail(configuration, state),
        ]
        await self._start_tier([database.part.program], quiet=True)
        urls, _ = await asyncio.gather(
            self._migrate(database), self._start_tier([part.program for part in others], quiet=True)
        )
        parts = [database.part, *others]
        environment = services.shared_environment(configuration, state) | urls
        for part in parts:
            environment |= part.environment or {}
        own = [make(configuration, environment) for make in (services.server, services.worker, services.stream)]
        token, _ = await asyncio.gather(in_background(partial(self._token, environment)), self._start_tier(own))
        if binary:
            await self._start_tier([services.gateway(configuration, environment, binary)])
        self._announce(parts, environment, token, with_gateway=binary is not None)

    async def _gateway_binary(self) -> Path | None:
        try:
            return await self._in_background("gateway binary", build_gateway)
        except GoUnavailable as reason:
            remark(self._console, f"there will be no HTTP gateway: {reason}")
            return None

    async def _migrate(self, database: DatabasePart) -> dict[str, str]:
        async with self._progress.step("migrations"):
            return await database.migrated(self._configuration.root / "db" / "migrations")

    async def _in_background(self, name: str, work: Callable[[], T]) -> T:
        async with self._progress.step(name):
            return await in_background(work)

    async def _start_tier(self, programs: Sequence[Program | None], *, quiet: bool = False) -> None:
        """Start those that are ours to start."""
        ours = [(program, self._state.log(program.name)) for program in programs if program]
        if ours:
            async with self._progress.step(", ".join(program.name for program, _ in ours)):
                await self._supervisor.start(ours, quiet=quiet)

    def _announce(
        self, parts: Sequence[Part], environment: Mapping[str, str], token: str, *, with_gateway: bool
    ) -> None:
        self._state.publish({name: value for name, value in environment.items() if name.startswith(PUBLISHED_PREFIXES)})
        took = time.monotonic() - self._began
        summary(self._console, self._configuration, parts, with_gateway=with_gateway, token=token, took=took)
        for part in parts:
            if part.remark:
                remark(self._console, f"{part.name}: {part.remark}")
        self._output.open()

    def _token(self, environment: Mapping[str, str]) -> str:
        from devstack.tokens import development_token  # noqa: PLC0415 - loads a part of the server, while it starts

        return development_token(environment, self._state)

    async def _stop(self, told: asyncio.Queue[None]) -> None:
        """Stop everything within the deadline; a second signal means that there is no time at all."""
        self._state.withdraw()
        # The terminal may be what went away.
        with suppress(OSError):
            self._console.print("[dim]stopping; Ctrl-C again ends everything at once[/]")
        clock = asyncio.get_running_loop().time
        stopping = asyncio.create_task(self._supervisor.stop(clock() + STOP_SECONDS))
        again = asyncio.create_task(told.get())
        await asyncio.wait({stopping, again}, return_when=asyncio.FIRST_COMPLETED)
        if not stopping.done():
            stopping.cancel()
            await asyncio.wait({stopping})
            await self._supervisor.stop(clock())
        again.cancel()
