"""Renders a `queries.sql` as a Protocol, so that mypy knows its statements by name, parameters and result."""

from devstack.codegen.layout import shown
from devstack.codegen.queries import Query, QueryFile, Result

_RETURNS = {
    Result.ROWS: "list[Record]",
    Result.ROW: "Record | None",
    Result.VALUE: "object",
    Result.STATUS: "str",
    Result.NOTHING: "None",
}


def generate(files: list[QueryFile]) -> dict[str, bytes]:
    """The package `callsheet.sql`, as relative path to content."""
    modules = {f"callsheet/sql/{file.slice_name}.py": render(file).encode() for file in files}
    return {"callsheet/sql/__init__.py": b""} | modules


def render(file: QueryFile) -> str:
    """One module with the class `Queries`."""
    methods = "\n".join(_method(query) for query in file.queries) or "    ...\n"
    return (
        f'"""Statements of {shown(file.path)}. Written by `make gen`; edit the SQL instead."""\n\n'
        f"{_imports(file)}\n\n"
        "class Queries(Protocol):\n"
        f'    """The statements of `{file.slice_name}`, each on the connection of a `Tx`."""\n\n'
        f"{methods}"
    )


def _imports(file: QueryFile) -> str:
    """What the signatures name, for type checkers alone: at run time the module would import itself through `db`."""
    results = {query.result for query in file.queries}
    checked: list[str] = []
    if Result.NOTHING in results:
        checked.append("    from collections.abc import Mapping, Sequence\n")
    if results & {Result.ROWS, Result.ROW}:
        checked.append("    from asyncpg import Record\n")
    if file.queries:
        checked.append("    from server.core.db import Tx\n")
    if not checked:
        return "from typing import Protocol\n"
    header = "from __future__ import annotations\n\nfrom typing import TYPE_CHECKING, Protocol\n\nif TYPE_CHECKING:\n"
    return header + "\n".join(checked)


def _method(query: Query) -> str:
    signature = f"async def {query.name}(self, tx: Tx{_arguments(query)}) -> {_RETURNS[query.result]}:"
    # A sentence may hold any characters; `repr` would lose the line breaks, so only what ends the literal is escaped.
    text = query.summary.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    body = "\n        ".join(line for line in text.splitlines() if line)
    closing = '\n        """' if "\n" in body or body.endswith('"') else '"""'
    return f'    {signature}\n        """{body}{closing}\n        ...\n'


def _arguments(query: Query) -> str:
    if query.result is Result.NOTHING:
        return ", rows: Sequence[Mapping[str, object]], /"
    if not query.parameters:
        return ""
    return ", *, " + ", ".join(f"{name}: object" for name in query.parameters)
