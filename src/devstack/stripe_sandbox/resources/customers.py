"""Customers: whose cards are kept."""

from dataclasses import dataclass, field, replace
from typing import ClassVar, Final

from devstack.stripe_sandbox.paging import PAGE, page
from devstack.stripe_sandbox.params import Kind, Metadata, Nested, Shape, Text
from devstack.stripe_sandbox.store import Resource, Store
from devstack.stripe_sandbox.values import Document
from devstack.stripe_sandbox.world import Call, World

_FIELDS: dict[str, Kind] = {
    "email": Text(512),
    "name": Text(256),
    "phone": Text(20),
    "description": Text(350),
    "metadata": Metadata(),
}
CREATE: Final = Shape(_FIELDS)
UPDATE: Final = Shape({**_FIELDS, "invoice_settings": Nested(Shape({"default_payment_method": Text()}))})
LIST: Final = Shape({**PAGE, "email": Text(512)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer(Resource):
    """Somebody who pays."""

    object: ClassVar[str] = "customer"
    prefix: ClassVar[str] = "cus_"
    noun: ClassVar[str] = "customer"
    hidden: ClassVar[frozenset[str]] = frozenset({"deleted"})

    email: str | None = None
    name: str | None = None
    phone: str | None = None
    description: str | None = None
    balance: int = 0
    currency: str | None = None
    default_source: str | None = None
    delinquent: bool = False
    invoice_settings: Document = field(default_factory=lambda: {"default_payment_method": None})
    deleted: bool = False

    def document(self, store: Store) -> Document:
        if self.deleted:
            return {"object": self.object, "id": self.id, "deleted": True}
        return Resource.document(self, store)


def create(world: World, call: Call) -> Document:
    params = call.params
    customer = Customer(
        id=world.store.new_id(Customer.prefix),
        created=world.now(),
        email=params.maybe_text("email"),
        name=params.maybe_text("name"),
        phone=params.maybe_text("phone"),
        description=params.maybe_text("description"),
        metadata=params.metadata(),
    )
    world.store.save(customer)
    world.emit("customer.created", customer)
    return world.show(customer)


def retrieve(world: World, call: Call) -> Document:
    return world.show(world.store.get(Customer, call.path["customer"]))


def update(world: World, call: Call) -> Document:
    customer, params = world.store.get(Customer, call.path["customer"]), call.params
    customer = replace(
        customer,
        email=params.text_or("email", customer.email),
        name=params.text_or("name", customer.name),
        phone=params.text_or("phone", customer.phone),
        description=params.text_or("description", customer.description),
        metadata=params.metadata(customer.metadata),
        invoice_settings={**customer.invoice_settings, **params.nested("invoice_settings")},
    )
    world.store.save(customer)
    world.emit("customer.updated", customer)
    return world.show(customer)


def delete(world: World, call: Call) -> Document:
    customer = world.store.get(Customer, call.path["customer"])
    customer = replace(customer, deleted=True, email=None, name=None, phone=None)
    world.store.save(customer)
    world.emit("customer.deleted", customer)
    return world.show(customer)


def listing(world: World, call: Call) -> Document:
    email = call.params.maybe_text("email")
    return page(world, call, Customer, {"email": email}, "/v1/customers")
