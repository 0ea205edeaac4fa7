"""The demo of support, and the story of a case."""

from typing import Any

from rich.console import Console

from devstack.roles import DatabaseUrls
from devstack.s3 import ObjectStorage
from server.demo.caller import Caller
from server.demo.support import Story
from tests.rpc.harness import Running, running_server
from tests.rpc.support_callers import as_agent, support_on


async def test_the_demo_takes_a_no_show_to_a_decision(database: DatabaseUrls, s3: ObjectStorage) -> None:
    output = Console(record=True, width=160)
    keys: dict[str, Any] = {"AWS_ACCESS_KEY_ID": s3.access_key, "AWS_SECRET_ACCESS_KEY": s3.secret_key}
    async with running_server(database, s3_endpoint=s3.endpoint, s3_bucket=s3.bucket, **keys) as server:
        assert await Story(Caller(server.app.core.settings, server.channel), output).tell()
    text = output.export_text()
    assert "is locked until" in text
    assert "another person must decide" in text
    assert "grant_goodwill" in text


async def test_the_story_of_a_case_has_its_steps_jobs_and_clocks(server: Running) -> None:
    support = await support_on(server)
    case = await support.open()
    await support.say(case.case_id, "A note.", as_agent(), internal=True)
    teller = server.app.tellers["sca"]
    async with server.app.core.database.snapshot() as tx:
        story = await teller.tell(tx, case.case_id)
        unknown = await teller.tell(tx, "sca_unknown")

    assert unknown is None
    assert story is not None
    assert story.title == f"case {case.case_id}: open"
    assert [entry.what for entry in story.entries] == [
        "open: – → open",
        "note_posted: open → open",
        "job support.deadline queued",
    ]
    assert dict(story.facts)["version"] == "2, for its parties 1"
