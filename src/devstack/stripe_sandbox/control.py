"""The switches below `/_sandbox/`: what cardholders, banks, owners of accounts and bad networks do."""

from typing import Final

from devstack.stripe_sandbox import faults, replays, webhooks
from devstack.stripe_sandbox.errors import StripeError
from devstack.stripe_sandbox.faults import ArmedFault, Fault
from devstack.stripe_sandbox.ledger import PLATFORM
from devstack.stripe_sandbox.params import Choice, Flag, Free, Integer, Shape, Text
from devstack.stripe_sandbox.resources import accounts, charging, disputes, fraud_warnings, refunds, setup_intents
from devstack.stripe_sandbox.resources.disputes import Dispute
from devstack.stripe_sandbox.resources.intent import PaymentIntent
from devstack.stripe_sandbox.resources.setup_intents import SetupIntent
from devstack.stripe_sandbox.values import Document, Json
from devstack.stripe_sandbox.world import Call, Event, World

NOTHING: Final = Shape()
CHALLENGE: Final = Shape(required={"outcome": Choice(("proved", "failed"))})
FAIL_REFUND: Final = Shape({"reason": Text()})
STANDING: Final = Shape(required={"enabled": Flag()})
PAYOUT: Final = Shape(required={"amount": Integer(1)})
FILE_DISPUTE: Final = Shape({"reason": Text(), "status": Text(), "amount": Integer(1)})
STATUS: Final = Shape(required={"status": Text()})
WARNING: Final = Shape({"fraud_type": Text()})
ARM: Final = Shape(
    required={"method": Choice(("GET", "POST", "DELETE")), "path": Text(), "fault": Choice(tuple(Fault))},
    optional={"times": Integer(1), "skip": Integer(0)},
)
WEBHOOKS: Final = Shape(
    {"url": Text(), "secret": Text(), "paused": Flag(), "copies": Integer(0), "order": Choice(tuple(webhooks.Order))}
)
RESEND: Final = Shape(required={"event": Text()})
EMIT: Final = Shape(required={"type": Text(), "object": Free()}, optional={"account": Text()})


def health(world: World, call: Call) -> Document:
    return {"status": "serving", "time": world.now()}


def complete_payment_challenge(world: World, call: Call) -> Document:
    intent = world.store.get(PaymentIntent, call.path["intent"])
    return world.show(charging.complete_challenge(world, intent, proved=call.params.text("outcome") == "proved"))


def complete_setup_challenge(world: World, call: Call) -> Document:
    intent = world.store.get(SetupIntent, call.path["intent"])
    return world.show(setup_intents.complete_challenge(world, intent, proved=call.params.text("outcome") == "proved"))


def expire_authorisation(world: World, call: Call) -> Document:
    """The issuer takes its promise back: what was not captured in time is cancelled."""
    intent = world.store.get(PaymentIntent, call.path["intent"])
    intent.require("expired", "requires_capture")
    return world.show(charging.cancel(world, intent, "automatic"))


def fail_refund(world: World, call: Call) -> Document:
    return world.show(
        refunds.fail(world, call.path["refund"], call.params.maybe_text("reason") or "expired_or_canceled_card")
    )


def settle_refund(world: World, call: Call) -> Document:
    return world.show(refunds.settle(world, call.path["refund"]))


def onboard(world: World, call: Call) -> Document:
    return world.show(accounts.onboard(world, call.path["account"]))


def set_standing(world: World, call: Call) -> Document:
    return world.show(accounts.set_standing(world, call.path["account"], enabled=call.params.flag("enabled")))


def pay_out(world: World, call: Call) -> Document:
    return accounts.pay_out(world, call.path["account"], call.params.integer("amount", 0))


def file_dispute(world: World, call: Call) -> Document:
    params = call.params
    dispute = disputes.file(
        world,
        call.path["charge"],
        params.maybe_text("reason") or "fraudulent",
        status=params.maybe_text("status") or "needs_response",
        amount=params.maybe_integer("amount"),
    )
    return disputes.show(world, dispute)


def _dispute(world: World, call: Call) -> Dispute:
    return world.store.get(Dispute, call.path["dispute"])


def escalate_dispute(world: World, call: Call) -> Document:
    return disputes.show(world, disputes.escalate(world, _dispute(world, call)))


def decide_dispute(world: World, call: Call) -> Document:
    return disputes.show(world, disputes.decide(world, _dispute(world, call), call.params.text("status")))


def set_dispute_status(world: World, call: Call) -> Document:
    return disputes.show(world, disputes.set_status(world, _dispute(world, call), call.params.text("status")))


def withdraw_dispute_funds(world: World, call: Call) -> Document:
    return disputes.show(world, disputes.withdraw(world, _dispute(world, call)))


def reinstate_dispute_funds(world: World, call: Call) -> Document:
    return disputes.show(world, disputes.reinstate(world, _dispute(world, call)))


def warn_of_fraud(world: World, call: Call) -> Document:
    fraud_type = call.params.maybe_text("fraud_type") or "unauthorized_use_of_card"
    return world.show(fraud_warnings.warn(world, call.path["charge"], fraud_type))


def settle_balance(world: World, call: Call) -> Document:
    world.ledger.settle()
    return ledger(world, call)


def ledger(world: World, call: Call) -> Document:
    """Every movement of every account, the oldest first, for whoever folds them."""
    accounts_: Document = {}
    for account in world.ledger.accounts() or [PLATFORM]:
        movements = world.ledger.of_account(account)
        shown: list[Json] = [world.ledger.show(one, world.now()) for one in reversed(movements)]
        accounts_[account] = {"balance_transactions": shown, "net": sum(one.net for one in movements)}
    return {"accounts": accounts_}


def forget_keys(world: World, call: Call) -> Document:
    replays.forget(world.store)
    return {"forgotten": True}


def arm_fault(world: World, call: Call) -> Document:
    params = call.params
    fault = ArmedFault(
        params.text("method"),
        params.text("path"),
        Fault(params.text("fault")),
        params.integer("times", 1),
        params.integer("skip", 0),
    )
    faults.arm(world.store, [*faults.armed(world.store), fault])
    return list_faults(world, call)


def disarm_faults(world: World, call: Call) -> Document:
    faults.arm(world.store, [])
    return list_faults(world, call)


def list_faults(world: World, call: Call) -> Document:
    found: list[Json] = [
        {"method": one.method, "path": one.path, "fault": one.fault.value, "times": one.times, "skip": one.skip}
        for one in faults.armed(world.store)
    ]
    return {"faults": found}


def set_webhooks(world: World, call: Call) -> Document:
    """Where webhooks go, whether they are held back, how often each is repeated, and in which order a batch leaves."""
    current = webhooks.Policy.read(world.store)
    params = call.params
    webhooks.Policy(
        url=params.text_or("url", current.url) or "",
        secret=params.maybe_text("secret") or current.secret,
        paused=params.flag("paused", current.paused),
        copies=params.integer("copies", current.copies),
        order=webhooks.Order(params.maybe_text("order") or current.order),
    ).write(world.store)
    return get_webhooks(world, call)


def get_webhooks(world: World, call: Call) -> Document:
    policy = webhooks.Policy.read(world.store)
    return {
        "url": policy.url,
        "paused": policy.paused,
        "copies": policy.copies,
        "order": policy.order.value,
        "deliveries": webhooks.overview(world.store),
    }


def resend(world: World, call: Call) -> Document:
    event = world.store.find(Event, call.params.text("event"))
    if event is None:
        raise StripeError(f"No such event: '{call.params.text('event')}'", status=404, param="event")
    webhooks.queue(world.store, event.id)
    return world.show(event)


def emit(world: World, call: Call) -> Document:
    """An event of any type about any object, also such as no version of the API knows yet."""
    world.emit_document(
        call.params.text("type"), call.params.nested("object"), account=call.params.maybe_text("account")
    )
    return world.show(world.store.select(Event, {})[0])
