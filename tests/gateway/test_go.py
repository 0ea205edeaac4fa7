"""The gateway's own tests, as part of this suite."""

import os
import subprocess
from pathlib import Path

import pytest

from devstack.codegen.layout import ROOT
from devstack.golang import find_go

GATEWAY = ROOT / "gateway"


@pytest.fixture(scope="module")
def go(gateway_binary: Path) -> str:
    """The toolchain that built the binary, with the generated code in place."""
    return find_go()


def run(*command: str) -> str:
    environment = os.environ | {"GOTOOLCHAIN": "local", "GOWORK": "off", "GOFLAGS": "-mod=readonly"}
    done = subprocess.run(command, cwd=GATEWAY, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_go_code_is_formatted(go: str) -> None:
    gofmt = Path(run(go, "env", "GOROOT").strip()) / "bin" / "gofmt"
    assert run(str(gofmt), "-l", "cmd", "internal") == ""


def test_the_go_code_passes_vet(go: str) -> None:
    run(go, "vet", "./cmd/...", "./internal/...")


def test_the_go_tests_pass(go: str) -> None:
    run(go, "test", "./internal/...")


def test_the_modules_are_the_pinned_ones(go: str) -> None:
    run(go, "mod", "verify")
    run(go, "mod", "tidy", "-diff")
