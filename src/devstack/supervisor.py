"""Keeps child processes running: starts them, restarts the dead, and stops all in reverse order."""

import asyncio
import os
import signal
from collections.abc import Coroutine, Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from devstack.output import Output, pump
from devstack.program import Program, ProgramFailed, tail, wait_until_ready

SHORTEST_PAUSE = 0.25
LONGEST_PAUSE = 10.0
SETTLED_SECONDS = 20.0
"""A process that lived this long is restarted without a pause again."""
LAST_WORDS_SECONDS = 2.0


class Child:
    """One program, kept running from `start` until `stop`."""

    def __init__(self, program: Program, log: Path, output: Output, *, quiet: bool, claim: int) -> None:
        self.program = program
        self._log = log
        self._output = output
        self._quiet = quiet
        self._claim = claim
        self._process: asyncio.subprocess.Process | None = None
        self._pump: asyncio.Task[None] | None = None
        self._keeper: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int:
        return self._process.pid if self._process else 0

    async def start(self) -> None:
        """Return when the program is ready; from then on it is restarted when it dies."""
        try:
            await self._launch()
        except ProgramFailed as error:
            await self.stop(0)
            raise ProgramFailed(f"{error}; its last words, from {self._log}:\n{tail(self._log)}") from None
        self._keeper = asyncio.create_task(self._keep(), name=f"keep {self.program.name}")

    async def stop(self, seconds: float) -> None:
        """Ask the program to stop, and end whatever is left of it when the time is over."""
        if self._keeper:
            self._keeper.cancel()
            with suppress(asyncio.CancelledError):
                await self._keeper
        if self._process is None:
            return
        if self._process.returncode is None:
            self._process.send_signal(self.program.stop_signal)
        try:
            async with asyncio.timeout(seconds):
                await self._process.wait()
        except TimeoutError:
            if seconds > 0:
                self._output.line(self.program.name, f"did not stop within {seconds:.0f} s and is killed")
        await self._bury(self._process)

    async def _launch(self) -> None:
        if self.program.before_start:
            await asyncio.to_thread(self.program.before_start)
        words, mouth = os.pipe()
        try:
            process = await asyncio.create_subprocess_exec(
                *self.program.tethered(),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=mouth,
                stderr=mouth,
                env=dict(self.program.environment),
                cwd=self.program.directory,
                start_new_session=True,
                pass_fds=(self._claim,),
            )
        finally:
            os.close(mouth)
        self._process = process
        shown = None if self._quiet else self._output
        self._pump = asyncio.create_task(pump(words, self._log, self.program.name, shown))
        await wait_until_ready(self.program, lambda: process.returncode)

    async def _keep(self) -> None:
        """Start the program anew whenever it ends, at once the first time, ever more slowly when that does not help."""
        clock = asyncio.get_running_loop().time
        pause = SHORTEST_PAUSE
        while self._process is not None:
            born = clock()
            status = await self._process.wait()
            await self._bury(self._process)
            pause = SHORTEST_PAUSE if clock() - born > SETTLED_SECONDS else pause
            self._output.line(self.program.name, f"ended ({_described(status)}); starting it again in {pause:g} s")
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
            try:
                await self._launch()
                self._output.line(self.program.name, "is back")
            except ProgramFailed as error:
                self._output.line(self.program.name, str(error))
                self._end_group(self._process)

    async def _bury(self, process: asyncio.subprocess.Process) -> None:
        """Leave nothing of a process that ended or must: neither its own children nor its unread words."""
        self._end_group(process)
        await process.wait()
        if self._pump:
            # A grandchild in a session of its own may hold the pipe open; its words are not worth waiting for.
            with suppress(TimeoutError):
                await asyncio.wait_for(self._pump, LAST_WORDS_SECONDS)

    @staticmethod
    def _end_group(process: asyncio.subprocess.Process) -> None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


class Supervisor:
    """The children in the order in which they were started, as tiers that depend on the tiers before them."""

    def __init__(self, claim: int, output: Output) -> None:
        self._claim = claim
        self._output = output
        self._tiers: list[list[Child]] = []

    async def start(self, programs: Sequence[tuple[Program, Path]], *, quiet: bool) -> None:
        """Start a tier and return when all of it is ready. `quiet` ones speak to their logs alone."""
        children = [Child(program, log, self._output, quiet=quiet, claim=self._claim) for program, log in programs]
        self._tiers.append(children)
        await _all(child.start() for child in children)

    async def stop(self, deadline: float) -> None:
        """Stop the tiers, newest first; but for the last, none may use up all the time. May be called again."""
        clock = asyncio.get_running_loop().time
        for tier in reversed(self._tiers):
            share = max(deadline - clock(), 0) * (1 if tier is self._tiers[0] else 2 / 3)
            await _all(child.stop(share) for child in tier)


async def _all(work: Iterable[Coroutine[None, None, None]]) -> None:
    """Do all at once. The first failure ends the others, and is raised as itself."""
    try:
        async with asyncio.TaskGroup() as group:
            for one in work:
                group.create_task(one)
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None


def _described(status: int) -> str:
    return f"killed by {signal.Signals(-status).name}" if status < 0 else f"status {status}"
