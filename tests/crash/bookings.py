"""Whole bookings by callers who do not mind that servers die: they ask again under the same key until one answers."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from types import MappingProxyType
from typing import Final, TypeVar

import asyncpg
import grpc

from callsheet.booking.v1 import (
    dispute_pb2,
    fulfilment_pb2,
    milestone_pb2,
    negotiation_pb2,
    order_pb2,
    ordering_pb2,
    payment_pb2,
    reschedule_pb2,
)
from callsheet.booking.v1.booking_pb2_grpc import BookingServiceStub
from tests.crash.mortals import Household
from tests.payments.sandbox import Sandbox
from tests.rpc.booking import stamp, terms
from tests.rpc.booking_flow import OTHER_AGENT, as_agent, as_buyer, as_provider

A = TypeVar("A")

PATIENCE_SECONDS: Final = 240.0
LOOKS_EVERY_SECONDS: Final = 0.1
ANSWERS_WITHIN_SECONDS: Final = 30.0
UNHEARD: Final = frozenset({grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.ABORTED})
"""What is asked again: nobody was there, nobody answered, or somebody else was faster."""


@dataclass(frozen=True, slots=True)
class Ending:
    """Where a booking has to be when its story is over, and what everybody has of it then."""

    order_id: str
    status: str
    charged_cents: int
    refunded_cents: int
    provider_cents: int


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells stories; each has a time of its own in the provider's calendar."""

    household: Household
    sandbox: Sandbox
    database: "asyncpg.Pool[asyncpg.Record]"
    profile: str
    on_request: str
    """The same offer, which no rule accepts."""
    card: str
    bad_card: str
    _numbers: "count[int]" = field(default_factory=count)

    async def ask(self, question: Callable[[BookingServiceStub], Awaitable[A]]) -> A:
        """The answer, by whichever server lives long enough to give it."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                channel = await self.household.channel()
                try:
                    async with asyncio.timeout(ANSWERS_WITHIN_SECONDS):
                        return await question(BookingServiceStub(channel))
                except grpc.aio.AioRpcError as error:
                    if error.code() not in UNHEARD:
                        raise
                await asyncio.sleep(LOOKS_EVERY_SECONDS)

    async def until(self, what: str, sql: str, *arguments: object) -> asyncpg.Record:
        """The first row, as soon as there is one."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while (row := await self.database.fetchrow(sql, *arguments)) is None:  # noqa: ASYNC110  nobody tells us
                    await asyncio.sleep(LOOKS_EVERY_SECONDS)
                return row
        except TimeoutError:
            raise AssertionError(f"waited in vain for: {what}") from None

    async def becomes(self, order_id: str, status: str) -> None:
        sql = "select from booking.order where order_id = $1 and status::text = $2"
        await self.until(f"{order_id} to be {status}", sql, order_id, status)

    async def pays_out(self, order_id: str, cents: int) -> None:
        """The provider has that much, reversals taken off."""
        sql = """
            select from booking.transfer where order_id = $1 and status = 'succeeded'
            having sum(amount_cents - reversed_cents) = $2
        """
        await self.until(f"{cents} of {order_id} to be paid out", sql, order_id, cents)

    async def drafted(self, mode: order_pb2.BookingMode.ValueType = order_pb2.BOOKING_MODE_IB) -> str:
        """A draft of something that is delivered from afar, so that no clock has to move; its id."""
        number = next(self._numbers)
        start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=20, hours=4 * number)
        asked = terms(
            self.profile if mode == order_pb2.BOOKING_MODE_IB else self.on_request,
            mode=mode,
            start_ts=stamp(start),
            end_ts=stamp(start + timedelta(hours=2, minutes=30)),
            location_kind=order_pb2.LOCATION_KIND_REMOTE,
            location_address="",
        )
        request = ordering_pb2.CreateOrderRequest(terms=asked, idempotency_key=f"draft:{number}")
        return (await self.ask(lambda booking: booking.CreateOrder(request, metadata=as_buyer()))).order.order_id

    async def sent(self, order_id: str, card: str) -> None:
        request = negotiation_pb2.SubmitOrderRequest(
            order_id=order_id, payment_method_id=card, idempotency_key=f"submit:{order_id}"
        )
        await self.ask(lambda booking: booking.SubmitOrder(request, metadata=as_buyer()))

    async def confirmed(self, *shares: int) -> str:
        """A booking paid by a saved card; its id."""
        order_id = await self.drafted()
        if shares:
            parts = [milestone_pb2.NewMilestone(title="Part", amount_cents=share) for share in shares]
            request = milestone_pb2.SetMilestonesRequest(
                order_id=order_id, milestones=parts, idempotency_key=f"parts:{order_id}"
            )
            await self.ask(lambda booking: booking.SetMilestones(request, metadata=as_buyer()))
        await self.sent(order_id, self.card)
        await self.becomes(order_id, "confirmed")
        return order_id

    async def paid_in_person(self, order_id: str, total_cents: int) -> None:
        """What the buyer's device does, once the payment of that total is known to the processor."""
        payment = await self.until(
            f"{order_id} to ask for {total_cents}",
            "select payment_id from booking.payment where order_id = $1 and amount_cents = $2 and given_up_at is null",
            order_id,
            total_cents,
        )
        request = payment_pb2.GetPaymentRequest(order_id=order_id, payment_id=payment["payment_id"])
        shown = await self.ask(lambda booking: booking.GetPayment(request, metadata=as_buyer()))
        intent = shown.client_secret.partition("_secret_")[0]
        form = f"payment_method=pm_card_visa&client_secret={shown.client_secret}"
        status, answer, _ = await self.sandbox.raw("POST", f"/v1/payment_intents/{intent}/confirm", form)
        assert status == 200, answer

    async def handed_over(self, milestone_id: str) -> None:
        """A part of the work, delivered and approved."""
        deliver = milestone_pb2.DeliverMilestoneRequest(
            milestone_id=milestone_id, idempotency_key=f"deliver:{milestone_id}"
        )
        await self.ask(lambda booking: booking.DeliverMilestone(deliver, metadata=as_provider()))
        approve = milestone_pb2.ApproveMilestoneRequest(
            milestone_id=milestone_id, idempotency_key=f"approve:{milestone_id}"
        )
        await self.ask(lambda booking: booking.ApproveMilestone(approve, metadata=as_buyer()))

    async def completed(self, order_id: str) -> None:
        deliver = fulfilment_pb2.DeliverOrderRequest(order_id=order_id, idempotency_key=f"deliver:{order_id}")
        await self.ask(lambda booking: booking.DeliverOrder(deliver, metadata=as_provider()))
        complete = fulfilment_pb2.CompleteOrderRequest(order_id=order_id, idempotency_key=f"complete:{order_id}")
        await self.ask(lambda booking: booking.CompleteOrder(complete, metadata=as_buyer()))

    async def cancelled(self, order_id: str) -> None:
        request = ordering_pb2.CancelOrderRequest(
            order_id=order_id, reason="Something came up.", idempotency_key=f"cancel:{order_id}"
        )
        await self.ask(lambda booking: booking.CancelOrder(request, metadata=as_buyer()))

    async def settled_by_agents(self, order_id: str, refund_subtotal_cents: int) -> None:
        """A dispute from its opening to its end, by two agents."""
        opening = dispute_pb2.OpenDisputeRequest(
            order_id=order_id, reason="no_show", description="Nobody came.", idempotency_key=f"dispute:{order_id}"
        )
        opened = await self.ask(lambda booking: booking.OpenDispute(opening, metadata=as_buyer()))
        dispute_id = opened.dispute.dispute_id
        review = dispute_pb2.StartDisputeReviewRequest(dispute_id=dispute_id, idempotency_key=f"review:{order_id}")
        await self.ask(lambda booking: booking.StartDisputeReview(review, metadata=as_agent()))
        proposal = dispute_pb2.ProposeDisputeDecisionRequest(
            dispute_id=dispute_id,
            result=dispute_pb2.DISPUTE_RESULT_SPLIT,
            refund_subtotal_cents=refund_subtotal_cents,
            reason="By what was said.",
            idempotency_key=f"propose:{order_id}",
        )
        proposed = await self.ask(lambda booking: booking.ProposeDisputeDecision(proposal, metadata=as_agent()))
        approval = dispute_pb2.ApproveDisputeDecisionRequest(
            decision_id=proposed.decision.decision_id, idempotency_key=f"approve:{order_id}"
        )
        await self.ask(lambda booking: booking.ApproveDisputeDecision(approval, metadata=as_agent(OTHER_AGENT)))

    async def rescheduled(self, order_id: str, hours: float) -> None:
        """The provider proposes another length at the same time, and the buyer agrees."""
        row = await self.until("the order", "select start_ts from booking.order where order_id = $1", order_id)
        proposal = reschedule_pb2.ProposeRescheduleRequest(
            order_id=order_id,
            start_ts=stamp(row["start_ts"]),
            end_ts=stamp(row["start_ts"] + timedelta(hours=hours)),
            idempotency_key=f"propose:{order_id}",
        )
        proposed = await self.ask(lambda booking: booking.ProposeReschedule(proposal, metadata=as_provider()))
        reply = reschedule_pb2.RespondToRescheduleRequest(
            reschedule_id=proposed.reschedule.reschedule_id,
            accept=True,
            total_cents=proposed.reschedule.total_cents,
            payment_method_id=self.card,
            idempotency_key=f"reply:{order_id}",
        )
        await self.ask(lambda booking: booking.RespondToReschedule(reply, metadata=as_buyer()))

    async def charged_back(self, order_id: str, ends: str) -> None:
        """The cardholder complains at the bank, which decides."""
        charge = await self.until(
            "the charge", "select stripe_charge_id from booking.payment where order_id = $1 and sequence = 1", order_id
        )
        complaint = await self.sandbox.switches.post(f"charges/{charge['stripe_charge_id']}/disputes")
        await self.becomes(order_id, "disputed")
        await self.pays_out(order_id, 0)
        await self.sandbox.switches.post(f"disputes/{complaint['id']}/decide", status=ends)


TOTAL, PAYOUT = 28_903, 23_000
"""Two and a half hours of 100.00 with a tip of 5.00: 250.00, a fee of 31.25, tax of 2.78; less a commission of 10 %."""
DEARER, DEARER_PAYOUT = 34_583, 27_500
"""The same with 300.00 for the work, after a counter-offer."""


async def pay(tell: Teller) -> Ending:
    order_id = await tell.confirmed()
    await tell.completed(order_id)
    return Ending(order_id, "completed", TOTAL, 0, PAYOUT)


async def pay_in_person(tell: Teller) -> Ending:
    order_id = await tell.drafted()
    await tell.sent(order_id, "")
    await tell.paid_in_person(order_id, TOTAL)
    await tell.becomes(order_id, "confirmed")
    await tell.completed(order_id)
    return Ending(order_id, "completed", TOTAL, 0, PAYOUT)


async def counter(tell: Teller) -> Ending:
    """What was authorised does not cover what was agreed on: a new authorisation for the whole new total."""
    order_id = await tell.drafted(order_pb2.BOOKING_MODE_RTB)
    await tell.sent(order_id, "")
    await tell.paid_in_person(order_id, TOTAL)
    request = await tell.until(
        "the request to be shown",
        "select request_id from booking.request where order_id = $1 and shown_at is not null",
        order_id,
    )
    dearer = negotiation_pb2.CounterRequestRequest(
        request_id=request["request_id"],
        line_items=[
            negotiation_pb2.CounterLine(
                kind=order_pb2.LINE_ITEM_KIND_PACKAGE, title="Portraits", qty="1", unit_cents=30_000
            )
        ],
        idempotency_key=f"counter:{order_id}",
    )
    offer = (await tell.ask(lambda booking: booking.CounterRequest(dearer, metadata=as_provider()))).request
    accept = negotiation_pb2.AcceptRequestRequest(
        request_id=offer.request_id, total_cents=offer.total_cents, idempotency_key=f"accept:{order_id}"
    )
    await tell.ask(lambda booking: booking.AcceptRequest(accept, metadata=as_buyer()))
    await tell.paid_in_person(order_id, DEARER)
    await tell.becomes(order_id, "confirmed")
    await tell.completed(order_id)
    return Ending(order_id, "completed", DEARER, 0, DEARER_PAYOUT)


async def cancel(tell: Teller) -> Ending:
    order_id = await tell.confirmed()
    await tell.cancelled(order_id)
    return Ending(order_id, "cancelled_buyer", TOTAL, TOTAL, 0)


async def declined(tell: Teller) -> Ending:
    """The saved card is refused, the buyer pays in person, and then changes their mind. A provider who cancelled this
    often would lose instant booking.
    """
    order_id = await tell.drafted()
    await tell.sent(order_id, tell.bad_card)
    await tell.until(
        "the card to be refused",
        "select from booking.payment where order_id = $1 and status = 'failed'",
        order_id,
    )
    await tell.paid_in_person(order_id, TOTAL)
    await tell.becomes(order_id, "confirmed")
    await tell.cancelled(order_id)
    return Ending(order_id, "cancelled_buyer", TOTAL, TOTAL, 0)


async def dispute(tell: Teller) -> Ending:
    order_id = await tell.confirmed()
    await tell.settled_by_agents(order_id, 10_000)
    return Ending(order_id, "resolved", TOTAL, 10_000, 14_000)


async def dispute_after_payout(tell: Teller) -> Ending:
    """What was paid out already is taken back as far as the decision goes."""
    order_id = await tell.confirmed()
    await tell.completed(order_id)
    await tell.pays_out(order_id, PAYOUT)
    await tell.settled_by_agents(order_id, 10_000)
    return Ending(order_id, "resolved", TOTAL, 10_000, 14_000)


async def chargeback_won(tell: Teller) -> Ending:
    order_id = await tell.confirmed()
    await tell.completed(order_id)
    await tell.pays_out(order_id, PAYOUT)
    await tell.charged_back(order_id, "won")
    return Ending(order_id, "completed", TOTAL, 0, PAYOUT)


async def chargeback_lost(tell: Teller) -> Ending:
    order_id = await tell.confirmed()
    await tell.completed(order_id)
    await tell.pays_out(order_id, PAYOUT)
    await tell.charged_back(order_id, "lost")
    return Ending(order_id, "resolved", TOTAL, 0, 0)


async def milestones(tell: Teller) -> Ending:
    order_id = await tell.confirmed(8_333, 16_667)
    rows = await tell.database.fetch(
        "select milestone_id from booking.milestone where order_id = $1 order by position", order_id
    )
    for (milestone_id,) in rows:
        await tell.handed_over(milestone_id)
    await tell.pays_out(order_id, PAYOUT - 500)
    await tell.completed(order_id)
    return Ending(order_id, "completed", TOTAL, 0, PAYOUT)


async def tip(tell: Teller) -> Ending:
    order_id = await tell.confirmed()
    await tell.completed(order_id)
    request = fulfilment_pb2.AddTipRequest(
        order_id=order_id, tip_cents=1_500, payment_method_id=tell.card, idempotency_key=f"tip:{order_id}"
    )
    await tell.ask(lambda booking: booking.AddTip(request, metadata=as_buyer()))
    await tell.pays_out(order_id, PAYOUT + 1_500)
    return Ending(order_id, "completed", TOTAL + 1_500, 0, PAYOUT + 1_500)


async def longer(tell: Teller) -> Ending:
    """An hour more: the difference is charged."""
    order_id = await tell.confirmed()
    await tell.rescheduled(order_id, 3.5)
    await tell.until(
        "the hour to be paid",
        "select from booking.refund_balance where order_id = $1 and charged_cents > $2",
        order_id,
        TOTAL,
    )
    await tell.completed(order_id)
    return Ending(order_id, "completed", 40_264, 0, 32_000)


async def shorter(tell: Teller) -> Ending:
    """An hour less: the difference is given back."""
    order_id = await tell.confirmed()
    await tell.rescheduled(order_id, 1.5)
    await tell.completed(order_id)
    return Ending(order_id, "completed", TOTAL, 11_361, 14_000)


async def lost(tell: Teller) -> Ending:
    """The network takes answers away."""
    for path in ("/v1/payment_intents", "/v1/transfers"):
        await tell.sandbox.switches.fault("drop_after", path)
    return await pay(tell)


STORIES: Mapping[str, Callable[[Teller], Awaitable[Ending]]] = MappingProxyType(
    {
        story.__name__: story
        for story in (
            pay,
            pay_in_person,
            counter,
            cancel,
            declined,
            dispute,
            dispute_after_payout,
            chargeback_won,
            chargeback_lost,
            milestones,
            tip,
            longer,
            shorter,
            lost,
        )
    }
)
