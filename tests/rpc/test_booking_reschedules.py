"""Confirmed bookings moved over a socket: proposed, agreed to, refused, and left until the proposal expires."""

from datetime import UTC, datetime, timedelta

import grpc
import pytest

from callsheet.booking.v1 import order_pb2, provider_pb2
from callsheet.booking.v1 import reschedule_pb2 as pb
from callsheet.booking.v1.booking_pb2_grpc import BookingServiceStub
from devstack.roles import DatabaseUrls
from server.core.clock import ManualClock
from tests.rpc.booking import BUYER, PROVIDER, STRANGER, stamp
from tests.rpc.harness import Running, as_user, refusal, running_server
from tests.rpc.negotiating import Told, bookable, drafted, history, later, noon, ruled, status_of, submitted, terms_of


async def confirmed(server: Running, profile: str, days: float = 20, buyer: str = BUYER) -> str:
    """A booking that is paid; its id."""
    booking = BookingServiceStub(server.channel)
    asked = terms_of(profile, mode=order_pb2.BOOKING_MODE_IB, days=days)
    order = await submitted(booking, await drafted(booking, asked, buyer=buyer), buyer=buyer)
    await Told(server).captured(order.order_id)
    return order.order_id


async def offered_at(server: Running) -> str:
    booking = BookingServiceStub(server.channel)
    profile = await bookable(server)
    await ruled(booking, profile)
    return profile


def to(order_id: str, days: float, hours: float = 2) -> pb.ProposeRescheduleRequest:
    start = noon(days)
    return pb.ProposeRescheduleRequest(
        order_id=order_id, start_ts=stamp(start), end_ts=stamp(start + timedelta(hours=hours))
    )


async def proposed(
    booking: BookingServiceStub, order_id: str, days: float, user_id: str = PROVIDER, hours: float = 2
) -> pb.Reschedule:
    request = to(order_id, days, hours)
    return (await booking.ProposeReschedule(request, metadata=as_user(user_id))).reschedule


def reply(proposal: pb.Reschedule, *, accept: bool = True, total_cents: int = -1) -> pb.RespondToRescheduleRequest:
    total = proposal.total_cents if total_cents < 0 else total_cents
    return pb.RespondToRescheduleRequest(
        reschedule_id=proposal.reschedule_id, accept=accept, total_cents=total if accept else 0
    )


async def is_free(booking: BookingServiceStub, days: float) -> bool:
    asked = provider_pb2.CheckAvailabilityRequest(
        provider_user_id=PROVIDER, start_ts=stamp(noon(days)), end_ts=stamp(noon(days) + timedelta(hours=2))
    )
    return (await booking.CheckAvailability(asked, metadata=as_user(STRANGER))).available


async def test_agreeing_moves_the_booking_and_its_slot_in_one_step(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    order_id = await confirmed(server, await offered_at(server))
    proposal = await proposed(booking, order_id, 22)
    assert (proposal.subtotal_change_cents, proposal.status) == (0, pb.RESCHEDULE_STATUS_PENDING)
    assert (await is_free(booking, 20), await is_free(booking, 22)) == (False, True)
    answer = await booking.RespondToReschedule(reply(proposal), metadata=as_user(BUYER))
    assert answer.order.start_ts == stamp(noon(22))
    assert answer.order.full_refund_until == stamp(noon(21))
    assert answer.reschedule.status == pb.RESCHEDULE_STATUS_ACCEPTED
    assert (await is_free(booking, 20), await is_free(booking, 22)) == (True, False)
    assert (await history(server, order_id))[-2:] == ["reschedule_proposed", "rescheduled"]


async def test_a_moved_booking_declines_what_waits_for_its_new_time(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    profile = await offered_at(server)
    order_id = await confirmed(server, profile)
    waiting = await submitted(booking, await drafted(booking, terms_of(profile, days=22)))
    proposal = await proposed(booking, order_id, 22)
    await booking.RespondToReschedule(reply(proposal), metadata=as_user(BUYER))
    await server.worker().run_due()
    assert await status_of(server, waiting.order_id) == "declined"


async def test_a_time_that_is_taken_keeps_the_booking_where_it_was(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    profile = await offered_at(server)
    order_id, _ = await confirmed(server, profile), await confirmed(server, profile, 22, STRANGER)
    proposal = await proposed(booking, order_id, 22, BUYER)
    refused = await refusal(booking.RespondToReschedule(reply(proposal, total_cents=0), metadata=as_user(PROVIDER)))
    assert (refused.code, refused.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "SLOT_TAKEN")
    assert not await is_free(booking, 20)
    own_slot = await booking.RespondToReschedule(reply(proposal, accept=False), metadata=as_user(PROVIDER))
    assert own_slot.reschedule.status == pb.RESCHEDULE_STATUS_DECLINED
    overlapping_itself = await proposed(booking, order_id, 20 + 1 / 24, BUYER)
    moved = await booking.RespondToReschedule(reply(overlapping_itself, total_cents=0), metadata=as_user(PROVIDER))
    assert moved.order.start_ts == stamp(noon(20 + 1 / 24))


async def test_a_proposal_is_answered_by_the_other_side_once_and_at_its_total(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    order_id = await confirmed(server, await offered_at(server))
    proposal = await proposed(booking, order_id, 22, hours=3)
    assert proposal.subtotal_change_cents == 10_000
    own = await refusal(booking.RespondToReschedule(reply(proposal), metadata=as_user(PROVIDER)))
    assert (own.reason, own.metadata["turn"]) == ("NOT_YOUR_TURN", "buyer")
    hidden = booking.RespondToReschedule(reply(proposal), metadata=as_user(STRANGER))
    assert (await refusal(hidden)).reason == "NOT_FOUND"
    wrong = booking.RespondToReschedule(reply(proposal, total_cents=5), metadata=as_user(BUYER))
    assert (await refusal(wrong)).reason == "OFFER_CHANGED"
    another = await refusal(booking.ProposeReschedule(to(order_id, 23), metadata=as_user(BUYER)))
    assert (another.code, another.reason) == (grpc.StatusCode.ALREADY_EXISTS, "ALREADY_EXISTS")
    await booking.RespondToReschedule(reply(proposal, accept=False), metadata=as_user(BUYER))
    again = await refusal(booking.RespondToReschedule(reply(proposal), metadata=as_user(BUYER)))
    assert (again.code, again.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "ILLEGAL_TRANSITION")


async def test_only_a_confirmed_booking_is_moved_and_by_its_parties(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    profile = await offered_at(server)
    draft = await drafted(booking, terms_of(profile))
    refused = await refusal(booking.ProposeReschedule(to(draft, 22), metadata=as_user(BUYER)))
    assert (refused.reason, refused.metadata["status"]) == ("ILLEGAL_TRANSITION", "initiated")
    order_id = await confirmed(server, profile)
    hidden = booking.ProposeReschedule(to(order_id, 22), metadata=as_user(STRANGER))
    assert (await refusal(hidden)).reason == "NOT_FOUND"
    stale = to(order_id, 22)
    stale.version = 1
    assert (await refusal(booking.ProposeReschedule(stale, metadata=as_user(BUYER)))).reason == "STALE_VERSION"


@pytest.mark.parametrize(("days", "hours", "field"), [(-1, 2, "start_ts"), (20, 24 * 31, "end_ts")])
async def test_a_new_time_that_breaks_a_rule_names_it(server: Running, days: float, hours: float, field: str) -> None:
    booking = BookingServiceStub(server.channel)
    order_id = await confirmed(server, await offered_at(server))
    refused = await refusal(booking.ProposeReschedule(to(order_id, days, hours), metadata=as_user(BUYER)))
    assert (refused.code, refused.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "FIELD_INVALID")
    assert field in refused.violations


async def test_a_proposal_that_nobody_answers_expires(database: DatabaseUrls) -> None:
    clock = ManualClock(datetime.now(UTC))
    async with running_server(database, clock=clock) as server:
        booking = BookingServiceStub(server.channel)
        order_id = await confirmed(server, await offered_at(server))
        proposal = await proposed(booking, order_id, 22)
        clock.advance(timedelta(hours=48))
        refused = await refusal(booking.RespondToReschedule(reply(proposal), metadata=later(BUYER)))
        assert (refused.code, refused.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "OFFER_EXPIRED")
        await server.worker().run_due()
        await server.worker().run_due()
        assert (await history(server, order_id))[-2:] == ["reschedule_proposed", "reschedule_ended"]
        again = await booking.ProposeReschedule(to(order_id, 23), metadata=later(BUYER))
        assert again.reschedule.status == pb.RESCHEDULE_STATUS_PENDING
