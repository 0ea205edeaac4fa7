"""The inbox: events are stored before they are answered, and handled by whoever owns their object.

An event is a hint that something happened. Its handler fetches the object and applies a monotone transition, so
repeated and reordered events do no harm; one that comes before its object is known waits for it.
"""

from collections.abc import Sequence

import structlog

from server.adapters.stripe.requests import CALL_REFERENCE
from server.adapters.stripe.webhooks import (
    BadSignature,
    MalformedEvent,
    ProcessorEvent,
    event_of,
    parse,
    verify,
)
from server.core.clock import Clock
from server.core.crash import point
from server.core.db import Database, Tx
from server.core.errors import MalformedRequest, SignatureInvalid
from server.core.jobs import Jobs, Postpone
from server.payments.domain import INBOX_TRANSITIONS, InboxEvent, InboxStatus, Owner, parking
from server.payments.kinds import HANDLE_EVENT
from server.payments.ports import EventHandler, Park, Subscriptions
from server.payments.repository import CallRepository, InboxRepository


class Inbox:
    """Takes events in and hands them on. Several secrets are accepted while one replaces another."""

    def __init__(
        self,
        database: Database,
        repository: InboxRepository,
        calls: CallRepository,
        jobs: Jobs,
        clock: Clock,
        *,
        secrets: Sequence[str],
        livemode: bool,
        subscriptions: Subscriptions,
    ) -> None:
        self._database = database
        self._repository = repository
        self._calls = calls
        self._jobs = jobs
        self._clock = clock
        self._secrets = tuple(secrets)
        self._livemode = livemode
        self._subscriptions = subscriptions
        self._log = structlog.get_logger("payments")

    async def receive(self, body: bytes, signature: str) -> None:
        """Stores a signed event once, with the job that handles it."""
        now = self._clock.now()
        try:
            verify(body, signature, self._secrets, now=now)
            event = parse(body)
        except BadSignature as error:
            raise SignatureInvalid from error
        except MalformedEvent as error:
            raise MalformedRequest("Stripe event") from error

        async def store(tx: Tx) -> None:
            if await self._repository.insert(tx, event, body, now=now):
                await self._jobs.enqueue(tx, HANDLE_EVENT, key=event.event_id)

        await self._database.run(store)
        await point("payments.event_stored")

    async def handle(self, event_id: str) -> None:
        """Hands an event to its owner's slice; parks it where there is none, or where the slice cannot place it."""
        async with self._database.read() as tx:
            status, payload = await self._repository.payload(tx, event_id)
            event = event_of(payload)
            owner = await self._owner(tx, event)
        if (status, InboxEvent.HANDLE) not in INBOX_TRANSITIONS:
            return
        if event.livemode != self._livemode:
            await self._mark(event, InboxStatus.IGNORED, "of the other mode")
        elif not any(event.type in handled for handled in self._subscriptions.values()):
            await self._mark(event, InboxStatus.IGNORED, "nobody handles this type")
        elif owner is None:
            await self._park(event, "its object is not known here")
        elif (handler := self._subscriptions.get(owner.slice, {}).get(event.type)) is None:
            await self._mark(event, InboxStatus.IGNORED, f"{owner.slice} does not handle this type")
        else:
            await self._hand_over(event, owner, handler)

    async def _hand_over(self, event: ProcessorEvent, owner: Owner, handler: EventHandler) -> None:
        try:
            await handler(event, owner)
        except Park as park:
            await self._park(event, park.reason)
            return
        await point("payments.event_handled")
        await self._mark(event, InboxStatus.HANDLED, None)

    async def _owner(self, tx: Tx, event: ProcessorEvent) -> Owner | None:
        """By the objects the event names, the closest first; else by the call of ours that made its object."""
        owners = await self._calls.owners(tx, event.references)
        for reference in event.references:
            if reference in owners:
                return owners[reference]
        call_id = event.metadata.get(CALL_REFERENCE)
        call = await self._calls.find(tx, call_id) if call_id else None
        return call.owner if call else None

    async def _mark(self, event: ProcessorEvent, status: InboxStatus, reason: str | None) -> None:
        await self._database.run(
            lambda tx: self._repository.mark(tx, event.event_id, status, reason=reason, now=self._clock.now())
        )

    async def _park(self, event: ProcessorEvent, reason: str) -> None:
        """Keeps the event for later; after days nothing more is tried, and it stays for a person to look at."""
        now = self._clock.now()
        times = await self._database.run(
            lambda tx: self._repository.mark(tx, event.event_id, InboxStatus.PARKED, reason=reason, now=now)
        )
        rest = None if times is None else parking(times)
        self._log.warning("event parked", event_id=event.event_id, type=event.type, reason=reason, times=times)
        if rest is not None:
            raise Postpone(now + rest)
