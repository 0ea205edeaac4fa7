"""Transfers from the platform to connected accounts, and their reversals."""

from dataclasses import dataclass, replace
from typing import ClassVar, Final

from devstack.stripe_sandbox.errors import StripeError
from devstack.stripe_sandbox.ledger import PLATFORM
from devstack.stripe_sandbox.paging import PAGE, WINDOW, page
from devstack.stripe_sandbox.params import Integer, Metadata, Shape, Text
from devstack.stripe_sandbox.resources.accounts import Account
from devstack.stripe_sandbox.resources.charges import Charge
from devstack.stripe_sandbox.store import Resource, Store
from devstack.stripe_sandbox.values import Document, Json
from devstack.stripe_sandbox.world import Call, World

CREATE: Final = Shape(
    required={"amount": Integer(1), "currency": Text(3), "destination": Text()},
    optional={
        "description": Text(1000),
        "metadata": Metadata(),
        "source_transaction": Text(),
        "transfer_group": Text(),
    },
)
UPDATE: Final = Shape({"description": Text(1000), "metadata": Metadata()})
LIST: Final = Shape({**PAGE, "destination": Text(), "transfer_group": Text()})
REVERSE: Final = Shape({"amount": Integer(1), "description": Text(1000), "metadata": Metadata()})
LIST_REVERSALS: Final = Shape(WINDOW)


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferReversal(Resource):
    """A part of a transfer that came back."""

    object: ClassVar[str] = "transfer_reversal"
    prefix: ClassVar[str] = "trr_"
    noun: ClassVar[str] = "transfer reversal"
    hidden: ClassVar[frozenset[str]] = frozenset({"livemode"})
    expandable: ClassVar[frozenset[str]] = frozenset({"balance_transaction", "transfer"})

    amount: int
    balance_transaction: str
    currency: str
    destination_payment_refund: str
    source_refund: str | None = None
    transfer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer(Resource):
    """Money moved to a connected account. Its reversals are shown inside it."""

    object: ClassVar[str] = "transfer"
    prefix: ClassVar[str] = "tr_"
    noun: ClassVar[str] = "transfer"
    expandable: ClassVar[frozenset[str]] = frozenset({"balance_transaction", "source_transaction", "destination"})

    amount: int
    amount_reversed: int = 0
    balance_transaction: str
    currency: str
    description: str | None
    destination: str
    destination_payment: str
    reversed: bool = False
    source_transaction: str | None
    source_type: str = "card"
    transfer_group: str | None

    def document(self, store: Store) -> Document:
        found = store.select(TransferReversal, {"transfer": self.id})
        data: list[Json] = [reversal.document(store) for reversal in found[:10]]
        url = f"/v1/transfers/{self.id}/reversals"
        shown: Document = {"object": "list", "data": data, "has_more": len(found) > 10, "url": url}
        return {**Resource.document(self, store), "reversals": shown}


def create(world: World, call: Call) -> Document:
    params = call.params
    amount, currency = params.integer("amount", 0), params.text("currency").lower()
    destination = world.store.get(Account, params.text("destination"), "destination")
    if destination.capabilities.get("transfers") != "active":
        raise StripeError(
            "Your destination account needs to have at least one of the following capabilities enabled: transfers",
            code="insufficient_capabilities_for_transfer",
        )
    source_id = params.maybe_text("source_transaction")
    source = None if source_id is None else world.store.get(Charge, source_id, "source_transaction")
    available_on = _covered(world, source, amount, currency)
    identifier, payment = world.store.new_id(Transfer.prefix), world.store.new_id("py_")
    now = world.now()
    taken = world.ledger.post(PLATFORM, "transfer", identifier, currency, -amount, now=now, available_on=available_on)
    world.ledger.post(destination.id, "payment", payment, currency, amount, now=now, available_on=available_on)
    transfer = Transfer(
        id=identifier,
        created=now,
        amount=amount,
        balance_transaction=taken,
        currency=currency,
        description=params.maybe_text("description"),
        destination=destination.id,
        destination_payment=payment,
        metadata=params.metadata(),
        source_transaction=source_id,
        transfer_group=params.maybe_text("transfer_group") or (source.transfer_group if source else None),
    )
    world.store.save(transfer)
    world.emit("transfer.created", transfer)
    return world.show(transfer)


def _covered(world: World, source: Charge | None, amount: int, currency: str) -> int:
    """When the money is there, or the refusal: a source covers what it captured, else the available balance must."""
    if source is None:
        available, _ = world.ledger.balance(PLATFORM, currency, world.now())
        if amount > available:
            raise StripeError(
                "You have insufficient available funds in your Stripe account. Try adding funds directly to your "
                "available balance by creating Charges using the 4000000000000077 test card.",
                code="balance_insufficient",
            )
        return world.now()
    if not source.captured:
        raise StripeError("The source_transaction must be a captured charge.", param="source_transaction")
    if source.currency != currency:
        raise StripeError("The currency of source_transaction's balance transaction differs.", param="currency")
    drawn = sum(
        transfer.amount - transfer.amount_reversed
        for transfer in world.store.select(Transfer, {"source_transaction": source.id})
    )
    if drawn + amount > source.amount_captured:
        raise StripeError(
            f"The source_transaction {source.id} has {source.amount_captured - drawn} left to transfer; "
            f"{amount} is more than that.",
            param="amount",
        )
    return world.ledger.get(str(source.balance_transaction)).available_on


def reverse(world: World, call: Call) -> Document:
    params = call.params
    transfer = world.store.get(Transfer, call.path["transfer"])
    left = transfer.amount - transfer.amount_reversed
    amount = params.integer("amount", left)
    if amount > left or left == 0:
        raise StripeError(
            f"Transfer {transfer.id} has {left} left to reverse; {amount} is more than that.", param="amount"
        )
    available, pending = world.ledger.balance(transfer.destination, transfer.currency, world.now())
    if amount > available + pending:
        raise StripeError(
            "The connected account has insufficient funds to cover the reversal.", code="balance_insufficient"
        )
    identifier, refund, now = world.store.new_id(TransferReversal.prefix), world.store.new_id("pyr_"), world.now()
    available_on = world.ledger.get(transfer.balance_transaction).available_on
    currency = transfer.currency
    back = world.ledger.post(
        PLATFORM, "transfer_refund", identifier, currency, amount, now=now, available_on=available_on
    )
    world.ledger.post(
        transfer.destination, "payment_refund", refund, currency, -amount, now=now, available_on=available_on
    )
    reversal = TransferReversal(
        id=identifier,
        created=now,
        amount=amount,
        balance_transaction=back,
        currency=currency,
        destination_payment_refund=refund,
        metadata=params.metadata(),
        transfer=transfer.id,
    )
    reversed_now = transfer.amount_reversed + amount
    transfer = replace(transfer, amount_reversed=reversed_now, reversed=reversed_now == transfer.amount)
    world.store.save(reversal)
    world.store.save(transfer)
    world.emit("transfer.reversed", transfer)
    return world.show(reversal)


def retrieve(world: World, call: Call) -> Document:
    return world.show(world.store.get(Transfer, call.path["transfer"]))


def update(world: World, call: Call) -> Document:
    transfer, params = world.store.get(Transfer, call.path["transfer"]), call.params
    transfer = replace(
        transfer,
        description=params.maybe_text("description") or transfer.description,
        metadata=params.metadata(transfer.metadata),
    )
    world.store.save(transfer)
    world.emit("transfer.updated", transfer)
    return world.show(transfer)


def listing(world: World, call: Call) -> Document:
    where = {name: call.params.maybe_text(name) for name in ("destination", "transfer_group")}
    return page(world, call, Transfer, where, "/v1/transfers")


def retrieve_reversal(world: World, call: Call) -> Document:
    return world.show(world.store.get(TransferReversal, call.path["reversal"]))


def listing_of_reversals(world: World, call: Call) -> Document:
    transfer = world.store.get(Transfer, call.path["transfer"])
    return page(world, call, TransferReversal, {"transfer": transfer.id}, f"/v1/transfers/{transfer.id}/reversals")
