"""What other slices may ask of payments: inside their transaction what takes a `Tx`, outside of any what does not."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Protocol, TypeAlias

from server.adapters.stripe.objects import Result, SetupIntent
from server.adapters.stripe.requests import Request
from server.adapters.stripe.webhooks import ProcessorEvent
from server.core.db import Tx
from server.core.jobs import JobKind
from server.core.story import Entry
from server.payments.domain import INLINE, CallFailure, CallStatus, Owner, Payer, SavedCard, SliceName, StoredCall

__all__ = [
    "INLINE",
    "CallBook",
    "CallFailure",
    "CallStatus",
    "EventHandler",
    "History",
    "ObjectBook",
    "Owner",
    "Park",
    "Payer",
    "Performer",
    "SavedCard",
    "SetupIntent",
    "SliceName",
    "StoredCall",
    "Subscriptions",
    "Wallets",
]


class CallBook(Protocol):
    """Stored calls, inside the caller's transaction."""

    async def store(
        self,
        tx: Tx,
        request: Request,
        *,
        key: str,
        owner: Owner,
        reply: JobKind | None = None,
        after: timedelta = timedelta(0),
    ) -> StoredCall:
        """Commits the intent with the caller's effect; a job makes the call once `after` has passed.

        The key names the effect, such as `capture:ord_…:1`: the same key with the same parameters is the same call,
        with others a defect. `reply` is enqueued with the outcome, its key and `call_id` the call's id. Who makes the
        call at once, by `Performer`, gives `after` some seconds, and the job is only the net below.
        """
        ...

    async def get(self, tx: Tx, call_id: str) -> StoredCall:
        """A call and what is known of its outcome."""
        ...

    async def of_owner(self, tx: Tx, owner: Owner) -> Sequence[StoredCall]:
        """Every call made for one thing, the oldest first."""
        ...

    def result(self, call: StoredCall) -> Result | None:
        """What a succeeded call led to, without the secrets that are never stored; none for any other call."""
        ...


class ObjectBook(Protocol):
    """Whose the processor's objects are, inside the caller's transaction."""

    async def register(self, tx: Tx, object_ids: Sequence[str], owner: Owner) -> None:
        """Says that events about these objects are the owner's; parked ones about new ones are looked at again at once.

        What a stored call makes is registered with its outcome; this is for objects that something else made.
        """
        ...

    async def owner_of(self, tx: Tx, object_id: str) -> Owner | None: ...


class History(Protocol):
    """What happened at the processor for one thing, for whoever tells its story."""

    async def entries(self, tx: Tx, owner_id: str) -> list[Entry]: ...


class Performer(Protocol):
    """Makes stored calls now, outside of any transaction."""

    async def perform(self, call_id: str) -> tuple[StoredCall, Result | None]:
        """Makes the call unless it is settled, and commits what came of it.

        Gives the settled call, and its result, whose secrets are there only when this very call got it. Raises
        `OutcomePending` where nobody knows yet; the job goes on asking.
        """
        ...


class Wallets(Protocol):
    """Payers and their cards."""

    async def payer(self, user_id: str) -> Payer:
        """The user as the processor's customer, made when first asked for. Outside of any transaction."""
        ...

    async def begin_card(self, user_id: str, *, key: str) -> SetupIntent:
        """Begins to save a card; the client secret is for the user's device. Outside of any transaction."""
        ...

    async def cards(self, tx: Tx, user_id: str) -> Sequence[SavedCard]:
        """The cards that can be charged, the newest first."""
        ...

    async def fingerprint(self, tx: Tx, payment_method_id: str) -> str:
        """A keyed hash of a card's number, equal for equal numbers; empty where it is not known."""
        ...

    async def remove_card(self, tx: Tx, user_id: str, payment_method_id: str) -> None:
        """Gives a card up; the processor is told by a job. NotFound where it is not theirs."""
        ...

    async def forget(self, tx: Tx, user_id: str) -> None:
        """Has the processor forget the user and all their cards."""
        ...


class Park(Exception):
    """Raised by a handler that cannot place an event yet, or not at all: it is kept, and looked at again."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


EventHandler: TypeAlias = Callable[[ProcessorEvent, Owner], Awaitable[None]]
"""Takes an event as a hint: fetches the object, and applies a monotone transition, late and twice alike."""

Subscriptions: TypeAlias = Mapping[SliceName, Mapping[str, EventHandler]]
"""Who handles events of which type about its own objects."""
