"""The story of four bookings is told to its end, and every cent is where it belongs."""

from io import StringIO

from rich.console import Console

from server.demo.booking import Story
from server.demo.caller import Caller
from tests.rpc.booking_flow import Flow


class Hurried(Story):
    """Works off jobs and webhooks itself, where a stack has a worker and a processor beside it."""

    flow: Flow

    async def _pause(self) -> None:
        await self.flow.work()


async def test_the_story_of_four_bookings_is_told(flow: Flow) -> None:
    told = StringIO()
    settings = flow.server.app.core.settings
    story = Hurried(Caller(settings, flow.server.channel), Console(file=told, width=200))
    story.flow = flow
    assert await story.tell()
    text = told.getvalue()
    for name in ("instant", "negotiated", "invited", "disputed"):
        assert name in text
    assert "113.61" in text
    assert "kept ✓" in text
