"""An offer that waits for an answer, and whose turn it is."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from server.booking.domain.parties import Side
from server.booking.domain.terms import Mode
from server.booking.errors import CounterLimit, NotYourTurn, OfferChanged, OfferExpired
from server.booking.pricing import LineItem
from server.core.errors import IllegalTransition

ANSWER_WITHIN = timedelta(hours=48)
BEFORE_CAPTURE = timedelta(hours=12)
"""An authorisation that is about to lapse cannot be captured safely any more."""
COUNTERS_EACH = 3


class RequestStatus(StrEnum):
    """Where an offer stands."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    COUNTERED = "countered"
    EXPIRED = "expired"


class RequestEvent(StrEnum):
    """What ends an offer."""

    ACCEPT = "accept"
    DECLINE = "decline"
    COUNTER = "counter"
    EXPIRE = "expire"


REQUEST_TRANSITIONS: Mapping[tuple[RequestStatus, RequestEvent], RequestStatus] = MappingProxyType(
    {
        (RequestStatus.PENDING, RequestEvent.ACCEPT): RequestStatus.ACCEPTED,
        (RequestStatus.PENDING, RequestEvent.DECLINE): RequestStatus.DECLINED,
        (RequestStatus.PENDING, RequestEvent.COUNTER): RequestStatus.COUNTERED,
        (RequestStatus.PENDING, RequestEvent.EXPIRE): RequestStatus.EXPIRED,
    }
)


@dataclass(frozen=True, slots=True)
class Request:
    """An offer that waits for an answer. A counter-offer is a new one that supersedes the one before."""

    request_id: str
    mode: Mode
    order_id: str
    buyer_user_id: str
    provider_user_id: str
    status: RequestStatus
    message: str
    offered_by: Side
    round: int
    """0 is the buyer's first offer."""
    supersedes_request_id: str | None
    total_cents: int
    """What the buyer consents to, or is asked to."""
    lines: tuple[LineItem, ...] | None
    """Of a counter-offer; None keeps the order's own."""
    start_ts: datetime | None
    end_ts: datetime | None
    shown_at: datetime | None
    """To the provider, once the authorisation or the card stands."""
    expires_at: datetime
    capture_before: datetime | None
    """Until when the authorisation behind it can be captured; None without one."""
    answered_at: datetime | None
    answer_reason: str
    created_at: datetime

    @property
    def turn(self) -> Side:
        """Whose answer it waits for."""
        return self.offered_by.other

    def visible_to(self, side: Side) -> bool:
        """An offer is the buyer's alone until money stands behind it."""
        return side is Side.BUYER or self.shown_at is not None


def answer_by(start: datetime, capture_before: datetime | None, *, now: datetime) -> datetime:
    """When an offer expires: in two days, at the start, or while its authorisation can still be captured."""
    limits = [now + ANSWER_WITHIN, start]
    if capture_before is not None:
        limits.append(capture_before - BEFORE_CAPTURE)
    return min(limits)


def shown(request: Request, start: datetime, capture_before: datetime | None, *, now: datetime) -> Request:
    """The offer once its provider sees it; its time runs from then on."""
    return replace(
        request,
        shown_at=now,
        capture_before=capture_before,
        expires_at=answer_by(start, capture_before, now=now),
    )


def check_answer(request: Request, side: Side, *, now: datetime) -> None:
    """Refuses an answer out of turn, and one that comes too late even if no job has noticed yet."""
    if request.status is RequestStatus.PENDING:
        if request.turn is not side:
            raise NotYourTurn(request.request_id, request.turn)
        if now >= request.expires_at:
            raise OfferExpired(request.request_id, request.expires_at)


def check_consent(request: Request, total_cents: int) -> None:
    """Nobody agrees to a total that they have not seen; 0 is a provider's, who is not charged."""
    if request.status is RequestStatus.PENDING and request.turn is Side.BUYER and total_cents != request.total_cents:
        raise OfferChanged(request.request_id, request.total_cents)


def check_counter(request: Request) -> None:
    """Sides take turns, so that an even number of rounds is an equal number of counter-offers each."""
    if request.round >= 2 * COUNTERS_EACH:
        raise CounterLimit(COUNTERS_EACH)


def answered(request: Request, event: RequestEvent, reason: str = "", *, now: datetime) -> Request:
    """The offer after its answer; IllegalTransition where it waits for none."""
    status = REQUEST_TRANSITIONS.get((request.status, event))
    if status is None:
        raise IllegalTransition(request.request_id, request.status, event)
    return replace(request, status=status, answered_at=now, answer_reason=reason)
