"""The calls on payment intents. What the steps do is in `charging`."""

from dataclasses import replace
from typing import Final

from devstack.stripe_sandbox.errors import StripeError
from devstack.stripe_sandbox.paging import PAGE, page
from devstack.stripe_sandbox.params import Choice, Flag, Integer, Kind, Metadata, Nested, Shape, Text, Texts
from devstack.stripe_sandbox.resources import charging, payment_methods
from devstack.stripe_sandbox.resources.customers import Customer
from devstack.stripe_sandbox.resources.intent import PaymentIntent
from devstack.stripe_sandbox.values import Document, Json
from devstack.stripe_sandbox.world import Call, World

LOWEST_AMOUNT: Final = 50
HIGHEST_AMOUNT: Final = 99_999_999

_USAGE = Choice(("off_session", "on_session"))
_CAPTURE = Choice(("automatic", "automatic_async", "manual"))
_DESCRIBING: dict[str, Kind] = {
    "customer": Text(),
    "description": Text(1000),
    "metadata": Metadata(),
    "payment_method": Text(),
    "receipt_email": Text(),
    "setup_future_usage": _USAGE,
    "statement_descriptor_suffix": Text(22),
    "transfer_group": Text(),
}
_CONFIRMING: dict[str, Kind] = {"error_on_requires_action": Flag(), "off_session": Flag(), "return_url": Text()}
CREATE: Final = Shape(
    required={"amount": Integer(), "currency": Text(3)},
    optional={
        **_DESCRIBING,
        **_CONFIRMING,
        "allowed_payment_method_types": Texts(),
        "automatic_payment_methods": Nested(Shape({"enabled": Flag(), "allow_redirects": Choice(("always", "never"))})),
        "capture_method": _CAPTURE,
        "confirm": Flag(),
    },
)
UPDATE: Final = Shape({**_DESCRIBING, "amount": Integer()})
CONFIRM: Final = Shape(
    {
        **_CONFIRMING,
        "client_secret": Text(),
        "payment_method": Text(),
        "receipt_email": Text(),
        "setup_future_usage": _USAGE,
    }
)
CAPTURE: Final = Shape({"amount_to_capture": Integer(1), "final_capture": Flag(), "metadata": Metadata()})
CANCEL: Final = Shape(
    {"cancellation_reason": Choice(("duplicate", "fraudulent", "requested_by_customer", "abandoned"))}
)
RETRIEVE: Final = Shape({"client_secret": Text()})
LIST: Final = Shape({**PAGE, "customer": Text()})


def create(world: World, call: Call) -> Document:
    params = call.params
    customer = params.maybe_text("customer")
    if customer is not None:
        world.store.get(Customer, customer, "customer")
    identifier = world.store.new_id(PaymentIntent.prefix)
    allowed: list[Json] = [*params.texts("allowed_payment_method_types")]
    intent = PaymentIntent(
        id=identifier,
        created=world.now(),
        amount=_chargeable(params.integer("amount", 0)),
        currency=params.text("currency").lower(),
        automatic_payment_methods=params.nested("automatic_payment_methods") or None,
        capture_method=params.maybe_text("capture_method") or "automatic_async",
        client_secret=world.store.new_id(f"{identifier}_secret_"),
        customer=customer,
        description=params.maybe_text("description"),
        metadata=params.metadata(),
        allowed_payment_method_types=allowed or None,
        receipt_email=params.maybe_text("receipt_email"),
        setup_future_usage=params.maybe_text("setup_future_usage"),
        statement_descriptor_suffix=params.maybe_text("statement_descriptor_suffix"),
        transfer_group=params.maybe_text("transfer_group"),
        status="requires_payment_method",
    )
    intent = _with_method(world, intent, params.maybe_text("payment_method"))
    world.store.save(intent)
    world.emit("payment_intent.created", intent)
    if params.flag("confirm"):
        intent = _confirm(world, call, intent)
    elif params.has("off_session"):
        raise StripeError(
            "You can only set off_session when confirming a PaymentIntent; pass confirm=true.", param="off_session"
        )
    return world.show(intent)


def _chargeable(amount: int) -> int:
    if amount < LOWEST_AMOUNT:
        raise StripeError("Amount must be at least $0.50 usd", code="amount_too_small", param="amount")
    if amount > HIGHEST_AMOUNT:
        raise StripeError("Amount must be no more than $999,999.99", code="amount_too_large", param="amount")
    return amount


def _with_method(world: World, intent: PaymentIntent, method: str | None) -> PaymentIntent:
    if method is None:
        return intent
    found = payment_methods.usable_for(world, method, intent.customer)
    return replace(intent, payment_method=found.id, status="requires_confirmation")


def _confirm(world: World, call: Call, intent: PaymentIntent) -> PaymentIntent:
    return charging.confirm(
        world,
        intent,
        off_session=call.params.flag("off_session"),
        refuse_action=call.params.flag("error_on_requires_action"),
        return_url=call.params.maybe_text("return_url"),
    )


def _named(world: World, call: Call) -> PaymentIntent:
    """The intent of the path; where the caller names its secret, it must be the right one."""
    intent = world.store.get(PaymentIntent, call.path["intent"], "intent")
    if call.params.has("client_secret") and call.params.text("client_secret") != intent.client_secret:
        raise StripeError("The client_secret provided does not match this PaymentIntent.", param="client_secret")
    return intent


def retrieve(world: World, call: Call) -> Document:
    return world.show(_named(world, call))


def update(world: World, call: Call) -> Document:
    intent, params = _named(world, call), call.params
    if params.has("amount"):
        intent.require("updated", "requires_payment_method", "requires_confirmation", "requires_action")
        intent = replace(intent, amount=_chargeable(params.integer("amount", 0)))
    if params.has("payment_method"):
        intent.require("updated", "requires_payment_method", "requires_confirmation")
    if params.has("customer"):
        intent = replace(intent, customer=world.store.get(Customer, params.text("customer"), "customer").id)
    intent = replace(
        _with_method(world, intent, params.maybe_text("payment_method")),
        metadata=params.metadata(intent.metadata),
        description=params.text_or("description", intent.description),
        receipt_email=params.text_or("receipt_email", intent.receipt_email),
        setup_future_usage=params.text_or("setup_future_usage", intent.setup_future_usage),
        statement_descriptor_suffix=params.text_or("statement_descriptor_suffix", intent.statement_descriptor_suffix),
        transfer_group=params.text_or("transfer_group", intent.transfer_group),
    )
    world.store.save(intent)
    return world.show(intent)


def confirm(world: World, call: Call) -> Document:
    intent, params = _named(world, call), call.params
    intent.require("confirmed", "requires_payment_method", "requires_confirmation")
    intent = replace(
        _with_method(world, intent, params.maybe_text("payment_method")),
        receipt_email=params.maybe_text("receipt_email") or intent.receipt_email,
        setup_future_usage=params.maybe_text("setup_future_usage") or intent.setup_future_usage,
    )
    world.store.save(intent)
    return world.show(_confirm(world, call, intent))


def capture(world: World, call: Call) -> Document:
    intent = _named(world, call)
    intent = replace(intent, metadata=call.params.metadata(intent.metadata))
    return world.show(charging.capture(world, intent, call.params.maybe_integer("amount_to_capture")))


def cancel(world: World, call: Call) -> Document:
    return world.show(charging.cancel(world, _named(world, call), call.params.maybe_text("cancellation_reason")))


def listing(world: World, call: Call) -> Document:
    return page(world, call, PaymentIntent, {"customer": call.params.maybe_text("customer")}, "/v1/payment_intents")
