"""The state machines as diagrams, from the tables that the domains decide by."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, is_dataclass
from enum import Enum, StrEnum
from typing import TypeGuard, get_type_hints

from devstack.docs.discovery import declared, server_modules, slice_of
from devstack.docs.text import WRITTEN

_INTRODUCTION = """
# State machines

Each diagram is a table in the code; a step that is not in it fails with `ILLEGAL_TRANSITION` and changes nothing.
"""

Table = Mapping[tuple[StrEnum, StrEnum], StrEnum]


@dataclass(frozen=True, slots=True)
class Machine:
    """One transition table and where it stands."""

    slice_name: str
    module: str
    name: str
    table: Table

    @property
    def statuses(self) -> type[Enum]:
        """The enum of its states."""
        ((status, _), *_) = self.table
        return type(status)

    @property
    def title(self) -> str:
        """What moves through it: the dataclass whose `status` is one of its states."""
        module = sys.modules[self.module]
        for name, value in vars(module).items():
            if is_dataclass(value) and isinstance(value, type) and get_type_hints(value).get("status") is self.statuses:
                return name
        return self.statuses.__name__.removesuffix("Status")


def machines() -> list[Machine]:
    """Every table of the server whose name ends in TRANSITIONS, once, though several modules may import it."""
    found: dict[int, Machine] = {}
    for module in server_modules():
        for name, value in declared(module):
            if name.endswith("TRANSITIONS") and _is_table(value):
                found.setdefault(id(value), Machine(slice_of(module.__name__), module.__name__, name, value))
    return sorted(found.values(), key=lambda machine: (machine.slice_name, machine.title))


def render() -> str:
    """`docs/state-machines.md`."""
    return WRITTEN + _INTRODUCTION + "".join(diagram(machine) for machine in machines())


def diagram(machine: Machine) -> str:
    """The section of one machine."""
    edges = "".join(f"    {line}\n" for line in _edges(machine))
    return (
        f"\n## {machine.slice_name}: {machine.title}\n\n"
        f"`{machine.module}.{machine.name}`\n\n```mermaid\nstateDiagram-v2\n{edges}```\n"
    )


def _edges(machine: Machine) -> list[str]:
    """Entries, then steps in the order of the statuses, then ends. Steps between the same two states share an arrow."""
    order = list(machine.statuses)
    arrows: dict[tuple[StrEnum, StrEnum], list[str]] = {}
    for (source, event), target in machine.table.items():
        arrows.setdefault((source, target), []).append(event.value)
    sources = {source for source, _ in arrows}
    targets = {target for source, target in arrows if source is not target}
    steps = sorted(arrows, key=lambda arrow: (order.index(arrow[0]), order.index(arrow[1])))
    return [
        *(f"[*] --> {state.value}" for state in order if state in sources and state not in targets),
        *(f"{source.value} --> {target.value}: {', '.join(arrows[source, target])}" for source, target in steps),
        *(f"{state.value} --> [*]" for state in order if state in targets and state not in sources),
    ]


def _is_table(value: object) -> TypeGuard[Table]:
    return (
        isinstance(value, Mapping)
        and bool(value)
        and all(isinstance(key, tuple) and len(key) == 2 and isinstance(key[0], StrEnum) for key in value)
        and all(isinstance(target, StrEnum) for target in value.values())
    )
