"""Recipients respond to an invite, and one of them gets the booking."""

from dataclasses import dataclass, replace

from server.booking.book import OrderBook
from server.booking.domain.invite import (
    AwardMode,
    Invite,
    InviteEvent,
    Recipient,
    RecipientEvent,
    check_open,
    moved,
    recipient_moved,
)
from server.booking.domain.order import Event, Order
from server.booking.domain.parties import ActorKind, By
from server.booking.errors import NotBookable, OfferChanged
from server.booking.invites.repository import InviteRepository
from server.booking.negotiation.acceptance import Acceptance, Funding
from server.booking.timers import INVITE_SETTLE
from server.core.call import Actor
from server.core.db import Database, Guard, Tx
from server.core.errors import NotFound, StaleVersion
from server.core.jobs import Jobs
from server.growth.ports import CREDIT_REFUSED
from server.payments.ports import Wallets


@dataclass(frozen=True, slots=True)
class RespondToInvite:
    """A recipient says whether they would come."""

    actor: Actor
    invite_id: str
    accept: bool
    message: str


@dataclass(frozen=True, slots=True)
class AwardInvite:
    """A buyer chooses a recipient, at exactly this total."""

    actor: Actor
    invite_id: str
    recipient_user_id: str
    total_cents: int


@dataclass(frozen=True, slots=True)
class CloseInvite:
    """A buyer ends an invite without an award."""

    actor: Actor
    invite_id: str
    version: int


class Awarding:
    """Moves invites. The invite is locked first, then the provider's time, then the order."""

    def __init__(
        self,
        database: Database,
        invites: InviteRepository,
        book: OrderBook,
        acceptance: Acceptance,
        wallets: Wallets,
        jobs: Jobs,
    ) -> None:
        self._database = database
        self._invites = invites
        self._book = book
        self._acceptance = acceptance
        self._wallets = wallets
        self._jobs = jobs

    async def respond(self, command: RespondToInvite, once: Guard[Order] | None) -> Order:
        """A recipient's answer. Where the first to accept gets the booking, saying yes is getting it."""
        provider = command.actor.user_id

        async def work(tx: Tx) -> Order:
            invite, recipient = await self._locked(tx, command.invite_id, provider)
            by = By(ActorKind.PROVIDER, provider)
            if not command.accept:
                order = await self._book.lock(tx, recipient.order_id)
                return await self._refuse(tx, order, by, command.message)
            check_open(invite, now=self._book.now())
            if invite.award_mode is AwardMode.FIRST_ACCEPT:
                await self._end(tx, invite, InviteEvent.AWARD)
                order = await self._book.lock_slot(tx, recipient.order_id)
                responded = await self._move(tx, recipient, RecipientEvent.RESPOND)
                try:
                    return await self._award(tx, invite, responded, order, by)
                except CREDIT_REFUSED:
                    # What the buyer has left is not the provider's to know.
                    raise NotBookable("credit_missing", "the buyer's credit does not pay for this any more") from None
            order = await self._book.lock(tx, recipient.order_id)
            await self._move(tx, recipient, RecipientEvent.RESPOND)
            return await self._book.move(tx, order, Event.RESPOND, by, reason=command.message)

        return await self._database.run(work, once=once)

    async def award(self, command: AwardInvite, once: Guard[Order] | None) -> Order:
        """The order of a recipient that responded is accepted; those of the others are declined by a job."""

        async def work(tx: Tx) -> Order:
            invite, recipient = await self._locked(tx, command.invite_id, command.recipient_user_id, command.actor)
            check_open(invite, now=self._book.now())
            await self._end(tx, invite, InviteEvent.AWARD)
            order = await self._book.lock_slot(tx, recipient.order_id)
            if command.total_cents != order.price.total_cents:
                raise OfferChanged(order.order_id, order.price.total_cents)
            return await self._award(tx, invite, recipient, order, By(ActorKind.BUYER, command.actor.user_id))

        return await self._database.run(work, once=once)

    async def close(self, command: CloseInvite, once: Guard[Invite] | None) -> Invite:
        """Nobody gets the booking; the orders are declined by a job."""

        async def work(tx: Tx) -> Invite:
            invite = await self._invites.lock(tx, command.invite_id)
            if invite is None or invite.buyer_user_id != command.actor.user_id:
                raise NotFound(command.invite_id)
            if command.version not in (0, invite.version):
                raise StaleVersion(invite.invite_id, invite.version)
            return await self._end(tx, invite, InviteEvent.CLOSE)

        return await self._database.run(work, once=once)

    async def _award(self, tx: Tx, invite: Invite, recipient: Recipient, order: Order, by: By) -> Order:
        """Awards the booking: from here on it is paid for, with the card that was named for it while it is there."""
        await self._move(tx, recipient, RecipientEvent.AWARD)
        cards = await self._wallets.cards(tx, invite.buyer_user_id)
        usable = invite.payment_method_id in {card.payment_method_id for card in cards}
        funding = Funding(invite.payment_method_id if usable else "")
        return await self._acceptance.accept(tx, order, Event.AWARD, by, funding=funding)

    async def _refuse(self, tx: Tx, order: Order, by: By, reason: str) -> Order:
        """Closing the order ends the recipient's place in the invite."""
        return await self._book.move(
            tx, order, Event.DECLINE, by, reason=reason, edit=lambda order: replace(order, closed_reason=reason)
        )

    async def _locked(
        self, tx: Tx, invite_id: str, recipient_user_id: str, buyer: Actor | None = None
    ) -> tuple[Invite, Recipient]:
        """An invite, held, and one of its recipients; it exists for its recipients and its buyer alone."""
        invite = await self._invites.lock(tx, invite_id)
        if invite is None or (buyer is not None and invite.buyer_user_id != buyer.user_id):
            raise NotFound(invite_id)
        for recipient in await self._invites.recipients(tx, invite_id):
            if recipient.recipient_user_id == recipient_user_id:
                return invite, recipient
        raise NotFound(recipient_user_id if buyer else invite_id)

    async def _move(self, tx: Tx, recipient: Recipient, event: RecipientEvent) -> Recipient:
        after = recipient_moved(recipient, event, now=self._book.now())
        await self._invites.save_recipient(tx, recipient, after)
        return after

    async def _end(self, tx: Tx, invite: Invite, event: InviteEvent) -> Invite:
        ended = moved(invite, event, now=self._book.now())
        await self._invites.save(tx, invite, ended)
        await self._jobs.enqueue(tx, INVITE_SETTLE, key=invite.invite_id)
        return ended
