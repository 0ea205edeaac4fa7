"""Every RPC with who may call it and where the gateway offers it."""

from callsheet.options.v1 import access_pb2
from devstack.docs.api import Api, Method, Service
from devstack.docs.text import WRITTEN, one_line, table

_INTRODUCTION = """
# RPCs

*Who* lists the roles that are admitted. *Their own*: the named field must equal the caller, unless staff or a service
calls. *A party*: for anybody who is no party, the thing does not exist. *Again* says what makes repeating a call safe:
it reads only, or it takes an `idempotency_key` (over HTTP the header `Idempotency-Key`), or it is idempotent by nature.
"""
_OWN = {
    access_pb2.OWN_SELF: "their own",
    access_pb2.OWN_PARTY: "a party",
}


def render(api: Api) -> str:
    """`docs/rpcs.md`."""
    return WRITTEN + _INTRODUCTION + "".join(_section(service) for service in api.services)


def _section(service: Service) -> str:
    rows = [
        (f"`{method.name}`{_streams(method)}", _http(method), who(method), again(method)) for method in service.methods
    ]
    described = "".join(f"- `{method.name}`: {one_line(method.comment)}\n" for method in service.methods)
    return (
        f"\n## {service.name}\n\n{one_line(service.comment)}\n\n"
        f"{table(('RPC', 'HTTP', 'who', 'again'), rows)}\n{described}"
    )


def _http(method: Method) -> str:
    return f"`{method.http_rule}`" if method.http_rule else "–"


def _streams(method: Method) -> str:
    return {
        (False, False): "",
        (False, True): " (server stream)",
        (True, False): " (client stream)",
        (True, True): " (bidirectional stream)",
    }[method.client_streams, method.server_streams]


def who(method: Method) -> str:
    """The roles in words, and what ties them to the thing named."""
    if method.access.anonymous:
        return "anybody"
    roles = ", ".join(access_pb2.Role.Name(role).removeprefix("ROLE_").lower() for role in method.access.roles)
    own = _OWN.get(method.access.own)
    if own is None:
        return roles
    return f"{roles}; {own} (`{method.access.own_field}`)" if method.access.own_field else f"{roles}; {own}"


def again(method: Method) -> str:
    """Why a client may repeat it; a dash where it may not."""
    if method.reads_only:
        return "reads only"
    if method.takes_key:
        return "key"
    return "idempotent" if method.repeatable else "–"
