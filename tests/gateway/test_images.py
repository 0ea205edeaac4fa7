"""The images are built from files that exist, run as nobody in particular, and install what the lock pins."""

import re
import runpy
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from devstack.codegen.layout import MIGRATIONS, ROOT
from devstack.roles import Role

DOCKER = ROOT / "docker"
DOCKERFILES = sorted(DOCKER.glob("*.Dockerfile"))

LOCK = """\
aiohttp==3.14.5 \\
    --hash=sha256:00aa \\
    --hash=sha256:00bb
deprecated==1.3.1 ; python_full_version < '3.12' \\
    --hash=sha256:00cc
deprecated==3.0.1 ; python_full_version >= '3.12' \\
    --hash=sha256:00dd
typing-extensions==4.15.0 \\
    --hash=sha256:00ee
"""


@pytest.fixture(scope="module")
def locked() -> dict[str, Any]:
    """The module that cuts the lock to size; it is a script of the images' and no package of ours."""
    return runpy.run_path(str(DOCKER / "locked.py"))


def copied(dockerfile: Path) -> Iterator[str]:
    """What a Dockerfile takes from the project's folder."""
    for line in dockerfile.read_text(encoding="utf-8").splitlines():
        if line.startswith("COPY ") and "--from" not in line:
            yield from line.split()[1:-1]


@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda path: path.stem)
def test_what_is_copied_exists_and_reaches_the_build(dockerfile: Path) -> None:
    allowed = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    for source in copied(dockerfile):
        assert (ROOT / source).exists(), source
        assert any(source == path or source.startswith(f"{path}/") for path in allowed), f"{source} is ignored"


@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda path: path.stem)
def test_an_image_runs_as_nobody_in_particular(dockerfile: Path) -> None:
    final = dockerfile.read_text(encoding="utf-8").rpartition("\nFROM ")[2]
    assert re.search(r"^USER ([1-9]\d*):([1-9]\d*)$", final, re.MULTILINE)


@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda path: path.stem)
def test_an_image_installs_by_hash_only(dockerfile: Path) -> None:
    text = dockerfile.read_text(encoding="utf-8")
    for command in re.findall(r"pip install [^\n]*", text):
        assert "--require-hashes" in command or "--no-deps wheels/" in command, command


def test_a_part_of_the_lock_keeps_hashes_and_markers(locked: dict[str, Any]) -> None:
    entries: Callable[[str, set[str]], Iterator[str]] = locked["entries"]
    assert "".join(entries(LOCK, {"aiohttp", "deprecated"})) == LOCK[: LOCK.index("typing-extensions")]


def test_names_are_compared_as_indexes_do(locked: dict[str, Any]) -> None:
    entries: Callable[[str, set[str]], Iterator[str]] = locked["entries"]
    normal: Callable[[str], str] = locked["normal"]
    assert "".join(entries(LOCK, {normal("Typing_Extensions")})) == LOCK[LOCK.index("typing-extensions") :]


def test_versions_are_given_to_pip_without_hashes(locked: dict[str, Any]) -> None:
    versions: Callable[[str], Iterator[str]] = locked["versions"]
    assert list(versions(LOCK))[1] == "deprecated==1.3.1 ; python_full_version < '3.12'\n"


def test_every_dependency_of_the_project_is_in_the_lock(locked: dict[str, Any]) -> None:
    project_dependencies: Callable[[], list[str]] = locked["project_dependencies"]
    versions: Callable[[str], Iterator[str]] = locked["versions"]
    pinned = {line.partition("==")[0] for line in versions((ROOT / "requirements.lock").read_text(encoding="utf-8"))}
    assert {re.split(r"[\[<>=~ ]", name)[0] for name in project_dependencies()} <= pinned


def test_the_roles_are_made_once_and_for_all_three() -> None:
    script = DOCKER / "postgres" / "roles.sh"
    subprocess.run(["sh", "-n", script], check=True)
    text = script.read_text(encoding="utf-8")
    assert [line.split()[2] for line in text.splitlines() if line.startswith("create role")] == list(Role)


def test_the_migrations_image_has_the_migrations() -> None:
    assert MIGRATIONS.relative_to(ROOT).as_posix() in copied(DOCKER / "migrations.Dockerfile")
