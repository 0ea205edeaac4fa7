"""What is paid on top of an order or given back by agreement. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from server.booking.domain.order import Order
from server.booking.pricing import Price
from server.booking.refunds import Balance, extended


class AdjustmentKind(StrEnum):
    """What somebody pays on top or gives back."""

    TIP = "tip"
    CHARGE = "charge"
    REFUND = "refund"


class AdjustmentStatus(StrEnum):
    """Where an adjustment stands."""

    PENDING = "pending"
    APPLIED = "applied"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A change of the price after the confirmation."""

    adjustment_id: str
    order_id: str
    kind: AdjustmentKind
    title: str
    amount_cents: int
    charge_cents: int
    payment_id: str
    asked_by: str
    created_at: datetime
    applied_at: datetime | None = None
    payment_over: bool = False
    """Whether its payment ended without success."""

    @property
    def status(self) -> AdjustmentStatus:
        if self.applied_at is not None:
            return AdjustmentStatus.APPLIED
        return AdjustmentStatus.FAILED if self.payment_over else AdjustmentStatus.PENDING


def charge_for(order: Order, balance: Balance, subtotal_cents: int) -> int:
    """What so much more of the subtotal costs the buyer: with the fee and the tax that the whole subtotal then has."""
    return extended(balance, order.price.policy, subtotal_cents=subtotal_cents).charged_cents - balance.charged_cents


def repriced(price: Price, balance: Balance) -> Price:
    """The price after something was paid on top, as the balance has it."""
    fee = balance.fee.amount_cents + balance.credit.amount_cents
    total = balance.subtotal_cents + balance.fee.amount_cents + balance.tax.amount_cents + balance.tip_cents
    return replace(
        price,
        subtotal_cents=balance.subtotal_cents,
        platform_fee_cents=fee,
        tax_cents=balance.tax.amount_cents,
        tip_cents=balance.tip_cents,
        credit_cents=balance.credit.amount_cents,
        total_cents=total,
    )
