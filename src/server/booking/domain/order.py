"""What an order is and which steps it may take."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from server.booking.cancellation import CancellationPolicy, RefundBands
from server.booking.domain.parties import By
from server.booking.domain.terms import LocationKind, Mode
from server.booking.pricing import LineItem, Price
from server.core.errors import IllegalTransition, StaleVersion

STALE_DRAFT_AFTER = timedelta(hours=24)


class Status(StrEnum):
    """Where an order stands."""

    INITIATED = "initiated"
    PENDING_ACCEPT = "pending_accept"
    COUNTERED = "countered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    CONFIRMED = "confirmed"
    IN_PROGRESS = "in_progress"
    DELIVERED = "delivered"
    COMPLETED = "completed"
    CANCELLED_BUYER = "cancelled_buyer"
    CANCELLED_PROVIDER = "cancelled_provider"
    DISPUTED = "disputed"
    RESOLVED = "resolved"


class Event(StrEnum):
    """What happens to an order: what its parties and the staff do, what the clock does, what the processor tells."""

    CREATE = "create"
    BOOK_INSTANTLY = "book_instantly"
    SEND_REQUEST = "send_request"
    SEND_INVITE = "send_invite"
    RESPOND = "respond"
    REQUEST_SHOWN = "request_shown"
    COUNTER = "counter"
    ACCEPT = "accept"
    AUTO_ACCEPT = "auto_accept"
    AWARD = "award"
    DECLINE = "decline"
    REQUEST_EXPIRED = "request_expired"
    NOT_AWARDED = "not_awarded"
    SLOT_GIVEN_AWAY = "slot_given_away"
    PAID = "paid"
    PAY_BY_PASSED = "pay_by_passed"
    DRAFT_EXPIRED = "draft_expired"
    CANCEL_BY_BUYER = "cancel_by_buyer"
    CANCEL_BY_PROVIDER = "cancel_by_provider"
    CANCEL_BY_AGENT = "cancel_by_agent"
    REFUNDED_FOR_BUYER = "refunded_for_buyer"
    REFUNDED_FOR_PROVIDER = "refunded_for_provider"
    RESCHEDULE_PROPOSED = "reschedule_proposed"
    RESCHEDULED = "rescheduled"
    RESCHEDULE_ENDED = "reschedule_ended"
    CHECK_IN = "check_in"
    START_REACHED = "start_reached"
    DELIVER = "deliver"
    END_REACHED = "end_reached"
    REQUEST_CHANGES = "request_changes"
    COMPLETE = "complete"
    REVIEW_SILENT = "review_silent"
    MILESTONES_SET = "milestones_set"
    MILESTONE_DELIVERED = "milestone_delivered"
    MILESTONE_REOPENED = "milestone_reopened"
    MILESTONE_APPROVED = "milestone_approved"
    TIP_ADDED = "tip_added"
    ADJUSTED = "adjusted"
    REFUNDED = "refunded"
    OPEN_DISPUTE = "open_dispute"
    DISPUTE_WITHDRAWN = "dispute_withdrawn"
    DISPUTE_DECIDED = "dispute_decided"
    ONE_DISPUTE_ENDED = "one_dispute_ended"
    CHARGEBACK_OPENED = "chargeback_opened"
    CHARGEBACK_WON = "chargeback_won"
    CHARGEBACK_LOST = "chargeback_lost"


NEGOTIATED = (Status.PENDING_ACCEPT, Status.COUNTERED)
_PRICE_OPEN = (Status.INITIATED, *NEGOTIATED)
_UNDER_WAY = (Status.CONFIRMED, Status.IN_PROGRESS, Status.DELIVERED)
_DISPUTABLE = (*_UNDER_WAY, Status.COMPLETED)
_CANCELLED = (Status.CANCELLED_BUYER, Status.CANCELLED_PROVIDER)

_CANCELLED_FOR_GOOD: frozenset[Status | None] = frozenset(_CANCELLED)

CHARGED = (*_DISPUTABLE, *_CANCELLED, Status.DECLINED, Status.DISPUTED, Status.RESOLVED)
"""Where captured money can be: a payment may succeed late, on an order that was declined or cancelled meanwhile."""

CLOSED = frozenset({Status.DECLINED, *_CANCELLED})
"""Where an order ends that did not happen."""

HOLDING = frozenset({Status.ACCEPTED, *_UNDER_WAY, Status.DISPUTED})
"""Where a slot that was taken stays taken. Disputed is among them, so that no order comes back to a slot that was given
away meanwhile.
"""


def _from(sources: tuple[Status, ...], event: Event, target: Status) -> dict[tuple[Status, Event], Status]:
    return {(source, event): target for source in sources}


def _at(statuses: tuple[Status, ...], event: Event) -> dict[tuple[Status, Event], Status]:
    """What an order remembers without going anywhere."""
    return {(status, event): status for status in statuses}


TRANSITIONS: Mapping[tuple[Status, Event], Status] = MappingProxyType(
    {
        (Status.INITIATED, Event.BOOK_INSTANTLY): Status.ACCEPTED,
        (Status.INITIATED, Event.SEND_REQUEST): Status.PENDING_ACCEPT,
        (Status.INITIATED, Event.SEND_INVITE): Status.PENDING_ACCEPT,
        **_at((Status.PENDING_ACCEPT,), Event.REQUEST_SHOWN),
        **_at((Status.PENDING_ACCEPT,), Event.RESPOND),
        **_from(NEGOTIATED, Event.COUNTER, Status.COUNTERED),
        **_from(NEGOTIATED, Event.ACCEPT, Status.ACCEPTED),
        (Status.PENDING_ACCEPT, Event.AUTO_ACCEPT): Status.ACCEPTED,
        (Status.PENDING_ACCEPT, Event.AWARD): Status.ACCEPTED,
        **_from(NEGOTIATED, Event.DECLINE, Status.DECLINED),
        **_from(NEGOTIATED, Event.REQUEST_EXPIRED, Status.DECLINED),
        (Status.PENDING_ACCEPT, Event.NOT_AWARDED): Status.DECLINED,
        **_from(NEGOTIATED, Event.SLOT_GIVEN_AWAY, Status.DECLINED),
        (Status.ACCEPTED, Event.PAID): Status.CONFIRMED,
        (Status.ACCEPTED, Event.PAY_BY_PASSED): Status.DECLINED,
        (Status.INITIATED, Event.DRAFT_EXPIRED): Status.CANCELLED_BUYER,
        **_from((*_PRICE_OPEN, Status.ACCEPTED, Status.CONFIRMED), Event.CANCEL_BY_BUYER, Status.CANCELLED_BUYER),
        **_from(
            (Status.ACCEPTED, Status.CONFIRMED, Status.IN_PROGRESS),
            Event.CANCEL_BY_PROVIDER,
            Status.CANCELLED_PROVIDER,
        ),
        **_from(
            (Status.ACCEPTED, Status.CONFIRMED, Status.IN_PROGRESS), Event.CANCEL_BY_AGENT, Status.CANCELLED_PROVIDER
        ),
        (Status.CONFIRMED, Event.REFUNDED_FOR_BUYER): Status.CANCELLED_BUYER,
        (Status.CONFIRMED, Event.REFUNDED_FOR_PROVIDER): Status.CANCELLED_PROVIDER,
        **_at((Status.CONFIRMED,), Event.RESCHEDULE_PROPOSED),
        **_at((Status.CONFIRMED,), Event.RESCHEDULED),
        **_at((Status.CONFIRMED,), Event.RESCHEDULE_ENDED),
        (Status.CONFIRMED, Event.CHECK_IN): Status.IN_PROGRESS,
        (Status.CONFIRMED, Event.START_REACHED): Status.IN_PROGRESS,
        **_at((Status.IN_PROGRESS,), Event.CHECK_IN),
        **_from((Status.CONFIRMED, Status.IN_PROGRESS), Event.DELIVER, Status.DELIVERED),
        (Status.IN_PROGRESS, Event.END_REACHED): Status.DELIVERED,
        (Status.DELIVERED, Event.REQUEST_CHANGES): Status.IN_PROGRESS,
        (Status.DELIVERED, Event.COMPLETE): Status.COMPLETED,
        (Status.DELIVERED, Event.REVIEW_SILENT): Status.COMPLETED,
        **_at(_PRICE_OPEN, Event.MILESTONES_SET),
        **_at(_UNDER_WAY, Event.MILESTONE_DELIVERED),
        **_at(_UNDER_WAY, Event.MILESTONE_REOPENED),
        **_at(_UNDER_WAY, Event.MILESTONE_APPROVED),
        **_at(_DISPUTABLE, Event.TIP_ADDED),
        **_at(_UNDER_WAY, Event.ADJUSTED),
        **_at(CHARGED, Event.REFUNDED),
        **_from(_DISPUTABLE, Event.OPEN_DISPUTE, Status.DISPUTED),
        (Status.DISPUTED, Event.DISPUTE_DECIDED): Status.RESOLVED,
        **_at((Status.DISPUTED,), Event.ONE_DISPUTE_ENDED),
        **_from(CHARGED, Event.CHARGEBACK_OPENED, Status.DISPUTED),
        (Status.DISPUTED, Event.CHARGEBACK_LOST): Status.RESOLVED,
    }
)
"""Each step that leads to one status. A disputed order comes back by RETURNS."""

RETURNS = frozenset({Event.DISPUTE_WITHDRAWN, Event.CHARGEBACK_WON})
"""What leads a disputed order back to the status it had before."""


@dataclass(frozen=True, slots=True)
class Order:
    """One booking between a buyer and a provider."""

    order_id: str
    buyer_user_id: str
    provider_user_id: str
    service_profile_id: str
    mode: Mode
    status: Status
    city: str
    start_ts: datetime
    end_ts: datetime
    time_zone: str
    location_kind: LocationKind
    location_address: str
    package_id: str
    travel_miles: Decimal | None
    license_tier: str
    price: Price
    quote_hash: str
    line_items: tuple[LineItem, ...]
    cancellation: CancellationPolicy
    refund_bands: RefundBands
    busy_from: datetime
    busy_to: datetime
    """The end and the provider's buffer, as it was when the order was priced."""
    version: int
    created_at: datetime
    updated_at: datetime
    lbg_id: str = ""
    invite_id: str = ""
    shown_at: datetime | None = None
    """From when on the provider sees it: None for a draft, and for a request that no money stands behind yet."""
    holds_slot: bool = False
    status_before_dispute: Status | None = None
    change_rounds: int = 0
    closed_reason: str = ""
    pay_by: datetime | None = None
    accepted_at: datetime | None = None
    confirmed_at: datetime | None = None
    grace_until: datetime | None = None
    checked_in_at: datetime | None = None
    delivered_at: datetime | None = None
    review_until: datetime | None = None
    completed_at: datetime | None = None
    chat_thread_id: str = ""
    payment_intent_id: str = ""
    """The principal payment's, written by money alone."""

    def parties(self) -> frozenset[str]:
        return frozenset({self.buyer_user_id, self.provider_user_id})

    def audience(self) -> frozenset[str]:
        """Those of the parties for whom it exists: the buyer, and the provider once it was shown to them."""
        buyer = frozenset({self.buyer_user_id})
        return buyer if self.shown_at is None else buyer | {self.provider_user_id}


@dataclass(frozen=True, slots=True)
class OrderEvent:
    """One step in an order's life."""

    order_id: str
    sequence: int
    event: Event
    from_status: Status | None
    to_status: Status
    by: By
    reason: str
    created_at: datetime
    details: Mapping[str, str | int] = field(default_factory=dict)
    """What else is worth knowing of it; it is told to nobody but `callsheet explain`."""


def check_version(order: Order, seen: int) -> None:
    """Refuses a change by somebody who has not seen the newest state; 0 means that they do not mind."""
    if seen not in (0, order.version):
        raise StaleVersion(order.order_id, order.version)


def target(order: Order, event: Event) -> Status:
    """Where the event leads; IllegalTransition where the machine has no such step."""
    if order.status is Status.DISPUTED and event in RETURNS and order.status_before_dispute is not None:
        return order.status_before_dispute
    found = TRANSITIONS.get((order.status, event))
    if found is None:
        raise IllegalTransition(order.order_id, order.status, event)
    return found


def apply(order: Order, event: Event, *, now: datetime) -> Order:
    """The order after the event, with everything that follows from its new status alone."""
    status = target(order, event)
    after = replace(
        order,
        status=status,
        version=order.version + 1,
        updated_at=now,
        holds_slot=status in HOLDING and (order.holds_slot or status is Status.ACCEPTED),
        status_before_dispute=_before_dispute(order, status),
    )
    return after if status is order.status or order.status is Status.DISPUTED else _stamped(after, now)


def _before_dispute(order: Order, status: Status) -> Status | None:
    """What a dispute interrupts, which a second one does not change."""
    if status is not Status.DISPUTED:
        return None
    return order.status_before_dispute if order.status is Status.DISPUTED else order.status


def _stamped(order: Order, now: datetime) -> Order:
    """The order with the moment at which it got where it is."""
    match order.status:
        case Status.ACCEPTED:
            return replace(order, accepted_at=order.accepted_at or now, shown_at=order.shown_at or now)
        case Status.CONFIRMED:
            return replace(order, confirmed_at=order.confirmed_at or now)
        case Status.DELIVERED:
            return replace(order, delivered_at=now)
        case Status.COMPLETED:
            return replace(order, completed_at=order.completed_at or now)
        case _:
            return order


def step(
    before: Order | None,
    after: Order,
    event: Event,
    by: By,
    reason: str = "",
    details: Mapping[str, str | int] | None = None,
) -> OrderEvent:
    """The history's entry for a change; its sequence is the version that the change made."""
    return OrderEvent(
        order_id=after.order_id,
        sequence=after.version,
        event=event,
        from_status=before.status if before else None,
        to_status=after.status,
        by=by,
        reason=reason,
        created_at=after.updated_at,
        details=details or {},
    )


def address_for(order: Order, viewer: str, *, is_agent: bool = False) -> str:
    """Before the confirmation the address is shown to nobody but its owner: the buyer, who typed it in. After it, to
    both parties and to agents; after a cancellation to nobody again, a chargeback that comes later included.
    """
    if _CANCELLED_FOR_GOOD & {order.status, order.status_before_dispute}:
        return ""
    if order.confirmed_at is None:
        return order.location_address if viewer == order.buyer_user_id else ""
    if order.status is Status.RESOLVED and order.closed_reason:
        return ""
    return order.location_address if is_agent or viewer in order.parties() else ""
