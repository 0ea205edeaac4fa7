"""A stage for the demos' stories, in the test's own process."""

from rich.console import Console

from server.demo.caller import Caller
from server.demo.stage import Stage
from tests.rpc.booking_flow import Flow


class Hurried(Stage):
    """Works off jobs and webhooks itself, where a stack has a worker and a processor beside it."""

    def __init__(self, flow: Flow, output: Console) -> None:
        super().__init__(Caller(flow.server.app.core.settings, flow.server.channel), output)
        self._flow = flow

    async def pause(self) -> None:
        await self._flow.work()
