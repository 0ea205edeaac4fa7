"""What jobs do with invites: close those whose time is over, and decline the orders that were not awarded."""

from dataclasses import replace
from datetime import datetime
from functools import partial

from server.booking.book import OrderBook
from server.booking.domain.invite import InviteEvent, InviteStatus, Recipient, RecipientStatus, moved
from server.booking.domain.order import Event, Status
from server.booking.domain.parties import SYSTEM
from server.booking.invites.repository import InviteRepository
from server.booking.timers import INVITE_SETTLE
from server.core.db import Database, Tx
from server.core.jobs import Jobs

_UNDECIDED = frozenset({RecipientStatus.NEW, RecipientStatus.RESPONDED})


class InviteSettling:
    """Ends invites. Late, twice, or after an award: no effect."""

    def __init__(self, database: Database, invites: InviteRepository, book: OrderBook, jobs: Jobs) -> None:
        self._database = database
        self._invites = invites
        self._book = book
        self._jobs = jobs

    async def close(self, invite_id: str) -> datetime | None:
        """Closes an invite whose time is over; where it is too early, until when to wait."""

        async def work(tx: Tx) -> datetime | None:
            invite = await self._invites.lock(tx, invite_id)
            if invite is None or invite.status is not InviteStatus.OPEN:
                return None
            if self._book.now() < invite.expires_at:
                return invite.expires_at
            await self._invites.save(tx, invite, moved(invite, InviteEvent.CLOSE, now=self._book.now()))
            await self._jobs.enqueue(tx, INVITE_SETTLE, key=invite_id)
            return None

        return await self._database.run(work)

    async def settle(self, invite_id: str) -> None:
        """Declines the orders of an ended invite that were not awarded, each in a transaction of its own."""
        async with self._database.read() as tx:
            invite = await self._invites.get(tx, invite_id)
            recipients = await self._invites.recipients(tx, invite_id)
        if invite is None or invite.status is InviteStatus.OPEN:
            return
        for recipient in recipients:
            if recipient.status in _UNDECIDED:
                await self._database.run(partial(self._leave_out, recipient=recipient))

    async def _leave_out(self, tx: Tx, recipient: Recipient) -> None:
        """Closing the order ends the recipient's place in the invite; nothing was paid that could go back."""
        order = await self._book.lock(tx, recipient.order_id)
        if order.status is Status.PENDING_ACCEPT:
            reason = "the booking went to somebody else, or to nobody"
            await self._book.move(
                tx,
                order,
                Event.NOT_AWARDED,
                SYSTEM,
                reason=reason,
                edit=lambda order: replace(order, closed_reason=reason),
            )
