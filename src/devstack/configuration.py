"""What the environment asks of `make up`: ports, the state directory, and which parts it brings itself."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

STATE_VARIABLE = "CALLSHEET_STATE_DIR"
DEFAULT_STATE = ".callsheet"


class BadConfiguration(Exception):
    """The environment asks for something impossible; each line of the message names a variable and its rule."""


@dataclass(frozen=True, slots=True)
class Port:
    """A port that people know by its number, so that it is configured and never chosen."""

    variable: str
    number: int
    purpose: str


@dataclass(frozen=True, slots=True)
class Configuration:
    """Read once, before anything starts."""

    root: Path
    state: Path
    environment: Mapping[str, str]
    grpc: Port
    http: Port
    server_metrics: Port
    worker_metrics: Port
    stream_metrics: Port

    @property
    def ports(self) -> tuple[Port, ...]:
        return (self.grpc, self.http, self.server_metrics, self.worker_metrics, self.stream_metrics)

    def given(self, variable: str) -> str:
        """What the environment says; empty where it says nothing, so that the embedded part is used."""
        return self.environment.get(variable, "").strip()


def read_configuration(environment: Mapping[str, str], root: Path) -> Configuration:
    """Understand the environment, or say everything that is wrong with it at once."""
    reader = _Reader(environment)
    metrics = reader.port("CALLSHEET_METRICS_PORT", 9464, "health and metrics of the server")
    configuration = Configuration(
        root=root,
        state=state_directory(environment, root),
        environment=environment,
        grpc=reader.port("CALLSHEET_GRPC_PORT", 50051, "gRPC"),
        http=reader.port("CALLSHEET_HTTP_PORT", 8080, "HTTP"),
        server_metrics=metrics,
        worker_metrics=reader.port(
            "CALLSHEET_WORKER_METRICS_PORT", metrics.number + 1, "health and metrics of the worker"
        ),
        stream_metrics=reader.port(
            "CALLSHEET_STREAM_METRICS_PORT", metrics.number + 2, "health and metrics of the stream"
        ),
    )
    for one, other in itertools.combinations(configuration.ports, 2):
        if one.number == other.number:
            reader.problems.append(f"{one.variable} and {other.variable} are both {one.number}: give each its own")
    if reader.problems:
        raise BadConfiguration("\n".join(reader.problems))
    return configuration


def state_directory(environment: Mapping[str, str], root: Path) -> Path:
    """Where the embedded parts keep their data; a relative one is below the checkout."""
    return (root / (environment.get(STATE_VARIABLE, "").strip() or DEFAULT_STATE)).absolute()


class _Reader:
    """Collects what is wrong, so that a developer mends everything in one go."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self.problems: list[str] = []

    def port(self, variable: str, default: int, purpose: str) -> Port:
        text = self._environment.get(variable, "").strip() or str(default)
        number = int(text) if text.isascii() and text.isdigit() else 0
        if not 1 <= number <= 65535:
            self.problems.append(f"{variable} must be a port from 1 to 65535, and is {text!r}")
        return Port(variable, number, purpose)
