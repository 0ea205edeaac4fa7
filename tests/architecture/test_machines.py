"""What the order's machine promises happens: an event that stands in its table and that nobody fires is a promise that
nobody keeps.
"""

import ast

from server.booking.domain.order import Event
from tests.architecture.source import files_below, tree

MACHINE = "src/server/booking/domain/order.py"


def test_every_event_of_an_order_is_fired_by_somebody() -> None:
    fired = {
        node.attr
        for path in files_below("src/server/booking", suffix=".py")
        if not str(path).endswith(MACHINE)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "Event"
    }
    assert {event.name for event in Event} - fired == set()
