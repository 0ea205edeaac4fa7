"""`make up` as a developer meets it: the whole stack, twice, stopped politely and not."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import aiohttp
import asyncpg
import pytest

from devstack.golang import GoUnavailable, build_gateway
from devstack.ports import LOOPBACK
from devstack.postgres import remove_private_home
from devstack.program import complete
from devstack.state import State, claimed
from tests.devstack.processes import children, descendants
from tests.devstack.some_ports import some_ports
from tests.support.require import require
from tests.support.waiting import PATIENCE_SECONDS, eventually

LAST_WORDS = "grpcurl -plaintext"
"""The report ends with a call to paste; before it stand the ports and the token."""


@dataclass(frozen=True, slots=True)
class Place:
    """A state directory and ports of this test's own."""

    directory: Path

    @property
    def state(self) -> Path:
        return self.directory / "state"

    @property
    def log(self) -> Path:
        return self.directory / "log"

    def text(self) -> str:
        return self.log.read_text()


@pytest.fixture
def place() -> Iterator[Place]:
    with TemporaryDirectory(prefix="callsheet-test-") as directory:
        Path(directory).chmod(0o755)
        place = Place(Path(directory))
        yield place
        remove_private_home(place.state / "postgres")


@pytest.fixture
def gateway() -> None:
    try:
        build_gateway()
    except GoUnavailable as reason:
        require("go", False, str(reason))


@pytest.fixture
def environment(place: Place) -> Mapping[str, str]:
    parts = ("CALLSHEET_", "AWS_", "STRIPE_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(parts)}
    return kept | some_ports() | {"CALLSHEET_STATE_DIR": str(place.state)}


@contextmanager
def up(place: Place, environment: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """The stack from the moment it says that it runs."""
    with place.log.open("wb") as output:
        command = (sys.executable, "-m", "devstack", "up")
        supervisor = subprocess.Popen(command, env=dict(environment), stdout=output, stderr=subprocess.STDOUT)

    async def says_that_it_runs() -> bool:
        assert supervisor.poll() is None, place.text()
        return LAST_WORDS in place.text()

    try:
        complete(eventually(says_that_it_runs, "the stack to run"))
        yield supervisor
    finally:
        supervisor.kill()
        supervisor.wait()


async def status_of(url: str, token: str = "") -> int:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    async with aiohttp.ClientSession(headers=headers) as session, session.get(url) as response:
        return response.status


def query(place: Place, statement: str) -> object:
    published = State(place.state).published()
    assert published is not None

    async def ask() -> object:
        connection = await asyncpg.connect(published["CALLSHEET_MIGRATION_URL"])
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    return complete(ask())


def devstack(environment: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = (sys.executable, "-m", "devstack", *arguments)
    return subprocess.run(command, env=dict(environment), capture_output=True, text=True, check=False)


@pytest.mark.usefixtures("gateway")
def test_up_runs_answers_stops_and_finds_its_data_again(place: Place, environment: Mapping[str, str]) -> None:
    http = f"http://{LOOPBACK}:{environment['CALLSHEET_HTTP_PORT']}"
    with up(place, environment) as supervisor:
        (token,) = re.findall(r"export TOKEN=(\S+)", place.text())
        assert complete(status_of(f"{http}/v1/orders", token)) == 200
        assert complete(status_of(f"{http}/v1/orders")) == 401
        for name in ("METRICS", "WORKER_METRICS", "STREAM_METRICS"):
            port = environment[f"CALLSHEET_{name}_PORT"]
            assert complete(status_of(f"http://{LOOPBACK}:{port}/healthz")) == 200
        doctor = devstack(environment, "run", "callsheet", "doctor")
        assert doctor.returncode == 0, doctor.stdout
        query(place, "create table public.kept as select 7 as number")

        second = devstack(environment, "up")
        assert second.returncode == 1
        assert f"process {supervisor.pid} uses" in second.stdout

        all_of_it = descendants(supervisor.pid)
        supervisor.send_signal(signal.SIGINT)
        assert supervisor.wait(PATIENCE_SECONDS) == 0
        assert [process for process in all_of_it if process.lives] == []
    assert "nothing runs here" in devstack(environment, "run", "true").stderr

    with up(place, environment) as supervisor:
        assert query(place, "select number from public.kept") == 7
        supervisor.send_signal(signal.SIGTERM)
        assert supervisor.wait(PATIENCE_SECONDS) == 0


def test_killing_up_leaves_nothing_and_the_next_one_starts(place: Place, environment: Mapping[str, str]) -> None:
    with up(place, environment) as supervisor:
        all_of_it = descendants(supervisor.pid)
        assert {"postgres", "valkey-server", "python"} <= {process.name for process in all_of_it}
        supervisor.kill()
        supervisor.wait()

        async def nothing_is_left() -> bool:
            return not any(process.lives for process in all_of_it)

        complete(eventually(nothing_is_left, "everything to end"))
    with up(place, environment) as supervisor:
        supervisor.send_signal(signal.SIGINT)
        assert supervisor.wait(PATIENCE_SECONDS) == 0


def test_a_taken_port_ends_up_before_anything_starts(place: Place, environment: Mapping[str, str]) -> None:
    with socket.socket() as taker:
        taker.bind((LOOPBACK, int(environment["CALLSHEET_HTTP_PORT"])))
        taker.listen()
        refused = devstack(environment, "up")
    assert refused.returncode == 1
    assert "set CALLSHEET_HTTP_PORT to another" in refused.stdout.replace("\n", " ")
    assert not (place.state / "postgres").exists()


def test_reset_deletes_what_the_parts_kept(place: Place, environment: Mapping[str, str]) -> None:
    with claimed(place.state) as (state, _):
        state.secret("pepper")
        assert devstack(environment, "reset").returncode == 1
    assert devstack(environment, "reset").returncode == 0
    assert not place.state.exists()


@pytest.mark.usefixtures("gateway")
def test_whatever_is_killed_comes_back_and_what_was_written_is_there(
    place: Place, environment: Mapping[str, str]
) -> None:
    http = f"http://{LOOPBACK}:{environment['CALLSHEET_HTTP_PORT']}"
    with up(place, environment) as supervisor:
        (token,) = re.findall(r"export TOKEN=(\S+)", place.text())
        query(place, "create table public.kept as select 7 as number")
        killed = children(supervisor.pid)
        for process in killed:
            os.kill(process.pid, signal.SIGKILL)

        async def all_are_back() -> bool:
            here = children(supervisor.pid)
            return len(here) == len(killed) and here.isdisjoint(killed)

        async def it_answers() -> bool:
            try:
                return await status_of(f"{http}/v1/orders", token) == 200
            except aiohttp.ClientError:
                return False

        complete(eventually(all_are_back, "every process to be started again"))
        complete(eventually(it_answers, "the gateway to answer through the server"))
        assert query(place, "select number from public.kept") == 7
        supervisor.send_signal(signal.SIGINT)
        assert supervisor.wait(PATIENCE_SECONDS) == 0
