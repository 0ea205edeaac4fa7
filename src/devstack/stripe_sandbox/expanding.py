"""`expand[]`: an id inside a document is replaced by the object that it names."""

from collections.abc import Callable, Mapping
from typing import Final

from devstack.stripe_sandbox.errors import StripeError
from devstack.stripe_sandbox.resources.accounts import Account
from devstack.stripe_sandbox.resources.charges import Charge
from devstack.stripe_sandbox.resources.customers import Customer
from devstack.stripe_sandbox.resources.disputes import Dispute
from devstack.stripe_sandbox.resources.fraud_warnings import EarlyFraudWarning
from devstack.stripe_sandbox.resources.intent import PaymentIntent
from devstack.stripe_sandbox.resources.payment_methods import PaymentMethod
from devstack.stripe_sandbox.resources.refunds import Refund
from devstack.stripe_sandbox.resources.setup_intents import SetupIntent
from devstack.stripe_sandbox.resources.transfers import Transfer, TransferReversal
from devstack.stripe_sandbox.store import Resource
from devstack.stripe_sandbox.values import Document
from devstack.stripe_sandbox.world import World

DEEPEST: Final = 4

_RESOURCES: tuple[type[Resource], ...] = (
    Account,
    Charge,
    Customer,
    Dispute,
    EarlyFraudWarning,
    PaymentIntent,
    PaymentMethod,
    Refund,
    SetupIntent,
    Transfer,
    TransferReversal,
)
_EXPANDABLE: Mapping[str, frozenset[str]] = {
    **{resource.object: resource.expandable for resource in _RESOURCES},
    "balance_transaction": frozenset({"source"}),
}


def _loader(resource: type[Resource]) -> Callable[[World, str], Document]:
    return lambda world, identifier: world.show(world.store.get(resource, identifier))


_LOADERS: Mapping[str, Callable[[World, str], Document]] = {
    "txn_": lambda world, identifier: world.ledger.show(world.ledger.get(identifier), world.now()),
    **{resource.prefix: _loader(resource) for resource in _RESOURCES},
}


def expand(world: World, document: Document, paths: list[str]) -> Document:
    """The document with every path expanded; an absent value stays absent, a wrong path is refused by name."""
    for path in paths:
        steps = path.split(".")
        if len(steps) > DEEPEST:
            raise StripeError(f"You cannot expand more than {DEEPEST} levels of a property.", param="expand")
        _follow(world, document, steps, path)
    return document


def _follow(world: World, document: Document, steps: list[str], path: str) -> None:
    head, rest = steps[0], steps[1:]
    value = document.get(head)
    if isinstance(value, list):
        for item in value:
            if isinstance(item, dict) and rest:
                _follow(world, item, rest, path)
        return
    if head not in _EXPANDABLE.get(str(document.get("object")), frozenset()):
        raise StripeError(f"This property cannot be expanded ({path}).", param="expand")
    if isinstance(value, str):
        loader = _LOADERS.get(value[: value.index("_") + 1])
        value = document[head] = loader(world, value) if loader else value
    if isinstance(value, dict) and rest:
        _follow(world, value, rest, path)
