"""Programs that only tests run, built from tests/tools/go.mod into .cache/tools."""

from pathlib import Path

from devstack.golang import CACHE, ROOT, GoUnavailable, build_pinned
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
        return build_pinned(MODULE, PACKAGES[name], DIRECTORY / name)
    except GoUnavailable as reason:
        require("go", False, str(reason))
        raise
