"""What people and staff do with programmes and invitations."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from server.core.call import Actor, Role
from server.core.clock import Clock
from server.core.db import Database, Guard, Tx
from server.core.errors import AlreadyExists, FieldInvalid, NotFound, RoleRequired, Violation
from server.core.ids import Ids
from server.core.pagination import Listing, Page, PageTokens, page_size
from server.core.secrecy import KeyedHash
from server.directory.ports import Mailboxes, People
from server.growth.errors import InviteeNotNew, LimitReached, ProgramInactive
from server.growth.referrals.domain import (
    Invite,
    InviteStatus,
    Program,
    accepted,
    check_inviter,
    check_sides,
)
from server.growth.referrals.judging import ReferralJudge
from server.growth.referrals.repository import ReferralRepository
from server.growth.referrals.scoring import Decision, SignalKind

MOST_INVITES_A_DAY = 50


@dataclass(frozen=True, slots=True)
class Seen:
    """What somebody's app and connection look like; kept only as keyed hashes."""

    device: str
    address: str


@dataclass(frozen=True, slots=True)
class Member:
    """What referrals need to know of a person."""

    kinds: frozenset[str]
    since: datetime


@dataclass(frozen=True, slots=True)
class CreateInvite:
    """Somebody invites somebody else."""

    actor: Actor
    program_id: str
    email: str
    source: str
    seen: Seen


@dataclass(frozen=True, slots=True)
class AcceptInvite:
    """Somebody who has just signed up takes an invitation."""

    actor: Actor
    invite_id: str
    seen: Seen


@dataclass(frozen=True, slots=True)
class ReviewInvite:
    """Staff decide what the score left to them."""

    actor: Actor
    invite_id: str
    decision: Decision
    note: str


@dataclass(frozen=True, slots=True)
class ListInvites:
    """A page of the caller's invitations, or of those that wait for staff."""

    actor: Actor
    in_review: bool
    page_size: int
    page_token: str


@dataclass(frozen=True, slots=True)
class ListPrograms:
    """A page of programmes."""

    actor: Actor
    page_size: int
    page_token: str


class ReferralUseCases:
    """The operations on referrals."""

    def __init__(
        self,
        database: Database,
        repository: ReferralRepository,
        judge: ReferralJudge,
        people: People,
        mailboxes: Mailboxes,
        hashes: KeyedHash,
        clock: Clock,
        ids: Ids,
        pages: PageTokens,
    ) -> None:
        self._database = database
        self._repository = repository
        self._judge = judge
        self._people = people
        self._mailboxes = mailboxes
        self._hashes = hashes
        self._clock = clock
        self._ids = ids
        self._pages = pages

    async def create_program(self, program: Program, once: Guard[Program] | None) -> Program:
        """Stores a programme under an id of its own."""

        async def work(tx: Tx) -> Program:
            stored = replace(program, program_id=self._ids.new("rpr"), created_at=self._clock.now())
            await self._repository.insert_program(tx, stored)
            return stored

        return await self._database.run(work, once=once)

    async def update_program(
        self, program_id: str, change: Callable[[Program], Program], once: Guard[Program] | None
    ) -> Program:
        """Replaces terms; what is awarded from now on is awarded by them."""

        async def work(tx: Tx) -> Program:
            program = await self._repository.lock_program(tx, program_id)
            if program is None:
                raise NotFound(program_id)
            after = change(program)
            await self._repository.save_program(tx, after, now=self._clock.now())
            return after

        return await self._database.run(work, once=once)

    async def programs(self, command: ListPrograms) -> Page[Program]:
        """Programmes, newest first; to people only those that are active."""
        listing = Listing("ListReferralPrograms", command.actor.user_id, {})
        position = self._pages.position(listing, command.page_token, length=1)
        size = page_size(command.page_size)
        async with self._database.read() as tx:
            found = await self._repository.programs(
                tx,
                active_only=not command.actor.sees_everybody,
                before=position[0] if position else None,
                limit=size + 1,
            )
        return self._pages.page(listing, found, size, lambda program: (program.program_id,))

    async def invite(self, command: CreateInvite, once: Guard[Invite] | None) -> Invite:
        """Stores an invitation. Whether the address belongs to somebody is not told: that would be an oracle."""
        user_id = command.actor.user_id

        async def work(tx: Tx) -> Invite:
            await self._repository.hold_person(tx, user_id)
            now = self._clock.now()
            program = await self._active(tx, command.program_id)
            inviter = await self._member(tx, user_id)
            check_inviter(program.kind, inviter.kinds)
            mailbox = self._mailboxes.mailbox_hash(command.email)
            own = await self._mailboxes.mailbox_of(tx, user_id)
            if mailbox == own:
                raise FieldInvalid(Violation("email", "must not be the caller's own, however it is spelled"))
            if await self._repository.count_sent(tx, user_id, since=now - timedelta(days=1)) >= MOST_INVITES_A_DAY:
                raise LimitReached("invitations a day", MOST_INVITES_A_DAY)
            invite = Invite(
                invite_id=self._ids.new("rfi"),
                program_id=program.program_id,
                inviter_user_id=user_id,
                invitee_user_id=None,
                invitee_mailbox=mailbox.hex(),
                source=command.source,
                status=InviteStatus.SENT,
                qualified_order_id=None,
                qualified_cents=None,
                held_until=None,
                in_review=False,
                other_mailbox=False,
                decision_reason=None,
                created_at=now,
                accepted_at=None,
                decided_at=None,
            )
            if not await self._repository.insert(tx, invite):
                raise AlreadyExists("an invitation of this address")
            await self._repository.keep_signals(tx, user_id, self._signals(own, command.seen), now=now)
            return invite

        return await self._database.run(work, once=once)

    async def accept(self, command: AcceptInvite, once: Guard[Invite] | None) -> Invite:
        """Binds an invitation to whoever signed up with it: somebody new, of a kind the programme is for."""
        user_id = command.actor.user_id

        async def work(tx: Tx) -> Invite:
            await self._repository.hold_person(tx, user_id)
            now = self._clock.now()
            invite = await self._repository.lock(tx, command.invite_id)
            if invite is None or invite.inviter_user_id == user_id:
                raise NotFound(command.invite_id)
            program = await self._active(tx, invite.program_id)
            after = accepted(invite, user_id, now=now)
            invitee = await self._member(tx, user_id)
            inviter = await self._member(tx, invite.inviter_user_id)
            if invitee.since < invite.created_at or await self._repository.was_brought(tx, user_id):
                raise InviteeNotNew
            check_sides(program.kind, inviter.kinds, invitee.kinds)
            mailbox = await self._mailboxes.mailbox_of(tx, user_id)
            if mailbox.hex() != invite.invitee_mailbox:
                after = replace(after, other_mailbox=True)
            signals = self._signals(mailbox, command.seen)
            await self._repository.keep_signals(tx, user_id, signals, now=now)
            await self._repository.save(
                tx,
                after,
                now=now,
                device=_hex(signals, SignalKind.DEVICE),
                address=_hex(signals, SignalKind.ADDRESS),
            )
            return after

        return await self._database.run(work, once=once)

    async def invites(self, command: ListInvites) -> Page[Invite]:
        """The caller's invitations, or for staff those that wait for a decision, newest first."""
        if command.in_review and not command.actor.has(Role.AGENT, Role.FINANCE, Role.ADMIN):
            raise RoleRequired([Role.AGENT, Role.FINANCE, Role.ADMIN])
        listing = Listing("ListReferralInvites", command.actor.user_id, {"in_review": command.in_review})
        position = self._pages.position(listing, command.page_token, length=1)
        before, size = position[0] if position else None, page_size(command.page_size)
        async with self._database.read() as tx:
            if command.in_review:
                found = await self._repository.in_review(tx, before=before, limit=size + 1)
            else:
                found = await self._repository.invites_of(tx, command.actor.user_id, before=before, limit=size + 1)
        return self._pages.page(listing, found, size, lambda invite: (invite.invite_id,))

    async def review(self, command: ReviewInvite, once: Guard[Invite] | None) -> Invite:
        """Awards or rejects what is in review."""

        async def work(tx: Tx) -> Invite:
            invite = await self._repository.lock(tx, command.invite_id)
            if invite is None:
                raise NotFound(command.invite_id)
            return await self._judge.review(tx, invite, command.decision, command.actor.user_id, command.note)

        return await self._database.run(work, once=once)

    async def decide(self, invite_id: str) -> None:
        """Judges an invitation whose hold has ended."""
        await self._database.run(lambda tx: self._judge.decide(tx, invite_id))

    async def _active(self, tx: Tx, program_id: str) -> Program:
        program = await self._repository.program(tx, program_id)
        if program is None:
            raise NotFound(program_id)
        if not program.active:
            raise ProgramInactive(program_id)
        return program

    async def _member(self, tx: Tx, user_id: str) -> Member:
        profile = await self._people.get(tx, user_id)
        if profile is None or profile.erased:
            raise NotFound(user_id)
        return Member(frozenset(kind.value for kind in profile.kinds), profile.created_at)

    def _signals(self, mailbox: bytes, seen: Seen) -> Mapping[SignalKind, bytes]:
        """What was seen, hashed; what was not seen is no signal."""
        given = {SignalKind.DEVICE: seen.device, SignalKind.ADDRESS: seen.address}
        hashed = {kind: self._hashes.of(f"referral {kind}", text) for kind, text in given.items() if text}
        return {SignalKind.MAILBOX: mailbox, **hashed}


def _hex(signals: Mapping[SignalKind, bytes], kind: SignalKind) -> str | None:
    found = signals.get(kind)
    return None if found is None else found.hex()
