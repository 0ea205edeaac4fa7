"""Walks the protos' descriptors: services, methods, and what requests are made of."""

from collections.abc import Iterator
from importlib import import_module

from google.protobuf.descriptor import Descriptor, FieldDescriptor, FileDescriptor, MethodDescriptor, ServiceDescriptor

from callsheet.options.v1 import access_pb2
from devstack.codegen.protos import proto_names


def files() -> Iterator[FileDescriptor]:
    """Every proto file of the project."""
    for name in proto_names():
        yield import_module(name.removesuffix(".proto").replace("/", ".") + "_pb2").DESCRIPTOR


def services() -> list[ServiceDescriptor]:
    """Every service of the project."""
    return [service for file in files() for service in file.services_by_name.values()]


def methods() -> list[MethodDescriptor]:
    """Every RPC of the project."""
    return [method for service in services() for method in service.methods]


def access(method: MethodDescriptor) -> access_pb2.Access:
    """What the RPC's option says; empty where there is none."""
    return method.GetOptions().Extensions[access_pb2.access]


def request_fields() -> dict[str, FieldDescriptor]:
    """Every field that a caller can send, by its full name: those of requests and of the messages inside them."""
    found: dict[str, FieldDescriptor] = {}
    for method in methods():
        _collect(method.input_type, found)
    return found


def _collect(message: Descriptor, found: dict[str, FieldDescriptor]) -> None:
    if not message.full_name.startswith("callsheet."):
        return
    for field in message.fields:
        if field.full_name in found:
            continue
        found[field.full_name] = field
        if field.message_type is not None:
            _collect(field.message_type, found)
