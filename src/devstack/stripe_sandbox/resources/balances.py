"""Balances and the movements they are the sum of, of the platform or of the account that the call acts on."""

from typing import Final

from devstack.stripe_sandbox.ledger import BalanceTransaction
from devstack.stripe_sandbox.paging import PAGE, envelope, in_range
from devstack.stripe_sandbox.params import Shape, Text
from devstack.stripe_sandbox.values import Document, Json
from devstack.stripe_sandbox.world import DEFAULT_CURRENCY, Call, World

LIST: Final = Shape({**PAGE, "currency": Text(3), "source": Text(), "type": Text()})


def retrieve(world: World, call: Call) -> Document:
    currencies = sorted({one.currency for one in world.ledger.of_account(call.account)}) or [DEFAULT_CURRENCY]
    sums = {currency: world.ledger.balance(call.account, currency, world.now()) for currency in currencies}
    available: list[Json] = [_amount(available, currency) for currency, (available, _) in sums.items()]
    pending: list[Json] = [_amount(pending, currency) for currency, (_, pending) in sums.items()]
    return {"object": "balance", "livemode": False, "available": available, "pending": pending}


def _amount(amount: int, currency: str) -> Json:
    return {"amount": amount, "currency": currency, "source_types": {"card": amount}}


def retrieve_transaction(world: World, call: Call) -> Document:
    return world.ledger.show(world.ledger.get(call.path["transaction"]), world.now())


def listing(world: World, call: Call) -> Document:
    found = [one for one in world.ledger.of_account(call.account) if _matches(call, one)]
    return envelope(call, [(one.id, world.ledger.show(one, world.now())) for one in found], "/v1/balance_transactions")


def _matches(call: Call, transaction: BalanceTransaction) -> bool:
    wanted = {name: call.params.maybe_text(name) for name in ("currency", "source", "type")}
    actual = {"currency": transaction.currency, "source": transaction.source, "type": transaction.kind}
    return in_range(call, transaction.created) and all(
        value is None or value == actual[name] for name, value in wanted.items()
    )
