"""Callsheet's own processes as children, and the environment they share."""

import base64
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path

from devstack.configuration import Configuration
from devstack.ports import LOOPBACK
from devstack.probes import grpc_serves, http_answers
from devstack.program import Probe, Program
from devstack.state import State

WEBHOOK_PATH = "/v1/webhooks/stripe"


def shared_environment(configuration: Configuration, state: State) -> dict[str, str]:
    """What every process is told beside where its parts are. What the developer's environment says is kept."""
    defaults = {
        "CALLSHEET_STATE_DIR": str(state.directory),
        "CALLSHEET_PERSONAL_DATA_KEY": state.secret("personal-data-key", _base64_key),
        "CALLSHEET_PEPPER": state.secret("pepper"),
        "CALLSHEET_PAGE_TOKEN_KEY": state.secret("page-token-key"),
        "CALLSHEET_IMPRESSION_TOKEN_KEYS": f"1:{state.secret('impression-token-key', _base64_key)}",
        "CALLSHEET_JWT_ISSUER": "callsheet",
        "CALLSHEET_JWT_AUDIENCE": "callsheet",
        "CALLSHEET_PUBLIC_URL": _http(configuration),
        "CALLSHEET_REFLECTION": "true",
        "CALLSHEET_LOG_FORMAT": "console",
        # Everything has to be gone half a minute after Ctrl-C, so calls in progress get a part of that.
        "CALLSHEET_DRAIN_SECONDS": "10",
        "CALLSHEET_HTTP_DRAIN_SECONDS": "5",
    }
    if not configuration.given("CALLSHEET_JWKS_URL"):
        defaults["CALLSHEET_JWT_KEY"] = state.secret("jwt-key")
    ports = {port.variable: str(port.number) for port in configuration.ports}
    given = {name: value for name, value in configuration.environment.items() if value.strip()}
    return {**defaults, **given, **ports}


def server(configuration: Configuration, environment: Mapping[str, str]) -> Program:
    healthy = _healthz(configuration.server_metrics.number)
    # With TLS the status page alone is asked: a client certificate for the supervisor would prove nothing more.
    probe = healthy if configuration.given("CALLSHEET_TLS_CERT") else _both(healthy, grpc_serves(_grpc(configuration)))
    return _command("server", "serve", probe, environment, configuration.root)


def worker(configuration: Configuration, environment: Mapping[str, str]) -> Program:
    return _command("worker", "worker", _healthz(configuration.worker_metrics.number), environment, configuration.root)


def stream(configuration: Configuration, environment: Mapping[str, str]) -> Program:
    """One cluster of processes: when one of them dies, the command ends, and all of them start again."""
    return _command("stream", "stream", _healthz(configuration.stream_metrics.number), environment, configuration.root)


def gateway(configuration: Configuration, environment: Mapping[str, str], binary: Path) -> Program:
    targets = {"CALLSHEET_GRPC_TARGETS": _grpc(configuration)}
    return Program(
        name="gateway",
        argv=(str(binary),),
        probe=_healthz(configuration.http.number),
        environment={**targets, **environment},
        directory=configuration.root,
    )


def webhook_url(configuration: Configuration) -> str:
    return f"{_http(configuration)}{WEBHOOK_PATH}"


def _command(name: str, command: str, probe: Probe, environment: Mapping[str, str], root: Path) -> Program:
    return Program(
        name=name,
        argv=(sys.executable, "-m", "server.cli", command),
        probe=probe,
        environment=environment,
        directory=root,
    )


def _grpc(configuration: Configuration) -> str:
    return f"{configuration.given('CALLSHEET_GRPC_HOST') or LOOPBACK}:{configuration.grpc.number}"


def _http(configuration: Configuration) -> str:
    return f"http://{LOOPBACK}:{configuration.http.number}"


def _healthz(port: int) -> Probe:
    return http_answers(f"http://{LOOPBACK}:{port}/healthz")


def _both(one: Probe, other: Probe) -> Probe:
    async def probe() -> None:
        await one()
        await other()

    return probe


def _base64_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()
