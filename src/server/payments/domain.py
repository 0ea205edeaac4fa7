"""Stored calls, the events of the inbox, and the tables of their states."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final, TypeAlias

from server.core.errors import IllegalTransition

JsonValue: TypeAlias = str | int | bool | list["JsonValue"] | dict[str, "JsonValue"] | None
Document: TypeAlias = Mapping[str, JsonValue]

KEY_LIFETIME: Final = timedelta(hours=23)
"""For how long a repeated key is trusted to get the first answer; the processor keeps it a day."""

INLINE: Final = timedelta(seconds=30)
"""How long the job waits for whoever makes a call at once."""

FIRST_PARKING: Final = timedelta(seconds=2)
LONGEST_PARKING: Final = timedelta(hours=1)
MOST_PARKINGS: Final = 80
"""After some three days nothing new is expected; the event stays parked for a person to look at."""


class SliceName(StrEnum):
    """Who may own a call or an object of the processor."""

    BOOKING = "booking"
    GROWTH = "growth"
    PROMO = "promo"
    SUPPORT = "support"
    PAYMENTS = "payments"


@dataclass(frozen=True, slots=True)
class Owner:
    """The thing of a slice that a call or an object of the processor belongs to: an order, a top-up, a user."""

    slice: SliceName
    kind: str
    id: str


class CallStatus(StrEnum):
    """Where a stored call stands."""

    PENDING = "pending"
    UNKNOWN = "unknown"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class CallEvent(StrEnum):
    """What becomes of an attempt."""

    SUCCEED = "succeed"
    FAIL = "fail"
    LOSE_SIGHT = "lose_sight"


CALL_TRANSITIONS: Final[Mapping[tuple[CallStatus, CallEvent], CallStatus]] = MappingProxyType(
    {
        (CallStatus.PENDING, CallEvent.SUCCEED): CallStatus.SUCCEEDED,
        (CallStatus.PENDING, CallEvent.FAIL): CallStatus.FAILED,
        (CallStatus.PENDING, CallEvent.LOSE_SIGHT): CallStatus.UNKNOWN,
        (CallStatus.UNKNOWN, CallEvent.SUCCEED): CallStatus.SUCCEEDED,
        (CallStatus.UNKNOWN, CallEvent.FAIL): CallStatus.FAILED,
        (CallStatus.UNKNOWN, CallEvent.LOSE_SIGHT): CallStatus.UNKNOWN,
    }
)


@dataclass(frozen=True, slots=True)
class CallFailure:
    """Why a call failed for good, in the processor's words."""

    code: str
    decline_code: str | None = None
    payment_intent_id: str | None = None
    charge_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCall:
    """One intended call: what is asked, under which key, for whom, and what came of it."""

    call_id: str
    key: str
    method: str
    params: Document
    params_hash: bytes
    owner: Owner
    reply_kind: str | None
    status: CallStatus
    generation: int
    key_since: datetime
    attempts: int
    outcome: Document | None
    failure: CallFailure | None
    created_at: datetime
    updated_at: datetime

    @property
    def settled(self) -> bool:
        return self.status in (CallStatus.SUCCEEDED, CallStatus.FAILED)

    @property
    def processor_key(self) -> str:
        """The key as the processor sees it; another generation is another call to it."""
        return self.key if self.generation == 1 else f"{self.key}:g{self.generation}"

    def key_is_stale(self, now: datetime) -> bool:
        """Whether the processor may have forgotten the key, so that repeating could do the thing twice."""
        return now - self.key_since >= KEY_LIFETIME


def after(call: StoredCall, event: CallEvent) -> CallStatus:
    """The status an event leads to; a settled call stays as it is."""
    target = CALL_TRANSITIONS.get((call.status, event))
    if target is None:
        raise IllegalTransition(call.call_id, call.status, event)
    return target


class InboxStatus(StrEnum):
    """What became of an event."""

    RECEIVED = "received"
    PARKED = "parked"
    HANDLED = "handled"
    IGNORED = "ignored"


class InboxEvent(StrEnum):
    """What one look at an event leads to."""

    HANDLE = "handle"
    PARK = "park"
    IGNORE = "ignore"


INBOX_TRANSITIONS: Final[Mapping[tuple[InboxStatus, InboxEvent], InboxStatus]] = MappingProxyType(
    {
        (InboxStatus.RECEIVED, InboxEvent.HANDLE): InboxStatus.HANDLED,
        (InboxStatus.RECEIVED, InboxEvent.PARK): InboxStatus.PARKED,
        (InboxStatus.RECEIVED, InboxEvent.IGNORE): InboxStatus.IGNORED,
        (InboxStatus.PARKED, InboxEvent.HANDLE): InboxStatus.HANDLED,
        (InboxStatus.PARKED, InboxEvent.PARK): InboxStatus.PARKED,
        (InboxStatus.PARKED, InboxEvent.IGNORE): InboxStatus.IGNORED,
    }
)


def parking(times: int) -> timedelta | None:
    """How long an event rests after being parked that often; none when it is left to a person."""
    if times >= MOST_PARKINGS:
        return None
    return min(FIRST_PARKING * (1 << min(times, 16)), LONGEST_PARKING)


@dataclass(frozen=True, slots=True)
class Payer:
    """A user as the processor knows them."""

    user_id: str
    customer_id: str
    default_payment_method_id: str | None


@dataclass(frozen=True, slots=True)
class SavedCard:
    """A card that its holder let us keep; a detached one stays on record."""

    payment_method_id: str
    user_id: str
    brand: str
    last4: str
    exp_month: int
    exp_year: int
    detached_at: datetime | None
