"""What a unary read costs: `GetOrder` through every layer with one indexed query, against a bare echo of equal bytes.

Both servers run at once as processes of their own; ghz, which is not Python, calls them in turn, several short rounds
each, so that a machine that wavers wavers for both. Then the same read against one process and against two that share
the port: CPU seconds per request, and the share of calls that each process got.
"""

import os
import tempfile
from pathlib import Path

from rich.progress import track

from bench.calling import Caller, a_caller, echo, load
from bench.report import console, median, result, spread
from callsheet.booking.v1 import ordering_pb2 as pb
from callsheet.booking.v1.booking_pb2_grpc import BookingServiceStub
from devstack.program import complete
from devstack.roles import DatabaseUrls
from tests.processes.serving import Serving, serving
from tests.rpc.booking import BUYER, created
from tests.rpc.harness import as_user
from tests.support.database import database_server

ROUNDS = 5
CALLS = 6_000
MANY_CONNECTIONS = 64
"""The kernel deals connections to processes, not calls: with few of them chance decides who gets more."""
METHOD = "callsheet.booking.v1.BookingService/GetOrder"
_QUIET = {"CALLSHEET_CALLS_PER_SECOND": "1000000"}


def main() -> None:
    """Measures and prints."""
    with (
        tempfile.TemporaryDirectory(prefix="callsheet-bench-") as directory,
        database_server() as server,
        server.clone("callsheet_bench_unary") as urls,
    ):
        logs = Path(directory)
        caller = a_caller(logs)
        cost(caller, urls, logs)
        scale(caller, urls, logs)


def cost(caller: Caller, urls: DatabaseUrls, logs: Path) -> None:
    """Requests per second of both, in turn, and the ratio of their medians."""
    with serving(urls, logs, **_QUIET) as real:
        order_id, answer = complete(_an_order(real))
        with echo(logs, METHOD, answer) as echo_port:
            rates: dict[str, list[float]] = {"echo": [], "GetOrder": []}
            for _ in track(range(ROUNDS), "echo and GetOrder in turn", console=console):
                rates["echo"].append(load(caller, echo_port, METHOD, {"order_id": order_id}, CALLS))
                rates["GetOrder"].append(load(caller, real.grpc_port, METHOD, {"order_id": order_id}, CALLS))
    for name, values in rates.items():
        console.print(f"{name}: {spread(values)} requests a second")
    result("unary_echo", median(rates["echo"]), "requests/s")
    result("unary_get_order", median(rates["GetOrder"]), "requests/s")
    result("unary_cost", median([a / b for a, b in zip(rates["echo"], rates["GetOrder"], strict=True)]), "ratio")


def scale(caller: Caller, urls: DatabaseUrls, logs: Path) -> None:
    """CPU per request with one process and with two, in turn, and the smaller of the two shares."""
    seconds: dict[int, list[float]] = {1: [], 2: []}
    shares: list[float] = []
    with (
        serving(urls, logs, **_QUIET) as one,
        serving(urls, logs, "--processes", "2", **_QUIET) as two,
    ):
        order_id, _ = complete(_an_order(one))
        for _ in track(range(ROUNDS), "one process and two in turn", console=console):
            [spent] = _spent(caller, one, {one.first.pid}, order_id)
            seconds[1].append(spent / CALLS)
            of_each = _spent(caller, two, two.members(), order_id)
            seconds[2].append(sum(of_each) / CALLS)
            shares.append(min(of_each) / sum(of_each))
    for number, values in seconds.items():
        console.print(f"{number} process(es): {median(values) * 1e6:,.0f} µs of CPU a request")
    result("unary_cpu_two_to_one", median([b / a for a, b in zip(seconds[1], seconds[2], strict=True)]), "ratio")
    result("unary_smaller_share", median(shares), "share")


def _spent(caller: Caller, server: Serving, processes: set[int], order_id: str) -> list[float]:
    """CPU seconds that a round cost each process."""
    before = {pid: _cpu_seconds(pid) for pid in processes}
    load(caller, server.grpc_port, METHOD, {"order_id": order_id}, CALLS, MANY_CONNECTIONS)
    return [_cpu_seconds(pid) - before[pid] for pid in sorted(processes)]


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def _an_order(server: Serving) -> tuple[str, bytes]:
    """An order to read, and the bytes of the answer."""
    async with server.channel() as channel:
        booking = BookingServiceStub(channel)
        order_id = await created(booking)
        answer = await booking.GetOrder(pb.GetOrderRequest(order_id=order_id), metadata=as_user(BUYER))
        return order_id, answer.SerializeToString()


if __name__ == "__main__":
    main()
