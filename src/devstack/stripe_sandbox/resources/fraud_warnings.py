"""Early fraud warnings: the card's bank believes a charge to be fraudulent, before anybody disputes it."""

from dataclasses import dataclass
from typing import ClassVar, Final

from devstack.stripe_sandbox.paging import PAGE, page
from devstack.stripe_sandbox.params import Shape, Text
from devstack.stripe_sandbox.resources.charges import Charge
from devstack.stripe_sandbox.store import Resource
from devstack.stripe_sandbox.values import Document
from devstack.stripe_sandbox.world import Call, World

LIST: Final = Shape({**PAGE, "charge": Text(), "payment_intent": Text()})


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlyFraudWarning(Resource):
    """What a card's bank believes of one charge."""

    object: ClassVar[str] = "radar.early_fraud_warning"
    prefix: ClassVar[str] = "issfr_"
    noun: ClassVar[str] = "early fraud warning"
    hidden: ClassVar[frozenset[str]] = frozenset({"metadata"})
    expandable: ClassVar[frozenset[str]] = frozenset({"charge", "payment_intent"})

    actionable: bool
    charge: str
    fraud_type: str
    payment_intent: str


def warn(world: World, charge_id: str, fraud_type: str) -> EarlyFraudWarning:
    """The bank warns; acting on it makes sense as long as the charge is neither refunded nor disputed."""
    charge = world.store.get(Charge, charge_id, "charge")
    warning = EarlyFraudWarning(
        id=world.store.new_id(EarlyFraudWarning.prefix),
        created=world.now(),
        actionable=not charge.refunded and not charge.disputed,
        charge=charge.id,
        fraud_type=fraud_type,
        payment_intent=charge.payment_intent,
    )
    world.store.save(warning)
    world.emit("radar.early_fraud_warning.created", warning)
    return warning


def retrieve(world: World, call: Call) -> Document:
    return world.show(world.store.get(EarlyFraudWarning, call.path["warning"]))


def listing(world: World, call: Call) -> Document:
    where = {name: call.params.maybe_text(name) for name in ("charge", "payment_intent")}
    return page(world, call, EarlyFraudWarning, where, "/v1/radar/early_fraud_warnings")
