"""What to do about a part whose toolchain this machine does not have."""

import os

import pytest


def require(tool: str, available: bool, reason: str) -> None:
    """Go on where a part is available; else skip with the reason, or fail where CALLSHEET_REQUIRE names the part."""
    if available:
        return
    if tool in os.environ.get("CALLSHEET_REQUIRE", "").split(","):
        pytest.fail(f"CALLSHEET_REQUIRE names {tool}, but {reason}")
    pytest.skip(f"{tool}: {reason}")
