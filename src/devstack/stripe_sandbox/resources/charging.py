"""The steps of a payment intent: prove who pays, ask the issuer, capture, cancel."""

from dataclasses import replace

from devstack.stripe_sandbox.cards import Authentication, Decline
from devstack.stripe_sandbox.errors import StripeError, card_error
from devstack.stripe_sandbox.resources import charges, disputes, fraud_warnings, payment_methods
from devstack.stripe_sandbox.resources.charges import Charge
from devstack.stripe_sandbox.resources.intent import PaymentIntent
from devstack.stripe_sandbox.resources.payment_methods import PaymentMethod
from devstack.stripe_sandbox.values import Document
from devstack.stripe_sandbox.world import World

AUTHENTICATION_REQUIRED = Decline(
    "authentication_required",
    "authentication_required",
    "Your card was declined. This transaction requires authentication.",
)
AUTHENTICATION_FAILED = Decline(
    "payment_intent_authentication_failure",
    None,
    "We are unable to authenticate your payment method. Please choose a different payment method and try again.",
)


def confirm(
    world: World,
    intent: PaymentIntent,
    *,
    off_session: bool,
    refuse_action: bool,
    return_url: str | None,
) -> PaymentIntent:
    """Pays, or asks for the cardholder's proof, or fails with the issuer's refusal."""
    intent.require("confirmed", "requires_payment_method", "requires_confirmation")
    if intent.payment_method is None:
        raise StripeError(
            "You cannot confirm this PaymentIntent because it's missing a payment method. "
            "Update it with one, or confirm it again directly with one.",
            code="payment_intent_unexpected_state",
        )
    method = world.store.get(PaymentMethod, intent.payment_method)
    if needs_authentication(method):
        if off_session or refuse_action:
            raise _failed(world, intent, method, AUTHENTICATION_REQUIRED, attempted=off_session)
        waiting = replace(intent, status="requires_action", next_action=challenge(world, intent.id, return_url))
        world.store.save(waiting)
        world.emit("payment_intent.requires_action", waiting)
        return waiting
    return authorise(world, intent, method)


def needs_authentication(method: PaymentMethod) -> bool:
    match method.issuer.authentication:
        case Authentication.ALWAYS:
            return True
        case Authentication.UNTIL_SET_UP:
            return not method.set_up
        case Authentication.NEVER:
            return False


def challenge(world: World, identifier: str, return_url: str | None) -> Document:
    """What the client has to do: with a return address a redirect, without one the SDK's own dialogue."""
    if return_url is None:
        return {"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect", "source": identifier}}
    url = f"{world.base_url}/_sandbox/challenges/{identifier}"
    return {"type": "redirect_to_url", "redirect_to_url": {"url": url, "return_url": return_url}}


def complete_challenge(world: World, intent: PaymentIntent, *, proved: bool) -> PaymentIntent:
    """The cardholder proved who pays, or failed to. The outcome is the intent's status; nobody waits for an answer."""
    intent.require("authenticated", "requires_action")
    method = world.store.get(PaymentMethod, str(intent.payment_method))
    try:
        if not proved:
            raise _failed(world, intent, method, AUTHENTICATION_FAILED, attempted=False)
        return authorise(world, replace(intent, next_action=None), replace(method, set_up=True))
    except StripeError as refusal:
        if not refusal.keeps_effects:
            raise
        return world.store.get(PaymentIntent, intent.id)


def authorise(world: World, intent: PaymentIntent, method: PaymentMethod) -> PaymentIntent:
    """Asks the issuer; with automatic capture the money is taken at once."""
    if method.issuer.decline is not None:
        raise _failed(world, intent, method, method.issuer.decline, attempted=True)
    charge = charges.ask_issuer(world, intent, method, None)
    _keep(world, intent, method)
    intent = replace(intent, latest_charge=charge.id, last_payment_error=None, next_action=None)
    if intent.capture_method == "manual":
        waiting = replace(intent, status="requires_capture", amount_capturable=intent.amount)
        world.store.save(waiting)
        world.emit("charge.succeeded", charge)
        world.emit("payment_intent.amount_capturable_updated", waiting)
        return waiting
    return _paid(world, intent, charge, intent.amount, event="charge.succeeded")


def _keep(world: World, intent: PaymentIntent, method: PaymentMethod) -> None:
    """A card that is meant to be used again goes to its customer; another one is spent by its first payment."""
    if intent.setup_future_usage is not None and intent.customer is not None:
        payment_methods.attach_to(
            world, method, intent.customer, set_up=intent.setup_future_usage == "off_session" or method.set_up
        )
    elif method.customer is None:
        world.store.save(replace(method, spent=True))


def capture(world: World, intent: PaymentIntent, amount: int | None) -> PaymentIntent:
    """Takes all or a part of what was authorised; the rest is released."""
    intent.require("captured", "requires_capture")
    taken = intent.amount_capturable if amount is None else amount
    if taken > intent.amount_capturable:
        raise StripeError(
            f"The amount_to_capture ({taken}) is greater than the amount_capturable ({intent.amount_capturable}).",
            code="amount_too_large",
            param="amount_to_capture",
        )
    charge = world.store.get(Charge, str(intent.latest_charge))
    return _paid(world, intent, charge, taken, event="charge.captured")


def _paid(world: World, intent: PaymentIntent, charge: Charge, amount: int, *, event: str) -> PaymentIntent:
    method = world.store.get(PaymentMethod, charge.payment_method)
    charge = charges.capture(world, charge, amount, available_at_once=method.issuer.available_at_once)
    paid = replace(intent, status="succeeded", amount_capturable=0, amount_received=amount)
    world.store.save(paid)
    world.emit(event, charge)
    world.emit("payment_intent.succeeded", paid)
    if method.issuer.dispute is not None:
        fate = method.issuer.dispute
        world.defer(lambda: disputes.file(world, charge.id, fate.reason, status=fate.status))
    if method.issuer.fraud_warning:
        world.defer(lambda: fraud_warnings.warn(world, charge.id, "made_with_stolen_card"))
    return paid


def cancel(world: World, intent: PaymentIntent, reason: str | None) -> PaymentIntent:
    """Ends a payment that was not captured; an authorisation is released."""
    intent.require(
        "canceled", "requires_payment_method", "requires_confirmation", "requires_action", "requires_capture"
    )
    if intent.status == "requires_capture":
        world.emit("charge.refunded", charges.release(world, world.store.get(Charge, str(intent.latest_charge))))
    cancelled = replace(
        intent,
        status="canceled",
        amount_capturable=0,
        next_action=None,
        canceled_at=world.now(),
        cancellation_reason=reason,
    )
    world.store.save(cancelled)
    world.emit("payment_intent.canceled", cancelled)
    return cancelled


def _failed(
    world: World, intent: PaymentIntent, method: PaymentMethod, decline: Decline, *, attempted: bool
) -> StripeError:
    """Records the failure and gives the refusal to raise; `attempted` tells whether the issuer saw a charge."""
    charge = charges.ask_issuer(world, intent, method, decline) if attempted else None
    error: Document = {
        "type": "card_error" if decline is not AUTHENTICATION_FAILED else "invalid_request_error",
        "code": decline.code,
        "decline_code": decline.decline_code,
        "message": decline.message,
        "charge": charge.id if charge else None,
        "payment_method": world.show(method),
    }
    failed = intent.after_failure(error, charge.id if charge else None)
    world.store.save(failed)
    if charge is not None:
        world.emit("charge.failed", charge)
    world.emit("payment_intent.payment_failed", failed)
    attached: Document = {"payment_intent": world.show(failed), "payment_method": world.show(method)}
    if charge is not None:
        attached["charge"] = charge.id
    return card_error(decline.code, decline.message, decline.decline_code, attached)
