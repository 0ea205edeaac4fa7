"""Invites and groups: protobuf and domain, in both directions."""

from callsheet.booking.v1 import invite_pb2 as pb
from server.booking.convert import LOCATIONS, order_for
from server.booking.convert import terms as terms_of
from server.booking.domain.invite import AwardMode, Invite, InviteStatus, Recipient, RecipientStatus
from server.booking.domain.order import Order
from server.booking.domain.terms import Mode, Terms
from server.booking.invites.awarding import AwardInvite, CloseInvite, RespondToInvite
from server.booking.invites.groups import Booked, CreateGroup
from server.booking.invites.inviting import CreateInvite, Sent
from server.core.call import Actor, current_actor
from server.core.grpc.proto import EnumMap, instant, timestamp

AWARD_MODES = EnumMap(pb.AwardMode, AwardMode, "AWARD_MODE_", pb.AwardMode.ValueType)
STATUSES = EnumMap(pb.InviteStatus, InviteStatus, "INVITE_STATUS_", pb.InviteStatus.ValueType)
RECIPIENTS = EnumMap(pb.RecipientStatus, RecipientStatus, "RECIPIENT_STATUS_", pb.RecipientStatus.ValueType)


def create_invite(request: pb.CreateInviteRequest, actor: Actor) -> CreateInvite:
    return CreateInvite(
        actor=actor,
        asked=[_terms(request.terms, profile) for profile in request.service_profile_ids],
        award_mode=AWARD_MODES.member(request.award_mode),
        recipient_cap=request.recipient_cap,
        title=request.title,
        message=request.message,
        payment_method_id=request.payment_method_id,
        expires_at=instant(request.expires_at, "expires_at"),
    )


def create_invite_response(sent: Sent) -> pb.CreateInviteResponse:
    return pb.CreateInviteResponse(invite=_invite(sent))


def get_invite_response(sent: Sent) -> pb.GetInviteResponse:
    return pb.GetInviteResponse(invite=_invite(sent))


def respond_to_invite(request: pb.RespondToInviteRequest, actor: Actor) -> RespondToInvite:
    return RespondToInvite(actor, request.invite_id, request.accept, request.message)


def respond_to_invite_response(order: Order) -> pb.RespondToInviteResponse:
    return pb.RespondToInviteResponse(order=order_for(order, current_actor()))


def award_invite(request: pb.AwardInviteRequest, actor: Actor) -> AwardInvite:
    return AwardInvite(actor, request.invite_id, request.recipient_user_id, request.total_cents)


def award_invite_response(order: Order) -> pb.AwardInviteResponse:
    return pb.AwardInviteResponse(order=order_for(order, current_actor()))


def close_invite(request: pb.CloseInviteRequest, actor: Actor) -> CloseInvite:
    return CloseInvite(actor, request.invite_id, request.version)


def close_invite_response(invite: Invite) -> pb.CloseInviteResponse:
    """Without its recipients, who are told one by one."""
    return pb.CloseInviteResponse(invite=_invite(Sent(invite, ())))


def create_group(request: pb.CreateBookingGroupRequest, actor: Actor) -> CreateGroup:
    return CreateGroup(
        actor, request.title, [(terms_of(booking.terms), booking.quote_hash) for booking in request.bookings]
    )


def create_group_response(booked: Booked) -> pb.CreateBookingGroupResponse:
    group = booked.group
    return pb.CreateBookingGroupResponse(
        group=pb.BookingGroup(
            lbg_id=group.lbg_id,
            buyer_user_id=group.buyer_user_id,
            title=group.title,
            created_at=timestamp(group.created_at),
        ),
        orders=[order_for(order, current_actor()) for order in booked.orders],
    )


def _terms(message: pb.InviteTerms, service_profile_id: str) -> Terms:
    return Terms(
        service_profile_id=service_profile_id,
        mode=Mode.INVITE,
        start_ts=instant(message.start_ts, "terms.start_ts"),
        end_ts=instant(message.end_ts, "terms.end_ts"),
        time_zone=message.time_zone,
        location_kind=LOCATIONS.member(message.location_kind),
        location_address=message.location_address,
        tip_cents=message.tip_cents,
        package_id="",
        extras=(),
        travel_miles=None,
        license_tier=message.license_tier,
        credit_cents=message.credit_cents,
    )


def _invite(sent: Sent) -> pb.Invite:
    invite = sent.invite
    return pb.Invite(
        invite_id=invite.invite_id,
        buyer_user_id=invite.buyer_user_id,
        award_mode=AWARD_MODES.number(invite.award_mode),
        status=STATUSES.number(invite.status),
        title=invite.title,
        message=invite.message,
        recipient_cap=invite.recipient_cap,
        expires_at=timestamp(invite.expires_at),
        recipients=map(_recipient, sent.recipients),
        version=invite.version,
        created_at=timestamp(invite.created_at),
        updated_at=timestamp(invite.updated_at),
    )


def _recipient(recipient: Recipient) -> pb.InviteRecipient:
    return pb.InviteRecipient(
        recipient_user_id=recipient.recipient_user_id,
        order_id=recipient.order_id,
        status=RECIPIENTS.number(recipient.status),
        total_cents=recipient.total_cents,
        responded_at=timestamp(recipient.responded_at) if recipient.responded_at else None,
        decided_at=timestamp(recipient.decided_at) if recipient.decided_at else None,
    )
