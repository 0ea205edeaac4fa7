"""Runs protoc, with the imports that this project takes from Python packages instead of vendoring them."""

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from google.protobuf import descriptor_pb2, duration_pb2, field_mask_pb2, timestamp_pb2
from protovalidate._gen.buf.validate import validate_pb

from devstack.codegen.layout import PROTOS

VALIDATE = "buf/validate/validate.proto"


class ProtocFailed(Exception):
    """protoc refused the protos; the message is what it printed."""


def proto_names(root: Path = PROTOS) -> list[str]:
    """Every proto below `root`, as protoc and `import` name it."""
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*.proto"))


def generate() -> dict[str, bytes]:
    """The Python packages `callsheet` and `buf`, as relative path to content."""
    names = [VALIDATE, *proto_names()]
    with_services = [name for name in proto_names() if _declares_a_service(PROTOS / name)]
    with tempfile.TemporaryDirectory(prefix="callsheet-gen-") as directory:
        out = Path(directory)
        _protoc([f"--python_out={out}", *_plugin("mypy", "quiet", out)], names)
        if with_services:
            # The servers and the clients of this project are all grpc.aio, so the stubs are typed for that alone.
            _protoc([f"--grpc_python_out={out}", *_plugin("mypy_grpc", "quiet,only_async", out)], with_services)
        generated = {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}
    return generated | _package_markers(generated)


def build_image(path: Path, root: Path = PROTOS) -> None:
    """Writes the protos below `root` with all their imports and comments as one descriptor set, which buf reads."""
    options = [f"--descriptor_set_out={path}", "--include_imports", "--include_source_info"]
    _protoc(options, proto_names(root), root)


def _protoc(options: Sequence[str], names: Sequence[str], root: Path = PROTOS) -> None:
    with tempfile.TemporaryDirectory(prefix="callsheet-protoc-") as directory:
        imports = Path(directory) / "imports.binpb"
        imports.write_bytes(_validate_descriptors().SerializeToString(deterministic=True))
        includes = [f"-I{root}", f"-I{_packaged_protos()}", f"-I{files('grpc_tools') / '_proto'}"]
        command = [sys.executable, "-m", "grpc_tools.protoc", f"--descriptor_set_in={imports}", *includes]
        result = subprocess.run([*command, *options, *names], capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise ProtocFailed(result.stderr.strip())


def _plugin(name: str, parameters: str, out: Path) -> list[str]:
    executable = Path(sys.executable).with_name(f"protoc-gen-{name}")
    return [f"--plugin=protoc-gen-{name}={executable}", f"--{name}_out={parameters}:{out}"]


def _packaged_protos() -> Path:
    """The directory that holds google/api and google/rpc, installed by googleapis-common-protos."""
    (google, *_) = [Path(str(path)) for path in files("google.api").iterdir() if path.name == "annotations.proto"]
    return google.parents[2]


def _validate_descriptors() -> descriptor_pb2.FileDescriptorSet:
    """buf/validate as a descriptor, since the protovalidate package carries that and no proto source."""
    result = descriptor_pb2.FileDescriptorSet()
    for module in (descriptor_pb2, duration_pb2, timestamp_pb2, field_mask_pb2):
        module.DESCRIPTOR.CopyToProto(result.file.add())
    result.file.add().ParseFromString(validate_pb.desc().proto.to_binary())
    return result


def _declares_a_service(path: Path) -> bool:
    return any(line.startswith("service ") for line in path.read_text(encoding="utf-8").splitlines())


def _package_markers(generated: dict[str, bytes]) -> dict[str, bytes]:
    directories = {parent for name in generated for parent in Path(name).parents if parent != Path()}
    markers = {f"{directory.as_posix()}/__init__.py": b"" for directory in directories}
    tops = {Path(name).parts[0] for name in generated}
    return markers | {f"{top}/py.typed": b"" for top in tops}
