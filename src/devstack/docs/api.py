"""The API as its protos describe it, with their comments, which generated Python modules do not carry."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from google.api import annotations_pb2, http_pb2
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
    MethodDescriptorProto,
    MethodOptions,
)

from callsheet.options.v1 import access_pb2
from devstack.codegen.protos import build_image

# The steps of a comment's path: field numbers of FileDescriptorProto, EnumDescriptorProto and ServiceDescriptorProto.
_ENUM, _ENUM_VALUE, _SERVICE, _METHOD = 5, 2, 6, 2


@dataclass(frozen=True, slots=True)
class Method:
    """One RPC with what its options say."""

    name: str
    comment: str
    access: access_pb2.Access
    http: http_pb2.HttpRule
    request: DescriptorProto
    client_streams: bool
    server_streams: bool
    idempotency_level: "MethodOptions.IdempotencyLevel.ValueType"

    @property
    def http_rule(self) -> str:
        """Such as `GET /v1/orders/{order_id}`; empty for an RPC that the gateway does not offer."""
        verb = self.http.WhichOneof("pattern")
        return f"{verb.upper()} {getattr(self.http, verb)}" if verb in {"get", "post", "put", "patch", "delete"} else ""

    @property
    def reads_only(self) -> bool:
        """Whether calling it changes nothing."""
        return bool(self.http.get) or self.idempotency_level == MethodOptions.NO_SIDE_EFFECTS

    @property
    def takes_key(self) -> bool:
        """Whether a repetition is recognised by its idempotency key."""
        return any(field.name == "idempotency_key" for field in self.request.field)

    @property
    def repeatable(self) -> bool:
        """Whether a client may send it again without knowing what became of the first time."""
        return self.reads_only or self.takes_key or self.idempotency_level == MethodOptions.IDEMPOTENT


@dataclass(frozen=True, slots=True)
class Service:
    """One gRPC service, by its full name."""

    name: str
    comment: str
    methods: tuple[Method, ...]


@dataclass(frozen=True, slots=True)
class EnumValue:
    """One value of an enum, with the comment above it."""

    name: str
    comment: str


@dataclass(frozen=True, slots=True)
class Api:
    """All services and enums of the package `callsheet`."""

    services: tuple[Service, ...]
    enums: dict[str, tuple[EnumValue, ...]]


def read_api() -> Api:
    """Compiles the protos and reads them back with their comments."""
    with tempfile.TemporaryDirectory(prefix="callsheet-docs-") as directory:
        path = Path(directory) / "image.binpb"
        build_image(path)
        image = FileDescriptorSet.FromString(path.read_bytes())
    messages = {f".{file.package}.{message.name}": message for file in image.file for message in file.message_type}
    ours = [file for file in image.file if file.package.startswith("callsheet.")]
    services = [service for file in ours for service in _services(file, messages)]
    enums = [enum for file in ours for enum in _enums(file)]
    return Api(tuple(sorted(services, key=lambda service: service.name)), dict(enums))


def _services(file: FileDescriptorProto, messages: dict[str, DescriptorProto]) -> list[Service]:
    comments = _comments(file)
    return [
        Service(
            name=f"{file.package}.{service.name}",
            comment=comments.get((_SERVICE, index), ""),
            methods=tuple(
                _method(method, comments.get((_SERVICE, index, _METHOD, number), ""), messages[method.input_type])
                for number, method in enumerate(service.method)
            ),
        )
        for index, service in enumerate(file.service)
    ]


def _method(method: MethodDescriptorProto, comment: str, request: DescriptorProto) -> Method:
    return Method(
        name=method.name,
        comment=comment,
        access=method.options.Extensions[access_pb2.access],
        http=_http(method),
        request=request,
        client_streams=method.client_streaming,
        server_streams=method.server_streaming,
        idempotency_level=method.options.idempotency_level,
    )


def _http(method: MethodDescriptorProto) -> http_pb2.HttpRule:
    # The stubs of googleapis type an extension as a mere descriptor, which is no key to mypy.
    rule: http_pb2.HttpRule = method.options.Extensions[annotations_pb2.http]  # type: ignore[index]
    return rule


def _enums(file: FileDescriptorProto) -> list[tuple[str, tuple[EnumValue, ...]]]:
    comments = _comments(file)
    return [
        (
            f"{file.package}.{enum.name}",
            tuple(
                EnumValue(value.name, comments.get((_ENUM, index, _ENUM_VALUE, number), ""))
                for number, value in enumerate(enum.value)
            ),
        )
        for index, enum in enumerate(file.enum_type)
    ]


def _comments(file: FileDescriptorProto) -> dict[tuple[int, ...], str]:
    """Leading comments by the path of what they stand above, without the lines that speak to buf."""
    return {
        tuple(location.path): "\n".join(
            line.strip() for line in location.leading_comments.splitlines() if not line.strip().startswith("buf:")
        ).strip()
        for location in file.source_code_info.location
        if location.leading_comments
    }
