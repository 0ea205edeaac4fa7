"""What keeps a gateway from starting is said at once and by name."""

import os
import re
import socket
import subprocess
from pathlib import Path

from devstack.codegen.layout import ROOT

GATEWAY = ROOT / "gateway"


def start(binary: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [binary], env=os.environ | environment, capture_output=True, text=True, timeout=30, check=False
    )


def test_every_bad_setting_is_named(gateway_binary: Path) -> None:
    ended = start(
        gateway_binary, CALLSHEET_HTTP_PORT="http", CALLSHEET_GRPC_TARGETS="server", CALLSHEET_LOG_FORMAT="xml"
    )
    assert ended.returncode == 1
    for name in ("CALLSHEET_HTTP_PORT", "CALLSHEET_GRPC_TARGETS", "CALLSHEET_LOG_FORMAT"):
        assert name in ended.stderr


def test_every_setting_is_documented() -> None:
    source = (GATEWAY / "internal" / "config" / "config.go").read_text(encoding="utf-8")
    page = (GATEWAY / "README.md").read_text(encoding="utf-8")
    documented = re.findall(r"^\| `(CALLSHEET_\w+)` \|", page, re.MULTILINE)
    assert sorted(documented) == sorted(set(re.findall(r'"(CALLSHEET_\w+)"', source)))


def test_a_taken_port_is_said_so(gateway_binary: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = start(gateway_binary, CALLSHEET_HTTP_PORT=str(port), CALLSHEET_GRPC_TARGETS="127.0.0.1:1")
    assert ended.returncode == 1
    assert f"127.0.0.1:{port} is taken by another process" in ended.stderr


def test_a_missing_certificate_is_said_so(gateway_binary: Path, tmp_path: Path) -> None:
    ended = start(gateway_binary, CALLSHEET_GRPC_TLS_CA=str(tmp_path / "none.pem"))
    assert ended.returncode == 1
    assert "CALLSHEET_GRPC_TLS_CA" in ended.stderr
