"""Every RPC that answers once declares how many statements one of its transactions may run."""

from tests.architecture.api import methods
from tests.support.statements import BUDGETS


def unary_methods() -> set[str]:
    return {
        f"{method.containing_service.full_name}/{method.name}"
        for method in methods()
        if not (method.client_streaming or method.server_streaming)
    }


def test_every_rpc_declares_its_statements_and_nothing_else_does() -> None:
    assert BUDGETS.keys() == unary_methods()
