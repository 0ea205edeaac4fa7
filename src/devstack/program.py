"""What a child process is, how one is started, known to be ready, and stopped; for the supervisor and the tests."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from devstack import tether
from devstack.account import Account

T = TypeVar("T")

POLL_SECONDS = 0.03
"""How often a probe is asked while a program starts; readiness has no event one could wait for."""

Probe = Callable[[], Awaitable[None]]
"""Returns once when the program answers; raises NotReady or any OSError while it does not yet."""


class NotReady(Exception):
    """The program runs but does not answer as it should yet."""


class ProgramFailed(Exception):
    """A program ended, or did not become ready, while it was being started."""


@dataclass(frozen=True, slots=True)
class Program:
    """One child process: what to run, as whom, how to tell that it is ready and how to ask it to stop."""

    name: str
    argv: tuple[str, ...]
    probe: Probe
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    directory: Path = Path("/")
    account: Account | None = None
    before_start: Callable[[], None] | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    start_seconds: float = 60.0

    def tethered(self) -> tuple[str, ...]:
        """The command that runs it as a child of this process, unable to outlive it."""
        return tethered(self.argv, self.stop_signal, self.account)


def tethered(
    argv: tuple[str, ...], death_signal: signal.Signals = signal.SIGTERM, account: Account | None = None
) -> tuple[str, ...]:
    """A command whose process hears `death_signal` when this process, or the thread that starts it, ends."""
    uid, gid = (account.uid, account.gid) if account else (-1, -1)
    launcher = (sys.executable, "-I", "-S", str(Path(tether.__file__)))
    return (*launcher, str(int(death_signal)), str(os.getpid()), str(uid), str(gid), *argv)


async def wait_until_ready(program: Program, exit_code: Callable[[], int | None]) -> None:
    """Return when the probe passes; raise ProgramFailed when the program ends first or its time is over."""
    refusal = "it was not asked"
    try:
        async with asyncio.timeout(program.start_seconds):
            while (code := exit_code()) is None:
                try:
                    return await program.probe()
                except (NotReady, OSError) as error:
                    refusal = str(error) or type(error).__name__
                await asyncio.sleep(POLL_SECONDS)
    except TimeoutError:
        waited = f"{program.start_seconds:g} s"
        raise ProgramFailed(f"{program.name} was not ready within {waited}: {refusal}") from None
    raise ProgramFailed(f"{program.name} ended with status {code} while it started")


@contextmanager
def running(program: Program, log: Path, stop_seconds: float = 10.0) -> Iterator[subprocess.Popen[bytes]]:
    """Start a program for the length of a `with` block, its output in `log`; ready when the block begins."""
    if program.before_start:
        program.before_start()
    with log.open("ab") as output:
        child = subprocess.Popen(
            program.tethered(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(program.environment),
            cwd=program.directory,
            start_new_session=True,
        )
    try:
        complete(wait_until_ready(program, child.poll))
        yield child
    except ProgramFailed as error:
        raise ProgramFailed(f"{error}\n{tail(log)}") from None
    finally:
        stop(child, program.stop_signal, stop_seconds)


def complete(work: Coroutine[None, None, T]) -> T:
    """Run to its end, from code that is not asynchronous.

    The loop is its own and never installed as the thread's: pytest-asyncio keeps one there.
    """
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        return runner.run(work)


def stop(child: subprocess.Popen[bytes], stop_signal: signal.Signals, seconds: float) -> None:
    """Ask a child to stop, insist when it does not, and reap it."""
    if child.poll() is None:
        child.send_signal(stop_signal)
        try:
            child.wait(seconds)
        except subprocess.TimeoutExpired:
            child.kill()
    child.wait()


def tail(log: Path, lines: int = 20) -> str:
    """The last lines of a log, for an error message."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
