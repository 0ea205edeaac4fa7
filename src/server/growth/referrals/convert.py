"""Protobuf and domain, in both directions."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from callsheet.growth.v1 import referral_pb2 as pb
from server.core.call import Actor
from server.core.errors import FieldInvalid, Violation
from server.core.grpc.proto import EnumMap, timestamp
from server.core.pagination import Page
from server.growth.credit.convert import SCOPES
from server.growth.referrals.domain import Invite, InviteStatus, Program, ProgramKind
from server.growth.referrals.scoring import Decision
from server.growth.referrals.usecases import (
    AcceptInvite,
    CreateInvite,
    ListInvites,
    ListPrograms,
    ReviewInvite,
    Seen,
)

KINDS = EnumMap(pb.ProgramKind, ProgramKind, "PROGRAM_KIND_", pb.ProgramKind.ValueType)
STATUSES = EnumMap(pb.InviteStatus, InviteStatus, "INVITE_STATUS_", pb.InviteStatus.ValueType)
DECISIONS = {pb.REVIEW_DECISION_AWARD: Decision.AWARD, pb.REVIEW_DECISION_REJECT: Decision.BLOCK}
UPDATABLE = frozenset(
    {"reward_fixed_cents", "reward_bips", "monthly_cap", "min_order_cents", "credit_valid_days", "active"}
)
_NOT_YET = datetime(1970, 1, 1, tzinfo=UTC)


def program(message: pb.ProgramTerms) -> Program:
    """A programme that has no id and no date yet."""
    return Program(
        program_id="",
        kind=KINDS.member(message.kind),
        reward_fixed_cents=message.reward_fixed_cents,
        reward_bips=message.reward_bips,
        credit_scope=SCOPES.member(message.credit_scope),
        monthly_cap=message.monthly_cap,
        min_order_cents=message.min_order_cents,
        credit_valid_days=message.credit_valid_days or None,
        active=message.active,
        created_at=_NOT_YET,
    )


def program_change(request: pb.UpdateReferralProgramRequest) -> Callable[[Program], Program]:
    paths = frozenset(request.update_mask.paths)
    if not paths or not paths <= UPDATABLE:
        raise FieldInvalid(Violation("update_mask", f"must name some of {', '.join(sorted(UPDATABLE))}"))
    new = program(request.terms)
    return lambda old: replace(old, **{path: getattr(new, path) for path in paths})


def list_programs(request: pb.ListReferralProgramsRequest, actor: Actor) -> ListPrograms:
    return ListPrograms(actor=actor, page_size=request.page_size, page_token=request.page_token)


def create_invite(request: pb.CreateReferralInviteRequest, actor: Actor) -> CreateInvite:
    return CreateInvite(
        actor=actor,
        program_id=request.program_id,
        email=request.email,
        source=request.source,
        seen=Seen(request.device, request.address),
    )


def accept_invite(request: pb.AcceptReferralInviteRequest, actor: Actor) -> AcceptInvite:
    return AcceptInvite(actor=actor, invite_id=request.invite_id, seen=Seen(request.device, request.address))


def list_invites(request: pb.ListReferralInvitesRequest, actor: Actor) -> ListInvites:
    return ListInvites(
        actor=actor, in_review=request.in_review, page_size=request.page_size, page_token=request.page_token
    )


def review_invite(request: pb.ReviewReferralInviteRequest, actor: Actor) -> ReviewInvite:
    return ReviewInvite(
        actor=actor, invite_id=request.invite_id, decision=DECISIONS[request.decision], note=request.note
    )


def create_program_response(stored: Program) -> pb.CreateReferralProgramResponse:
    return pb.CreateReferralProgramResponse(program=_program(stored))


def update_program_response(stored: Program) -> pb.UpdateReferralProgramResponse:
    return pb.UpdateReferralProgramResponse(program=_program(stored))


def list_programs_response(page: Page[Program]) -> pb.ListReferralProgramsResponse:
    return pb.ListReferralProgramsResponse(programs=map(_program, page.items), next_page_token=page.next_token)


def create_invite_response(invite: Invite) -> pb.CreateReferralInviteResponse:
    return pb.CreateReferralInviteResponse(invite=_invite(invite))


def accept_invite_response(invite: Invite) -> pb.AcceptReferralInviteResponse:
    return pb.AcceptReferralInviteResponse(invite=_invite(invite))


def list_invites_response(page: Page[Invite]) -> pb.ListReferralInvitesResponse:
    return pb.ListReferralInvitesResponse(invites=map(_invite, page.items), next_page_token=page.next_token)


def review_invite_response(invite: Invite) -> pb.ReviewReferralInviteResponse:
    return pb.ReviewReferralInviteResponse(invite=_invite(invite))


def _program(stored: Program) -> pb.ReferralProgram:
    return pb.ReferralProgram(
        program_id=stored.program_id,
        terms=pb.ProgramTerms(
            kind=KINDS.number(stored.kind),
            reward_fixed_cents=stored.reward_fixed_cents,
            reward_bips=stored.reward_bips,
            credit_scope=SCOPES.number(stored.credit_scope),
            monthly_cap=stored.monthly_cap,
            min_order_cents=stored.min_order_cents,
            credit_valid_days=stored.credit_valid_days or 0,
            active=stored.active,
        ),
        created_at=timestamp(stored.created_at),
    )


def _invite(invite: Invite) -> pb.ReferralInvite:
    return pb.ReferralInvite(
        invite_id=invite.invite_id,
        program_id=invite.program_id,
        inviter_user_id=invite.inviter_user_id,
        invitee_user_id=invite.invitee_user_id or "",
        source=invite.source,
        status=STATUSES.number(invite.status),
        held_until=timestamp(invite.held_until) if invite.held_until else None,
        in_review=invite.in_review,
        decision_reason=invite.decision_reason or "",
        created_at=timestamp(invite.created_at),
        accepted_at=timestamp(invite.accepted_at) if invite.accepted_at else None,
    )
