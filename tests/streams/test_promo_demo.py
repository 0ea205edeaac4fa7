"""The story of promo is told to its end, by a server, a worker's relays and a stream together."""

from io import StringIO
from pathlib import Path

from rich.console import Console

from devstack.program import complete
from devstack.roles import DatabaseUrls
from devstack.valkey import Valkey
from server.demo.caller import Caller
from server.demo.promo import Story
from tests.streams.harness import relaying_server, stream_in


def test_the_story_of_promo_is_told(
    database: DatabaseUrls, valkey_log: Valkey, valkey_budget: Valkey, tmp_path: Path
) -> None:
    told = StringIO()

    async def tell() -> bool:
        async with relaying_server(database, valkey_log, beside=True) as server:
            return await Story(Caller(server.app.core.settings, server.channel), Console(file=told, width=160)).tell()

    with stream_in(tmp_path, database, valkey_log, valkey_budget).running():
        assert complete(tell()), told.getvalue()
    assert "Charged: 360 cents for 3 clicks. Left: 1,640 cents." in told.getvalue()
    assert told.getvalue().count("-120") == 3
