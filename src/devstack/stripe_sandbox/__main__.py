"""`python -m devstack.stripe_sandbox --port N [--webhook-url URL --webhook-secret S] [--state FILE]`."""

import argparse
import asyncio
import signal

from devstack.stripe_sandbox.app import Options, serving


def _options() -> Options:
    parser = argparse.ArgumentParser(prog="devstack.stripe_sandbox", description="A payment processor on this machine.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--state", default="", help="the SQLite file that keeps everything; without it, memory")
    parser.add_argument("--webhook-url", default="")
    parser.add_argument("--webhook-secret", default="")
    given = parser.parse_args()
    if bool(given.webhook_url) != bool(given.webhook_secret):
        parser.error("--webhook-url and --webhook-secret go together")
    return Options(given.port, given.host, given.state, given.webhook_url, given.webhook_secret)


async def _run(options: Options) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    async with serving(options) as address:
        print(f"Stripe sandbox at {address}", flush=True)
        await stop.wait()


if __name__ == "__main__":
    asyncio.run(_run(_options()))
