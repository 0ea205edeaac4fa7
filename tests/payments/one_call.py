"""Makes one stored call in a process of its own, which dies at the point it is told: `DATABASE SANDBOX CALL POINT`."""

import asyncio
import sys

from server.adapters.stripe.client import StripeProcessor
from server.core import crash
from server.core.clock import SystemClock
from server.core.db import connect
from tests.payments.sandbox import API_KEY
from tests.payments.slice import calls_over


async def main(database_url: str, sandbox: str, call_id: str, point: str) -> None:
    crash.arm(point)
    processor = StripeProcessor(API_KEY, api_base=sandbox)
    async with connect(database_url, application="one-call", size=2) as database:
        calls, _, _ = calls_over(database, processor, SystemClock())
        await calls.perform(call_id)
    await processor.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
