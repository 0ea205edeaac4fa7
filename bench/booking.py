"""What booking costs: reads and quotes against a bare echo of equal bytes, orders made and submitted per second on a
disk that is waited for, and how long those wait who want one time of one provider.

Servers are processes of their own and ghz calls them in turn, several short rounds each. The takers are forty calls at
once, in every way in which a time can be taken; each round has one winner.
"""

import asyncio
import tempfile
import time
from collections.abc import Mapping
from itertools import cycle, islice
from pathlib import Path

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from rich.progress import track

from bench.calling import Caller, a_caller, echo, load
from bench.report import console, median, result, spread
from callsheet.booking.v1 import ordering_pb2 as pb
from callsheet.booking.v1.booking_pb2_grpc import BookingServiceStub
from devstack.program import complete
from devstack.roles import DatabaseUrls
from tests.processes.serving import Serving, serving
from tests.rpc.booking import BUYER, created, offered, terms
from tests.rpc.harness import as_user, running_server
from tests.rpc.negotiating import CARD, bookable, card_of, terms_of
from tests.rpc.test_booking_races import POOL, TAKERS, Take, set_up
from tests.support.database import database_server

ROUNDS = 5
CALLS = 3_000
ORDERS = 1_500
PROVIDERS = 50
RUSHES = 20
SERVICE = "callsheet.booking.v1.BookingService"
_QUIET = {"CALLSHEET_CALLS_PER_SECOND": "1000000"}


def main() -> None:
    """Measures and prints."""
    with tempfile.TemporaryDirectory(prefix="callsheet-bench-") as directory:
        logs = Path(directory)
        caller = a_caller(logs)
        with database_server() as server, server.clone("callsheet_bench_booking") as urls:
            reads(caller, urls, logs)
        with database_server(durable=True) as server:
            with server.clone("callsheet_bench_orders") as urls:
                orders(caller, urls, logs)
            with server.clone("callsheet_bench_slots") as urls:
                waits = sorted(complete(slots(urls)))
    result("booking_slot_takers_p50", waits[len(waits) // 2] * 1e3, "ms")
    result("booking_slot_takers_p99", waits[len(waits) * 99 // 100] * 1e3, "ms")


def reads(caller: Caller, urls: DatabaseUrls, logs: Path) -> None:
    """The cost of each call as a multiple of the echo of its answer, round by round in turn."""
    with serving(urls, logs, **_QUIET) as real:
        asked, answers = complete(_some_orders(real))
        for name, request in asked.items():
            method = f"{SERVICE}/{name}"
            data = MessageToDict(request, preserving_proto_field_name=True)
            with echo(logs, method, answers[name]) as port:
                bare, whole = [], []
                for _ in track(range(ROUNDS), f"echo and {name} in turn", console=console):
                    bare.append(load(caller, port, method, data, CALLS))
                    whole.append(load(caller, real.grpc_port, method, data, CALLS))
            console.print(f"{name}: {spread(whole)} requests a second, echo {spread(bare)}")
            ratio = median([a / b for a, b in zip(bare, whole, strict=True)])
            result(f"booking_cost_{name}", ratio, "ratio")


def orders(caller: Caller, urls: DatabaseUrls, logs: Path) -> None:
    """Requests to book, made and submitted with a saved card, two processes on two cores."""
    profiles = complete(_providers(urls))
    with serving(urls, logs, "--processes", "2", **_QUIET) as real:
        drafts = [
            {"terms": MessageToDict(terms_of(profile, days=10 + day), preserving_proto_field_name=True)}
            for day, profile in enumerate(profiles)
        ]
        made = load(caller, real.grpc_port, f"{SERVICE}/CreateOrder", drafts, ORDERS)
        ids = complete(_drafts(urls))
        submissions = [{"order_id": order_id, "payment_method_id": CARD} for order_id in ids]
        sent = load(caller, real.grpc_port, f"{SERVICE}/SubmitOrder", submissions, len(ids))
    console.print(f"CreateOrder {made:,.0f} a second, SubmitOrder {sent:,.0f} a second")
    result("booking_create_order", made, "requests/s")
    result("booking_submit_order", sent, "requests/s")
    result("booking_create_and_submit", 1 / (1 / made + 1 / sent), "orders/s")


async def slots(urls: DatabaseUrls) -> list[float]:
    """For how long each taker waited."""
    waits: list[float] = []
    async with running_server(urls, database_pool_size=POOL) as server:
        scene = await set_up(server, TAKERS)
        ways = (scene.instantly, scene.accepting, scene.awarding, scene.responding, scene.moving)
        for day in range(2, 2 + RUSHES):
            takes = [
                await way(f"usr_{number}", day + number % 5 / 96)
                for number, way in enumerate(islice(cycle(ways), TAKERS))
            ]
            waits += await asyncio.gather(*map(_waited, takes))
    return waits


async def _waited(take: Take) -> float:
    began = time.perf_counter()
    await asyncio.gather(take(), return_exceptions=True)
    return time.perf_counter() - began


async def _some_orders(server: Serving) -> tuple[Mapping[str, Message], Mapping[str, bytes]]:
    """What is asked, and the bytes of each answer."""
    async with server.channel() as channel:
        booking = BookingServiceStub(channel)
        profile = await offered(booking)
        ids = [await created(booking, terms(profile)) for _ in range(25)]
        asked: dict[str, Message] = {
            "GetOrder": pb.GetOrderRequest(order_id=ids[0]),
            "QuoteOrder": pb.QuoteOrderRequest(terms=terms(profile)),
            "ListOrders": pb.ListOrdersRequest(page_size=20),
        }
        answers = {}
        for name, request in asked.items():
            answer: Message = await getattr(booking, name)(request, metadata=as_user(BUYER))
            answers[name] = answer.SerializeToString()
        return asked, answers


async def _providers(urls: DatabaseUrls) -> list[str]:
    """Profiles of many providers, and a buyer with a card."""
    async with running_server(urls) as server:
        await card_of(server)
        return [await bookable(server, f"usr_provider{number}") for number in range(PROVIDERS)]


async def _drafts(urls: DatabaseUrls) -> list[str]:
    async with running_server(urls) as server:
        rows = await server.app.core.database.run(
            lambda tx: tx.fetch("select order_id from booking.order where status = 'initiated' order by order_id")
        )
        return [row["order_id"] for row in rows]


if __name__ == "__main__":
    main()
