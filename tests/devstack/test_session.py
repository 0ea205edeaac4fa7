"""A test session that is killed leaves no process behind, whichever of its own is killed."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from devstack.codegen.layout import ROOT
from devstack.program import complete
from tests.devstack.processes import Process, descendants
from tests.support.waiting import eventually

HOLDING = """
import pathlib, signal

def test_hold(database, valkey_log, mail):
    pathlib.Path({ready!r}).touch()
    while True:
        signal.pause()
"""


@pytest.mark.parametrize("workers", ["0", "1"])
def test_a_killed_session_leaves_nothing(tmp_path: Path, workers: str) -> None:
    ready = tmp_path / "ready"
    (tmp_path / "test_hold.py").write_text(HOLDING.format(ready=str(ready)))
    options = ("-p", "tests.conftest", "-p", "no:cacheprovider", "-c", str(ROOT / "pyproject.toml"), f"-n{workers}")
    command = (sys.executable, "-m", "pytest", *options, str(tmp_path / "test_hold.py"))
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as session:
        all_of_it: set[Process] = set()

        async def holds_everything() -> bool:
            assert session.poll() is None, "the session ended by itself"
            return ready.exists()

        async def nothing_is_left() -> bool:
            return not any(process.lives for process in all_of_it)

        try:
            complete(eventually(holds_everything, "the session to hold a database"))
            all_of_it |= descendants(session.pid)
        finally:
            os.kill(session.pid, signal.SIGKILL)
    assert {"postgres", "valkey-server"} <= {process.name for process in all_of_it}
    complete(eventually(nothing_is_left, "everything to end"))
