"""What a method is, read once from its descriptor: types, access, and whether it streams."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from callsheet.options.v1 import access_pb2
from server.core.call import Role

_ROLES = {
    access_pb2.ROLE_USER: Role.USER,
    access_pb2.ROLE_AGENT: Role.AGENT,
    access_pb2.ROLE_FINANCE: Role.FINANCE,
    access_pb2.ROLE_ADMIN: Role.ADMIN,
    access_pb2.ROLE_SERVICE: Role.SERVICE,
}


class Servicer(Protocol):
    """Anything that has a method for each RPC of its service; the architecture tests hold it to that."""


@dataclass(frozen=True, slots=True)
class Method:
    """An RPC as the layers see it."""

    path: str
    """As it stands in the request line: `/callsheet.booking.v1.BookingService/GetOrder`."""
    service: str
    name: str
    request_type: type[Message]
    client_streaming: bool
    server_streaming: bool
    roles: frozenset[Role]
    anonymous: bool
    self_field: str
    """The request field that must equal the caller; empty where none must."""

    @property
    def unary(self) -> bool:
        return not (self.client_streaming or self.server_streaming)


def methods_of(service: ServiceDescriptor) -> Iterable[Method]:
    """Every RPC of a service, with its access option."""
    for descriptor in service.methods:
        yield _method(service, descriptor)


def _method(service: ServiceDescriptor, descriptor: MethodDescriptor) -> Method:
    access = descriptor.GetOptions().Extensions[access_pb2.access]
    return Method(
        path=f"/{service.full_name}/{descriptor.name}",
        service=service.full_name,
        name=descriptor.name,
        request_type=GetMessageClass(descriptor.input_type),
        client_streaming=descriptor.client_streaming,
        server_streaming=descriptor.server_streaming,
        roles=frozenset(_ROLES[role] for role in access.roles),
        anonymous=access.anonymous,
        self_field=access.own_field if access.own == access_pb2.OWN_SELF else "",
    )
