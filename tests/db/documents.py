"""The documents' data model as data, and how a database differs from it.

Every difference is one line of text, such as `booking.order.order_id: collation C` or `booking.order: column version`.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.db.catalogue import Catalogue, Column, Table

HERE = Path(__file__).parent

# The documents write types by their short names, and leave their own unqualified.
_TYPES = {
    "int": "integer",
    "timestamptz": "timestamp with time zone",
    "booking_mode": "booking.booking_mode",
    "booking_status": "booking.booking_status",
}
_KINDS = {"p": "primary key", "u": "unique", "c": "check", "f": "foreign key", "x": "exclusion"}


@dataclass(frozen=True, slots=True)
class DocumentColumn:
    """A column as its document has it."""

    type: str
    not_null: bool = False
    default: str | None = None
    values: list[str] | None = None
    references: str | None = None


@dataclass(frozen=True, slots=True)
class DocumentTable:
    """A table as its document has it."""

    name: str
    document: str
    primary_key: list[str]
    columns: dict[str, DocumentColumn]
    unique: list[list[str]] = field(default_factory=list)
    indexes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Documents:
    """All tables and enums of the documents."""

    tables: dict[str, DocumentTable]
    enums: dict[str, tuple[str, ...]]


def load_documents() -> Documents:
    content = tomllib.loads((HERE / "documents.toml").read_text(encoding="utf-8"))
    tables = [
        DocumentTable(**{**table, "columns": {name: DocumentColumn(**told) for name, told in table["columns"].items()}})
        for table in content["tables"]
    ]
    enums = {f"booking.{name}": tuple(labels) for name, labels in content["enums"].items()}
    return Documents({table.name: table for table in tables}, enums)


@dataclass(frozen=True, slots=True)
class Correction:
    """Why the database differs from the documents, the record that decided so, and in what exactly."""

    record: str
    why: str
    differences: list[str]


def load_corrections() -> list[Correction]:
    files = sorted((HERE / "corrections").glob("*.toml"))
    loaded = (tomllib.loads(file.read_text(encoding="utf-8")) for file in files)
    return [Correction(**correction) for content in loaded for correction in content["corrections"]]


def differences(documents: Documents, catalogue: Catalogue) -> Iterator[str]:
    """Everything in which the database is not what the documents say."""
    for name, labels in documents.enums.items():
        if catalogue.enums.get(name) != labels:
            yield f"{name}: values {catalogue.enums.get(name)}"
    for name in catalogue.enums.keys() - documents.enums.keys():
        yield f"enum {name}"
    for name in catalogue.tables.keys() - documents.tables.keys():
        yield f"table {name}"
    for name, document in documents.tables.items():
        table = catalogue.tables.get(name)
        if table is None:
            yield f"{name}: missing"
        else:
            yield from _table_differences(document, table)


def _table_differences(document: DocumentTable, table: Table) -> Iterator[str]:
    for name, told in document.columns.items():
        column = table.columns.get(name)
        if column is None:
            yield f"{table.name}.{name}: missing"
        else:
            yield from (f"{table.name}.{name}: {change}" for change in _column_differences(told, column))
    for name in table.columns.keys() - document.columns.keys():
        yield f"{table.name}: column {name}"
    yield from _constraint_differences(document, table)
    for name, over in document.indexes.items():
        if table.indexes.get(name) != over:
            yield f"{table.name}: index {name} over {table.indexes.get(name)}"
    for name in table.indexes.keys() - document.indexes.keys():
        yield f"{table.name}: index {name}"
    for name in table.triggers:
        yield f"{table.name}: trigger {name}"


def _column_differences(told: DocumentColumn, column: Column) -> Iterator[str]:
    if column.type != _canonical(told.type):
        yield f"type {column.type}"
    if column.not_null != told.not_null:
        yield "not null" if column.not_null else "null"
    if column.default != (None if told.default is None else told.default.partition("::")[0]):
        yield f"default {column.default}"
    if column.collation not in (None, "default"):
        yield f"collation {column.collation}"


def _canonical(type_name: str) -> str:
    element = type_name.removesuffix("[]")
    return _TYPES.get(element, element) + type_name[len(element) :]


def _constraint_differences(document: DocumentTable, table: Table) -> Iterator[str]:
    """Compares by what constraints ask for: the documents name none of theirs."""
    wanted = set(_wanted(document))
    yield from (
        f"{table.name}: without {meaning}" for meaning in wanted - {c.meaning for c in table.constraints.values()}
    )
    for name, constraint in table.constraints.items():
        if constraint.meaning not in wanted:
            yield f"{table.name}: {_KINDS[constraint.kind]} {name}"


def _wanted(document: DocumentTable) -> Iterator[str]:
    yield f"primary key ({', '.join(document.primary_key)})"
    yield from (f"unique ({', '.join(columns)})" for columns in document.unique)
    for name, told in document.columns.items():
        if told.values is not None:
            yield f"{name} in ({', '.join(told.values)})"
        if told.references is not None:
            yield f"{name} references {told.references}"
