"""Generates the gateway's Go code and the OpenAPI document from the protos: `python gateway/codegen [--docs]`.

Everything lands in gateway/gen, which is never committed. With --docs the OpenAPI document is also written to
docs/openapi/callsheet.json, the one generated file that is.
"""

import shutil
import sys
import tempfile
from pathlib import Path

import openapi
import registry
from protoc import Protoc, build_plugins

GATEWAY = Path(__file__).resolve().parent.parent
ROOT = GATEWAY.parent
SERVICE_CONFIG = ROOT / "docs" / "grpc_service_config.json"
PUBLISHED_OPENAPI = ROOT / "docs" / "openapi" / "callsheet.json"


def main() -> None:
    """Builds the pinned plugins, generates into a fresh directory, and only then replaces the old one."""
    (GATEWAY / "bin").mkdir(exist_ok=True)
    plugins = build_plugins(GATEWAY / "bin" / "tools", GATEWAY)
    with tempfile.TemporaryDirectory(dir=GATEWAY / "bin") as name:
        scratch = Path(name)
        target = scratch / "gen"
        target.mkdir()
        generate(Protoc(ROOT, scratch, plugins), target)
        replace(GATEWAY / "gen", target)
    if "--docs" in sys.argv[1:]:
        PUBLISHED_OPENAPI.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(GATEWAY / "gen" / "assets" / "openapi.json", PUBLISHED_OPENAPI)


def generate(protoc: Protoc, target: Path) -> None:
    """Go messages, stubs and handlers, the list of services, and the documents the binary embeds."""
    protoc.go(target)
    registry.write(protoc.files, target / "registry")
    assets = target / "assets"
    assets.mkdir()
    (assets / "openapi.json").write_text(openapi.document(protoc.swagger(), protoc.files), encoding="utf-8")
    published = SERVICE_CONFIG.read_text(encoding="utf-8") if SERVICE_CONFIG.exists() else "{}\n"
    (assets / "grpc_service_config.json").write_text(published, encoding="utf-8")
    registry.write_assets(assets)


def replace(old: Path, new: Path) -> None:
    """Swaps the directories, so that an interrupted run leaves the former code whole."""
    shutil.rmtree(old, ignore_errors=True)
    new.rename(old)


if __name__ == "__main__":
    main()
