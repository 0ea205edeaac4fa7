"""The official mock: it knows every parameter of the API and refuses all others, and remembers nothing."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp

from devstack.golang import find_go
from devstack.ports import free_port
from devstack.program import Program, running
from tests.support.go_tools import MODULE, go_tool


async def _answers(address: str) -> None:
    try:
        async with aiohttp.ClientSession() as session, session.get(address):
            return
    except aiohttp.ClientError as error:
        raise OSError(str(error)) from error


@contextmanager
def running_stripe_mock(log: Path) -> Iterator[str]:
    """Its address, for the length of the block."""
    binary, port = go_tool("stripe-mock"), free_port()
    address = f"http://127.0.0.1:{port}"
    program = Program("stripe-mock", (str(binary), "-http-addr", f"127.0.0.1:{port}"), lambda: _answers(address))
    with running(program, log):
        yield address


def specification() -> Mapping[str, Any]:
    """The API's published description, which the mock's module carries."""
    go_tool("stripe-mock")
    command = (find_go(), "list", "-m", "-f", "{{.Dir}}", "github.com/stripe/stripe-mock")
    directory = subprocess.run(command, cwd=MODULE, capture_output=True, text=True, check=True).stdout.strip()
    path = Path(directory) / "embedded" / "openapi" / "spec3.json"
    description: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return description
