"""Refunds: money back to the card, which may fail long after it seemed to have succeeded."""

from dataclasses import dataclass, replace
from typing import ClassVar, Final

from devstack.stripe_sandbox.cards import RefundFate
from devstack.stripe_sandbox.errors import StripeError
from devstack.stripe_sandbox.ledger import PLATFORM
from devstack.stripe_sandbox.paging import PAGE, page
from devstack.stripe_sandbox.params import Choice, Integer, Metadata, Shape, Text
from devstack.stripe_sandbox.resources import disputes
from devstack.stripe_sandbox.resources.charges import Charge
from devstack.stripe_sandbox.resources.intent import PaymentIntent
from devstack.stripe_sandbox.resources.payment_methods import PaymentMethod
from devstack.stripe_sandbox.store import Resource
from devstack.stripe_sandbox.values import Document
from devstack.stripe_sandbox.world import Call, World

CREATE: Final = Shape(
    {
        "amount": Integer(1),
        "charge": Text(),
        "payment_intent": Text(),
        "reason": Choice(("duplicate", "fraudulent", "requested_by_customer")),
        "metadata": Metadata(),
    }
)
UPDATE: Final = Shape({"metadata": Metadata()})
LIST: Final = Shape({**PAGE, "charge": Text(), "payment_intent": Text()})


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund(Resource):
    """Money on its way back to a card."""

    object: ClassVar[str] = "refund"
    prefix: ClassVar[str] = "re_"
    noun: ClassVar[str] = "refund"
    hidden: ClassVar[frozenset[str]] = frozenset({"livemode"})
    sparse: ClassVar[frozenset[str]] = frozenset({"failure_balance_transaction", "failure_reason", "pending_reason"})
    expandable: ClassVar[frozenset[str]] = frozenset(
        {"balance_transaction", "charge", "failure_balance_transaction", "payment_intent"}
    )

    amount: int
    balance_transaction: str | None
    charge: str
    currency: str
    failure_balance_transaction: str | None = None
    failure_reason: str | None = None
    payment_intent: str
    pending_reason: str | None = None
    reason: str | None
    receipt_number: str | None = None
    source_transfer_reversal: str | None = None
    status: str
    transfer_reversal: str | None = None


def create(world: World, call: Call) -> Document:
    params = call.params
    charge = _charge(world, call)
    amount = params.integer("amount", charge.refundable)
    _admit(world, charge, amount)
    fate = world.store.get(PaymentMethod, charge.payment_method).issuer.refund
    refund = Refund(
        id=world.store.new_id(Refund.prefix),
        created=world.now(),
        amount=amount,
        balance_transaction=None,
        charge=charge.id,
        currency=charge.currency,
        metadata=params.metadata(),
        payment_intent=charge.payment_intent,
        reason=params.maybe_text("reason"),
        status="pending" if fate is RefundFate.PENDS else "succeeded",
    )
    refund = replace(refund, balance_transaction=_post(world, charge, refund))
    refunded = charge.amount_refunded + amount
    charge = replace(charge, amount_refunded=refunded, refunded=refunded == charge.amount_captured)
    world.store.save(refund)
    world.store.save(charge)
    world.emit("refund.created", refund)
    world.emit("charge.refunded", charge)
    disputes.close_inquiries_of(world, charge)
    if fate is RefundFate.FAILS:
        world.defer(lambda: fail(world, refund.id, "expired_or_canceled_card"))
    return world.show(refund)


def _charge(world: World, call: Call) -> Charge:
    intent_id, charge_id = call.params.maybe_text("payment_intent"), call.params.maybe_text("charge")
    if intent_id is not None:
        intent = world.store.get(PaymentIntent, intent_id, "payment_intent")
        if intent.status != "succeeded" or intent.latest_charge is None:
            raise StripeError(
                f"This PaymentIntent ({intent.id}) does not have a successful charge to refund.", param="payment_intent"
            )
        return world.store.get(Charge, intent.latest_charge)
    if charge_id is None:
        raise StripeError(
            "One of the following params should be provided for this request: payment_intent or charge.",
            code="parameter_missing",
        )
    return world.store.get(Charge, charge_id, "charge")


def _admit(world: World, charge: Charge, amount: int) -> None:
    if not charge.captured:
        raise StripeError(
            f"Charge {charge.id} has not been captured; cancel its PaymentIntent instead.", code="charge_not_captured"
        )
    if charge.disputed and not disputes.leaves_refundable(world, charge):
        raise StripeError(f"Charge {charge.id} has been charged back; cannot issue a refund.", code="charge_disputed")
    if charge.refunded:
        raise StripeError(f"Charge {charge.id} has already been refunded.", code="charge_already_refunded")
    if amount > charge.refundable:
        raise StripeError(
            f"Refund amount ({amount}) is greater than unrefunded amount on charge ({charge.refundable})",
            param="amount",
        )


def _post(world: World, charge: Charge, refund: Refund) -> str:
    """A refund of money that is still pending takes the pending money."""
    source = world.ledger.get(str(charge.balance_transaction))
    return world.ledger.post(
        PLATFORM,
        "refund",
        refund.id,
        refund.currency,
        -refund.amount,
        now=world.now(),
        available_on=source.available_on,
    )


def fail(world: World, identifier: str, reason: str) -> Refund:
    """The card's bank sends the money back: it is the platform's again."""
    refund = world.store.get(Refund, identifier)
    if refund.status not in ("pending", "succeeded"):
        raise StripeError(f"Refund {refund.id} is {refund.status} already.")
    charge = world.store.get(Charge, refund.charge)
    returned = world.ledger.post(PLATFORM, "refund_failure", refund.id, refund.currency, refund.amount, now=world.now())
    failed = replace(
        refund, status="failed", failure_reason=reason, pending_reason=None, failure_balance_transaction=returned
    )
    world.store.save(failed)
    world.store.save(replace(charge, amount_refunded=charge.amount_refunded - refund.amount, refunded=False))
    world.emit("refund.updated", failed)
    world.emit("refund.failed", failed)
    return failed


def settle(world: World, identifier: str) -> Refund:
    """A pending refund arrives."""
    refund = world.store.get(Refund, identifier)
    if refund.status != "pending":
        raise StripeError(f"Refund {refund.id} is {refund.status}, not pending.")
    settled = replace(refund, status="succeeded", pending_reason=None)
    world.store.save(settled)
    world.emit("refund.updated", settled)
    return settled


def retrieve(world: World, call: Call) -> Document:
    return world.show(world.store.get(Refund, call.path["refund"]))


def update(world: World, call: Call) -> Document:
    refund = world.store.get(Refund, call.path["refund"])
    refund = replace(refund, metadata=call.params.metadata(refund.metadata))
    world.store.save(refund)
    return world.show(refund)


def listing(world: World, call: Call) -> Document:
    where = {name: call.params.maybe_text(name) for name in ("charge", "payment_intent")}
    return page(world, call, Refund, where, "/v1/refunds")
