"""Finds what the slices declare at module level: job kinds, schedules, transition tables, failures."""

import pkgutil
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType

import server


def server_modules() -> Iterator[ModuleType]:
    """Every module of the server, imported, in the order of their names."""
    for found in sorted(pkgutil.walk_packages(server.__path__, "server."), key=lambda module: module.name):
        if not found.name.endswith("__main__"):
            yield import_module(found.name)


def declared(module: ModuleType) -> Iterator[tuple[str, object]]:
    """The public names of a module and their values."""
    for name, value in sorted(vars(module).items()):
        if not name.startswith("_"):
            yield name, value


def slice_of(module_name: str) -> str:
    """`server.booking.jobs` belongs to `booking`."""
    return module_name.split(".")[1]
