"""Reads `queries.sql` files: named statements with declared parameters, in the format of aiosql.

The format is a subset of aiosql's, checked more strictly, so that a mistake names its file and line when code is
generated and not when a server starts:

    -- name: get_order(order_id)^
    -- One order by its id.
    select … where order_id = :order_id;
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import NoReturn

from devstack.codegen.layout import SOURCES, shown


class Result(StrEnum):
    """What a statement gives back, by the suffix of its header."""

    ROWS = ""
    ROW = "^"
    VALUE = "$"
    STATUS = "!"
    NOTHING = "*!"


@dataclass(frozen=True, slots=True)
class Query:
    """One named statement."""

    name: str
    parameters: tuple[str, ...]
    result: Result
    summary: str
    line: int


@dataclass(frozen=True, slots=True)
class QueryFile:
    """All statements of one slice."""

    slice_name: str
    path: Path
    queries: tuple[Query, ...]


class BrokenQuery(Exception):
    """A `queries.sql` breaks the format; the message begins with file and line."""


_MARK = re.compile(r"\s*--\s*name\s*:")
_HEADER = re.compile(r"-- name: (?P<name>[a-z][a-z0-9_]*)\((?P<parameters>[^()]*)\)(?P<suffix>\S*)")
_PARAMETER = re.compile(r"[a-z][a-z0-9_]*")
# Strings and quoted names are matched first, so that a colon inside one is no parameter; `::` is a cast.
_REFERENCE = re.compile(r"""'(?:''|[^'])*'|"(?:""|[^"])*"|(?<!:):(?P<name>\w+)""")


def query_files(sources: Path = SOURCES) -> list[QueryFile]:
    """Every `queries.sql` of the server and the streams; two of one slice name are an error."""
    paths = sorted(path for package in ("server", "streams") for path in (sources / package).rglob("queries.sql"))
    by_slice: dict[str, QueryFile] = {}
    for path in paths:
        parsed = parse(path, slice_name(path, sources))
        earlier = by_slice.setdefault(parsed.slice_name, parsed)
        if earlier is not parsed:
            _refuse(path, 1, f"the slice {parsed.slice_name!r} has its queries in {shown(earlier.path)} already")
    return list(by_slice.values())


def slice_name(path: Path, sources: Path = SOURCES) -> str:
    """`src/server/booking/queries.sql` is `booking`, `src/server/booking/disputes/queries.sql` `booking_disputes`."""
    return "_".join(path.relative_to(sources).parts[1:-1])


def parse(path: Path, name: str) -> QueryFile:
    """The statements of one file, in its order."""
    queries: list[Query] = []
    for start, block in _blocks(path):
        query = _query(path, start, block)
        if any(query.name == earlier.name for earlier in queries):
            _refuse(path, start, f"a query named {query.name!r} exists above")
        queries.append(query)
    return QueryFile(name, path, tuple(queries))


def _blocks(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Header line number and lines of each statement; what precedes the first header is the file's own comment."""
    lines = path.read_text(encoding="utf-8").splitlines()
    starts = [number for number, line in enumerate(lines) if _MARK.match(line)]
    if stray := [number for number, line in enumerate(lines[: min(starts, default=len(lines))]) if _is_sql(line)]:
        _refuse(path, stray[0] + 1, "a statement without a header `-- name: …(…)` above it")
    for start, end in pairwise([*starts, len(lines)]):
        yield start + 1, lines[start:end]


def _query(path: Path, line: int, block: list[str]) -> Query:
    header = _HEADER.fullmatch(block[0].rstrip())
    if header is None:
        _refuse(path, line, f"broken header {block[0].strip()!r}; write `-- name: get_order(order_id)^`")
    if header["suffix"] not in set(Result):
        allowed = ", ".join(repr(str(result)) for result in Result)
        _refuse(path, line, f"unknown suffix {header['suffix']!r} of {header['name']}; allowed are {allowed}")
    comment = [text.strip()[2:].strip() for text in block[1:] if text.strip().startswith("--")]
    if not any(comment):
        _refuse(path, line, f"{header['name']} has no sentence below its header that says what it is for")
    parameters = _parameters(path, line, header["parameters"])
    _check_statement(path, line, block, parameters)
    return Query(header["name"], parameters, Result(header["suffix"]), "\n".join(comment).strip(), line)


def _parameters(path: Path, line: int, declared: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in declared.split(",")) if declared.strip() else ()
    for name in names:
        if not _PARAMETER.fullmatch(name):
            _refuse(path, line, f"{name!r} is no parameter name; declare names alone, divided by commas")
    if len(set(names)) != len(names):
        _refuse(path, line, "a parameter is declared twice")
    return names


def _check_statement(path: Path, line: int, block: list[str], parameters: tuple[str, ...]) -> None:
    statement = "\n".join(text if _is_sql(text) else "" for text in block)
    if not statement.strip(" ;\n"):
        _refuse(path, line, "the header has no statement below it")
    for number, text in enumerate(statement.splitlines()):
        # aiosql keeps a comment behind code, and an apostrophe in it would begin a string for its parameter search.
        if "--" in re.sub(r"'(?:''|[^'])*'", "", text):
            _refuse(path, line + number, "a comment behind code; give it a line of its own")
    used = {match["name"] for match in _REFERENCE.finditer(statement) if match["name"]}
    if unknown := sorted(used - set(parameters)):
        _refuse(path, line, f"the statement uses undeclared parameters: {', '.join(unknown)}")
    if unused := sorted(set(parameters) - used):
        _refuse(path, line, f"declared parameters that the statement does not use: {', '.join(unused)}")


def _is_sql(line: str) -> bool:
    return bool(line.strip()) and not line.strip().startswith("--")


def _refuse(path: Path, line: int, problem: str) -> NoReturn:
    raise BrokenQuery(f"{shown(path)}:{line}: {problem}")
