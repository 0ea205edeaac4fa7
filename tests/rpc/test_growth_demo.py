"""The story of growth is told to its end, and its mail can be opened."""

from io import StringIO

from rich.console import Console

from devstack.roles import DatabaseUrls
from server.core.worker import Worker
from server.demo.caller import Caller
from server.demo.growth import Story
from tests.rpc.harness import running_server
from tests.support.parts import Mailbox


class Hurried(Story):
    """Works off the morning's jobs itself, where a stack has a worker beside it."""

    worker: Worker

    async def _morning(self) -> None:
        await super()._morning()
        await self.worker.run_due()


async def test_the_story_of_growth_is_told(database: DatabaseUrls, mail: Mailbox) -> None:
    told = StringIO()
    async with running_server(database, smtp_url=mail.smtp_url) as server:
        story = Hurried(
            server.app.core.settings, Caller(server.app.core.settings, server.channel), Console(file=told, width=160)
        )
        story.worker = server.worker()
        assert await story.tell()

    (sent,) = mail.mails()
    assert "Contemporary dance" in sent.text
    assert "In Lisbon for a week" in told.getvalue()
    assert "+1,500" in told.getvalue()
