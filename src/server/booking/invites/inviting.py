"""A call for bookings goes out, and is read."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from server.booking.book import OrderBook
from server.booking.domain.invite import AwardMode, Invite, InviteStatus, Recipient
from server.booking.domain.order import Order
from server.booking.domain.parties import ActorKind, By
from server.booking.domain.terms import Terms
from server.booking.invites.repository import InviteRepository
from server.booking.quoting import draft, quote
from server.booking.repository import BookingRepository
from server.booking.timers import INVITE_CLOSE
from server.core.call import Actor
from server.core.db import Database, Guard, Tx
from server.core.errors import FieldInvalid, NotFound, Violation
from server.core.ids import Ids
from server.core.jobs import Jobs
from server.payments.ports import Wallets


@dataclass(frozen=True, slots=True)
class CreateInvite:
    """A buyer asks several providers for the same booking; `asked` are their terms, alike but for the profile."""

    actor: Actor
    asked: Sequence[Terms]
    award_mode: AwardMode
    recipient_cap: int
    title: str
    message: str
    payment_method_id: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Sent:
    """An invite as somebody may see it."""

    invite: Invite
    recipients: Sequence[Recipient]


class Inviting:
    """Sends and reads invites."""

    def __init__(
        self,
        database: Database,
        repository: BookingRepository,
        invites: InviteRepository,
        book: OrderBook,
        wallets: Wallets,
        ids: Ids,
        jobs: Jobs,
    ) -> None:
        self._database = database
        self._repository = repository
        self._invites = invites
        self._book = book
        self._wallets = wallets
        self._ids = ids
        self._jobs = jobs

    async def create(self, command: CreateInvite, once: Guard[Sent] | None) -> Sent:
        """Stores an invite with an order for each recipient, all of them or none. Nothing is charged."""
        buyer = command.actor.user_id

        async def work(tx: Tx) -> Sent:
            now = self._book.now()
            _check(command, now=now)
            cards = await self._wallets.cards(tx, buyer)
            if command.payment_method_id not in {card.payment_method_id for card in cards}:
                raise FieldInvalid(Violation("payment_method_id", "must be a saved card of the caller's"))
            invite = Invite(
                invite_id=self._ids.new("inv"),
                buyer_user_id=buyer,
                award_mode=command.award_mode,
                status=InviteStatus.OPEN,
                title=command.title,
                message=command.message,
                recipient_cap=command.recipient_cap,
                expires_at=command.expires_at,
                payment_method_id=command.payment_method_id,
                version=1,
                created_at=now,
                updated_at=now,
            )
            drafts = await self._drafts(tx, command, invite, now)
            await self._invites.insert(tx, invite)
            sent = await self._book.send_out(tx, drafts, By(ActorKind.BUYER, buyer))
            await self._invites.insert_recipients(tx, sent)
            await self._jobs.enqueue(tx, INVITE_CLOSE, key=invite.invite_id, run_at=invite.expires_at)
            return Sent(invite, await self._invites.recipients(tx, invite.invite_id))

        return await self._database.run(work, once=once)

    async def get(self, invite_id: str, actor: Actor) -> Sent:
        """An invite, whole for its buyer and staff, with nobody else for a recipient; for others it does not exist."""
        async with self._database.read() as tx:
            invite = await self._invites.get(tx, invite_id)
            recipients = await self._invites.recipients(tx, invite_id)
        if invite is None:
            raise NotFound(invite_id)
        if actor.sees_everybody or actor.user_id == invite.buyer_user_id:
            return Sent(invite, recipients)
        own = [recipient for recipient in recipients if recipient.recipient_user_id == actor.user_id]
        if not own:
            raise NotFound(invite_id)
        return Sent(invite, own)

    async def _drafts(self, tx: Tx, command: CreateInvite, invite: Invite, now: datetime) -> list[Order]:
        drafts = []
        for index, (terms, offer) in enumerate(
            zip(command.asked, await self._repository.offers(tx, command.asked, now=now), strict=True)
        ):
            try:
                agreed = quote(terms, offer, now=now)
                order = draft(self._ids.new("ord"), invite.buyer_user_id, terms, offer, agreed, now=now)
            except FieldInvalid as error:
                raise _about(error, index) from error
            drafts.append(replace(order, invite_id=invite.invite_id))
        providers = [order.provider_user_id for order in drafts]
        for index, provider in enumerate(providers):
            if provider in providers[:index]:
                raise FieldInvalid(Violation(f"service_profile_ids[{index}]", "must be of a provider not named before"))
        return drafts


def _check(command: CreateInvite, *, now: datetime) -> None:
    """What the proto's rules cannot say."""
    if len(command.asked) > command.recipient_cap:
        raise FieldInvalid(Violation("service_profile_ids", "must be at most recipient_cap"))
    if not now < command.expires_at <= command.asked[0].start_ts:
        raise FieldInvalid(Violation("expires_at", "must be in the future and not after terms.start_ts"))


def _about(error: FieldInvalid, index: int) -> FieldInvalid:
    """What is wrong with one profile is told of that profile; what is wrong with the terms is theirs."""
    return FieldInvalid(
        *(
            Violation(found.field.replace("terms.service_profile_id", f"service_profile_ids[{index}]"), found.rule)
            for found in error.violations
        )
    )
