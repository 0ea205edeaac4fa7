"""Payment methods: cards, attached to a customer or not."""

from dataclasses import dataclass, field, replace
from typing import ClassVar, Final

from devstack.stripe_sandbox.cards import BY_FINGERPRINT, BY_NUMBER, BY_TOKEN, TestCard
from devstack.stripe_sandbox.errors import StripeError, card_error
from devstack.stripe_sandbox.paging import WINDOW, page
from devstack.stripe_sandbox.params import Choice, Integer, Metadata, Nested, Shape, Text
from devstack.stripe_sandbox.resources.customers import Customer
from devstack.stripe_sandbox.store import Resource
from devstack.stripe_sandbox.values import Document
from devstack.stripe_sandbox.world import Call, World

_TYPE = Choice(("card",))
_CARD = Shape(
    required={"number": Text(19)},
    optional={"exp_month": Integer(1), "exp_year": Integer(1), "cvc": Text(4)},
)
CREATE: Final = Shape(
    required={"type": _TYPE, "card": Nested(_CARD)},
    optional={"metadata": Metadata()},
)
ATTACH: Final = Shape(required={"customer": Text()})
LIST: Final = Shape({**WINDOW, "customer": Text(), "type": _TYPE})
LIST_OF_CUSTOMER: Final = Shape({**WINDOW, "type": _TYPE})

_SPENT = (
    "This PaymentMethod was previously used without being attached to a Customer or was detached from a Customer, "
    "and may not be used again."
)


def _nobody() -> Document:
    return {"address": None, "email": None, "name": None, "phone": None, "tax_id": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentMethod(Resource):
    """`set_up` and `spent` are the processor's own notes and are not shown."""

    object: ClassVar[str] = "payment_method"
    prefix: ClassVar[str] = "pm_"
    noun: ClassVar[str] = "PaymentMethod"
    expandable: ClassVar[frozenset[str]] = frozenset({"customer"})
    hidden: ClassVar[frozenset[str]] = frozenset({"set_up", "spent"})

    type: str = "card"
    card: Document
    customer: str | None = None
    allow_redisplay: str = "unspecified"
    billing_details: Document = field(default_factory=_nobody)
    set_up: bool = False
    spent: bool = False

    @property
    def issuer(self) -> TestCard:
        return BY_FINGERPRINT[str(self.card["fingerprint"])]


def resolve(world: World, identifier: str, param: str = "payment_method") -> PaymentMethod:
    """The payment method of an id; a test token such as `pm_card_visa` makes a new one each time."""
    card = BY_TOKEN.get(identifier)
    return world.store.get(PaymentMethod, identifier, param) if card is None else _make(world, card, {})


def usable_for(world: World, identifier: str, customer: str | None) -> PaymentMethod:
    """The payment method, refused where it belongs to somebody else or was given up."""
    method = resolve(world, identifier)
    if method.customer is not None and method.customer != customer:
        raise StripeError(
            f"The customer does not have a payment method with the ID {method.id}. "
            "The payment method must be attached to the customer.",
            code="resource_missing",
            param="payment_method",
        )
    if method.spent:
        raise StripeError(_SPENT, code="payment_method_unactivated", param="payment_method")
    return method


def attach_to(world: World, method: PaymentMethod, customer: str, *, set_up: bool) -> PaymentMethod:
    attached = replace(method, customer=customer, set_up=method.set_up or set_up)
    world.store.save(attached)
    if method.customer != customer:
        world.emit("payment_method.attached", attached)
    return attached


def create(world: World, call: Call) -> Document:
    number = str(call.params.nested("card")["number"]).replace(" ", "")
    card = BY_NUMBER.get(number)
    if card is None:
        raise card_error("incorrect_number", "Your card number is incorrect.", None, {"param": "number"})
    return world.show(_make(world, card, call.params.metadata()))


def _make(world: World, card: TestCard, metadata: dict[str, str]) -> PaymentMethod:
    method = PaymentMethod(
        id=world.store.new_id(PaymentMethod.prefix), created=world.now(), card=card.document(), metadata=metadata
    )
    world.store.save(method)
    return method


def retrieve(world: World, call: Call) -> Document:
    return world.show(resolve(world, call.path["payment_method"], "id"))


def attach(world: World, call: Call) -> Document:
    customer = world.store.get(Customer, call.params.text("customer"), "customer")
    method = resolve(world, call.path["payment_method"], "id")
    if method.customer not in (None, customer.id):
        raise StripeError("The payment method you provided has already been attached to a customer.")
    if method.spent:
        raise StripeError(_SPENT, code="payment_method_unactivated")
    decline = method.issuer.decline
    if decline is not None and not method.issuer.attachable:
        raise card_error(decline.code, decline.message, decline.decline_code, {})
    return world.show(attach_to(world, method, customer.id, set_up=False))


def detach(world: World, call: Call) -> Document:
    method = world.store.get(PaymentMethod, call.path["payment_method"])
    if method.customer is None:
        raise StripeError("The payment method you provided is not attached to a customer so detachment is impossible.")
    detached = replace(method, customer=None, spent=True)
    world.store.save(detached)
    world.emit("payment_method.detached", detached)
    return world.show(detached)


def listing(world: World, call: Call) -> Document:
    return _of(world, call, call.params.maybe_text("customer"), "/v1/payment_methods")


def listing_of_customer(world: World, call: Call) -> Document:
    customer = world.store.get(Customer, call.path["customer"])
    return _of(world, call, customer.id, f"/v1/customers/{customer.id}/payment_methods")


def _of(world: World, call: Call, customer: str | None, url: str) -> Document:
    where = {"customer": customer, "type": call.params.maybe_text("type")}
    return page(world, call, PaymentMethod, where, url)
