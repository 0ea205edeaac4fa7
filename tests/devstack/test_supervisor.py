"""The supervisor starts, restarts and stops; and whatever happens to it, nothing of it stays."""

import asyncio
import io
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from devstack.output import Output
from devstack.program import NotReady, ProgramFailed, complete
from devstack.supervisor import Supervisor
from tests.devstack.standins import Standin, journal, left_behind
from tests.support.waiting import eventually

ENOUGH_SECONDS = 20.0


@asynccontextmanager
async def supervising(directory: Path, shown: io.StringIO | None = None) -> AsyncIterator[Supervisor]:
    output = Output(shown or io.StringIO())
    output.open()
    claim = os.open(directory / "claim", os.O_CREAT | os.O_RDWR)
    supervisor = Supervisor(claim, output)
    try:
        yield supervisor
    finally:
        await supervisor.stop(asyncio.get_running_loop().time() + ENOUGH_SECONDS)
        os.close(claim)


async def start(supervisor: Supervisor, *standins: Standin, quiet: bool = False) -> None:
    await supervisor.start([(one.program, one.directory / f"{one.name}.log") for one in standins], quiet=quiet)


async def nothing_is_left(directory: Path) -> None:
    async def gone() -> bool:
        return left_behind(directory) == []

    await eventually(gone, "everything to end")


async def test_tiers_stop_in_reverse_order_and_leave_no_grandchild(tmp_path: Path) -> None:
    async with supervising(tmp_path) as supervisor:
        await start(supervisor, Standin("database", tmp_path))
        await start(supervisor, Standin("server", tmp_path, careless=True))
        await start(supervisor, Standin("gateway", tmp_path))
    assert journal(tmp_path) == [
        *("database started", "server started", "gateway started"),
        *("gateway stopped", "server stopped", "database stopped"),
    ]
    await nothing_is_left(tmp_path)


async def test_one_that_dies_is_started_again_and_the_others_live(tmp_path: Path) -> None:
    server, worker = Standin("server", tmp_path), Standin("worker", tmp_path)
    shown = io.StringIO()
    async with supervising(tmp_path, shown) as supervisor:
        await start(supervisor, server, worker)
        died, lived = server.pid, worker.pid
        os.kill(died, signal.SIGKILL)

        async def is_back() -> bool:
            return "is back" in shown.getvalue()

        await eventually(is_back, "the server to be started again")
        assert server.pid != died
        assert worker.pid == lived
        assert "server   | ended (killed by SIGKILL)" in shown.getvalue()


async def test_a_stubborn_one_is_killed_when_the_time_is_over(tmp_path: Path) -> None:
    async with supervising(tmp_path) as supervisor:
        await start(supervisor, Standin("database", tmp_path))
        await start(supervisor, Standin("server", tmp_path, stubborn=True))
        await supervisor.stop(asyncio.get_running_loop().time() + 1)
        await nothing_is_left(tmp_path)
    assert journal(tmp_path)[-1] == "database stopped"


async def test_one_that_ends_while_it_starts_is_a_failure_with_its_last_words(tmp_path: Path) -> None:
    async with supervising(tmp_path) as supervisor:
        broken = replace(Standin("server", tmp_path).program, argv=("sh", "-c", "echo no database; exit 3"))
        with pytest.raises(ProgramFailed, match=r"server ended with status 3.*\n.*no database"):
            await supervisor.start([(broken, tmp_path / "server.log")], quiet=True)


async def test_one_that_never_becomes_ready_is_a_failure_with_its_reason(tmp_path: Path) -> None:
    async def unwilling() -> None:
        raise NotReady("no partition is assigned")

    async with supervising(tmp_path) as supervisor:
        program = replace(Standin("stream", tmp_path).program, probe=unwilling, start_seconds=0.5)
        with pytest.raises(ProgramFailed, match=r"stream was not ready within 0.5 s: no partition is assigned"):
            await supervisor.start([(program, tmp_path / "stream.log")], quiet=True)
        await nothing_is_left(tmp_path)


async def test_a_program_that_does_not_exist_is_named(tmp_path: Path) -> None:
    async with supervising(tmp_path) as supervisor:
        missing = replace(Standin("gateway", tmp_path).program, argv=(str(tmp_path / "gateway"),))
        with pytest.raises(ProgramFailed, match=r"cannot run .*gateway: No such file"):
            await supervisor.start([(missing, tmp_path / "gateway.log")], quiet=True)


async def test_words_go_to_the_log_and_those_of_loud_ones_to_the_terminal(tmp_path: Path) -> None:
    shown = io.StringIO()
    async with supervising(tmp_path, shown) as supervisor:
        await start(supervisor, Standin("database", tmp_path), quiet=True)
        await start(supervisor, Standin("server", tmp_path))
    assert (tmp_path / "database.log").read_text() == "database says hello\n"
    assert shown.getvalue() == "server   | server says hello\n"


KILLED = """
import asyncio, os, sys
from pathlib import Path
from tests.devstack.standins import Standin
from tests.devstack.test_supervisor import start, supervising

async def main(directory):
    async with supervising(directory) as supervisor:
        await start(supervisor, Standin("database", directory), Standin("server", directory))
        print("running", flush=True)
        await asyncio.Event().wait()

asyncio.run(main(Path(sys.argv[1])))
"""


def test_killing_the_supervisor_leaves_nothing(tmp_path: Path) -> None:
    environment = {**os.environ, "STANDINS": str(tmp_path)}
    command = (sys.executable, "-c", KILLED, str(tmp_path))
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as supervisor:
        assert supervisor.stdout is not None
        assert supervisor.stdout.readline() == b"running\n"
        assert len(left_behind(tmp_path)) == 5
        supervisor.kill()
    complete(nothing_is_left(tmp_path))
