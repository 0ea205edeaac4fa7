"""Points after an order's last steps: whoever dies there has committed them, and what follows them follows once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import grpc
import pytest

from callsheet.booking.v1 import dispute_pb2, fulfilment_pb2, order_pb2, ordering_pb2
from callsheet.booking.v1.booking_pb2_grpc import BookingServiceStub
from tests.crash.victim import Workplace, killed
from tests.payments.sandbox import API_KEY
from tests.payments.slice import SECRET
from tests.rpc.booking_flow import OTHER_AGENT, Flow, as_agent, as_buyer, as_provider, booking_flow

LATER = timedelta(minutes=10)
"""What dies and what comes after it have the machine's clock, and the test's own stands still."""

TIMES = pytest.mark.parametrize("kills", [1, pytest.param(4, marks=pytest.mark.crash)])


@asynccontextmanager
async def beside(workplace: Workplace) -> AsyncIterator[tuple[Workplace, Flow]]:
    """A booking in the test's own process, before and after whoever dies, on the clock of those."""
    async with booking_flow(workplace.database) as flow:
        settings = {
            "STRIPE_API_KEY": API_KEY,
            "CALLSHEET_STRIPE_API_BASE": flow.sandbox.address,
            "CALLSHEET_STRIPE_WEBHOOK_SECRET": SECRET,
        }
        yield replace(workplace, settings=settings), flow


@TIMES
async def test_a_completion_whose_server_dies_pays_once(workplace: Workplace, kills: int) -> None:
    async with beside(workplace) as (place, flow):
        order_id = await flow.confirmed(location_kind=order_pb2.LOCATION_KIND_REMOTE, location_address="")
        await flow.booking.DeliverOrder(fulfilment_pb2.DeliverOrderRequest(order_id=order_id), metadata=as_provider())
        request = fulfilment_pb2.CompleteOrderRequest(order_id=order_id, idempotency_key="done")
        for _ in range(kills):
            async with place.server(dies_at="booking.completed") as server, server.channel() as channel:
                with pytest.raises(grpc.aio.AioRpcError):
                    await BookingServiceStub(channel).CompleteOrder(request, metadata=as_buyer())
                await killed(server)
        await flow.booking.CompleteOrder(request, metadata=as_buyer())
        await flow.work(wait=LATER)
        assert (await flow.events(order_id)).count("complete") == 1
        assert await flow.paid_out() == 23_000


@TIMES
async def test_a_cancellation_whose_server_dies_gives_back_once(workplace: Workplace, kills: int) -> None:
    async with beside(workplace) as (place, flow):
        order_id = await flow.confirmed()
        request = ordering_pb2.CancelOrderRequest(order_id=order_id, idempotency_key="off")
        for _ in range(kills):
            async with place.server(dies_at="booking.cancelled") as server, server.channel() as channel:
                with pytest.raises(grpc.aio.AioRpcError):
                    await BookingServiceStub(channel).CancelOrder(request, metadata=as_buyer())
                await killed(server)
        answer = await flow.booking.CancelOrder(request, metadata=as_buyer())
        await flow.work(wait=LATER)
        movements = await flow.sandbox.switches.movements()
        assert answer.cancellation.refund_cents == 28_903
        assert [amount for kind, amount in movements if kind == "refund"] == [-28_903]


@TIMES
async def test_a_decision_whose_server_dies_is_carried_out_once(workplace: Workplace, kills: int) -> None:
    async with beside(workplace) as (place, flow):
        order_id, decision = await _proposed(flow)
        request = dispute_pb2.ApproveDisputeDecisionRequest(decision_id=decision, idempotency_key="agreed")
        for _ in range(kills):
            async with place.server(dies_at="booking.dispute_decided") as server, server.channel() as channel:
                with pytest.raises(grpc.aio.AioRpcError):
                    await BookingServiceStub(channel).ApproveDisputeDecision(request, metadata=as_agent(OTHER_AGENT))
                await killed(server)
        await flow.booking.ApproveDisputeDecision(request, metadata=as_agent(OTHER_AGENT))
        await flow.work(wait=LATER)
        movements = await flow.sandbox.switches.movements()
        assert [amount for kind, amount in movements if kind == "refund"] == [-10_000]
        assert await flow.status(order_id) == "resolved"


@TIMES
async def test_a_case_whose_worker_dies_after_the_hold_ends_as_the_dispute_did(
    workplace: Workplace, kills: int
) -> None:
    async with beside(workplace) as (place, flow):
        _, decision = await _proposed(flow)
        await flow.approved(decision)
        for _ in range(kills):
            await place.dies_at("booking.dispute_let_go")

        for _ in range(2):
            await flow.work(wait=LATER)
        cases = await place.rows("select status from support_case")
        holds = await place.rows("select status from payout_hold")
        assert [row["status"] for row in cases] == ["refunded"]
        assert [row["status"] for row in holds] == ["released"]


async def _proposed(flow: Flow) -> tuple[str, str]:
    order_id = await flow.confirmed()
    dispute = await flow.disputed(order_id)
    await flow.reviewed(dispute.dispute_id)
    return order_id, await flow.proposed(dispute.dispute_id, dispute_pb2.DISPUTE_RESULT_SPLIT, 10_000)
