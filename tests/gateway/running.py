"""A gateway of its own process, as an operator would start it."""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from devstack.ports import free_port
from devstack.probes import http_answers
from devstack.program import Program, running


@dataclass(frozen=True, slots=True)
class Gateway:
    """A gateway that listens."""

    url: str
    child: subprocess.Popen[bytes]
    log: Path

    def logged(self) -> list[dict[str, object]]:
        """Its log, line by line."""
        return [json.loads(line) for line in self.log.read_text(encoding="utf-8").splitlines()]


@contextmanager
def running_gateway(binary: Path, log: Path, targets: str, **environment: str) -> Iterator[Gateway]:
    """Runs until the block ends. Ready means that it listens: the servers behind it may come later."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("CALLSHEET_")}
    settings = {"CALLSHEET_HTTP_PORT": str(port), "CALLSHEET_GRPC_TARGETS": targets, **environment}
    program = Program("gateway", (str(binary),), http_answers(f"{url}/livez"), environment=inherited | settings)
    with running(program, log) as child:
        yield Gateway(url, child, log)
