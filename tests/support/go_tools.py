"""Programs that only tests run, built from tests/tools/go.mod into .cache/tools."""

from fcntl import LOCK_EX, flock
from pathlib import Path

from devstack import golang
from devstack.golang import CACHE, ROOT, GoUnavailable
from tests.support.require import require

MODULE = ROOT / "tests" / "tools"
DIRECTORY = CACHE / "tools"
PACKAGES = {
    "ghz": "github.com/bojand/ghz/cmd/ghz",
    "grpcurl": "github.com/fullstorydev/grpcurl/cmd/grpcurl",
    "stripe-mock": "github.com/stripe/stripe-mock",
}


def go_tool(name: str) -> Path:
    """The binary of a tool. Where it cannot be built the test is skipped, unless CALLSHEET_REQUIRE names `go`."""
    try:
        binary = _built(name)
    except GoUnavailable as reason:
        require("go", False, f"{name} cannot be built: {reason}")
        raise
    return binary


def _built(name: str) -> Path:
    """Processes of one test run that want the same tool wait for the one that builds it."""
    DIRECTORY.mkdir(parents=True, exist_ok=True)
    binary = DIRECTORY / name
    pinned = max((MODULE / file).stat().st_mtime for file in ("go.mod", "go.sum"))
    with (DIRECTORY / f"{name}.lock").open("w") as lock:
        flock(lock, LOCK_EX)
        if not binary.exists() or binary.stat().st_mtime < pinned:
            go = golang.find_go()
            golang._run((go, "build", "-trimpath", "-o", str(binary), PACKAGES[name]), cwd=MODULE, go=go)
            binary.touch()
    return binary
