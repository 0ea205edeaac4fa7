"""What the descriptors know about the API beyond what a Swagger plugin asks: access, comments, idempotency, streams."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

ERROR_REASONS = "callsheet/common/v1/error_reason.proto"
RAW_BODY = ".google.api.HttpBody"
ACCESS = "callsheet.options.v1.access"
HTTP_RULE = "google.api.http"
# Field numbers of FileDescriptorProto.service, .enum_type and EnumDescriptorProto.value, which comments are filed by.
SERVICE_PATH, ENUM_PATH, VALUE_PATH = 6, 5, 2


@dataclass(frozen=True, slots=True)
class Rpc:
    """One RPC as the document describes it."""

    anonymous: bool
    streams: bool
    raw_body: bool
    raw_answer: bool
    idempotent_by_key: bool


class Api:
    """Every service of one image."""

    def __init__(self, files: descriptor_pb2.FileDescriptorSet) -> None:
        self._files = [file for file in files.file if file.name.startswith("callsheet/")]
        pool = descriptor_pool.DescriptorPool()
        for file in files.file:
            pool.Add(file)
        # The options' generated classes may not exist yet, so options are read through a pool of their own.
        self._options = message_factory.GetMessageClass(pool.FindMessageTypeByName("google.protobuf.MethodOptions"))
        self._messages = {
            f".{file.package}.{message.name}": message for file in self._files for message in file.message_type
        }

    def over_http(self) -> Iterator[tuple[descriptor_pb2.FileDescriptorProto, str]]:
        """File and name of each service with at least one HTTP rule; there are no handlers for others."""
        for file in self._files:
            for service in file.service:
                if any(HTTP_RULE in self._options_of(method) for method in service.method):
                    yield file, service.name

    def rpcs(self) -> Mapping[str, Rpc]:
        """By the operation's id that the plugin gives: service and method with an underscore between."""
        return {
            f"{service.name}_{method.name}": self._rpc(method)
            for file in self._files
            for service in file.service
            for method in service.method
        }

    def services(self) -> Iterator[tuple[str, str]]:
        """Name and first paragraph of the comment, in the order of the files."""
        for file in self._files:
            for index, service in enumerate(file.service):
                yield service.name, comment(file, SERVICE_PATH, index)

    def reasons(self) -> Mapping[str, str]:
        """Every reason an error may carry, without the enum's prefix, and what it means."""
        file = next(file for file in self._files if file.name == ERROR_REASONS)
        return {
            value.name.removeprefix("ERROR_REASON_"): comment(file, ENUM_PATH, 0, VALUE_PATH, number)
            for number, value in enumerate(file.enum_type[0].value)
            if value.number != 0
        }

    def _rpc(self, method: descriptor_pb2.MethodDescriptorProto) -> Rpc:
        request = self._messages.get(method.input_type, descriptor_pb2.DescriptorProto())
        return Rpc(
            anonymous=self._options_of(method)[ACCESS].anonymous,
            streams=method.server_streaming,
            raw_body=method.input_type == RAW_BODY,
            raw_answer=method.output_type == RAW_BODY,
            idempotent_by_key=any(field.name == "idempotency_key" for field in request.field),
        )

    def _options_of(self, method: descriptor_pb2.MethodDescriptorProto) -> Mapping[str, Any]:
        options = self._options.FromString(method.options.SerializeToString())
        return {field.full_name: value for field, value in options.ListFields()}


def comment(file: descriptor_pb2.FileDescriptorProto, *path: int) -> str:
    """The comment before an element, as one paragraph."""
    for location in file.source_code_info.location:
        if tuple(location.path) == path:
            return " ".join(location.leading_comments.split())
    return ""
