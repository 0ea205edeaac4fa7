"""The demo of support, and the story of a case."""

from typing import Any

from rich.console import Console

from devstack.roles import DatabaseUrls
from devstack.s3 import ObjectStorage
from server.demo.support import Story
from tests.rpc.booking_flow import booking_flow
from tests.rpc.harness import Running
from tests.rpc.staging import Hurried
from tests.rpc.support_callers import as_agent, support_on


async def test_the_demo_ends_a_no_show_and_answers_a_chargeback(database: DatabaseUrls, s3: ObjectStorage) -> None:
    output = Console(record=True, width=160)
    keys: dict[str, Any] = {"AWS_ACCESS_KEY_ID": s3.access_key, "AWS_SECRET_ACCESS_KEY": s3.secret_key}
    async with booking_flow(database, s3_endpoint=s3.endpoint, s3_bucket=s3.bucket, **keys) as flow:
        assert await Story(Hurried(flow, output)).tell()
    text = output.export_text()
    for told in ("is locked until", "another person must", "the refund is paid", "a second time it is refused"):
        assert told in text
    for step in ("hold_applied", "refund_succeeded", "chargeback_represented", "chargeback_won"):
        assert step in text
    assert text.count("✓") == 3


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
