"""An enum of a slice, its enum in the protos and its check in the database list the same values."""

import re
from enum import StrEnum
from inspect import isclass

import asyncpg
import pytest
from google.protobuf.descriptor import EnumDescriptor

from devstack.docs.discovery import declared, server_modules, slice_of
from devstack.docs.machines import machines
from devstack.roles import DatabaseUrls
from tests.architecture.api import files
from tests.architecture.source import SLICES
from tests.architecture.vocabulary import INTERNAL, WIRE_ONLY, WORDS, Word

# A check that is nothing but a list of values: of a text column, and of an array of texts.
LISTS = (
    re.compile(r"CHECK \(\((?P<column>\w+) = ANY \(ARRAY\[(?P<values>[^\]]*)\]\)\)\)"),
    re.compile(r"CHECK \(\(\((?P<column>\w+) <@ ARRAY\[(?P<values>[^\]]*)\]\).*"),
)

CHECKS = """
    select n.nspname || '.' || c.relname as relation, pg_get_constraintdef(k.oid) as definition
    from pg_constraint k
    join pg_class c on c.oid = k.conrelid
    join pg_namespace n on n.oid = c.relnamespace
    where k.contype = 'c'
"""
ENUM_TYPES = """
    select n.nspname || '.' || t.typname as type, array_agg(e.enumlabel::text) as labels
    from pg_enum e
    join pg_type t on t.oid = e.enumtypid
    join pg_namespace n on n.oid = t.typnamespace
    group by 1
"""


def code_enums() -> dict[str, type[StrEnum]]:
    """The enums that the slices define, except the events of their machines, which nobody stores or sends."""
    events = {type(event) for machine in machines() for _, event in machine.table}
    return {
        f"{value.__module__}.{value.__qualname__}": value
        for module in server_modules()
        if slice_of(module.__name__) in SLICES
        for _, value in declared(module)
        if isclass(value) and issubclass(value, StrEnum) and value.__module__ == module.__name__ and value not in events
    }


def proto_enums() -> dict[str, EnumDescriptor]:
    """The enums of the slices' protos."""
    return {
        enum.full_name: enum
        for file in files()
        for enum in file.enum_types_by_name.values()
        if file.package.split(".")[1] in SLICES
    }


def sent_values(enum: EnumDescriptor) -> set[str]:
    """The values as the code spells them: `BOOKING_STATUS_PENDING_ACCEPT` is `pending_accept`."""
    prefix = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", enum.name).upper() + "_"
    return {value.name.removeprefix(prefix).lower() for value in enum.values if value.number != 0}


async def stored_values(connection: "asyncpg.Connection[asyncpg.Record]") -> dict[str, set[str]]:
    """Allowed values by `schema.table.column` and, for enum types, by `schema.type`."""
    found: dict[str, set[str]] = {}
    checks = await connection.fetch(CHECKS)
    for check in checks:
        for pattern in LISTS:
            if match := pattern.fullmatch(check["definition"]):
                values = set(re.findall(r"'((?:[^']|'')*)'", match["values"]))
                found[f"{check['relation']}.{match['column']}"] = values
    labels = await connection.fetch(ENUM_TYPES)
    return found | {row["type"]: set(row["labels"]) for row in labels}


def test_every_enum_of_a_slice_has_its_place_in_the_vocabulary() -> None:
    listed = {word.code for word in WORDS} | INTERNAL.keys()
    assert code_enums().keys() == listed


def test_every_enum_of_the_protos_has_its_place_in_the_vocabulary() -> None:
    listed = {word.proto for word in WORDS if word.proto is not None} | WIRE_ONLY.keys()
    assert proto_enums().keys() == listed


@pytest.mark.parametrize("word", [pytest.param(word, id=word.code) for word in WORDS if word.proto is not None])
def test_the_wire_has_the_values_of_the_code(word: Word) -> None:
    assert word.proto is not None
    assert sent_values(proto_enums()[word.proto]) == {member.value.lower() for member in code_enums()[word.code]}


async def test_the_database_has_the_values_of_the_code(database: DatabaseUrls) -> None:
    connection = await asyncpg.connect(database.app_url)
    try:
        stored = await stored_values(connection)
    finally:
        await connection.close()
    enums = code_enums()
    differing = {
        (word.code, place)
        for word in WORDS
        for place in (*word.columns, *word.types)
        if not _agrees(stored.get(place, set()), {member.value for member in enums[word.code]}, word)
    }
    assert differing == set()


def _agrees(stored: set[str], known: set[str], word: Word) -> bool:
    return stored == known if word.wider is None else stored > known
