"""Lists: the newest first, a page at a time, `has_more` telling whether another follows."""

from collections.abc import Mapping, Sequence
from typing import Final, TypeVar

from devstack.stripe_sandbox.errors import StripeError, no_such
from devstack.stripe_sandbox.params import Integer, Kind, Nested, Shape, Text
from devstack.stripe_sandbox.store import Resource
from devstack.stripe_sandbox.values import Document, Json
from devstack.stripe_sandbox.world import Call, World

R = TypeVar("R", bound=Resource)

_RANGE = Nested(Shape({name: Integer() for name in ("gt", "gte", "lt", "lte")}))
WINDOW: Final[Mapping[str, Kind]] = {"limit": Integer(1), "starting_after": Text(), "ending_before": Text()}
PAGE: Final[Mapping[str, Kind]] = {**WINDOW, "created": _RANGE}


def page(world: World, call: Call, kind: type[R], where: Mapping[str, str | None], url: str) -> Document:
    """The page that the call asks for among the objects whose fields have these values."""
    matching = world.store.select(kind, {name: value for name, value in where.items() if value is not None})
    return envelope(call, [(found.id, world.show(found)) for found in matching if in_range(call, found.created)], url)


def in_range(call: Call, created: int) -> bool:
    """Whether an instant lies within the call's `created` bounds."""
    bounds = call.params.nested("created")
    compare = {"gt": created.__gt__, "gte": created.__ge__, "lt": created.__lt__, "lte": created.__le__}
    return all(compare[name](bound) for name, bound in bounds.items() if isinstance(bound, int))


def envelope(call: Call, entries: Sequence[tuple[str, Document]], url: str) -> Document:
    """Cuts the page out of all entries."""
    limit = call.params.integer("limit", 10)
    if limit > 100:
        raise StripeError("Invalid limit: must be at most 100", code="parameter_invalid_integer", param="limit")
    ids = [identifier for identifier, _ in entries]
    after, before = call.params.maybe_text("starting_after"), call.params.maybe_text("ending_before")
    if after is not None:
        start = _position(ids, after, "starting_after") + 1
        window = entries[start : start + limit]
        more = len(entries) > start + limit
    elif before is not None:
        end = _position(ids, before, "ending_before")
        window = entries[max(0, end - limit) : end]
        more = end > limit
    else:
        window, more = entries[:limit], len(entries) > limit
    data: list[Json] = [shown for _, shown in window]
    return {"object": "list", "url": url, "has_more": more, "data": data}


def _position(ids: Sequence[str], identifier: str, param: str) -> int:
    try:
        return ids.index(identifier)
    except ValueError:
        raise no_such("object", identifier, param) from None
