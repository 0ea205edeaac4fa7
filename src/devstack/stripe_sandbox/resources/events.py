"""Events: everything that happened, readable for whoever missed the webhook."""

from typing import Final

from devstack.stripe_sandbox.paging import PAGE, envelope, in_range
from devstack.stripe_sandbox.params import Shape, Text, Texts
from devstack.stripe_sandbox.values import Document
from devstack.stripe_sandbox.world import Call, Event, World

LIST: Final = Shape({**PAGE, "type": Text(), "types": Texts()})


def retrieve(world: World, call: Call) -> Document:
    return world.show(world.store.get(Event, call.path["event"]))


def listing(world: World, call: Call) -> Document:
    kind, kinds = call.params.maybe_text("type"), call.params.texts("types")
    wanted = {kind} if kind else set(kinds)
    found = [
        event
        for event in world.store.select(Event, {})
        if (not wanted or event.type in wanted) and in_range(call, event.created)
    ]
    return envelope(call, [(event.id, world.show(event)) for event in found], "/v1/events")
