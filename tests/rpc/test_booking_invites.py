"""Invites over a socket: who is asked, who responds, who gets the booking, and what becomes of the others."""

from datetime import UTC, datetime, timedelta

import grpc
import pytest

from callsheet.booking.v1 import invite_pb2 as pb
from callsheet.booking.v1 import negotiation_pb2, order_pb2, ordering_pb2
from callsheet.booking.v1.booking_pb2_grpc import BookingServiceStub
from devstack.roles import DatabaseUrls
from server.core.call import Role
from server.core.clock import ManualClock
from tests.rpc.booking import BUYER, STRANGER, change, stamp
from tests.rpc.harness import Running, as_user, refusal, running_server
from tests.rpc.negotiating import (
    CARD,
    bookable,
    card_of,
    drafted,
    history,
    invite_terms,
    later,
    noon,
    status_of,
    submitted,
    terms_of,
)

MODELS = ["usr_anna", "usr_bela", "usr_cleo"]


async def asked(server: Running, mode: pb.AwardMode.ValueType = pb.AWARD_MODE_BUYER_AWARDS) -> pb.Invite:
    """An invite to three providers of different prices."""
    booking = BookingServiceStub(server.channel)
    await card_of(server)
    profiles = [await bookable(server, model, hourly_cents=10_000 + index) for index, model in enumerate(MODELS)]
    return (await booking.CreateInvite(inviting(profiles, award_mode=mode), metadata=as_user(BUYER))).invite


def inviting(profiles: list[str], **changes: object) -> pb.CreateInviteRequest:
    request = pb.CreateInviteRequest(
        service_profile_ids=profiles,
        recipient_cap=5,
        award_mode=pb.AWARD_MODE_BUYER_AWARDS,
        terms=invite_terms(),
        title="Who has time?",
        payment_method_id=CARD,
        expires_at=stamp(noon(10)),
    )
    change(request, changes)
    return request


async def respond(booking: BookingServiceStub, invite: pb.Invite, user_id: str, *, accept: bool) -> order_pb2.Order:
    request = pb.RespondToInviteRequest(invite_id=invite.invite_id, accept=accept, message="gladly")
    return (await booking.RespondToInvite(request, metadata=as_user(user_id))).order


def award(invite: pb.Invite, user_id: str) -> pb.AwardInviteRequest:
    (total,) = (one.total_cents for one in invite.recipients if one.recipient_user_id == user_id)
    return pb.AwardInviteRequest(invite_id=invite.invite_id, recipient_user_id=user_id, total_cents=total)


async def read(booking: BookingServiceStub, invite: pb.Invite, user_id: str = BUYER) -> pb.Invite:
    request = pb.GetInviteRequest(invite_id=invite.invite_id)
    return (await booking.GetInvite(request, metadata=as_user(user_id))).invite


def statuses(invite: pb.Invite) -> dict[str, int]:
    return {one.recipient_user_id: one.status for one in invite.recipients}


async def test_everybody_gets_an_order_of_their_own_and_sees_nobody_else(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    invite = await asked(server)
    assert set(statuses(invite)) == set(MODELS)
    assert len({one.total_cents for one in invite.recipients}) == 3
    seen = await read(booking, invite, "usr_bela")
    assert list(statuses(seen)) == ["usr_bela"]
    agent = await booking.GetInvite(
        pb.GetInviteRequest(invite_id=invite.invite_id), metadata=as_user("usr_agent", Role.AGENT)
    )
    assert agent.invite == invite
    hidden = booking.GetInvite(pb.GetInviteRequest(invite_id=invite.invite_id), metadata=as_user(STRANGER))
    assert (await refusal(hidden)).reason == "NOT_FOUND"
    child = seen.recipients[0].order_id
    order = (await booking.GetOrder(ordering_pb2.GetOrderRequest(order_id=child), metadata=as_user("usr_bela"))).order
    assert (order.mode, order.invite_id) == (order_pb2.BOOKING_MODE_INVITE, invite.invite_id)
    assert await history(server, child) == ["create", "send_invite"]


async def test_the_buyer_awards_one_of_those_that_responded_and_the_others_are_declined(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    invite = await asked(server)
    for model in MODELS[:2]:
        order = await respond(booking, invite, model, accept=True)
        assert order.status == order_pb2.BOOKING_STATUS_PENDING_ACCEPT
    not_yet = await refusal(booking.AwardInvite(award(invite, "usr_cleo"), metadata=as_user(BUYER)))
    assert (not_yet.code, not_yet.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "ILLEGAL_TRANSITION")
    other_total = award(invite, "usr_bela")
    other_total.total_cents += 1
    assert (await refusal(booking.AwardInvite(other_total, metadata=as_user(BUYER)))).reason == "OFFER_CHANGED"
    by_stranger = booking.AwardInvite(award(invite, "usr_bela"), metadata=as_user(STRANGER))
    assert (await refusal(by_stranger)).reason == "NOT_FOUND"

    order = (await booking.AwardInvite(award(invite, "usr_bela"), metadata=as_user(BUYER))).order
    assert order.status == order_pb2.BOOKING_STATUS_ACCEPTED
    again = await refusal(booking.AwardInvite(award(invite, "usr_anna"), metadata=as_user(BUYER)))
    assert (again.reason, again.metadata["status"]) == ("INVITE_OVER", "awarded")
    await server.worker().run_due()
    after = await read(booking, invite)
    assert after.status == pb.INVITE_STATUS_AWARDED
    assert statuses(after) == {
        "usr_anna": pb.RECIPIENT_STATUS_NOT_AWARDED,
        "usr_bela": pb.RECIPIENT_STATUS_AWARDED,
        "usr_cleo": pb.RECIPIENT_STATUS_NOT_AWARDED,
    }
    ends = {one.recipient_user_id: await status_of(server, one.order_id) for one in after.recipients}
    assert ends["usr_anna"] == ends["usr_cleo"] == "declined"
    assert await history(server, order.order_id) == ["create", "send_invite", "respond", "award"]


async def test_the_first_to_accept_gets_the_booking(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    invite = await asked(server, pb.AWARD_MODE_FIRST_ACCEPT)
    declined = await respond(booking, invite, "usr_anna", accept=False)
    assert declined.status == order_pb2.BOOKING_STATUS_DECLINED
    order = await respond(booking, invite, "usr_bela", accept=True)
    assert order.status == order_pb2.BOOKING_STATUS_ACCEPTED
    late = pb.RespondToInviteRequest(invite_id=invite.invite_id, accept=True)
    refused = await refusal(booking.RespondToInvite(late, metadata=as_user("usr_cleo")))
    assert (refused.code, refused.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "INVITE_OVER")
    await server.worker().run_due()
    await server.worker().run_due()
    assert statuses(await read(booking, invite)) == {
        "usr_anna": pb.RECIPIENT_STATUS_NOT_AWARDED,
        "usr_bela": pb.RECIPIENT_STATUS_AWARDED,
        "usr_cleo": pb.RECIPIENT_STATUS_NOT_AWARDED,
    }


async def test_an_award_of_a_time_that_was_given_away_leaves_the_invite_open(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    invite = await asked(server)
    await respond(booking, invite, "usr_anna", accept=True)
    (child,) = (one.order_id for one in invite.recipients if one.recipient_user_id == "usr_anna")
    profile = (
        await booking.GetOrder(ordering_pb2.GetOrderRequest(order_id=child), metadata=as_user(BUYER))
    ).order.service_profile_id
    taken = await submitted(booking, await drafted(booking, terms_of(profile)), CARD)
    listing = negotiation_pb2.ListRequestsRequest(order_id=taken.order_id)
    (offer,) = (await booking.ListRequests(listing, metadata=as_user(BUYER))).requests
    accepting = negotiation_pb2.AcceptRequestRequest(request_id=offer.request_id)
    await booking.AcceptRequest(accepting, metadata=as_user("usr_anna"))
    refused = await refusal(booking.AwardInvite(award(invite, "usr_anna"), metadata=as_user(BUYER)))
    assert refused.reason == "SLOT_TAKEN"
    after = await read(booking, invite)
    assert (after.status, statuses(after)["usr_anna"]) == (pb.INVITE_STATUS_OPEN, pb.RECIPIENT_STATUS_RESPONDED)


async def test_a_closed_invite_declines_its_orders(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    invite = await asked(server)
    stale = booking.CloseInvite(pb.CloseInviteRequest(invite_id=invite.invite_id, version=9), metadata=as_user(BUYER))
    assert (await refusal(stale)).reason == "STALE_VERSION"
    by_recipient = booking.CloseInvite(pb.CloseInviteRequest(invite_id=invite.invite_id), metadata=as_user("usr_anna"))
    assert (await refusal(by_recipient)).reason == "NOT_FOUND"
    request = pb.CloseInviteRequest(invite_id=invite.invite_id, version=1)
    assert (await booking.CloseInvite(request, metadata=as_user(BUYER))).invite.status == pb.INVITE_STATUS_CLOSED
    again = booking.CloseInvite(pb.CloseInviteRequest(invite_id=invite.invite_id), metadata=as_user(BUYER))
    assert (await refusal(again)).reason == "ILLEGAL_TRANSITION"
    await server.worker().run_due()
    assert set(statuses(await read(booking, invite)).values()) == {pb.RECIPIENT_STATUS_NOT_AWARDED}


async def test_an_invite_whose_time_is_over_takes_no_answer_and_is_closed(database: DatabaseUrls) -> None:
    clock = ManualClock(datetime.now(UTC))
    async with running_server(database, clock=clock) as server:
        booking = BookingServiceStub(server.channel)
        invite = await asked(server)
        clock.advance(timedelta(days=11))
        answer = pb.RespondToInviteRequest(invite_id=invite.invite_id, accept=True)
        refused = await refusal(booking.RespondToInvite(answer, metadata=later("usr_anna")))
        assert (refused.reason, refused.metadata["status"]) == ("INVITE_OVER", "expired")
        await server.worker().run_due()
        await server.worker().run_due()
        request = pb.GetInviteRequest(invite_id=invite.invite_id)
        after = (await booking.GetInvite(request, metadata=later(BUYER))).invite
        assert after.status == pb.INVITE_STATUS_CLOSED
        assert set(statuses(after).values()) == {pb.RECIPIENT_STATUS_NOT_AWARDED}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"recipient_cap": 2}, "service_profile_ids"),
        ({"payment_method_id": "pm_other"}, "payment_method_id"),
        ({"expires_at": stamp(noon(-1))}, "expires_at"),
        ({"expires_at": stamp(noon(30))}, "expires_at"),
        ({"title": ""}, "title"),
        ({"award_mode": pb.AWARD_MODE_UNSPECIFIED}, "award_mode"),
    ],
)
async def test_an_invite_that_breaks_a_rule_names_it(server: Running, change: dict[str, object], field: str) -> None:
    booking = BookingServiceStub(server.channel)
    await card_of(server)
    profiles = [await bookable(server, model) for model in MODELS]
    refused = await refusal(booking.CreateInvite(inviting(profiles, **change), metadata=as_user(BUYER)))
    assert (refused.code, refused.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "FIELD_INVALID")
    assert field in refused.violations


async def test_an_invite_asks_each_provider_once_and_never_oneself(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    await card_of(server)
    twice = [await bookable(server, "usr_anna") for _ in range(2)]
    refused = await refusal(booking.CreateInvite(inviting(twice), metadata=as_user(BUYER)))
    assert refused.violations == {"service_profile_ids[1]": "must be of a provider not named before"}
    own = await bookable(server, BUYER)
    refused = await refusal(booking.CreateInvite(inviting([own]), metadata=as_user(BUYER)))
    assert refused.violations == {"service_profile_ids[0]": "must not be the buyer's own"}
    unknown = booking.CreateInvite(inviting(["srv_unknown"]), metadata=as_user(BUYER))
    assert (await refusal(unknown)).reason == "NOT_FOUND"


async def test_a_group_is_made_whole_or_not_at_all(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    profiles = [await bookable(server, model) for model in MODELS]
    request = pb.CreateBookingGroupRequest(
        title="A shoot", bookings=[pb.GroupedBooking(terms=terms_of(profile)) for profile in profiles]
    )
    answer = await booking.CreateBookingGroup(request, metadata=as_user(BUYER))
    assert [order.service_profile_id for order in answer.orders] == profiles
    assert {order.lbg_id for order in answer.orders} == {answer.group.lbg_id}

    request.bookings[2].terms.time_zone = "Mars/Olympus"
    refused = await refusal(booking.CreateBookingGroup(request, metadata=as_user(BUYER)))
    assert list(refused.violations) == ["bookings[2].terms.time_zone"]
    request.bookings[2].terms.time_zone = "Europe/Berlin"
    request.bookings[2].quote_hash = "0" * 64
    assert (await refusal(booking.CreateBookingGroup(request, metadata=as_user(BUYER)))).reason == "QUOTE_CHANGED"
    orders = await booking.ListOrders(ordering_pb2.ListOrdersRequest(), metadata=as_user(BUYER))
    assert len(orders.orders) == 3
