"""The client of measurements: ghz, which is not Python, and a bare server to compare with."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from devstack.codegen.protos import build_image
from devstack.ports import free_port
from devstack.probes import grpc_serves
from devstack.program import Program, running
from tests.processes.serving import ROOT
from tests.rpc.booking import BUYER
from tests.rpc.harness import as_user
from tests.support.go_tools import go_tool

CONNECTIONS = 8
CONCURRENCY = 16

Message: TypeAlias = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Caller:
    """The client of the measurement, and the messages it knows."""

    ghz: Path
    image: Path


def a_caller(logs: Path) -> Caller:
    """A client that knows every proto."""
    caller = Caller(go_tool("ghz"), logs / "protos.binpb")
    build_image(caller.image)
    return caller


def load(
    caller: Caller,
    port: int,
    method: str,
    data: Message | Sequence[Message],
    calls: int,
    connections: int = CONNECTIONS,
) -> float:
    """Requests per second of one round, of several messages in turn; a call that fails fails the measurement."""
    messages = caller.image.with_name("data.json")
    messages.write_text(json.dumps(data))
    command = [
        str(caller.ghz),
        "--insecure",
        "--call",
        method,
        "--protoset",
        str(caller.image),
        "--total",
        str(calls),
        "--concurrency",
        str(max(CONCURRENCY, connections)),
        "--connections",
        str(connections),
        "--data-file",
        str(messages),
        "--metadata",
        json.dumps(dict(as_user(BUYER))),
        "--format",
        "json",
        f"127.0.0.1:{port}",
    ]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    report = json.loads(answer.stdout)
    if report["statusCodeDistribution"] != {"OK": calls}:
        raise SystemExit(f"calls failed: {report['statusCodeDistribution']} {report.get('errorDistribution')}")
    return float(report["rps"])


@contextmanager
def echo(logs: Path, method: str, answer: bytes) -> Iterator[int]:
    """The bare server, which gives that answer to every call of a method; its port."""
    port = free_port()
    file = logs / f"echo-{port}"
    file.write_bytes(answer)
    program = Program(
        "echo",
        (sys.executable, "-m", "bench.echo", str(port), f"/{method}", str(file)),
        grpc_serves(f"127.0.0.1:{port}"),
        directory=ROOT,
    )
    with running(program, logs / "echo.log"):
        yield port
