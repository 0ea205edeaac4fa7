"""Runs protoc from the grpcio-tools package with the Go plugins that go.mod pins. Nothing is read from the network."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from google.protobuf import descriptor_pb2

GO_MODULE = "callsheet/gateway"
VALIDATE = "buf/validate/validate.proto"
PLUGINS = {
    "protoc-gen-go": "google.golang.org/protobuf/cmd/protoc-gen-go",
    "protoc-gen-go-grpc": "google.golang.org/grpc/cmd/protoc-gen-go-grpc",
    "protoc-gen-grpc-gateway": "github.com/grpc-ecosystem/grpc-gateway/v2/protoc-gen-grpc-gateway",
    "protoc-gen-openapiv2": "github.com/grpc-ecosystem/grpc-gateway/v2/protoc-gen-openapiv2",
}


def build_plugins(tools: Path, module: Path) -> Mapping[str, Path]:
    """The plugins at the versions of go.mod, as executables; Go's cache makes every later call cheap."""
    run([os.environ.get("GO", "go"), "build", "-o", f"{tools}/", *PLUGINS.values()], cwd=module)
    return {name: tools / name for name in PLUGINS}


class Protoc:
    """The compiler over one image of all protos with their imports, which the project's own generator makes."""

    def __init__(self, root: Path, scratch: Path, plugins: Mapping[str, Path]) -> None:
        self._image = scratch / "image.binpb"
        self._scratch = scratch
        self._plugins = plugins
        run([sys.executable, "-m", "devstack.codegen", "--image", str(self._image)], cwd=root / "src")
        self.files = descriptor_pb2.FileDescriptorSet.FromString(self._image.read_bytes())
        self._own = [file.name for file in self.files.file if file.name.startswith("callsheet/")]

    def go(self, target: Path) -> None:
        """Messages, gRPC stubs and HTTP handlers, buf/validate's messages among them."""
        module = f"module={GO_MODULE}/gen"
        self._run(
            [*self._plugin("go", target, module), *self._plugin("go-grpc", target, module)], [*self._own, VALIDATE]
        )
        self._run(self._plugin("grpc-gateway", target, module), self._own)

    def swagger(self) -> str:
        """One merged Swagger 2.0 document, in the vocabulary of the protos."""
        options = (
            "allow_merge=true",
            "merge_file_name=callsheet",
            "json_names_for_fields=false",
            "openapi_naming_strategy=simple",
        )
        self._run(self._plugin("openapiv2", self._scratch, *options), self._own)
        return (self._scratch / "callsheet.swagger.json").read_text(encoding="utf-8")

    def _plugin(self, name: str, target: Path, *options: str) -> list[str]:
        executable = f"protoc-gen-{name}"
        packages = [f"M{source}={go_package(source)}" for source in [*self._own, VALIDATE]]
        flags = [f"--{name}_opt={option}" for option in [*options, *packages]]
        return [f"--plugin={executable}={self._plugins[executable]}", f"--{name}_out={target}", *flags]

    def _run(self, arguments: Sequence[str], sources: Sequence[str]) -> None:
        protoc = [sys.executable, "-m", "grpc_tools.protoc", f"--descriptor_set_in={self._image}"]
        run([*protoc, *arguments, *sources], cwd=self._scratch)


def run(command: Sequence[str], cwd: Path) -> None:
    """One step; what it complains about is printed, and the first failure ends the whole."""
    done = subprocess.run(command, cwd=cwd, check=False)
    if done.returncode != 0:
        raise SystemExit(f"failed: {' '.join(command[:4])} …")


def go_package(source: str) -> str:
    """`callsheet/booking/v1/booking.proto` becomes package bookingv1 below gen/."""
    folder = Path(source).parent
    return f"{GO_MODULE}/gen/{folder.as_posix()};{''.join(folder.parts[-2:])}"
