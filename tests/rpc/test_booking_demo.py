"""The story of four bookings is told to its end, and every cent is where it belongs."""

from io import StringIO

from rich.console import Console

from server.demo.booking import Story
from tests.rpc.booking_flow import Flow
from tests.rpc.staging import Hurried


async def test_the_story_of_four_bookings_is_told(flow: Flow) -> None:
    told = StringIO()
    assert await Story(Hurried(flow, Console(file=told, width=200))).tell()
    text = told.getvalue()
    for name in ("instant", "negotiated", "invited", "disputed"):
        assert name in text
    assert "113.61" in text
    assert "kept ✓" in text
