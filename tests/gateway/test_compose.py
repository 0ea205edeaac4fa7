"""The compose file loads as the engine loads it, and speaks of commands, settings and ports that exist."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import typer

from devstack.codegen.layout import ROOT
from devstack.golang import GoUnavailable, find_go
from devstack.valkey import BUDGET_SETTINGS, EVENT_LOG_SETTINGS
from server.cli import app
from server.config import Settings, variable_name
from tests.support.require import require

Json = dict[str, Any]

LOADER = ROOT / "docker" / "loader"
COMPOSE_FILE = ROOT / "docker-compose.yml"
EXAMPLE = ROOT / "docker" / "example.env"
AWS = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"}
"""What the S3 client reads itself."""
OURS = ("server", "worker", "stream")


def required_variables() -> dict[str, str]:
    """What the example asks a reader to fill in, filled in."""
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    return {line.removesuffix("="): "filled1in" for line in lines if re.fullmatch(r"[A-Z_]+=", line)}


@pytest.fixture(scope="module")
def loader(tmp_path_factory: pytest.TempPathFactory) -> Path:
    try:
        go = find_go()
    except GoUnavailable as failure:
        require("go", available=False, reason=str(failure))
        raise
    binary = tmp_path_factory.mktemp("loader") / "loader"
    environment = os.environ | {"GOTOOLCHAIN": "local", "GOWORK": "off"}
    subprocess.run([go, "build", "-o", binary, "."], cwd=LOADER, env=environment, check=True)
    return binary


def load(loader: Path, variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "HOME": str(Path.home()), **variables}
    return subprocess.run([loader, COMPOSE_FILE], env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def services(loader: Path) -> dict[str, Json]:
    loaded = load(loader, required_variables())
    assert loaded.returncode == 0, loaded.stderr
    found: dict[str, Json] = json.loads(loaded.stdout)["services"]
    return found


@pytest.mark.parametrize("missing", sorted(required_variables()))
def test_nothing_starts_while_a_secret_is_missing(loader: Path, missing: str) -> None:
    variables = required_variables()
    del variables[missing]
    refused = load(loader, variables)
    assert refused.returncode != 0
    assert f"required variable {missing} is missing" in refused.stderr


def test_the_file_asks_for_nothing_that_the_example_does_not_list() -> None:
    text = COMPOSE_FILE.read_text(encoding="utf-8")
    asked = set(re.findall(r"\$\{([A-Z0-9_]+)", text))
    listed = set(re.findall(r"^#?([A-Z0-9_]+)=", EXAMPLE.read_text(encoding="utf-8"), re.MULTILINE))
    assert asked == listed


def test_commands_are_those_of_the_command_line(services: dict[str, Json]) -> None:
    known = set(getattr(typer.main.get_command(app), "commands", {}))
    assert {services[name]["command"][0] for name in OURS} == {"serve", "worker", "stream"} <= known


def test_settings_are_those_that_the_server_reads(services: dict[str, Json]) -> None:
    known = {variable_name(field) for field in Settings.model_fields} | AWS
    for name in (*OURS, "bucket"):
        assert set(services[name]["environment"]) <= known, name


def test_the_settings_are_enough_to_start(services: dict[str, Json], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(("CALLSHEET_", "STRIPE_"))]:
        monkeypatch.delenv(name)
    for name, value in services["server"]["environment"].items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("CALLSHEET_PERSONAL_DATA_KEY", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")
    monkeypatch.setenv("CALLSHEET_IMPRESSION_TOKEN_KEYS", "1:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")
    settings = Settings()
    needed = (
        "database_url",
        "jwt_key|jwks_url",
        "personal_data_key",
        "pepper",
        "page_token_key",
        "impression_token_keys",
        "stripe_api_key",
    )
    assert settings.missing(*needed) == []
    assert settings.grpc_address == "0.0.0.0:50051"


def test_the_gateways_settings_are_those_that_it_reads(services: dict[str, Json]) -> None:
    source = (ROOT / "gateway" / "internal" / "config" / "config.go").read_text(encoding="utf-8")
    known = set(re.findall(r'"(CALLSHEET_[A-Z_]+)"', source))
    assert set(services["gateway"]["environment"]) <= known


def test_ports_are_those_that_the_programs_listen_on(
    services: dict[str, Json], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("CALLSHEET_")]:
        monkeypatch.delenv(name)
    defaults = Settings()
    assert services["gateway"]["environment"]["CALLSHEET_GRPC_TARGETS"] == f"server:{defaults.grpc_port}"
    assert services["gateway"]["ports"][0]["target"] == defaults.http_port
    ports = (defaults.metrics_port, defaults.worker_port, defaults.stream_port)
    for name, port in zip(OURS, ports, strict=True):
        assert f":{port}/healthz" in services[name]["healthcheck"]["test"][-1], name


def test_everything_that_stays_is_healthy_before_somebody_needs_it(services: dict[str, Json]) -> None:
    jobs = {"migrations", "bucket"}
    assert {name for name, service in services.items() if "healthcheck" not in service} == jobs
    for name, service in services.items():
        for needed, how in service.get("depends_on", {}).items():
            expected = "service_completed_successfully" if needed in jobs else "service_healthy"
            assert how["condition"] == expected, f"{name} needs {needed}"


def test_only_the_gateway_and_the_mail_page_are_reachable_from_outside(services: dict[str, Json]) -> None:
    published = {name: service["ports"] for name, service in services.items() if service.get("ports")}
    assert set(published) == {"gateway", "mail"}
    assert published["mail"][0]["host_ip"] == "127.0.0.1"


def test_our_containers_can_do_little(services: dict[str, Json]) -> None:
    for name in (*OURS, "gateway", "migrations", "bucket"):
        service = services[name]
        assert service["read_only"], name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name


def test_both_valkeys_keep_what_they_must(services: dict[str, Json]) -> None:
    def options(name: str) -> set[tuple[str, str]]:
        words = services[name]["command"][1:]
        return set(zip(words[::2], words[1::2], strict=True))

    def pairs(words: tuple[str, ...]) -> set[tuple[str, str]]:
        return set(zip(words[::2], words[1::2], strict=True))

    assert pairs(EVENT_LOG_SETTINGS) <= options("log")
    assert pairs(BUDGET_SETTINGS) <= options("budgets")


def test_images_name_their_version_and_no_registry(services: dict[str, Json]) -> None:
    taken = [service["image"] for service in services.values() if "build" not in service]
    for dockerfile in (ROOT / "docker").glob("*.Dockerfile"):
        stages = re.findall(r"^FROM (\S+)", dockerfile.read_text(encoding="utf-8"), re.MULTILINE)
        taken += [stage for stage in stages if stage != "scratch"]
    for image in taken:
        name, _, tag = image.partition(":")
        assert re.match(r"v?\d", tag), image
        assert "." not in name, f"{image} names a host"
