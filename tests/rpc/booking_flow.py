"""Whole bookings on real parts: a server, the sandbox for a processor with its webhooks, one clock moved by hand."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
from google.api.httpbody_pb2 import HttpBody

from callsheet.booking.v1 import (
    card_pb2,
    dispute_pb2,
    fulfilment_pb2,
    milestone_pb2,
    negotiation_pb2,
    order_pb2,
    ordering_pb2,
    policy_pb2,
)
from callsheet.booking.v1.booking_pb2_grpc import BookingServiceStub
from callsheet.payments.v1.webhook_pb2_grpc import WebhookServiceStub
from callsheet.support.v1.support_pb2_grpc import SupportServiceStub
from devstack.roles import DatabaseUrls
from server.core.call import Role
from server.core.clock import ManualClock
from server.core.jobs import JobKind
from server.payments.kinds import SYNC_CARDS
from tests.payments.sandbox import API_KEY, Sandbox, payable, running_sandbox
from tests.payments.slice import SECRET, delivering
from tests.rpc.booking import BUYER, PROVIDER, STRANGER, change, described, offered, stamp, terms
from tests.rpc.harness import Running, running_server, token

AGENT, OTHER_AGENT, FINANCE = "usr_agent", "usr_otheragent", "usr_finance"
Metadata = tuple[tuple[str, str], ...]


def lasting(user_id: str, *roles: Role) -> Metadata:
    """A token that stays valid while a test moves its clock by weeks."""
    return (("authorization", f"Bearer {token(user_id, *roles, lifetime=timedelta(days=400))}"),)


def as_buyer() -> Metadata:
    return lasting(BUYER)


def as_provider() -> Metadata:
    return lasting(PROVIDER)


def as_stranger() -> Metadata:
    return lasting(STRANGER)


def as_agent(user_id: str = AGENT) -> Metadata:
    return lasting(user_id, Role.AGENT)


def as_finance() -> Metadata:
    return lasting(FINANCE, Role.FINANCE)


@dataclass(frozen=True, slots=True)
class Flow:
    """Everything that a booking needs to go from a quote to a payout."""

    server: Running
    sandbox: Sandbox
    clock: ManualClock
    booking: BookingServiceStub
    support: SupportServiceStub
    profile: str
    card: str

    async def work(self, *, wait: timedelta = timedelta(0)) -> None:
        """Moves the clock on; then jobs run and webhooks come until nothing is left to do."""
        self.clock.advance(wait)
        await self._until_quiet()
        # A job that met another one's lock, or came too early, is tried again some seconds later.
        self.clock.advance(timedelta(seconds=5))
        await self._until_quiet()

    async def _until_quiet(self) -> None:
        while True:
            ran = await self.server.worker().run_due()
            await self.sandbox.switches.post("webhooks/flush")
            if not ran and not await self.server.worker().run_due():
                return

    async def enqueue(self, kind: JobKind, key: str) -> None:
        """A job that comes once more than it should."""
        core = self.server.app.core
        await core.database.run(lambda tx: core.jobs.enqueue(tx, kind, key=key))

    async def until(self, at: datetime) -> None:
        """The same, up to an instant."""
        await self.work(wait=max(timedelta(0), at - self.clock.now()))

    async def draft(self, **changes: object) -> str:
        """A draft of the buyer's; its id."""
        start = self.clock.now() + timedelta(days=20)
        asked = terms(self.profile, mode=order_pb2.BOOKING_MODE_IB)
        change(asked, {"start_ts": stamp(start), "end_ts": stamp(start + timedelta(hours=2, minutes=30)), **changes})
        request = ordering_pb2.CreateOrderRequest(terms=asked)
        return (await self.booking.CreateOrder(request, metadata=as_buyer())).order.order_id

    async def submitted(self, order_id: str) -> str:
        """A draft that was sent, to be paid by the buyer's card."""
        request = negotiation_pb2.SubmitOrderRequest(order_id=order_id, payment_method_id=self.card)
        await self.booking.SubmitOrder(request, metadata=as_buyer())
        return order_id

    async def confirmed(self, *shares: int, **changes: object) -> str:
        """An order that is paid, divided into milestones of these amounts where any are given; its id."""
        order_id = await self.draft(**changes)
        if shares:
            await self.divided(order_id, *shares)
        await self.submitted(order_id)
        await self.work()
        assert (await self.read(order_id)).status == order_pb2.BOOKING_STATUS_CONFIRMED
        return order_id

    async def divided(self, order_id: str, *shares: int) -> list[milestone_pb2.Milestone]:
        """The draft in milestones."""
        request = milestone_pb2.SetMilestonesRequest(
            order_id=order_id,
            milestones=[
                milestone_pb2.NewMilestone(title=f"Part {index}", amount_cents=share)
                for index, share in enumerate(shares, start=1)
            ],
        )
        return list((await self.booking.SetMilestones(request, metadata=as_buyer())).milestones)

    async def in_progress(self, *shares: int, **changes: object) -> str:
        """A paid order whose provider has checked in."""
        order_id = await self.confirmed(*shares, **changes)
        await self.until((await self.read(order_id)).start_ts.ToDatetime(tzinfo=UTC) - timedelta(minutes=10))
        request = fulfilment_pb2.StartOrderRequest(order_id=order_id, note="At the gate.")
        await self.booking.StartOrder(request, metadata=as_provider())
        return order_id

    async def delivered(self, *shares: int, **changes: object) -> str:
        """A paid order whose provider has handed everything over."""
        order_id = await self.in_progress(*shares, **changes)
        for milestone in await self.milestones(order_id):
            await self.milestone_delivered(milestone.milestone_id)
        request = fulfilment_pb2.DeliverOrderRequest(order_id=order_id)
        await self.booking.DeliverOrder(request, metadata=as_provider())
        return order_id

    async def completed(self, **changes: object) -> str:
        """An order that is done and paid out."""
        order_id = await self.delivered(**changes)
        request = fulfilment_pb2.CompleteOrderRequest(order_id=order_id)
        await self.booking.CompleteOrder(request, metadata=as_buyer())
        await self.work()
        return order_id

    async def disputed(self, order_id: str, metadata: Metadata | None = None, **changes: object) -> dispute_pb2.Dispute:
        """A dispute about the order, by its buyer unless somebody else is given."""
        request = dispute_pb2.OpenDisputeRequest(order_id=order_id, reason="no_show", description="Nobody came.")
        change(request, changes)
        who = as_buyer() if metadata is None else metadata
        return (await self.booking.OpenDispute(request, metadata=who)).dispute

    async def reviewed(self, dispute_id: str) -> None:
        """An agent looks at the dispute."""
        request = dispute_pb2.StartDisputeReviewRequest(dispute_id=dispute_id)
        await self.booking.StartDisputeReview(request, metadata=as_agent())

    async def proposed(
        self, dispute_id: str, result: dispute_pb2.DisputeResult.ValueType, cents: int = 0, **changes: object
    ) -> str:
        """What an agent proposes; its id."""
        request = dispute_pb2.ProposeDisputeDecisionRequest(
            dispute_id=dispute_id, result=result, refund_subtotal_cents=cents, reason="By what was said."
        )
        change(request, changes)
        return (await self.booking.ProposeDisputeDecision(request, metadata=as_agent())).decision.decision_id

    async def approved(self, decision_id: str, metadata: Metadata | None = None) -> dispute_pb2.Dispute:
        """The proposal carried out, by another agent unless somebody else is given."""
        request = dispute_pb2.ApproveDisputeDecisionRequest(decision_id=decision_id)
        who = as_agent(OTHER_AGENT) if metadata is None else metadata
        return (await self.booking.ApproveDisputeDecision(request, metadata=who)).dispute

    async def read(self, order_id: str, metadata: Metadata | None = None) -> order_pb2.Order:
        """The order as its buyer sees it, unless somebody else is given."""
        request = ordering_pb2.GetOrderRequest(order_id=order_id)
        return (await self.booking.GetOrder(request, metadata=as_buyer() if metadata is None else metadata)).order

    async def dispute(self, dispute_id: str, metadata: Metadata | None = None) -> dispute_pb2.GetDisputeResponse:
        """A dispute whole."""
        request = dispute_pb2.GetDisputeRequest(dispute_id=dispute_id)
        return await self.booking.GetDispute(request, metadata=as_buyer() if metadata is None else metadata)

    async def status(self, order_id: str) -> str:
        """Where the order stands, as the documents spell it."""
        name = order_pb2.BookingStatus.Name((await self.read(order_id)).status)
        return name.removeprefix("BOOKING_STATUS_").lower()

    async def milestones(self, order_id: str) -> list[milestone_pb2.Milestone]:
        """The order's milestones."""
        request = milestone_pb2.ListMilestonesRequest(order_id=order_id)
        return list((await self.booking.ListMilestones(request, metadata=as_buyer())).milestones)

    async def milestone_delivered(self, milestone_id: str) -> milestone_pb2.Milestone:
        request = milestone_pb2.DeliverMilestoneRequest(milestone_id=milestone_id)
        return (await self.booking.DeliverMilestone(request, metadata=as_provider())).milestone

    async def milestone_approved(self, milestone_id: str) -> milestone_pb2.Milestone:
        request = milestone_pb2.ApproveMilestoneRequest(milestone_id=milestone_id)
        return (await self.booking.ApproveMilestone(request, metadata=as_buyer())).milestone

    async def events(self, order_id: str) -> list[str]:
        """The order's history in words."""
        request = ordering_pb2.ListOrderEventsRequest(order_id=order_id, page_size=200)
        return [told.event for told in (await self.booking.ListOrderEvents(request, metadata=as_buyer())).events]

    async def balance(self, order_id: str) -> Mapping[str, int]:
        """The order's guarded balance."""
        row = await self.row("select * from booking.refund_balance where order_id = $1", order_id)
        return {name: value for name, value in row.items() if isinstance(value, int)}

    async def row(self, sql: str, *arguments: object) -> dict[str, Any]:
        """One row, as the server's role reads it."""
        found = await self.server.app.core.database.run(lambda tx: tx.fetchrow(sql, *arguments))
        assert found is not None
        return dict(found)

    async def rows(self, sql: str, *arguments: object) -> list[dict[str, Any]]:
        """Rows, as the server's role reads them."""
        found = await self.server.app.core.database.run(lambda tx: tx.fetch(sql, *arguments))
        return [dict(row) for row in found]

    async def account(self) -> str:
        """The provider's account at the processor."""
        row = await self.row("select stripe_account_id from booking.provider_profile")
        return str(row["stripe_account_id"])

    async def paid_out(self) -> int:
        """What the provider has got at the processor, reversals taken off."""
        return sum(amount for _, amount in await self.sandbox.switches.movements(await self.account()))


@asynccontextmanager
async def booking_flow(urls: DatabaseUrls, **changes: Any) -> AsyncIterator[Flow]:
    """A provider who can be paid and books instantly, and a buyer with a card."""
    clock = ManualClock(datetime.now(UTC))
    async with (
        running_sandbox(clock=clock) as sandbox,
        running_server(
            urls,
            clock=clock,
            STRIPE_API_KEY=API_KEY,
            stripe_api_base=sandbox.address,
            stripe_webhook_secret=SECRET,
            **changes,
        ) as server,
        _delivering(server, sandbox),
    ):
        booking = BookingServiceStub(server.channel)
        profile = await offered(booking)
        await described(booking)
        await payable_provider(server, sandbox)
        rule = policy_pb2.CreateAutoAcceptRuleRequest(service_profile_id=profile, allow_ib=True)
        await booking.CreateAutoAcceptRule(rule, metadata=as_provider())
        card = await saved_card(server, sandbox)
        yield Flow(server, sandbox, clock, booking, SupportServiceStub(server.channel), profile, card)


@asynccontextmanager
async def _delivering(server: Running, sandbox: Sandbox) -> AsyncIterator[None]:
    webhooks = WebhookServiceStub(server.channel)

    async def receive(body: bytes, signature: str) -> object:
        request = HttpBody(content_type="application/json", data=body)
        return await webhooks.ReceiveStripeEvent(request, metadata=(("stripe-signature", signature),))

    async with delivering(sandbox, receive, grpc.aio.AioRpcError):
        yield


async def payable_provider(server: Running, sandbox: Sandbox) -> None:
    """Gives every provider an account that can be paid."""
    account = await payable(sandbox, "account")
    await server.app.core.database.run(
        lambda tx: tx.execute(
            "update booking.provider_profile set stripe_account_id = $1, payouts_enabled = true", account.id
        )
    )


async def saved_card(server: Running, sandbox: Sandbox, card: str = "pm_card_visa", *, but: str = "") -> str:
    """A card of the buyer's that may be charged without them, and is not one they had before; its id."""
    booking = BookingServiceStub(server.channel)
    intent = await booking.CreateSetupIntent(card_pb2.CreateSetupIntentRequest(), metadata=as_buyer())
    form = f"payment_method={card}&client_secret={intent.client_secret}"
    status, _, _ = await sandbox.raw("POST", f"/v1/setup_intents/{intent.setup_intent_id}/confirm", form)
    assert status == 200
    core = server.app.core
    customer = await core.database.run(
        lambda tx: tx.fetchval("select stripe_customer_id from payments.customer where user_id = $1", BUYER)
    )
    await core.database.run(lambda tx: core.jobs.enqueue(tx, SYNC_CARDS, key=str(customer)))
    await server.worker().run_due()
    listed = await booking.ListSavedCards(card_pb2.ListSavedCardsRequest(), metadata=as_buyer())
    return next(one.payment_method_id for one in listed.cards if one.payment_method_id != but)
