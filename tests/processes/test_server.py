"""What becomes of calls when server processes are told to go, are killed, or lose their database."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import aiohttp
import asyncpg
import grpc

from callsheet.booking.v1 import ordering_pb2 as pb
from callsheet.booking.v1.booking_pb2_grpc import BookingServiceStub
from devstack.program import complete
from devstack.roles import DatabaseUrls
from tests.processes.serving import Serving, serving
from tests.rpc.booking import BUYER, created, offered, terms
from tests.rpc.harness import as_user
from tests.rpc.test_bad_input import locked_order
from tests.support.waiting import eventually

CALLERS = 8
CALLS_EACH = 60


async def under_load(
    serving: Serving, call: Callable[[BookingServiceStub, str], Awaitable[object]], disturbance: Callable[[], None]
) -> None:
    """Callers on connections of their own; after a third of their calls the disturbance happens."""
    third = asyncio.Barrier(CALLERS + 1)

    async def caller(number: int) -> None:
        async with serving.channel() as channel:
            booking = BookingServiceStub(channel)
            for turn in range(CALLS_EACH):
                if turn == CALLS_EACH // 3:
                    await third.wait()
                await call(booking, f"{number}-{turn}")

    async with asyncio.TaskGroup() as group:
        for number in range(CALLERS):
            group.create_task(caller(number))
        await third.wait()
        disturbance()


def test_sigterm_under_load_is_seen_by_nobody(database: DatabaseUrls, tmp_path: Path) -> None:
    """Every handler that started answers; a caller with the published retry policy sees no error."""
    with serving(database, tmp_path, "--processes", "2") as server:
        complete(_read_while(server, signal.SIGTERM))


def test_a_killed_process_is_replaced_and_the_other_lives(database: DatabaseUrls, tmp_path: Path) -> None:
    """Every order that was acknowledged exists, once, whatever the callers had to try again."""
    with serving(database, tmp_path, "--processes", "2") as server:
        acknowledged = complete(_create_while_killing(server))
        complete(eventually_two_members(server))
    stored = complete(_stored_orders(database))
    assert acknowledged <= stored
    assert len(stored) == CALLERS * CALLS_EACH


def test_a_call_that_began_is_answered_before_the_process_ends(database: DatabaseUrls, tmp_path: Path) -> None:
    with serving(database, tmp_path) as server:
        assert complete(_cancel_across_a_stop(server, database)) == 2
        assert server.first.wait(30) == 0


def test_the_fleet_tells_its_health_and_one_set_of_metrics(database: DatabaseUrls, tmp_path: Path) -> None:
    with serving(database, tmp_path, "--processes", "2") as server:
        health, metrics = complete(_status_pages(server))
    assert health == {"healthy": True, "checks": {"process 0": True, "process 1": True}}
    assert (
        'callsheet_calls_total{code="NOT_FOUND",method="/callsheet.booking.v1.BookingService/GetOrder"} 1.0' in metrics
    )


async def _read_while(server: Serving, number: signal.Signals) -> None:
    async with server.channel() as channel:
        order_id = await created(BookingServiceStub(channel))
    before = server.members()

    async def read(booking: BookingServiceStub, name: str) -> None:
        await booking.GetOrder(pb.GetOrderRequest(order_id=order_id), metadata=as_user(BUYER))

    await under_load(server, read, lambda: os.kill(min(before), number))

    async def replaced() -> bool:
        return len(server.members()) == 2 and len(server.members() & before) == 1

    await eventually(replaced, "the process that was told to go to be replaced")


async def _create_while_killing(server: Serving) -> set[str]:
    async with server.channel() as channel:
        asked = terms(await offered(BookingServiceStub(channel)))
    acknowledged: set[str] = set()

    async def create(booking: BookingServiceStub, name: str) -> None:
        request = pb.CreateOrderRequest(terms=asked, idempotency_key=name)
        while name not in acknowledged:
            with suppress(grpc.aio.AioRpcError):
                await booking.CreateOrder(request, metadata=as_user(BUYER))
                acknowledged.add(name)

    await under_load(server, create, lambda: os.kill(min(server.members()), signal.SIGKILL))
    return acknowledged


async def eventually_two_members(server: Serving) -> None:
    async def two() -> bool:
        return len(server.members()) == 2

    await eventually(two, "the fleet to be complete again")


async def _stored_orders(database: DatabaseUrls) -> set[str]:
    """The idempotency keys of the stored orders; fails where one key has two orders."""
    connection = await asyncpg.connect(database.app_url)
    keys = await connection.fetch("select key from core.idempotency_key where response is not null")
    orders: int = await connection.fetchval("select count(*) from booking.order")
    await connection.close()
    assert orders == len(keys)
    return {row["key"] for row in keys}


async def _cancel_across_a_stop(server: Serving, database: DatabaseUrls) -> int:
    async with server.channel() as channel:
        booking = BookingServiceStub(channel)
        order_id = await created(booking)
        async with locked_order(database, order_id) as locked:
            cancelling = booking.CancelOrder(pb.CancelOrderRequest(order_id=order_id), metadata=as_user(BUYER))
            await locked.until_somebody_waits()
            server.first.terminate()
            await eventually(lambda: _refuses_connections(server), "the server to take no new connections")
        return (await cancelling).order.version


async def _refuses_connections(server: Serving) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", server.grpc_port)
    except OSError:
        return True
    writer.close()
    return False


async def _status_pages(server: Serving) -> tuple[object, str]:
    async with server.channel() as channel:
        with suppress(grpc.aio.AioRpcError):
            request = pb.GetOrderRequest(order_id="ord_01jd3x0000000000000000000")
            await BookingServiceStub(channel).GetOrder(request, metadata=as_user(BUYER))
    async with (
        aiohttp.ClientSession(f"http://127.0.0.1:{server.metrics_port}") as session,
        session.get("/healthz") as health,
        session.get("/metrics") as metrics,
    ):
        return await health.json(), await metrics.text()
