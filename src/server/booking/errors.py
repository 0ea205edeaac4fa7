"""What can go wrong with an order, beyond what every slice knows."""

from datetime import datetime

from server.core.errors import Failure, FailureKind


class QuoteChanged(Failure):
    """The price is no longer the one the buyer saw."""

    kind = FailureKind.PRECONDITION
    reason = "QUOTE_CHANGED"

    def __init__(self, total_cents: int, quote_hash: str) -> None:
        super().__init__(
            "the price has changed since the quote; show the new one to the buyer",
            metadata={"total_cents": str(total_cents), "quote_hash": quote_hash},
        )


class LimitReached(Failure):
    """Somebody has as many of a thing as anybody may have."""

    kind = FailureKind.EXHAUSTED
    reason = "LIMIT_REACHED"

    def __init__(self, things: str, limit: int) -> None:
        super().__init__(f"at most {limit} {things}", metadata={"things": things, "limit": str(limit)})


class SlotTaken(Failure):
    """The provider has another booking at that time. Whose it is stays untold."""

    kind = FailureKind.PRECONDITION
    reason = "SLOT_TAKEN"

    def __init__(self, busy_from: datetime, busy_to: datetime) -> None:
        super().__init__(
            f"the provider is booked from {busy_from.isoformat()} to {busy_to.isoformat()}",
            metadata={"busy_from": busy_from.isoformat(), "busy_to": busy_to.isoformat()},
        )


class NotYourTurn(Failure):
    """The offer waits for the other side."""

    kind = FailureKind.PRECONDITION
    reason = "NOT_YOUR_TURN"

    def __init__(self, request_id: str, turn: str) -> None:
        super().__init__(f"{request_id} waits for the {turn}", metadata={"request_id": request_id, "turn": str(turn)})


class OfferExpired(Failure):
    """The offer was not answered in time."""

    kind = FailureKind.PRECONDITION
    reason = "OFFER_EXPIRED"

    def __init__(self, resource: str, expired_at: datetime) -> None:
        super().__init__(
            f"{resource} could be answered until {expired_at.isoformat()}",
            metadata={"resource": resource, "expired_at": expired_at.isoformat()},
        )


class OfferChanged(Failure):
    """The total on offer is not the one that the buyer consents to."""

    kind = FailureKind.PRECONDITION
    reason = "OFFER_CHANGED"

    def __init__(self, resource: str, total_cents: int) -> None:
        super().__init__(
            f"{resource} is an offer of {total_cents} cents; show it to the buyer",
            metadata={"resource": resource, "total_cents": str(total_cents)},
        )


class CounterLimit(Failure):
    """Each side has made as many counter-offers as it may."""

    kind = FailureKind.PRECONDITION
    reason = "COUNTER_LIMIT"

    def __init__(self, limit: int) -> None:
        super().__init__(f"each side may counter {limit} times; accept or decline", metadata={"limit": str(limit)})


class NotBookable(Failure):
    """The provider cannot be booked like that; `why` says what is missing."""

    kind = FailureKind.PRECONDITION
    reason = "NOT_BOOKABLE"

    def __init__(self, why: str, message: str) -> None:
        super().__init__(message, metadata={"why": why})


class InviteOver(Failure):
    """The invite was awarded or closed, or its time is over."""

    kind = FailureKind.PRECONDITION
    reason = "INVITE_OVER"

    def __init__(self, invite_id: str, status: str) -> None:
        super().__init__(f"{invite_id} is {status}", metadata={"invite_id": invite_id, "status": status})
