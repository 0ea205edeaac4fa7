"""Many take one time at once, in every way there is: exactly one gets it, and the others learn why they did not."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice

import grpc
import pytest

from callsheet.booking.v1 import invite_pb2, negotiation_pb2, order_pb2, reschedule_pb2
from callsheet.booking.v1.booking_pb2_grpc import BookingServiceStub
from devstack.roles import DatabaseUrls
from server.booking.domain.order import Event
from tests.rpc.booking import PROVIDER, stamp
from tests.rpc.harness import Running, as_user, read_refusal, refusal, running_server
from tests.rpc.negotiating import (
    Told,
    bookable,
    card_of,
    drafted,
    noon,
    pending,
    ruled,
    status_of,
    submitted,
    terms_of,
)

IB = order_pb2.BOOKING_MODE_IB
TAKERS = 40
POOL = 45

Take = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Scene:
    """A provider, and ways to make somebody ready to take some of their time."""

    server: Running
    profile: str

    @property
    def booking(self) -> BookingServiceStub:
        return BookingServiceStub(self.server.channel)

    async def instantly(self, buyer: str, start: float) -> Take:
        """A draft that is booked by rule."""
        order_id = await drafted(self.booking, terms_of(self.profile, mode=IB, days=start), buyer=buyer)
        request = negotiation_pb2.SubmitOrderRequest(order_id=order_id)
        return lambda: self.booking.SubmitOrder(request, metadata=as_user(buyer))

    async def accepting(self, buyer: str, start: float) -> Take:
        """A request that its provider accepts."""
        order_id = await drafted(self.booking, terms_of(self.profile, days=start), buyer=buyer)
        await submitted(self.booking, order_id, f"pm_{buyer}", buyer=buyer)
        offer = await pending(self.booking, order_id, buyer)
        request = negotiation_pb2.AcceptRequestRequest(request_id=offer.request_id)
        return lambda: self.booking.AcceptRequest(request, metadata=as_user(PROVIDER))

    async def awarding(self, buyer: str, start: float) -> Take:
        """An invite to which the provider has responded, and which its buyer awards."""
        invite = await self._invited(buyer, start, invite_pb2.AWARD_MODE_BUYER_AWARDS)
        answer = invite_pb2.RespondToInviteRequest(invite_id=invite.invite_id, accept=True)
        await self.booking.RespondToInvite(answer, metadata=as_user(PROVIDER))
        request = invite_pb2.AwardInviteRequest(
            invite_id=invite.invite_id, recipient_user_id=PROVIDER, total_cents=invite.recipients[0].total_cents
        )
        return lambda: self.booking.AwardInvite(request, metadata=as_user(buyer))

    async def responding(self, buyer: str, start: float) -> Take:
        """An invite that the first to accept gets."""
        invite = await self._invited(buyer, start, invite_pb2.AWARD_MODE_FIRST_ACCEPT)
        request = invite_pb2.RespondToInviteRequest(invite_id=invite.invite_id, accept=True)
        return lambda: self.booking.RespondToInvite(request, metadata=as_user(PROVIDER))

    async def moving(self, buyer: str, start: float) -> Take:
        """A confirmed booking of another time, which its provider agrees to move."""
        elsewhere = 100 + int(buyer.rpartition("_")[2]) + start * 50
        order_id = await drafted(self.booking, terms_of(self.profile, mode=IB, days=elsewhere), buyer=buyer)
        await submitted(self.booking, order_id, buyer=buyer)
        await Told(self.server).captured(order_id)
        proposing = reschedule_pb2.ProposeRescheduleRequest(
            order_id=order_id, start_ts=stamp(noon(start)), end_ts=stamp(noon(start) + timedelta(hours=2))
        )
        proposal = (await self.booking.ProposeReschedule(proposing, metadata=as_user(buyer))).reschedule
        request = reschedule_pb2.RespondToRescheduleRequest(reschedule_id=proposal.reschedule_id, accept=True)
        return lambda: self.booking.RespondToReschedule(request, metadata=as_user(PROVIDER))

    async def _invited(self, buyer: str, start: float, mode: invite_pb2.AwardMode.ValueType) -> invite_pb2.Invite:
        request = invite_pb2.CreateInviteRequest(
            service_profile_ids=[self.profile],
            recipient_cap=1,
            award_mode=mode,
            terms=invite_pb2.InviteTerms(
                start_ts=stamp(noon(start)),
                end_ts=stamp(noon(start) + timedelta(hours=2)),
                time_zone="Europe/Berlin",
                location_kind=order_pb2.LOCATION_KIND_PROVIDER_STUDIO,
            ),
            title="Who has time?",
            payment_method_id=f"pm_{buyer}",
            expires_at=stamp(datetime.now(UTC) + timedelta(days=1)),
        )
        return (await self.booking.CreateInvite(request, metadata=as_user(buyer))).invite


async def set_up(server: Running, takers: int) -> Scene:
    profile = await bookable(server, buffer_minutes=30)
    await ruled(BookingServiceStub(server.channel), profile)
    for number in range(takers):
        await card_of(server, f"usr_{number}", f"pm_usr_{number}")
    return Scene(server, profile)


async def rush(scene: Scene, day: int, takers: int) -> list[str]:
    """So many take windows of a day that all overlap, at once; how each ended, by reason."""
    ways = (scene.instantly, scene.accepting, scene.awarding, scene.responding, scene.moving)
    takes = [
        await way(f"usr_{number}", day + number % 5 / 96) for number, way in enumerate(islice(cycle(ways), takers))
    ]
    return await asyncio.gather(*(_outcome(take) for take in takes))


async def _outcome(take: Take) -> str:
    try:
        await take()
    except grpc.aio.AioRpcError as error:
        return read_refusal(error).reason
    return "OK"


async def holders(server: Running, day: int) -> int:
    """How many bookings of the provider hold a slot of that day."""
    return int(
        str(
            await server.app.core.database.run(
                lambda tx: tx.fetchval(
                    "select count(*) from booking.order where holds_slot and busy_from between $1 and $2",
                    noon(day),
                    noon(day) + timedelta(hours=1),
                )
            )
        )
    )


async def contest(database: DatabaseUrls, rounds: int) -> None:
    async with running_server(database, database_pool_size=POOL) as server:
        scene = await set_up(server, TAKERS)
        for round_ in range(rounds):
            outcomes = await rush(scene, 2 + round_, TAKERS)
            assert sorted(set(outcomes)) == ["OK", "SLOT_TAKEN"], outcomes
            assert outcomes.count("OK") == 1
            assert await holders(server, 2 + round_) == 1


async def test_of_forty_who_take_one_time_in_every_way_one_gets_it(database: DatabaseUrls) -> None:
    await contest(database, rounds=2)


@pytest.mark.soak
async def test_of_forty_who_take_one_time_one_gets_it_again_and_again(database: DatabaseUrls) -> None:
    await contest(database, rounds=20)


async def test_a_disputed_booking_keeps_its_time_until_the_dispute_is_decided(server: Running) -> None:
    scene = await set_up(server, 4)
    order_id = await drafted(scene.booking, terms_of(scene.profile, mode=IB), buyer="usr_0")
    await submitted(scene.booking, order_id, buyer="usr_0")
    told = Told(server)
    await told.captured(order_id)
    await told.moved(order_id, Event.OPEN_DISPUTE)
    takes = [await way(f"usr_{number}", 20) for number, way in enumerate((scene.instantly, scene.accepting), start=1)]
    assert [await _outcome(take) for take in takes] == ["SLOT_TAKEN", "SLOT_TAKEN"]
    await told.moved(order_id, Event.DISPUTE_WITHDRAWN)
    assert await status_of(server, order_id) == "confirmed"
    assert await _outcome(takes[0]) == "SLOT_TAKEN"

    await told.moved(order_id, Event.OPEN_DISPUTE)
    await told.moved(order_id, Event.DISPUTE_DECIDED)
    assert [await _outcome(take) for take in takes] == ["OK", "SLOT_TAKEN"]


async def test_an_offer_that_both_sides_answer_at_once_is_answered_once(server: Running) -> None:
    scene = await set_up(server, 2)
    order_id = await drafted(scene.booking, terms_of(scene.profile), buyer="usr_0")
    await submitted(scene.booking, order_id, "pm_usr_0", buyer="usr_0")
    offer = await pending(scene.booking, order_id, "usr_0")
    accepting = negotiation_pb2.AcceptRequestRequest(request_id=offer.request_id)
    refusing = negotiation_pb2.DeclineRequestRequest(request_id=offer.request_id)
    outcomes = await asyncio.gather(
        _outcome(lambda: scene.booking.AcceptRequest(accepting, metadata=as_user(PROVIDER))),
        _outcome(lambda: scene.booking.DeclineRequest(refusing, metadata=as_user("usr_0"))),
        _outcome(lambda: scene.booking.AcceptRequest(accepting, metadata=as_user(PROVIDER))),
    )
    assert sorted(outcomes) == ["ILLEGAL_TRANSITION", "ILLEGAL_TRANSITION", "OK"]
    again = await refusal(scene.booking.AcceptRequest(accepting, metadata=as_user(PROVIDER)))
    assert again.reason == "ILLEGAL_TRANSITION"
