"""A refund from its case to the reversed payout, with whoever carries it killed at each of its steps.

However often somebody dies, the end is that of an undisturbed refund, and the processor saw each effect once.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

import grpc
import pytest

from callsheet.booking.v1 import fulfilment_pb2, order_pb2
from callsheet.support.v1 import case_pb2, cases_pb2, handling_pb2, holds_pb2, refunds_pb2
from callsheet.support.v1.support_pb2_grpc import SupportServiceStub
from tests.crash.victim import Workplace, killed
from tests.payments.sandbox import API_KEY
from tests.payments.slice import SECRET
from tests.rpc.booking_flow import Flow, as_agent, as_buyer, as_finance, as_provider, booking_flow

PAID, GIVEN_BACK = 28_903, 11_361
PAID_OUT, TAKEN_BACK = 18_000, 4_000
"""What the provider gets while 5,000 are held back, and what of it a refund of four tenths takes back."""

STEPS = [
    "hold_applied",
    "hold_released",
    "investigate",
    "open",
    "refund_approved",
    "refund_succeeded",
    "request_decision",
]

SOON = timedelta(minutes=10)
CRASH = pytest.mark.crash


@dataclass(frozen=True, slots=True)
class Saga:
    """A delivered booking with a case, and everything that leads from the case to the money."""

    place: Workplace
    flow: Flow
    order_id: str
    case_id: str

    async def held_and_completed(self) -> None:
        """Part of the payout is held back, the rest is with the provider; done twice, it has been done once."""
        await self.flow.support.ApplyHold(self.holding, metadata=as_agent())
        done = fulfilment_pb2.CompleteOrderRequest(order_id=self.order_id, idempotency_key="done")
        await self.flow.booking.CompleteOrder(done, metadata=as_buyer())
        await self.flow.work()
        assert await self.flow.paid_out() == PAID_OUT

    async def approved(self) -> str:
        """A refund whose payment is nothing but rows yet; its id."""
        await self.held_and_completed()
        return await self.agreed()

    async def agreed(self) -> str:
        """The same where the payout is through; proposed and approved twice, it has been once."""
        proposed = await self.flow.support.ProposeRefund(self.proposing, metadata=as_agent())
        approving = self.approving(proposed.refund.refund_id)
        await self.flow.support.ApproveRefund(approving, metadata=as_finance())
        # The victims have the machine's clock, which the test's own is ahead of by now.
        await self.place.rows(
            "update core.job set run_at = now() where status = 'queued' and run_at < now() + $1", SOON
        )
        return proposed.refund.refund_id

    @property
    def holding(self) -> holds_pb2.ApplyHoldRequest:
        return holds_pb2.ApplyHoldRequest(
            case_id=self.case_id, amount_cents=5_000, reason="Until we know.", idempotency_key="hold"
        )

    @property
    def proposing(self) -> refunds_pb2.ProposeRefundRequest:
        return refunds_pb2.ProposeRefundRequest(
            case_id=self.case_id,
            share=refunds_pb2.RefundShare(bips=4_000),
            fee_refundable=True,
            reason="Blurred.",
            idempotency_key="proposal",
        )

    def approving(self, refund_id: str) -> refunds_pb2.ApproveRefundRequest:
        return refunds_pb2.ApproveRefundRequest(refund_id=refund_id, idempotency_key="approval")

    async def ends_as_if_nobody_had_died(self) -> None:
        """Works off what is left; then rows and processor say the same, and say it once."""
        for _ in range(2):
            await self.flow.work(wait=SOON)
        refund = await self.flow.row("select status, attempts, amount_cents from support_refund")
        hold = await self.flow.row("select status, released_reason from payout_hold")
        case = await self.flow.row("select status from support_case where case_id = $1", self.case_id)
        steps = await self.flow.rows("select action from support_event where case_id = $1", self.case_id)
        balance = await self.flow.balance(self.order_id)
        assert refund == {"status": "succeeded", "attempts": 1, "amount_cents": GIVEN_BACK}
        assert hold == {"status": "released", "released_reason": "consumed"}
        assert case == {"status": "refunded"}
        assert sorted(step["action"] for step in steps) == STEPS
        assert (balance["refunded_cents"], balance["transferred_cents"], balance["reversed_cents"]) == (
            GIVEN_BACK,
            PAID_OUT,
            TAKEN_BACK,
        )
        assert sorted(await self.flow.sandbox.switches.movements()) == [
            ("charge", PAID),
            ("refund", -GIVEN_BACK),
            ("transfer", -PAID_OUT),
            ("transfer_refund", TAKEN_BACK),
        ]
        assert await self.flow.rows("select kind, last_error from core.job where status = 'held'") == []


@asynccontextmanager
async def saga(workplace: Workplace) -> AsyncIterator[Saga]:
    """Everything up to the complaint, in the test's own process."""
    async with booking_flow(workplace.database) as flow:
        settings = {
            "STRIPE_API_KEY": API_KEY,
            "CALLSHEET_STRIPE_API_BASE": flow.sandbox.address,
            "CALLSHEET_STRIPE_WEBHOOK_SECRET": SECRET,
        }
        order_id = await flow.confirmed(location_kind=order_pb2.LOCATION_KIND_REMOTE, location_address="")
        await flow.booking.DeliverOrder(fulfilment_pb2.DeliverOrderRequest(order_id=order_id), metadata=as_provider())
        complaint = cases_pb2.OpenCaseRequest(
            type=case_pb2.CASE_TYPE_BOOKING, subtype="quality", leg_id=order_id, body_md="Half of it is blurred."
        )
        case_id = (await flow.support.OpenCase(complaint, metadata=as_buyer())).case.case_id
        await flow.support.AssignCase(handling_pb2.AssignCaseRequest(case_id=case_id), metadata=as_agent())
        yield Saga(replace(workplace, settings=settings), flow, order_id, case_id)


@pytest.mark.parametrize(
    ("point", "passes"),
    [
        pytest.param("payments.call_made", 0, marks=CRASH),
        ("support.refund_settled", 0),
        pytest.param("payments.call_stored", 0, marks=CRASH),
        pytest.param("payments.call_stored", 1, marks=CRASH),
        pytest.param("payments.call_made", 1, marks=CRASH),
        pytest.param("payments.call_settled", 0, marks=CRASH),
        pytest.param("payments.call_settled", 1, marks=CRASH),
        pytest.param("booking.money_answered", 0, marks=CRASH),
        pytest.param("booking.money_answered", 1, marks=CRASH),
        pytest.param("booking.payout_settled", 0, marks=CRASH),
        pytest.param("booking.payout_settled", 1, marks=CRASH),
    ],
)
async def test_whichever_step_a_worker_dies_at_the_refund_ends_once(
    workplace: Workplace, point: str, passes: int
) -> None:
    async with saga(workplace) as story:
        await story.approved()
        await story.place.dies_at(f"{point}:{passes}")
        await story.ends_as_if_nobody_had_died()


@CRASH
async def test_worker_after_worker_dies_one_step_further_on(workplace: Workplace) -> None:
    """Each takes over from the one before it, and gets no further than the next point."""
    async with saga(workplace) as story:
        await story.approved()
        await story.place.dies_at("payments.call_stored")
        await story.place.dies_at("payments.call_made")
        await story.place.dies_at("payments.call_settled")
        await story.place.dies_at("booking.money_answered")
        await story.place.dies_at("support.refund_settled")
        await story.place.dies_at("booking.payout_settled")
        await story.ends_as_if_nobody_had_died()


@CRASH
async def test_a_hold_whose_server_dies_is_applied_once(workplace: Workplace) -> None:
    async with saga(workplace) as story:
        async with story.place.server(dies_at="support.hold_applied") as server, server.channel() as channel:
            with pytest.raises(grpc.aio.AioRpcError):
                await SupportServiceStub(channel).ApplyHold(story.holding, metadata=as_agent())
            await killed(server)
        await story.approved()
        await story.ends_as_if_nobody_had_died()


@CRASH
async def test_a_proposal_whose_server_dies_is_made_once(workplace: Workplace) -> None:
    async with saga(workplace) as story:
        await story.held_and_completed()
        async with story.place.server(dies_at="support.refund_proposed") as server, server.channel() as channel:
            with pytest.raises(grpc.aio.AioRpcError):
                await SupportServiceStub(channel).ProposeRefund(story.proposing, metadata=as_agent())
            await killed(server)
        await story.approved()
        await story.ends_as_if_nobody_had_died()


async def test_an_approval_whose_server_dies_gives_back_once(workplace: Workplace) -> None:
    """Whoever asks again gets the answer that was stored with the approval, which is not made again."""
    async with saga(workplace) as story:
        await story.held_and_completed()
        proposed = await story.flow.support.ProposeRefund(story.proposing, metadata=as_agent())
        approving = story.approving(proposed.refund.refund_id)
        async with story.place.server(dies_at="support.refund_approved") as server, server.channel() as channel:
            with pytest.raises(grpc.aio.AioRpcError):
                await SupportServiceStub(channel).ApproveRefund(approving, metadata=as_finance())
            await killed(server)
        await story.agreed()
        await story.ends_as_if_nobody_had_died()
