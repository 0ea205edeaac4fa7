"""What calling an order off gives back. One function decides it, for the preview and for the deed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from server.booking.domain.order import Event, Order, Status
from server.booking.fulfilment.errors import TooLate
from server.booking.fulfilment.milestones import Milestone, approved_cents
from server.booking.refunds import Balance, Refund, refunded, wholly_refunded
from server.core.money import half_up

GRACE_NEEDS = timedelta(hours=48)
KEPT_IS_PAID_AFTER = timedelta(hours=72)
"""What the provider keeps of a cancelled order waits that long for somebody to object."""


class Band(StrEnum):
    """How much of a cancelled order goes back, and by which rule."""

    UNPAID = "unpaid"
    GRACE = "grace"
    FULL = "full"
    HALF = "half"
    NONE = "none"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Returned:
    """What of an order goes back: part of its subtotal and of its tip, or everything there was."""

    subtotal_cents: int
    tip_cents: int
    fee_refundable: bool
    everything: bool = False


@dataclass(frozen=True, slots=True)
class Cancellation:
    """What cancelling means for whoever asks now."""

    event: Event
    band: Band
    charged: bool
    """Whether anything was captured; where it was not, what is open ends and nothing goes back."""
    returned: Returned | None
    """None where nothing is to be given back."""
    refund: Refund | None
    provider_keeps_cents: int
    """What of the order is the provider's after all, what they were paid already included."""


def band(order: Order, *, now: datetime) -> Band:
    """By the policy that the order was priced under, in instants. Within a day of the confirmation a buyer may change
    their mind, unless the booking is near.
    """
    if order.grace_until is not None and now <= order.grace_until and order.start_ts - now > GRACE_NEEDS:
        return Band.GRACE
    if now <= order.refund_bands.full_until:
        return Band.FULL
    return Band.HALF if now <= order.refund_bands.half_until else Band.NONE


def check_time(order: Order, event: Event, *, now: datetime) -> None:
    """A buyer who has paid cancels before the start; afterwards they can only dispute."""
    if event is Event.CANCEL_BY_BUYER and order.status is Status.CONFIRMED and now >= order.start_ts:
        raise TooLate(order.order_id, order.start_ts)


def cancellation(
    order: Order, event: Event, balance: Balance, milestones: Sequence[Milestone], *, now: datetime
) -> Cancellation:
    """What the event does to the money of an order that stands where it stood before the event."""
    if not balance.charged_cents:
        return Cancellation(event, Band.UNPAID, charged=False, returned=None, refund=None, provider_keeps_cents=0)
    if event is not Event.CANCEL_BY_BUYER:
        return _at_fault(event, balance)
    found = band(order, now=now)
    # What the buyer has approved is done and paid; a policy is about what is still to come.
    open_cents = max(0, balance.subtotal_cents - balance.subtotal_returned_cents - approved_cents(milestones))
    share = {Band.GRACE: open_cents, Band.FULL: open_cents, Band.HALF: half_up(open_cents, 2)}.get(found, 0)
    tip = balance.tip_cents - balance.tip_returned_cents
    wanted = Returned(share, tip, fee_refundable=found in (Band.GRACE, Band.FULL))
    after, refund = refunded(balance, share, fee_refundable=wanted.fee_refundable, tip_cents=tip)
    return _of(event, found, wanted, after, refund)


def _at_fault(event: Event, balance: Balance) -> Cancellation:
    """The buyer is not to lose a cent by a provider who does not come."""
    after, refund = wholly_refunded(balance)
    wanted = Returned(refund.subtotal_cents, refund.tip_cents, fee_refundable=True, everything=True)
    return _of(event, Band.FAULT, wanted, after, refund)


def _of(event: Event, found: Band, wanted: Returned, after: Balance, refund: Refund) -> Cancellation:
    moves = refund.cash_cents > 0 or refund.credit_cents > 0
    return Cancellation(
        event,
        found,
        charged=True,
        returned=wanted if moves else None,
        refund=refund,
        provider_keeps_cents=after.payable_cents,
    )
