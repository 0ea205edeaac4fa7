"""The story of promo is told to its end, by a server, a worker's relays and a stream together."""

from io import StringIO
from pathlib import Path

from rich.console import Console

from devstack.program import complete
from devstack.roles import DatabaseUrls
from devstack.valkey import Valkey
from server.demo.caller import Caller
from server.demo.promo import Story
from server.demo.stage import Stage
from tests.payments.sandbox import Sandbox, running_sandbox
from tests.rpc.harness import Running
from tests.rpc.promo_paying import saved_card
from tests.streams.harness import relaying_server, stream_in


class Beside(Stage):
    """Saves a card as a device does, and has it known by a job, where a stack has a worker beside it."""

    def __init__(self, calls: Caller, output: Console, server: Running, sandbox: Sandbox) -> None:
        super().__init__(calls, output)
        self._server = server
        self._sandbox = sandbox

    async def card(self, user_id: str) -> str:
        return await saved_card(self._server, self._sandbox, user_id=user_id)


def test_the_story_of_promo_is_told(
    database: DatabaseUrls, valkey_log: Valkey, valkey_budget: Valkey, tmp_path: Path
) -> None:
    told = StringIO()

    async def tell() -> bool:
        async with (
            running_sandbox() as sandbox,
            relaying_server(database, valkey_log, beside=True, stripe_api_base=sandbox.address) as server,
        ):
            calls = Caller(server.app.core.settings, server.channel)
            return await Story(Beside(calls, Console(file=told, width=160), server, sandbox)).tell()

    with stream_in(tmp_path, database, valkey_log, valkey_budget).running():
        assert complete(tell()), told.getvalue()
    text = told.getvalue()
    assert "Charged: 360 cents for 3 clicks. Left: 1,440 cents." in text
    assert "5 clicks, 360 cents ✓" in text
    for verdict in ("billed", "invalid"):
        assert verdict in text
