"""Points of the core: between a job's effect and its mark, between an event's delivery and its deletion."""

from datetime import UTC, datetime, timedelta

import pytest

from callsheet.booking.v1 import order_pb2, ordering_pb2
from callsheet.booking.v1.booking_pb2_grpc import BookingServiceStub
from server.adapters.eventlog.port import Partition
from server.adapters.eventlog.valkey import valkey_log
from server.booking.outgoing import ORDERS
from server.core.clock import ManualClock, SystemClock
from tests.crash.victim import Workplace
from tests.rpc.booking import BUYER, created
from tests.rpc.harness import as_user, running_server

TIMES = pytest.mark.parametrize("kills", [1, pytest.param(6, marks=pytest.mark.crash)])


@TIMES
async def test_a_job_whose_worker_dies_after_its_effect_has_it_once(workplace: Workplace, kills: int) -> None:
    """A draft of the day before yesterday ends once, however often its worker dies before saying that it did."""
    order_id = await an_old_draft(workplace)
    for _ in range(kills):
        await workplace.dies_at("job.handled")

    async def ended() -> bool:
        return bool(await workplace.rows("select from booking.order where status = 'cancelled_buyer'"))

    await workplace.works_until(ended, "the draft to end")
    steps = await workplace.rows(
        "select event from booking.order_event where order_id = $1 order by sequence", order_id
    )
    assert [step["event"] for step in steps] == ["create", "draft_expired"]
    [job] = await workplace.rows("select status, attempts from core.job where key = $1", order_id)
    assert (job["status"], job["attempts"]) == ("done", 0)


@TIMES
async def test_an_event_whose_relay_dies_after_delivery_is_delivered_again(workplace: Workplace, kills: int) -> None:
    async with running_server(workplace.database) as server:
        booking = BookingServiceStub(server.channel)
        order_id = await created(booking)
        for _ in range(kills):
            await workplace.dies_at("relay.delivered")
        await booking.CancelOrder(ordering_pb2.CancelOrderRequest(order_id=order_id), metadata=as_user(BUYER))

    async def delivered() -> bool:
        return not await workplace.rows("select from core.outbox")

    await workplace.works_until(delivered, "the outbox to be empty")
    versions = await published(workplace)
    assert versions == [1] * kills + [1, 2]


async def an_old_draft(workplace: Workplace) -> str:
    clock = ManualClock(datetime.now(UTC) - timedelta(days=2))
    async with running_server(workplace.database, clock=clock) as server:
        return await created(BookingServiceStub(server.channel))


async def published(workplace: Workplace) -> list[int]:
    """The versions of the order events in the log."""
    async with valkey_log(workplace.log.url, SystemClock(), partition_bytes=1 << 20) as log:
        window = await log.read(Partition(ORDERS.name, 0), after=0, limit=100)
    return [order_pb2.OrderChanged.FromString(entry.record).version for entry in window.entries]
