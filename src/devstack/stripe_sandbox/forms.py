"""Decodes what the SDK sends: `metadata[order]=ord_1&expand[0]=charge` becomes nested dictionaries and lists."""

import re
from urllib.parse import parse_qsl

from devstack.stripe_sandbox.errors import StripeError
from devstack.stripe_sandbox.values import Form, FormValue

_NAME = re.compile(r"^([^\[\]]+)((?:\[[^\[\]]*\])*)$")
_SUBSCRIPT = re.compile(r"\[([^\[\]]*)\]")


def decode(encoded: str) -> Form:
    """The form or query string as nested values; a name that cannot be read is a refusal that quotes it."""
    root: Form = {}
    for name, value in parse_qsl(encoded, keep_blank_values=True):
        match = _NAME.match(name)
        if match is None:
            raise StripeError(f"Invalid parameter name: {name}", code="parameter_unknown", param=name)
        _place(root, [match[1], *_SUBSCRIPT.findall(match[2])], value, name)
    return {key: _lists(value) for key, value in root.items()}


def _place(into: Form, path: list[str], value: str, name: str) -> None:
    for step in path[:-1]:
        child = into.setdefault(_index(into, step), {})
        if not isinstance(child, dict):
            raise StripeError(f"Invalid parameter: {name} is both a value and a hash", param=name)
        into = child
    into[_index(into, path[-1])] = value


def _index(siblings: Form, step: str) -> str:
    """An empty subscript appends: `ids[]=a&ids[]=b`."""
    return step or str(len(siblings))


def _lists(value: FormValue) -> FormValue:
    """A dictionary whose keys count from zero was a list."""
    if not isinstance(value, dict):
        return value
    converted = {key: _lists(child) for key, child in value.items()}
    if converted and list(converted) == [str(index) for index in range(len(converted))]:
        return list(converted.values())
    return converted
