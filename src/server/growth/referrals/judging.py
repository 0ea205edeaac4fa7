"""From a completed order to a reward or none. Inside somebody's transaction; begins and commits nothing.

An invitation is judged when its hold ends and everything that can be known is known. The score decides, unless it asks
for a person; the person decides once, and both leave their reasons behind.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from server.core.clock import Clock
from server.core.db import Tx
from server.core.errors import IllegalTransition, NotFound
from server.core.ids import Ids
from server.core.jobs import Jobs
from server.core.secrecy import KeyedHash
from server.directory.ports import People
from server.growth.credit.counter import CreditCounter
from server.growth.credit.domain import EntryKind
from server.growth.credit.ledger import Award
from server.growth.referrals.domain import (
    CompletedOrder,
    Invite,
    InviteEvent,
    InviteStatus,
    Program,
    decided,
    held,
    month_of,
    qualifies,
)
from server.growth.referrals.repository import ReferralRepository
from server.growth.referrals.scoring import Decision, Evidence, Score, SignalKind, score
from server.growth.referrals.timers import DECIDE

CURRENCY = "USD"
REASON = "referral"
A_DAY = timedelta(days=1)


class ReferralJudge:
    """Qualifies, holds, judges, rewards and takes back."""

    def __init__(
        self,
        repository: ReferralRepository,
        credit: CreditCounter,
        people: People,
        hashes: KeyedHash,
        clock: Clock,
        ids: Ids,
        jobs: Jobs,
    ) -> None:
        self._repository = repository
        self._credit = credit
        self._people = people
        self._hashes = hashes
        self._clock = clock
        self._ids = ids
        self._jobs = jobs

    async def order_completed(self, tx: Tx, order: CompletedOrder) -> None:
        """Qualifies the invitations of its parties. Told twice, it finds them qualified already."""
        now = self._clock.now()
        if order.payment_fingerprint:
            hashed = self._hashes.of(f"referral {SignalKind.PAYMENT}", order.payment_fingerprint)
            await self._repository.keep_signals(tx, order.buyer_user_id, {SignalKind.PAYMENT: hashed}, now=now)
        for invite in await self._repository.lock_accepted_by(tx, sorted(order.parties)):
            program = await self._program(tx, invite)
            if qualifies(invite, program, order):
                after = held(invite, order)
                await self._repository.save(tx, after, now=now)
                await self._jobs.enqueue(tx, DECIDE, key=invite.invite_id, run_at=after.held_until)

    async def order_reversed(self, tx: Tx, order_id: str) -> None:
        """Takes back what an order has earned its inviters, because it was refunded or lost in a dispute."""
        for invite in await self._repository.lock_of_order(tx, order_id):
            if invite.status is InviteStatus.HELD:
                await self._end(tx, invite, InviteEvent.REJECT, "order_reversed")
            elif invite.status is InviteStatus.AWARDED:
                await self.claw_back(tx, invite, "order_reversed")

    async def decide(self, tx: Tx, invite_id: str) -> None:
        """Judges by the score. Late or twice, it finds the invitation decided, or in a person's hands."""
        invite = await self._repository.lock(tx, invite_id)
        if invite is None or invite.status is not InviteStatus.HELD or invite.in_review:
            return
        evidence = await self._evidence(tx, invite)
        found = score(evidence)
        await self._remember(tx, invite, found, _inputs(evidence, found), found.decision, None)
        match found.decision:
            case Decision.AWARD:
                await self._award(tx, invite)
            case Decision.BLOCK:
                await self._end(tx, invite, InviteEvent.REJECT, "abuse")
            case Decision.REVIEW:
                await self._repository.save(tx, replace(invite, in_review=True), now=self._clock.now())

    async def review(self, tx: Tx, invite: Invite, decision: Decision, by: str, note: str) -> Invite:
        """A person decides what the score left to them."""
        event = InviteEvent.AWARD if decision is Decision.AWARD else InviteEvent.REJECT
        if not invite.in_review:
            raise IllegalTransition(invite.invite_id, invite.status, event)
        await self._remember(tx, invite, Score(0, {}), {"note": note}, decision, by)
        if decision is Decision.AWARD:
            return await self._award(tx, invite)
        return await self._end(tx, invite, InviteEvent.REJECT, "review")

    async def claw_back(self, tx: Tx, invite: Invite, reason: str) -> Invite:
        """Takes a reward back, once; what is spent of it becomes a debt."""
        after = decided(invite, InviteEvent.CLAW_BACK, reason, now=self._clock.now())
        await self._repository.save(tx, after, now=self._clock.now())
        award = await self._credit.entry_about(tx, invite.inviter_user_id, EntryKind.AWARD, invite.invite_id)
        if award is not None:
            await self._credit.claw_back(tx, invite.inviter_user_id, award.entry_id, reason)
        return after

    async def _award(self, tx: Tx, invite: Invite) -> Invite:
        """Rewards the inviter, if the month of theirs has room for it."""
        now = self._clock.now()
        program = await self._program(tx, invite)
        profile = await self._people.get(tx, invite.inviter_user_id)
        if profile is None or profile.erased:
            return await self._end(tx, invite, InviteEvent.REJECT, "inviter_gone")
        if not await self._credit.takes(tx, invite.inviter_user_id, CURRENCY):
            return await self._end(tx, invite, InviteEvent.REJECT, "currency")
        month = month_of(profile.time_zone, now)
        cap = program.monthly_cap
        if not await self._repository.count_award(tx, invite.inviter_user_id, program.program_id, month, cap):
            return await self._end(tx, invite, InviteEvent.REJECT, "monthly_cap")
        after = await self._end(tx, invite, InviteEvent.AWARD, REASON)
        reward = program.reward_cents(invite.qualified_cents or 0)
        if reward > 0:
            award = Award(
                amount_cents=reward,
                currency=CURRENCY,
                scope=program.credit_scope,
                reason=REASON,
                related_id=invite.invite_id,
                program_id=program.program_id,
                expires_at=program.expiry(now),
            )
            await self._credit.award(tx, invite.inviter_user_id, award)
        return after

    async def _end(self, tx: Tx, invite: Invite, event: InviteEvent, reason: str) -> Invite:
        now = self._clock.now()
        after = decided(invite, event, reason, now=now)
        await self._repository.save(tx, after, now=now)
        return after

    async def _evidence(self, tx: Tx, invite: Invite) -> Evidence:
        inviter, invitee = invite.inviter_user_id, invite.invitee_user_id or ""
        accepted_at = invite.accepted_at or invite.created_at
        return Evidence(
            shared=await self._repository.shared(tx, inviter, invitee),
            ring=await self._repository.closes_a_ring(tx, inviter, invitee),
            mutual=await self._repository.has_invited(tx, invitee, inviter),
            accepted_in_a_day=await self._repository.accepted_within(tx, inviter, accepted_at - A_DAY, accepted_at),
            other_mailbox=invite.other_mailbox,
        )

    async def _remember(
        self,
        tx: Tx,
        invite: Invite,
        found: Score,
        inputs: Mapping[str, object],
        decision: Decision,
        by: str | None,
    ) -> None:
        await self._repository.remember(
            tx, self._ids.new("ras"), invite.invite_id, found.points, inputs, decision, by, now=self._clock.now()
        )

    async def _program(self, tx: Tx, invite: Invite) -> Program:
        program = await self._repository.program(tx, invite.program_id)
        if program is None:
            raise NotFound(invite.program_id)
        return program


def _inputs(evidence: Evidence, found: Score) -> dict[str, object]:
    """Everything the score was computed from, and what each part added."""
    return {
        "shared": sorted(evidence.shared),
        "ring": evidence.ring,
        "mutual": evidence.mutual,
        "accepted_in_a_day": evidence.accepted_in_a_day,
        "other_mailbox": evidence.other_mailbox,
        "reasons": dict(found.reasons),
    }
