"""What a booking costs. All of it integer cents, all of it computed here."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from server.core.money import bips_of, clamp, times

_QUANTITY_STEP = Decimal("0.0001")


class LineItemKind(StrEnum):
    """What a line is for."""

    PACKAGE = "package"
    EXTRA = "extra"
    TRAVEL = "travel"
    LICENSE = "license"
    ADJUSTMENT = "adjustment"
    REFUND = "refund"


@dataclass(frozen=True, slots=True)
class LineItem:
    """One line of a price."""

    kind: LineItemKind
    title: str
    qty: Decimal
    unit_cents: int
    total_cents: int


@dataclass(frozen=True, slots=True)
class FeePolicy:
    """What the platform takes, as it was when the order was priced."""

    fee_policy_id: str
    fee_bips: int
    fee_min_cents: int
    fee_max_cents: int | None
    tax_bips: int
    credit_shrinks_tax: bool
    commission_bips: int


@dataclass(frozen=True, slots=True)
class Price:
    """What the buyer pays and why: total = subtotal + fee + tax + tip - credit. The policy is part of it, so that later
    arithmetic needs nothing that may have changed since.
    """

    subtotal_cents: int
    platform_fee_cents: int
    tax_cents: int
    tip_cents: int
    credit_cents: int
    total_cents: int
    currency: str
    policy: FeePolicy


@dataclass(frozen=True, slots=True)
class Quote:
    """A price with its lines, and the hash by which a buyer confirms exactly this one."""

    price: Price
    line_items: tuple[LineItem, ...]
    quote_hash: str


def hours(duration: timedelta) -> Decimal:
    """A duration as a decimal number of hours, to the fourth place."""
    return (Decimal(int(duration.total_seconds())) / 3600).quantize(_QUANTITY_STEP, rounding=ROUND_HALF_UP)


def line(kind: LineItemKind, title: str, qty: Decimal, unit_cents: int) -> LineItem:
    """A line whose total is unit × quantity, half up."""
    return LineItem(kind, title, qty, unit_cents, times(unit_cents, qty))


def price_of(
    line_items: tuple[LineItem, ...], policy: FeePolicy, *, tip_cents: int, credit_offered_cents: int, currency: str
) -> Price:
    """Subtotal, fee within its bounds, tax on the fee, the tip, and as much of the credit as the fee takes up.

    Credit pays for the fee and for nothing else. It leaves the tax as it was, unless the policy says otherwise.
    """
    subtotal = sum(item.total_cents for item in line_items if item.kind is not LineItemKind.REFUND)
    fee = clamp(bips_of(subtotal, policy.fee_bips), policy.fee_min_cents, policy.fee_max_cents)
    credit = min(credit_offered_cents, fee)
    tax = bips_of(fee - credit if policy.credit_shrinks_tax else fee, policy.tax_bips)
    return Price(
        subtotal_cents=subtotal,
        platform_fee_cents=fee,
        tax_cents=tax,
        tip_cents=tip_cents,
        credit_cents=credit,
        total_cents=subtotal + fee + tax + tip_cents - credit,
        currency=currency,
        policy=policy,
    )


def quote_of(line_items: tuple[LineItem, ...], price: Price, what: str) -> Quote:
    """Hashes everything the buyer agrees to: what is booked, every line, every part of the price."""
    agreed = [what, [[*asdict(item).values()] for item in line_items], asdict(price)]
    text = json.dumps(agreed, sort_keys=True, separators=(",", ":"), default=str)
    return Quote(price, line_items, hashlib.sha256(text.encode()).hexdigest())
