"""Charges: what a card was asked for. Captured money enters the platform's balance here."""

from dataclasses import dataclass, field, replace
from typing import ClassVar, Final

from devstack.stripe_sandbox.cards import Decline
from devstack.stripe_sandbox.ledger import PENDING_SECONDS, PLATFORM, processing_fee
from devstack.stripe_sandbox.paging import PAGE, page
from devstack.stripe_sandbox.params import Metadata, Shape, Text
from devstack.stripe_sandbox.resources.intent import PaymentIntent
from devstack.stripe_sandbox.resources.payment_methods import PaymentMethod
from devstack.stripe_sandbox.store import Resource, Store
from devstack.stripe_sandbox.values import Document
from devstack.stripe_sandbox.world import Call, World

AUTHORISATION_SECONDS: Final = 7 * 24 * 3600
UPDATE: Final = Shape({"metadata": Metadata(), "description": Text(), "transfer_group": Text()})
LIST: Final = Shape({**PAGE, "payment_intent": Text(), "customer": Text(), "transfer_group": Text()})


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge(Resource):
    """One question to an issuer, and what came of it."""

    object: ClassVar[str] = "charge"
    prefix: ClassVar[str] = "ch_"
    noun: ClassVar[str] = "charge"
    expandable: ClassVar[frozenset[str]] = frozenset({"balance_transaction", "customer", "payment_intent"})

    amount: int
    amount_captured: int = 0
    amount_refunded: int = 0
    balance_transaction: str | None = None
    billing_details: Document = field(default_factory=dict)
    captured: bool = False
    currency: str
    customer: str | None
    description: str | None = None
    disputed: bool = False
    failure_code: str | None = None
    failure_message: str | None = None
    fraud_details: Document = field(default_factory=dict)
    outcome: Document = field(default_factory=dict)
    paid: bool
    payment_intent: str
    payment_method: str
    payment_method_details: Document
    receipt_email: str | None = None
    refunded: bool = False
    status: str
    transfer_group: str | None = None

    def document(self, store: Store) -> Document:
        return {**Resource.document(self, store), "refunds": None, "application_fee_amount": None, "on_behalf_of": None}

    @property
    def refundable(self) -> int:
        return self.amount_captured - self.amount_refunded


def ask_issuer(world: World, intent: PaymentIntent, method: PaymentMethod, decline: Decline | None) -> Charge:
    """A charge for the intent: authorised and not captured yet, or failed."""
    details: Document = {
        **method.card,
        "amount_authorized": intent.amount,
        "capture_before": world.now() + AUTHORISATION_SECONDS,
        "overcapture": {"maximum_amount_capturable": intent.amount, "status": "unavailable"},
    }
    charge = Charge(
        id=world.store.new_id(Charge.prefix),
        created=world.now(),
        amount=intent.amount,
        currency=intent.currency,
        customer=intent.customer,
        description=intent.description,
        billing_details=method.billing_details,
        payment_intent=intent.id,
        payment_method=method.id,
        payment_method_details={"type": "card", "card": details},
        receipt_email=intent.receipt_email,
        transfer_group=intent.transfer_group,
        metadata=intent.metadata,
        paid=decline is None,
        status="succeeded" if decline is None else "failed",
        failure_code=decline.code if decline else None,
        failure_message=decline.message if decline else None,
        outcome=_outcome(decline),
    )
    world.store.save(charge)
    return charge


def _outcome(decline: Decline | None) -> Document:
    if decline is None:
        return {"network_status": "approved_by_network", "risk_level": "normal", "type": "authorized"}
    reason = decline.decline_code or decline.code
    return {
        "network_status": "declined_by_network",
        "reason": reason,
        "risk_level": "normal",
        "type": "issuer_declined",
    }


def capture(world: World, charge: Charge, amount: int, *, available_at_once: bool) -> Charge:
    """Takes the money. What is not captured of the authorisation is released."""
    now = world.now()
    transaction = world.ledger.post(
        PLATFORM,
        "charge",
        charge.id,
        charge.currency,
        amount,
        now=now,
        fee=processing_fee(amount),
        available_on=now if available_at_once else now + PENDING_SECONDS,
    )
    captured = replace(charge, captured=True, amount_captured=amount, balance_transaction=transaction)
    world.store.save(captured)
    return captured


def release(world: World, charge: Charge) -> Charge:
    """Gives an authorisation back without having captured any of it."""
    released = replace(charge, refunded=True, amount_refunded=charge.amount)
    world.store.save(released)
    return released


def retrieve(world: World, call: Call) -> Document:
    return world.show(world.store.get(Charge, call.path["charge"]))


def update(world: World, call: Call) -> Document:
    charge, params = world.store.get(Charge, call.path["charge"]), call.params
    charge = replace(
        charge,
        metadata=params.metadata(charge.metadata),
        description=params.maybe_text("description") or charge.description,
        transfer_group=params.maybe_text("transfer_group") or charge.transfer_group,
    )
    world.store.save(charge)
    world.emit("charge.updated", charge)
    return world.show(charge)


def listing(world: World, call: Call) -> Document:
    where = {name: call.params.maybe_text(name) for name in ("payment_intent", "customer", "transfer_group")}
    return page(world, call, Charge, where, "/v1/charges")
