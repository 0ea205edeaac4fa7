"""Making the environment: the right Python, a message that helps, and nothing half-made."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from devstack import environment
from devstack.codegen.layout import ROOT

SCRIPT = ROOT / "src" / "devstack" / "environment.py"
LOCK_THAT_CANNOT_BE = "callsheet-does-not-exist==1.0 --hash=sha256:" + "0" * 64 + "\n"


def make_environment(directory: Path, lock: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        (sys.executable, str(SCRIPT), str(directory), str(lock)),
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_failed_environment_is_removed(tmp_path: Path) -> None:
    (tmp_path / "lock").write_text(LOCK_THAT_CANNOT_BE)
    made = make_environment(tmp_path / "venv", tmp_path / "lock", PIP_NO_INDEX="1", PIP_FIND_LINKS=str(tmp_path))
    assert made.returncode == 1
    assert "installing failed" in made.stderr
    assert "callsheet-does-not-exist" in made.stderr
    assert not (tmp_path / "venv").exists()


def test_a_missing_ensurepip_names_the_package_to_install(tmp_path: Path) -> None:
    made = _with_module(tmp_path, "importlib.util.find_spec = lambda name: None")
    assert made.returncode == 1
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    assert f"install the package python{version}-venv" in made.stderr
    assert not (tmp_path / "venv").exists()


@pytest.mark.parametrize("version", [(3, 10, 12), (3, 13, 0)])
def test_a_python_we_do_not_support_says_so(tmp_path: Path, version: tuple[int, int, int]) -> None:
    made = _with_module(tmp_path, f"sys.version_info = {version}")
    assert made.returncode == 1
    shown = ".".join(map(str, version))
    assert f"Callsheet needs Python 3.11 or 3.12, and {sys.executable} is {shown}" in made.stderr


def test_an_environment_that_was_moved_here_is_not_taken_for_ours(tmp_path: Path) -> None:
    here = tmp_path / "here"
    (here / "bin").mkdir(parents=True)
    (here / "bin" / "pip").write_text(f"#!{tmp_path}/elsewhere/bin/python\n")
    assert not environment._made_here(here)
    (here / "bin" / "pip").write_text(f"#!{here}/bin/python\n")
    assert environment._made_here(here)


def _with_module(tmp_path: Path, change: str) -> subprocess.CompletedProcess[str]:
    """The script as another interpreter would run it: one thing about this one is changed first."""
    run = f"runpy.run_path({str(SCRIPT)!r}, run_name='__main__')"
    code = f"import importlib.util, runpy, sys; {change}; {run}"
    command = (sys.executable, "-c", code, str(tmp_path / "venv"), str(tmp_path / "lock"))
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A PATH of its own, with what the Makefile needs and nothing called python."""
    directory = tmp_path / "programs"
    directory.mkdir()
    (directory / "find").symlink_to(shutil.which("find") or "")
    return directory


def chosen_python(programs: Path) -> str:
    """What the Makefile would make the environment with."""
    question = programs / "question.mk"
    question.write_text("choice: ; $(info $(PYTHON))\n")
    command = (shutil.which("make") or "", "-f", "Makefile", "-f", str(question), "choice")
    told = subprocess.run(command, cwd=ROOT, env={"PATH": str(programs)}, capture_output=True, text=True, check=True)
    return told.stdout.splitlines()[0]


def _program(path: Path, body: str) -> None:
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)


def test_make_passes_over_a_shim_that_fails_and_a_python_that_is_too_new(programs: Path) -> None:
    _program(programs / "python3.12", "echo 'command not found' >&2; exit 127")
    _program(programs / "python3", f'exec "{sys.executable}" -c "raise SystemExit(1)"')
    (programs / "python3.11").symlink_to(sys.executable)
    assert chosen_python(programs) == "python3.11"


def test_make_falls_back_to_a_python_that_can_say_what_is_missing(programs: Path) -> None:
    _program(programs / "python3", "exit 1")
    assert chosen_python(programs) == "python3"


def test_make_help_lists_every_target_with_a_sentence() -> None:
    told = subprocess.run(("make", "--no-print-directory"), cwd=ROOT, capture_output=True, text=True, check=True)
    listed = {line.split()[0] for line in told.stdout.splitlines() if line.startswith("  ")}
    declared = {line for line in (ROOT / "Makefile").read_text().splitlines() if line.startswith(".PHONY:")}
    (phony,) = declared
    assert listed == set(phony.removeprefix(".PHONY:").split())
    assert "\x1b" not in told.stdout
