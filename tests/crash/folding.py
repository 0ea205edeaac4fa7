"""What the processor's ledger comes to, folded order by order by code that knows nothing of the product's."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.payments.sandbox import Sandbox

PAGE = 100


@dataclass(frozen=True, slots=True)
class Sums:
    """Cents that went each way."""

    charged: int = 0
    refunded: int = 0
    withdrawn: int = 0
    reinstated: int = 0
    transferred: int = 0
    reversed: int = 0


async def folded(sandbox: Sandbox) -> Mapping[str, Sums]:
    """Every movement on the platform's account, by order. A movement that belongs to no order is an error, and so is
    a cent that left the platform and did not arrive at a provider.
    """
    accounts = await sandbox.switches.ledger()
    order_of = await _orders(sandbox)
    cents: dict[str, Counter[str]] = defaultdict(Counter)
    for movement in accounts["platform"]["balance_transactions"]:
        cents[order_of[movement["source"]]][_way(movement)] += abs(movement["amount"])
    arrived = sum(
        movement["amount"]
        for account, posted in accounts.items()
        if account != "platform"
        for movement in posted["balance_transactions"]
    )
    left = sum(sums["transferred"] - sums["reversed"] for sums in cents.values())
    assert arrived == left
    return {order_id: Sums(**sums) for order_id, sums in cents.items()}


def _way(movement: Mapping[str, Any]) -> str:
    match movement["type"]:
        case "charge":
            return "charged"
        case "refund":
            return "refunded"
        case "adjustment":
            return "withdrawn" if movement["amount"] < 0 else "reinstated"
        case "transfer":
            return "transferred"
        case "transfer_refund":
            return "reversed"
    raise AssertionError(f"nothing in these stories moves money like this: {movement}")


async def _orders(sandbox: Sandbox) -> Mapping[str, str]:
    """Which order each object of the processor belongs to."""
    orders: dict[str, str] = {}
    for kind in ("charges", "transfers"):
        orders |= {one["id"]: one["transfer_group"] for one in await _all(sandbox, f"/v1/{kind}")}
    for kind in ("refunds", "disputes"):
        orders |= {one["id"]: orders[one["charge"]] for one in await _all(sandbox, f"/v1/{kind}")}
    for transfer in [one for one in orders if one.startswith("tr_")]:
        reversals = await _all(sandbox, f"/v1/transfers/{transfer}/reversals")
        orders |= {one["id"]: orders[transfer] for one in reversals}
    return orders


async def _all(sandbox: Sandbox, path: str) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    after = ""
    while True:
        status, page, _ = await sandbox.raw("GET", f"{path}?limit={PAGE}{after}")
        assert status == 200, page
        found += page["data"]
        if not page["has_more"]:
            return found
        after = f"&starting_after={found[-1]['id']}"
