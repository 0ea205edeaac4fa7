"""Every RPC is served, and every handler is three statements: parse, call, render."""

import ast
import inspect
from importlib import import_module

import pytest
from google.protobuf.descriptor import ServiceDescriptor

from devstack.codegen.layout import SOURCES
from devstack.docs.discovery import server_modules
from tests.architecture.api import services
from tests.architecture.source import classes, files_below, place, tree

DECISIONS = (ast.Try, ast.TryStar, ast.If, ast.IfExp, ast.Match, ast.While)


def generated_base(service: ServiceDescriptor) -> type[object]:
    """The class that protoc wrote for the service; its methods answer UNIMPLEMENTED."""
    module = service.file.name.removesuffix(".proto").replace("/", ".") + "_pb2_grpc"
    found: type[object] = getattr(import_module(module), f"{service.name}Servicer")
    return found


def servicers_of(base: type[object]) -> set[type[object]]:
    """The classes of the server that implement it."""
    everything = [value for module in server_modules() for value in vars(module).values()]
    return {value for value in everything if inspect.isclass(value) and issubclass(value, base) and value is not base}


@pytest.mark.parametrize("service", [pytest.param(service, id=service.name) for service in services()])
def test_no_rpc_answers_unimplemented(service: ServiceDescriptor) -> None:
    base = generated_base(service)
    found = servicers_of(base)
    assert len(found) == 1, f"served by {found or 'nobody'}"
    (servicer,) = found
    missing = {
        method.name for method in service.methods if getattr(servicer, method.name) is getattr(base, method.name)
    }
    assert missing == set()


def test_every_service_is_registered_where_everything_is_composed() -> None:
    root = SOURCES / "server"
    composition = [root / "bootstrap.py", *(root / "bootstrap").rglob("*.py")]
    text = "".join(path.read_text(encoding="utf-8") for path in composition if path.exists())
    unregistered = {service.name for service in services() if f'services_by_name["{service.name}"]' not in text}
    assert unregistered == set()


def handlers() -> list[tuple[str, ast.AsyncFunctionDef]]:
    """Every RPC handler of every servicer, and where it stands."""
    return [
        (place(path, method), method)
        for path in files_below("src/server", suffix=".py")
        if path.name == "servicer.py" or "servicer" in path.parent.name
        for found in classes(tree(path))
        for method in found.body
        if isinstance(method, ast.AsyncFunctionDef) and not method.name.startswith("_")
    ]


@pytest.mark.parametrize(("where", "handler"), [pytest.param(*found, id=found[1].name) for found in handlers()])
def test_a_handler_parses_calls_and_renders(where: str, handler: ast.AsyncFunctionDef) -> None:
    statements = handler.body[1:] if ast.get_docstring(handler) else handler.body
    assert len(statements) <= 3, f"{where}: more than three statements"
    decisions = [node for node in ast.walk(handler) if isinstance(node, DECISIONS)]
    assert decisions == [], f"{where}: a handler decides nothing"
