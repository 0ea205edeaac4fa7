"""The filters of a saved search as a typed tree, and its normal form.

One parser serves creation, preview and the nightly run. Equal searches have one normal form: groups of one kind are
merged into each other, a group of one part is that part, ranges over one field are intersected, values are sorted and
named once, and parts stand in the order of their JSON text.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from server.core.errors import FieldInvalid, Violation

MOST_LEVELS = 5
MOST_NODES = 64
MOST_VALUES = 50
LONGEST_VALUE = 64
LARGEST_NUMBERS: Mapping[str, int] = {"price_cents": 100_000_000, "rating_hundredths": 500}
TEXT_FIELDS = ("roles", "tags")
LARGEST_DISTANCE_KM = 200
LONGEST_STAY_DAYS = 60
FIELDS = (*TEXT_FIELDS, *LARGEST_NUMBERS, "verified", "available", "distance")

Json: TypeAlias = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Texts:
    """A list of words holds every one of these, or any. One word alone counts as every one."""

    field: str
    every: bool
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Range:
    """A number lies between two bounds, either of which may be open."""

    field: str
    gte: int | None
    lte: int | None


@dataclass(frozen=True, slots=True)
class Verified:
    """Is verified, or is not."""

    value: bool


@dataclass(frozen=True, slots=True)
class Available:
    """Is free on every day from the first to the last."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Near:
    """Lies within a distance of a place."""

    latitude: float
    longitude: float
    km: int


@dataclass(frozen=True, slots=True)
class Group:
    """All of its parts, or any of them."""

    every: bool
    parts: tuple["Node", ...]


Node: TypeAlias = Texts | Range | Verified | Available | Near | Group


def parse(value: object, path: str = "query") -> Node:
    """The tree in normal form; FieldInvalid with the path of the first thing that is wrong."""
    return _normal(_Parser().node(value, path, level=1), path)


def render(node: Node) -> dict[str, object]:
    """The tree as JSON; `parse` of it is the same tree."""
    match node:
        case Group():
            return {"all" if node.every else "any": [render(part) for part in node.parts]}
        case Texts():
            return {node.field: {"all_of" if node.every else "any_of": list(node.words)}}
        case Range():
            bounds = {"gte": node.gte, "lte": node.lte}
            return {node.field: {name: bound for name, bound in bounds.items() if bound is not None}}
        case Verified():
            return {"verified": node.value}
        case Available():
            return {"available": {"from": node.first.isoformat(), "to": node.last.isoformat()}}
        case Near():
            return {"distance": {"latitude": node.latitude, "longitude": node.longitude, "km": node.km}}


def canonical(node: Node) -> str:
    """The one text of a tree in normal form."""
    return json.dumps(render(node), sort_keys=True, separators=(",", ":"))


def query_hash(node: Node) -> str:
    """Equal for equal searches."""
    return hashlib.sha256(canonical(node).encode()).hexdigest()


class _Parser:
    """Walks a tree of JSON and counts its nodes."""

    def __init__(self) -> None:
        self._nodes = 0

    def node(self, value: object, path: str, level: int) -> Node:
        self._nodes += 1
        if self._nodes > MOST_NODES:
            raise _wrong(path, f"is one too many: a query has at most {MOST_NODES} groups and conditions")
        if level > MOST_LEVELS:
            raise _wrong(path, f"is too deep: a query has at most {MOST_LEVELS} levels")
        name, content = _only_member(value, path)
        inner = f"{path}.{name}"
        if name in ("all", "any"):
            parts = [
                self.node(part, f"{inner}[{index}]", level + 1) for index, part in enumerate(_items(content, inner))
            ]
            return Group(name == "all", tuple(parts))
        if name in TEXT_FIELDS:
            return _texts(name, content, inner)
        if name in LARGEST_NUMBERS:
            return _range(name, content, inner)
        if name == "verified":
            if not isinstance(content, bool):
                raise _wrong(inner, "must be true or false")
            return Verified(content)
        return _available(content, inner) if name == "available" else _near(content, inner)


def _only_member(value: object, path: str) -> tuple[str, object]:
    if not isinstance(value, Mapping) or len(value) != 1:
        raise _wrong(path, "must be an object with exactly one key: all, any, or a field")
    ((name, content),) = value.items()
    if name not in ("all", "any", *FIELDS):
        raise _wrong(f"{path}.{name}", f"is unknown; use all, any, {', '.join(FIELDS)}")
    return str(name), content


def _items(value: object, path: str) -> Sequence[object]:
    if not isinstance(value, list) or not value:
        raise _wrong(path, "must be a list with at least one item")
    return value


def _members(value: object, path: str, known: Sequence[str]) -> Json:
    """An object with no other keys than these."""
    if not isinstance(value, Mapping):
        raise _wrong(path, f"must be an object with {', '.join(known)}")
    for name in value:
        if name not in known:
            raise _wrong(f"{path}.{name}", f"is unknown; use {', '.join(known)}")
    return value


def _whole(value: object, path: str, known: Sequence[str]) -> Json:
    """An object with each of these keys."""
    members = _members(value, path, known)
    if len(members) < len(known):
        raise _wrong(path, f"must have each of {', '.join(known)}")
    return members


def _texts(field: str, value: object, path: str) -> Texts:
    members = _members(value, path, ("any_of", "all_of"))
    if len(members) != 1:
        raise _wrong(path, "must have either any_of or all_of")
    ((name, items),) = members.items()
    return _words(field, every=name == "all_of", words=_word_list(items, f"{path}.{name}"), path=path)


def _words(field: str, *, every: bool, words: Iterable[str], path: str) -> Texts:
    ordered = tuple(sorted(set(words)))
    if len(ordered) > MOST_VALUES:
        raise _wrong(path, f"must name at most {MOST_VALUES} {field}")
    return Texts(field, every or len(ordered) == 1, ordered)


def _word_list(value: object, path: str) -> list[str]:
    items = _items(value, path)
    for index, item in enumerate(items):
        if not isinstance(item, str) or not 0 < len(item.strip()) <= LONGEST_VALUE:
            raise _wrong(f"{path}[{index}]", f"must be a text of 1 to {LONGEST_VALUE} characters")
    return [str(item).strip().lower() for item in items]


def _range(field: str, value: object, path: str) -> Range:
    members = _members(value, path, ("gte", "lte"))
    if not members:
        raise _wrong(path, "must have gte, lte or both")
    bounds = {name: _whole_number(bound, f"{path}.{name}", LARGEST_NUMBERS[field]) for name, bound in members.items()}
    found = Range(field, bounds.get("gte"), bounds.get("lte"))
    if _empty(found):
        raise _wrong(path, "gte must not be above lte")
    return found


def _whole_number(value: object, path: str, largest: int) -> int:
    whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    if isinstance(value, bool) or not isinstance(value, int | float) or not whole or not 0 <= value <= largest:
        raise _wrong(path, f"must be a whole number from 0 to {largest}")
    return int(value)


def _available(value: object, path: str) -> Available:
    members = _whole(value, path, ("from", "to"))
    first, last = (_day(members[name], f"{path}.{name}") for name in ("from", "to"))
    if not 0 <= (last - first).days < LONGEST_STAY_DAYS:
        raise _wrong(path, f"must run forward over at most {LONGEST_STAY_DAYS} days")
    return Available(first, last)


def _day(value: object, path: str) -> date:
    try:
        if isinstance(value, str) and len(value) == len("2026-12-31"):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise _wrong(path, "must be a day such as 2026-12-31")


def _near(value: object, path: str) -> Near:
    members = _whole(value, path, ("latitude", "longitude", "km"))
    return Near(
        latitude=_coordinate(members["latitude"], f"{path}.latitude", 90),
        longitude=_coordinate(members["longitude"], f"{path}.longitude", 180),
        km=max(1, _whole_number(members["km"], f"{path}.km", LARGEST_DISTANCE_KM)),
    )


def _coordinate(value: object, path: str, limit: int) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not -limit <= value <= limit:
        raise _wrong(path, f"must be a number from -{limit} to {limit}")
    return round(float(value), 5) + 0.0


def _normal(node: Node, path: str) -> Node:
    if not isinstance(node, Group):
        return node
    name = "all" if node.every else "any"
    parts = _flat([_normal(part, f"{path}.{name}[{index}]") for index, part in enumerate(node.parts)], node.every)
    merged = _conjunction(parts, path) if node.every else _disjunction(parts, path)
    ordered = sorted(dict.fromkeys(merged), key=canonical)
    return ordered[0] if len(ordered) == 1 else Group(node.every, tuple(ordered))


def _flat(parts: Iterable[Node], every: bool) -> list[Node]:
    """Parts that are groups of the same kind are replaced by their own parts."""
    flat: list[Node] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, Group) and part.every is every else [part])
    return flat


def _conjunction(parts: Sequence[Node], path: str) -> list[Node]:
    """Ranges over one field become their intersection, and words that must all be there one list."""
    ranges: dict[str, Range] = {}
    required: dict[str, set[str]] = {}
    others: list[Node] = []
    for part in parts:
        if isinstance(part, Range):
            known = ranges.get(part.field)
            ranges[part.field] = part if known is None else _intersection(known, part)
        elif isinstance(part, Texts) and part.every:
            required.setdefault(part.field, set()).update(part.words)
        else:
            others.append(part)
    for found in ranges.values():
        if _empty(found):
            raise _wrong(path, f"contradicts itself: no {found.field} can meet all of its bounds")
    if {Verified(True), Verified(False)} <= set(others):
        raise _wrong(path, "contradicts itself: nothing is both verified and not")
    words = [_words(field, every=True, words=found, path=path) for field, found in required.items()]
    return [*ranges.values(), *words, *others]


def _disjunction(parts: Sequence[Node], path: str) -> list[Node]:
    """Any of these words or any of those is any of both."""
    alternatives: dict[str, set[str]] = {}
    others: list[Node] = []
    for part in parts:
        if isinstance(part, Texts) and (not part.every or len(part.words) == 1):
            alternatives.setdefault(part.field, set()).update(part.words)
        else:
            others.append(part)
    words = [_words(field, every=False, words=found, path=path) for field, found in alternatives.items()]
    return [*words, *others]


def _intersection(one: Range, other: Range) -> Range:
    lower = [bound for bound in (one.gte, other.gte) if bound is not None]
    upper = [bound for bound in (one.lte, other.lte) if bound is not None]
    return Range(one.field, max(lower, default=None), min(upper, default=None))


def _empty(found: Range) -> bool:
    return found.gte is not None and found.lte is not None and found.gte > found.lte


def _wrong(path: str, rule: str) -> FieldInvalid:
    return FieldInvalid(Violation(path, rule))
