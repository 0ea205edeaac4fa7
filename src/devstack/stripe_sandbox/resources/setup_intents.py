"""Setup intents: a card saved for later, with the cardholder's proof where the issuer asks for it."""

from dataclasses import dataclass, field, replace
from typing import ClassVar, Final

from devstack.stripe_sandbox.cards import Decline
from devstack.stripe_sandbox.errors import StripeError, card_error, unexpected_state
from devstack.stripe_sandbox.paging import PAGE, page
from devstack.stripe_sandbox.params import Choice, Flag, Metadata, Nested, Shape, Text, Texts
from devstack.stripe_sandbox.resources import charging, payment_methods
from devstack.stripe_sandbox.resources.customers import Customer
from devstack.stripe_sandbox.resources.payment_methods import PaymentMethod
from devstack.stripe_sandbox.store import Resource, Store
from devstack.stripe_sandbox.values import Document, Json
from devstack.stripe_sandbox.world import Call, World

CREATE: Final = Shape(
    {
        "allowed_payment_method_types": Texts(),
        "automatic_payment_methods": Nested(Shape({"enabled": Flag(), "allow_redirects": Choice(("always", "never"))})),
        "confirm": Flag(),
        "customer": Text(),
        "description": Text(1000),
        "metadata": Metadata(),
        "payment_method": Text(),
        "return_url": Text(),
        "usage": Choice(("off_session", "on_session")),
    }
)
CONFIRM: Final = Shape({"client_secret": Text(), "payment_method": Text(), "return_url": Text()})
CANCEL: Final = Shape({"cancellation_reason": Choice(("abandoned", "requested_by_customer", "duplicate"))})
LIST: Final = Shape({**PAGE, "customer": Text(), "payment_method": Text()})

_FAILED = Decline(
    "setup_intent_authentication_failure",
    None,
    "The latest attempt to set up the payment method has failed because authentication failed.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupIntent(Resource):
    """A card on its way to being saved."""

    object: ClassVar[str] = "setup_intent"
    prefix: ClassVar[str] = "seti_"
    noun: ClassVar[str] = "setupintent"
    expandable: ClassVar[frozenset[str]] = frozenset({"payment_method", "customer"})

    automatic_payment_methods: Document | None = None
    cancellation_reason: str | None = None
    client_secret: str
    customer: str | None = None
    description: str | None = None
    last_setup_error: Document | None = None
    next_action: Document | None = None
    payment_method: str | None = None
    allowed_payment_method_types: list[Json] | None = None
    payment_method_types: list[Json] = field(default_factory=lambda: ["card"])
    status: str
    usage: str = "off_session"

    def document(self, store: Store) -> Document:
        return {**Resource.document(self, store), "application": None, "latest_attempt": None, "mandate": None}


def create(world: World, call: Call) -> Document:
    params = call.params
    customer = params.maybe_text("customer")
    if customer is not None:
        world.store.get(Customer, customer, "customer")
    identifier = world.store.new_id(SetupIntent.prefix)
    allowed: list[Json] = [*params.texts("allowed_payment_method_types")]
    intent = SetupIntent(
        id=identifier,
        created=world.now(),
        automatic_payment_methods=params.nested("automatic_payment_methods") or None,
        client_secret=world.store.new_id(f"{identifier}_secret_"),
        customer=customer,
        description=params.maybe_text("description"),
        metadata=params.metadata(),
        allowed_payment_method_types=allowed or None,
        usage=params.maybe_text("usage") or "off_session",
        status="requires_payment_method",
    )
    intent = _with_method(world, intent, params.maybe_text("payment_method"))
    world.store.save(intent)
    world.emit("setup_intent.created", intent)
    if params.flag("confirm"):
        intent = _confirm(world, intent, params.maybe_text("return_url"))
    return world.show(intent)


def _with_method(world: World, intent: SetupIntent, method: str | None) -> SetupIntent:
    if method is None:
        return intent
    found = payment_methods.usable_for(world, method, intent.customer)
    return replace(intent, payment_method=found.id, status="requires_confirmation")


def _named(world: World, call: Call) -> SetupIntent:
    intent = world.store.get(SetupIntent, call.path["intent"], "intent")
    if call.params.has("client_secret") and call.params.text("client_secret") != intent.client_secret:
        raise StripeError("The client_secret provided does not match this SetupIntent.", param="client_secret")
    return intent


def retrieve(world: World, call: Call) -> Document:
    return world.show(_named(world, call))


def confirm(world: World, call: Call) -> Document:
    intent = _with_method(world, _named(world, call), call.params.maybe_text("payment_method"))
    return world.show(_confirm(world, intent, call.params.maybe_text("return_url")))


def cancel(world: World, call: Call) -> Document:
    intent = _named(world, call)
    _require(intent, "canceled", "requires_payment_method", "requires_confirmation", "requires_action")
    reason = call.params.maybe_text("cancellation_reason")
    cancelled = replace(intent, status="canceled", cancellation_reason=reason, next_action=None)
    world.store.save(cancelled)
    world.emit("setup_intent.canceled", cancelled)
    return world.show(cancelled)


def listing(world: World, call: Call) -> Document:
    where = {name: call.params.maybe_text(name) for name in ("customer", "payment_method")}
    return page(world, call, SetupIntent, where, "/v1/setup_intents")


def _require(intent: SetupIntent, doing: str, *statuses: str) -> None:
    if intent.status not in statuses:
        raise unexpected_state(intent.object, intent.id, doing, intent.status)


def _confirm(world: World, intent: SetupIntent, return_url: str | None) -> SetupIntent:
    _require(intent, "confirmed", "requires_payment_method", "requires_confirmation")
    if intent.payment_method is None:
        raise StripeError(
            "You cannot confirm this SetupIntent because it's missing a payment method.",
            code="setup_intent_unexpected_state",
        )
    method = world.store.get(PaymentMethod, intent.payment_method)
    if charging.needs_authentication(method):
        waiting = replace(
            intent, status="requires_action", next_action=charging.challenge(world, intent.id, return_url)
        )
        world.store.save(waiting)
        world.emit("setup_intent.requires_action", waiting)
        return waiting
    return _finish(world, intent, method)


def complete_challenge(world: World, intent: SetupIntent, *, proved: bool) -> SetupIntent:
    """The cardholder proved whose card it is, or failed to."""
    _require(intent, "authenticated", "requires_action")
    method = world.store.get(PaymentMethod, str(intent.payment_method))
    if proved:
        return _finish(world, replace(intent, next_action=None), replace(method, set_up=True))
    _failed(world, intent, method, _FAILED)
    return world.store.get(SetupIntent, intent.id)


def _finish(world: World, intent: SetupIntent, method: PaymentMethod) -> SetupIntent:
    decline = method.issuer.decline
    if decline is not None and not method.issuer.attachable:
        raise _failed(world, intent, method, decline)
    if intent.customer is not None:
        payment_methods.attach_to(world, method, intent.customer, set_up=intent.usage == "off_session")
    done = replace(intent, status="succeeded", last_setup_error=None)
    world.store.save(done)
    world.emit("setup_intent.succeeded", done)
    return done


def _failed(world: World, intent: SetupIntent, method: PaymentMethod, decline: Decline) -> StripeError:
    error: Document = {
        "type": "card_error",
        "code": decline.code,
        "decline_code": decline.decline_code,
        "message": decline.message,
        "payment_method": world.show(method),
    }
    failed = replace(
        intent, status="requires_payment_method", payment_method=None, next_action=None, last_setup_error=error
    )
    world.store.save(failed)
    world.emit("setup_intent.setup_failed", failed)
    return card_error(decline.code, decline.message, decline.decline_code, {"setup_intent": world.show(failed)})
