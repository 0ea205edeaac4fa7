"""Makes `.venv` from requirements.lock. Runs before anything is installed, so it needs nothing but Python itself.

    python3 src/devstack/environment.py .venv requirements.lock

A half-made environment is never left behind: the next attempt would take it for a good one.
"""

import importlib.util
import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, flock
from pathlib import Path

OLDEST, NEWEST = (3, 11), (3, 12)
_PACKAGE = re.compile(r"^([A-Za-z0-9._-]+)==")
_BEGUN = re.compile(r"^(?:Collecting|Requirement already satisfied:) ([A-Za-z0-9._-]+)")


def main(directory: Path, lock: Path) -> None:
    """Create the environment, or bring an existing one to what the lock says."""
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        running = ".".join(map(str, sys.version_info[:3]))
        sys.exit(f"Callsheet needs Python 3.11 or 3.12, and {sys.executable} is {running}; name another: make PYTHON=…")
    if importlib.util.find_spec("ensurepip") is None:
        package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
        sys.exit(f"{sys.executable} cannot make environments: install the package {package} (apt install {package})")
    # Two commands in two terminals make one environment: the second waits, and finds it made.
    with lock.open() as held, _removed_on_failure(directory):
        flock(held, LOCK_EX)
        if not _made_here(directory):
            print(f"creating {directory} with Python {sys.version.split()[0]}", flush=True)
            venv.create(directory, with_pip=True, clear=True)
        pip = (str(directory / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "install")
        # What is imported is compiled at its first import; compiling all of it up front costs more than it saves.
        _install((*pip, "--no-compile", "--require-hashes", "-r", str(lock)), lock)
        project = subprocess.run((*pip, "--quiet", "--no-build-isolation", "--no-deps", "--editable", "."), check=False)
        if project.returncode != 0:
            sys.exit("installing the project itself failed")


def _made_here(directory: Path) -> bool:
    """Whether there is an environment that was made at this very place: its programs know their path by heart."""
    script = directory / "bin" / "pip"
    return script.exists() and str(directory.absolute()) in script.read_text()


@contextmanager
def _removed_on_failure(directory: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        shutil.rmtree(directory, ignore_errors=True)
        raise


def _install(command: tuple[str, ...], lock: Path) -> None:
    packages = {match[1] for line in lock.read_text().splitlines() if (match := _PACKAGE.match(line))}
    print(f"installing {len(packages)} packages from {lock}", flush=True)
    begun: set[str] = set()
    said: list[str] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pip:
        for line in pip.stdout or ():
            said.append(line)
            match = _BEGUN.match(line)
            if match and match[1] not in begun:
                begun.add(match[1])
                _progress(f"  {len(begun)}/{len(packages)} {match[1]}")
            elif line.startswith("Installing collected"):
                _progress("  unpacking")
    _progress("")
    if pip.returncode != 0:
        sys.exit("installing failed:\n" + "".join(said[-15:]))


def _progress(text: str) -> None:
    """One line that changes, where there is a terminal to change it on."""
    if sys.stdout.isatty():
        sys.stdout.write(f"\r\x1b[K{text}")
        sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
