"""What a page of a queue costs when there are a million cases: `ListCases` over a socket, through every layer.

Each queue is read by its first page and by a page in the middle, so that a plan that walks what it skips would show.
"""

import asyncio
import statistics
import time
from datetime import timedelta

import asyncpg

from bench.report import console, result
from callsheet.support.v1 import cases_pb2 as pb
from callsheet.support.v1.support_pb2_grpc import SupportServiceStub
from devstack.roles import DatabaseUrls
from server.core import logs
from server.core.call import Role
from tests.rpc.harness import running_server, token
from tests.support.database import database_server

CASES = 1_000_000
CALLS = 300
MIDDLE = 20
AGENT, CUSTOMER = "usr_agent7", "usr_customer7"

# Two thirds are closed; of the others a fifth is nobody's, and deadlines lie between a week ago and a month ahead.
FILL = """
    insert into support_case
      (case_id, type, status, severity, opened_by_user, opener_role, owner_user_id, sla_due_at, status_since,
       closed_at, closed_reason, created_at)
    select 'sca_' || lpad(n::text, 26, '0'),
      (array['booking', 'payment', 'product', 'policy'])[1 + n % 4],
      case when n % 3 = 0 then 'investigating' else 'closed' end,
      (array['low', 'normal', 'high', 'urgent'])[1 + n % 4],
      'usr_customer' || n % 5000, 'buyer',
      case when n % 5 > 0 then 'usr_agent' || n % 400 end,
      case when n % 3 = 0 then now() - interval '7 days' + (n::bigint * 7919 % 3196800) * interval '1 second' end,
      now(),
      case when n % 3 > 0 then now() end,
      case when n % 3 > 0 then 'settled' end,
      now() - interval '1 year' + n * interval '31 seconds'
    from generate_series(1, $1::int) n
"""


async def fill(urls: DatabaseUrls) -> None:
    """A million cases, as they are stored."""
    connection = await asyncpg.connect(urls.owner_url)
    try:
        await connection.execute(FILL, CASES, timeout=600)
        await connection.execute("vacuum analyze support_case", timeout=600)
    finally:
        await connection.close()


def caller(user_id: str, *roles: Role) -> tuple[tuple[str, str], ...]:
    return (("authorization", f"Bearer {token(user_id, *roles, lifetime=timedelta(hours=2))}"),)


async def measure(stub: SupportServiceStub, queue: pb.Queue.ValueType) -> list[float]:
    """Milliseconds of many calls, half of them for a page in the middle."""
    metadata = caller(CUSTOMER) if queue == pb.QUEUE_OWN else caller(AGENT, Role.AGENT)
    tokens = [""]
    for _ in range(MIDDLE):
        request = pb.ListCasesRequest(queue=queue, page_size=5, page_token=tokens[-1])
        tokens.append((await stub.ListCases(request, metadata=metadata)).next_page_token)
        assert tokens[-1]
    took = []
    for number in range(CALLS):
        request = pb.ListCasesRequest(queue=queue, page_size=50, page_token=tokens[0 if number % 2 else MIDDLE])
        began = time.perf_counter()
        answer = await stub.ListCases(request, metadata=metadata)
        took.append((time.perf_counter() - began) * 1000)
        assert answer.cases
    return took


async def run(urls: DatabaseUrls) -> None:
    await fill(urls)
    async with running_server(urls) as server:
        stub = SupportServiceStub(server.channel)
        for queue in (pb.QUEUE_OWN, pb.QUEUE_MINE, pb.QUEUE_UNASSIGNED, pb.QUEUE_BREACHING):
            took = await measure(stub, queue)
            name = pb.Queue.Name(queue).removeprefix("QUEUE_").lower()
            p99 = statistics.quantiles(took, n=100)[98]
            console.print(f"{name}: median {statistics.median(took):.1f} ms, p99 {p99:.1f} ms")
            result(f"cases_{name}_p99", p99, "ms")


def main() -> None:
    """Measures and prints."""
    logs.configure(as_json=True, level="error", process="bench")
    with database_server() as server, server.clone("callsheet_bench_cases") as urls:
        console.print(f"{CASES:,} cases, {CALLS} calls a queue")
        asyncio.run(run(urls))


if __name__ == "__main__":
    main()
