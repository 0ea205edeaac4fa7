"""Rows of referrals and what they mean."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from callsheet.sql.growth_referrals import Queries
from server.core.db import Record, Tx, load_queries
from server.growth.credit.domain import CreditScope
from server.growth.referrals.domain import Invite, InviteStatus, Program, ProgramKind
from server.growth.referrals.scoring import Decision, SignalKind

_queries = load_queries("server.growth.referrals", Queries)


class ReferralRepository:
    """Reads and writes programmes, invitations and what they are judged by, on the caller's transaction."""

    async def insert_program(self, tx: Tx, program: Program) -> None:
        await _queries.insert_program(
            tx, kind=program.kind, credit_scope=program.credit_scope, now=program.created_at, **_terms(program)
        )

    async def program(self, tx: Tx, program_id: str) -> Program | None:
        row = await _queries.get_program(tx, program_id=program_id)
        return None if row is None else _program(row)

    async def lock_program(self, tx: Tx, program_id: str) -> Program | None:
        row = await _queries.lock_program(tx, program_id=program_id)
        return None if row is None else _program(row)

    async def save_program(self, tx: Tx, program: Program, *, now: datetime) -> None:
        await _queries.update_program(tx, now=now, **_terms(program))

    async def programs(self, tx: Tx, *, active_only: bool, before: str | None, limit: int) -> list[Program]:
        rows = await _queries.programs(tx, active_only=active_only, before=before, limit=limit)
        return [_program(row) for row in rows]

    async def insert(self, tx: Tx, invite: Invite) -> bool:
        """Whether this inviter had not invited this mailbox to the programme before."""
        made = await _queries.insert_invite(
            tx,
            invite_id=invite.invite_id,
            program_id=invite.program_id,
            inviter_user_id=invite.inviter_user_id,
            invitee_email_sha=invite.invitee_mailbox,
            source=invite.source,
            now=invite.created_at,
        )
        return made is not None

    async def lock(self, tx: Tx, invite_id: str) -> Invite | None:
        row = await _queries.lock_invite(tx, invite_id=invite_id)
        return None if row is None else _invite(row)

    async def lock_accepted_by(self, tx: Tx, user_ids: Sequence[str]) -> list[Invite]:
        """The accepted invitations of some people, held until the transaction ends."""
        return [_invite(row) for row in await _queries.lock_invites_of_invitees(tx, user_ids=list(user_ids))]

    async def lock_of_order(self, tx: Tx, order_id: str) -> list[Invite]:
        """The invitations that an order has qualified, held until the transaction ends."""
        return [_invite(row) for row in await _queries.lock_invites_of_order(tx, order_id=order_id)]

    async def save(
        self, tx: Tx, invite: Invite, *, now: datetime, device: str | None = None, address: str | None = None
    ) -> None:
        await _queries.update_invite(
            tx,
            invite_id=invite.invite_id,
            invitee_user_id=invite.invitee_user_id,
            device_fp=device,
            ip_addr_sha=address,
            status=invite.status,
            qualified_order_id=invite.qualified_order_id,
            qualified_cents=invite.qualified_cents,
            held_until=invite.held_until,
            in_review=invite.in_review,
            other_mailbox=invite.other_mailbox,
            decision_reason=invite.decision_reason,
            accepted_at=invite.accepted_at,
            decided_at=invite.decided_at,
            now=now,
        )

    async def invites_of(self, tx: Tx, user_id: str, *, before: str | None, limit: int) -> list[Invite]:
        rows = await _queries.invites_of(tx, inviter_user_id=user_id, before=before, limit=limit)
        return [_invite(row) for row in rows]

    async def in_review(self, tx: Tx, *, before: str | None, limit: int) -> list[Invite]:
        return [_invite(row) for row in await _queries.invites_in_review(tx, before=before, limit=limit)]

    async def hold_person(self, tx: Tx, user_id: str) -> None:
        """Holds others off who send or accept invitations for the same person, until the transaction ends."""
        await _queries.lock_person(tx, user_id=user_id)

    async def was_brought(self, tx: Tx, user_id: str) -> bool:
        return bool(await _queries.brought_by_another(tx, invitee_user_id=user_id))

    async def count_sent(self, tx: Tx, user_id: str, *, since: datetime) -> int:
        found = await _queries.count_sent(tx, inviter_user_id=user_id, since=since)
        return found if isinstance(found, int) else 0

    async def keep_signals(self, tx: Tx, user_id: str, signals: Mapping[SignalKind, bytes], *, now: datetime) -> None:
        """Remembers what somebody was seen with."""
        rows = [{"user_id": user_id, "kind": kind, "hash": hashed, "now": now} for kind, hashed in signals.items()]
        if rows:
            await _queries.keep_signal(tx, rows)

    async def shared(self, tx: Tx, one: str, other: str) -> frozenset[SignalKind]:
        """What two people have in common."""
        return frozenset(SignalKind(row["kind"]) for row in await _queries.shared_signals(tx, one=one, other=other))

    async def closes_a_ring(self, tx: Tx, inviter: str, invitee: str) -> bool:
        """Whether the invitee stands for somebody further up the inviter's own line."""
        above = [row["inviter_user_id"] for row in await _queries.line_above(tx, user_id=inviter)]
        return bool(above) and bool(await _queries.stands_for_one_of(tx, user_id=invitee, others=above))

    async def has_invited(self, tx: Tx, inviter: str, invitee: str) -> bool:
        return bool(await _queries.has_invited(tx, inviter_user_id=inviter, invitee_user_id=invitee))

    async def accepted_within(self, tx: Tx, inviter: str, since: datetime, until: datetime) -> int:
        found = await _queries.accepted_within(tx, inviter_user_id=inviter, since=since, until=until)
        return found if isinstance(found, int) else 0

    async def remember(
        self,
        tx: Tx,
        assessment_id: str,
        invite_id: str,
        points: int,
        inputs: Mapping[str, object],
        decision: Decision,
        decided_by: str | None,
        *,
        now: datetime,
    ) -> None:
        """Keeps a decision and what it was made from."""
        await _queries.insert_assessment(
            tx,
            assessment_id=assessment_id,
            invite_id=invite_id,
            score=points,
            inputs=json.dumps(dict(inputs)),
            decision=decision,
            decided_by=decided_by,
            now=now,
        )

    async def count_award(self, tx: Tx, user_id: str, program_id: str, month: date, cap: int) -> bool:
        """Whether the month had room for one more; holds its row until the transaction ends."""
        counted = await _queries.count_award(tx, user_id=user_id, program_id=program_id, month=month, cap=cap)
        return counted is not None


def _terms(program: Program) -> dict[str, object]:
    return {
        "program_id": program.program_id,
        "reward_bips": program.reward_bips,
        "reward_fixed_cents": program.reward_fixed_cents,
        "monthly_cap": program.monthly_cap,
        "active": program.active,
        "min_order_cents": program.min_order_cents,
        "credit_valid_days": program.credit_valid_days,
    }


def _program(row: Record) -> Program:
    return Program(
        program_id=row["program_id"],
        kind=ProgramKind(row["kind"]),
        reward_fixed_cents=row["reward_fixed_cents"],
        reward_bips=row["reward_bips"],
        credit_scope=CreditScope(row["credit_scope"]),
        monthly_cap=row["monthly_cap"],
        min_order_cents=row["min_order_cents"],
        credit_valid_days=row["credit_valid_days"],
        active=row["active"],
        created_at=row["created_at"],
    )


def _invite(row: Record) -> Invite:
    return Invite(
        invite_id=row["invite_id"],
        program_id=row["program_id"],
        inviter_user_id=row["inviter_user_id"],
        invitee_user_id=row["invitee_user_id"],
        invitee_mailbox=row["invitee_email_sha"],
        source=row["source"] or "",
        status=InviteStatus(row["status"]),
        qualified_order_id=row["qualified_order_id"],
        qualified_cents=row["qualified_cents"],
        held_until=row["held_until"],
        in_review=row["in_review"],
        other_mailbox=row["other_mailbox"],
        decision_reason=row["decision_reason"],
        created_at=row["created_at"],
        accepted_at=row["accepted_at"],
        decided_at=row["decided_at"],
    )
