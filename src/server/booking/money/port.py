"""What the steps of an order ask of its money, and what its money tells the order.

All of it happens in the caller's transaction, while the caller holds the order's row. The lock order asks for one
sequence: first the order moves (`OrderBook.move`), then its money, then cases and holds, then credit; jobs are written
before COMMIT by themselves. Nothing here calls the processor: it stores calls, and jobs make them. Transfers and their
reversals are always made by a job of money's own, from what the rows then say; so whatever changes what a provider may
get (a refund, a release, the end of a hold) only has to have it look again.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from server.adapters.stripe.objects import Dispute, EarlyFraudWarning
from server.booking.domain.order import Order
from server.booking.refunds import Balance, Refund
from server.core.db import Tx


class Purpose(StrEnum):
    """What a payment is for."""

    PRINCIPAL = "principal"
    TIP = "tip"
    ADJUSTMENT = "adjustment"


class RefundCause(StrEnum):
    """What made money go back."""

    CANCELLATION = "cancellation"
    ADJUSTMENT = "adjustment"
    DISPUTE = "dispute"
    SUPPORT = "support"
    LATE_PAYMENT = "late_payment"
    PROCESSOR = "processor"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundAsk:
    """What is to go back, and why. `cause_id` is what caused it (an order event, a decision, a proposal); the same
    cause gives back once.

    `whole` stands for everything that has not gone back yet, what was forfeited before included; the other parts are
    then of no account.
    """

    cause: RefundCause
    cause_id: str
    subtotal_cents: int = 0
    tip_cents: int = 0
    fee_refundable: bool = True
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Refunded:
    """What goes back under which id, once for all the charges that it is taken from."""

    refund_set_id: str
    """Empty where there was nothing to give back."""
    refund: Refund


@dataclass(frozen=True, slots=True, kw_only=True)
class Extra:
    """More to be paid after the order was captured: a tip, or a share of the subtotal with fee and tax on it.

    With a saved card it is charged at once; without one the buyer pays by the payment's client secret.
    """

    purpose: Purpose
    subtotal_cents: int = 0
    tip_cents: int = 0
    payment_method_id: str = ""


@dataclass(frozen=True, slots=True)
class Extension:
    """An extra that was paid: the order's price grows by it."""

    payment_id: str
    purpose: Purpose
    subtotal_cents: int
    tip_cents: int
    balance: Balance
    """After it: subtotal, fee, tax and tip are those of the whole order."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an order's money is now."""

    balance: Balance
    held_cents: int

    @property
    def holdable_cents(self) -> int:
        """The most that another hold can keep back: what is payable, not transferred, and not held yet."""
        return self.balance.transferable_cents(self.held_cents)


class Money(Protocol):
    """What order steps ask. Every method may be called again for the same step without a second effect."""

    async def redeem(self, tx: Tx, order: Order) -> None:
        """Pays with the credit that the order's price counts on, before any payment exists."""
        ...

    async def promise_card(self, tx: Tx, order: Order, payment_method_id: str) -> None:
        """Keeps a saved card of the buyer's to be charged on acceptance, instead of authorising now. CardUnusable
        where it is not theirs.
        """
        ...

    async def authorise(self, tx: Tx, order: Order) -> bool:
        """Sees to it that the order's whole total is authorised; whether it is already, or a card is promised.

        Where it is not, a payment is begun, and `OrderSteps.authorised` tells when the buyer has made it. A payment
        for a lower total ends once the one for the higher total stands.
        """
        ...

    async def collect(self, tx: Tx, order: Order) -> None:
        """The order was accepted: takes its total. Captures what is authorised, less where the total is lower, with
        the surplus credit going back; charges the promised card; or waits for the buyer to pay. `OrderSteps.captured`
        tells the end; whose payment fails may try again until the order's time to pay is over, which its timer ends.
        """
        ...

    async def give_up(self, tx: Tx, order: Order) -> None:
        """Nothing more is to be paid for the order: cancels what is open, and where nothing was captured gives the
        credit back. What is captured nevertheless is refunded whole as soon as it is known.
        """
        ...

    async def charge_extra(self, tx: Tx, order: Order, extra: Extra) -> str:
        """Begins a further payment of a captured order; its id. ExtraPending while another adjustment is unpaid."""
        ...

    async def refund(self, tx: Tx, order: Order, ask: RefundAsk) -> Refunded:
        """Gives back, newest payment first, and the credit's share with it. RefundExceeds beyond what is left."""
        ...

    async def preview(self, tx: Tx, order: Order, ask: RefundAsk) -> Refund:
        """What `refund` would give back now; nothing is locked or stored."""
        ...

    async def release_milestone(self, tx: Tx, order: Order, milestone_id: str, amount_cents: int) -> None:
        """A milestone was approved: its share of the subtotal, less its share of the commission, may be paid out."""
        ...

    async def release(self, tx: Tx, order: Order, *, at: datetime | None = None) -> None:
        """Everything payable may be paid out, from then on where an instant is named: the order is completed,
        resolved, or cancelled and its provider keeps a part.
        """
        ...

    async def look_again(self, tx: Tx, order_id: str) -> None:
        """A hold on the order's payout ended: pays out what that sets free."""
        ...

    async def standing(self, tx: Tx, order_id: str) -> Standing:
        """Where the order's money is, holding its balance. All zero before anything was captured."""
        ...


class OrderSteps(Protocol):
    """What money tells the order, in money's transaction, which holds the order's row. Each gives the order after the
    step, and leaves it as it was where the step is of no account any more.
    """

    async def authorised(self, tx: Tx, order: Order, capture_before: datetime | None) -> Order:
        """The order's whole total is authorised, until then. Where it is accepted already, money captures it next."""
        ...

    async def captured(self, tx: Tx, order: Order) -> Order:
        """The order's whole total was captured, in its own currency: accepted becomes confirmed."""
        ...

    async def extended(self, tx: Tx, order: Order, extension: Extension) -> Order:
        """A tip or an adjustment was paid."""
        ...


class ChargebackSteps(Protocol):
    """What money tells the order's disputes of a chargeback or an inquiry, in money's transaction."""

    async def seen(self, tx: Tx, order: Order, dispute: Dispute) -> Order:
        """The processor's dispute is new or has changed: its row and the order's status follow, before money moves.
        Told again of the same state, it does nothing.
        """
        ...

    async def booked(self, tx: Tx, order: Order, dispute: Dispute, standing: Standing) -> None:
        """The money has moved: now cases and holds."""
        ...

    async def warned(self, tx: Tx, order: Order, warning: EarlyFraudWarning) -> None:
        """The card's bank believes a charge of the order to be fraudulent; no money has moved."""
        ...
