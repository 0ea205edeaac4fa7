"""The state directory: one run at a time, private secrets, ports that stay."""

import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from devstack.ports import LOOPBACK
from devstack.state import State, StateInUse, claimed


def test_a_secret_stays_and_is_its_owners_alone(tmp_path: Path) -> None:
    first = State(tmp_path).secret("pepper")
    assert State(tmp_path).secret("pepper") == first
    assert State(tmp_path).secret("jwt-key") != first
    assert stat.S_IMODE((tmp_path / "secrets" / "pepper").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700


def test_a_part_keeps_its_port_unless_somebody_took_it(tmp_path: Path) -> None:
    state = State(tmp_path)
    port = state.port("postgres")
    assert state.port("postgres") == port
    with socket.socket() as taker:
        taker.bind((LOOPBACK, port))
        taker.listen()
        assert state.port("postgres") != port


def test_a_second_run_is_told_who_uses_the_directory(tmp_path: Path) -> None:
    refused = pytest.raises(StateInUse, match=f"process {os.getpid()} uses {tmp_path}.*CALLSHEET_STATE_DIR")
    with claimed(tmp_path), refused, claimed(tmp_path):
        raise AssertionError("two runs had one directory")
    with claimed(tmp_path) as (state, _):
        assert state.directory == tmp_path


HOLD_AND_DIE = """
import os, subprocess, sys
from pathlib import Path
from devstack.state import claimed
with claimed(Path(sys.argv[1])) as (_, claim):
    child = subprocess.Popen(("sleep", "300"), pass_fds=(claim,), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    print(child.pid, flush=True)
    os._exit(1)
"""


def test_a_run_waits_for_the_last_process_of_a_killed_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    killed = subprocess.run((sys.executable, "-c", HOLD_AND_DIE, str(tmp_path)), capture_output=True, check=False)
    orphan = int(killed.stdout)
    monkeypatch.setattr("devstack.state.PREDECESSOR_SECONDS", 0.5)
    try:
        with pytest.raises(StateInUse, match="which was killed, still use"), claimed(tmp_path):
            raise AssertionError("the directory was still in use")
    finally:
        os.kill(orphan, 9)
    monkeypatch.undo()
    with claimed(tmp_path) as (state, _):
        assert state.directory == tmp_path


def test_the_environment_is_published_only_while_a_run_has_the_directory(tmp_path: Path) -> None:
    with claimed(tmp_path) as (state, _):
        assert state.published() is None
        state.publish({"CALLSHEET_GRPC_PORT": "50051"})
        assert state.published() == {"CALLSHEET_GRPC_PORT": "50051"}
        assert stat.S_IMODE((tmp_path / "environment.json").stat().st_mode) == 0o600
    assert state.published() is None


def test_the_log_of_the_run_before_is_kept(tmp_path: Path) -> None:
    state = State(tmp_path)
    state.log("server").write_text("first run\n")
    assert not state.log("server").exists()
    assert (tmp_path / "logs" / "server.log.1").read_text() == "first run\n"
