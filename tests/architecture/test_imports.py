"""The layers hold."""

import subprocess
import sys
from pathlib import Path

from devstack.codegen.layout import ROOT


def test_the_import_contracts_hold() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run(
        [str(lint), "--no-logo", "--no-cache", "--config", "pyproject.toml"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_command_line_loads_no_command_before_it_is_called() -> None:
    """A stream that starts again should not first load the server."""
    program = "import sys, server.cli; print(*sorted({'grpc', 'asyncpg', 'pyarrow', 'bytewax'} & set(sys.modules)))"
    loaded = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert loaded.stdout.split() == []
