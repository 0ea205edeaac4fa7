"""What the clock does to cases, with a clock that the test moves."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from callsheet.support.v1 import case_pb2
from callsheet.support.v1 import handling_pb2 as pb
from devstack.roles import DatabaseUrls
from server.core.clock import ManualClock
from tests.rpc.harness import Running, refusal, running_server
from tests.rpc.support_callers import Support, as_agent, as_buyer, support_on


@dataclass(frozen=True, slots=True)
class Stage:
    """A server on a clock, and what is due."""

    support: Support
    server: Running
    clock: ManualClock
    urls: DatabaseUrls

    async def pass_time(self, step: timedelta) -> None:
        """Moves the clock and runs what is due by then."""
        self.clock.advance(step)
        await self.server.worker().run_due()

    async def misses(self, case_id: str) -> list[tuple[int, str]]:
        """The deadlines that a case has missed: cycle and clock."""
        connection = await asyncpg.connect(self.urls.app_url)
        try:
            rows = await connection.fetch(
                "select sla_cycle, clock from sla_miss where case_id = $1 order by due_at, clock", case_id
            )
        finally:
            await connection.close()
        return [(row["sla_cycle"], row["clock"]) for row in rows]


@pytest.fixture
async def stage(database: DatabaseUrls) -> AsyncIterator[Stage]:
    # Monday of next week at ten: working hours of the standard calendar, whatever day the test is run.
    today = datetime.now(UTC).replace(hour=10, minute=0, second=0, microsecond=0)
    clock = ManualClock(today + timedelta(days=7 - today.weekday()))
    async with running_server(database, clock=clock) as server:
        yield Stage(await support_on(server), server, clock, database)


async def test_a_customer_is_reminded_once_and_then_the_case_is_closed(stage: Stage) -> None:
    support = stage.support
    case = await support.open()
    await support.await_customer(case.case_id)
    await stage.pass_time(timedelta(days=3))
    await stage.pass_time(timedelta(days=1))
    reminded = await support.said(case.case_id, as_buyer())
    await stage.pass_time(timedelta(days=3))
    closed = await support.read(case.case_id, as_buyer())

    assert len(reminded) == 3
    assert reminded[-1].startswith("We are still waiting for your answer.")
    assert (closed.status, closed.closed_reason) == (
        case_pb2.CASE_STATUS_CLOSED,
        "the customer did not answer for a week",
    )


async def test_an_answer_takes_the_timers_back(stage: Stage) -> None:
    support = stage.support
    case = await support.open()
    await support.await_customer(case.case_id)
    await stage.pass_time(timedelta(days=2))
    await support.say(case.case_id, "On Monday.", as_buyer())
    await support.say(case.case_id, "Thank you.", as_agent())
    await stage.pass_time(timedelta(days=1))
    assert set(await support.said(case.case_id)) == {"Nobody came.", "When was that?", "On Monday.", "Thank you."}


async def test_a_second_waiting_has_its_own_week(stage: Stage) -> None:
    support = stage.support
    case = await support.open()
    await support.await_customer(case.case_id)
    await stage.pass_time(timedelta(days=2))
    await support.say(case.case_id, "On Monday.", as_buyer())
    await support.await_customer(case.case_id)
    await stage.pass_time(timedelta(days=5))
    assert (await support.read(case.case_id)).status == case_pb2.CASE_STATUS_AWAITING_CUSTOMER
    await stage.pass_time(timedelta(days=2))
    assert (await support.read(case.case_id)).status == case_pb2.CASE_STATUS_CLOSED


async def test_a_silent_seller_is_not_waited_for(stage: Stage) -> None:
    case = await stage.support.open()
    await stage.support.await_seller(case.case_id)
    await stage.pass_time(timedelta(days=3))
    events = await stage.support.events(case.case_id)
    assert "seller_silent" in events


async def test_a_decision_settles_after_72_hours(stage: Stage) -> None:
    support = stage.support
    case = await support.open()
    await support.investigate(case.case_id)
    await support.request_decision(case.case_id)
    await support.deny(case.case_id)
    await stage.pass_time(timedelta(hours=71))
    assert (await support.read(case.case_id)).status == case_pb2.CASE_STATUS_DENIED
    await stage.pass_time(timedelta(hours=1))
    assert (await support.read(case.case_id)).status == case_pb2.CASE_STATUS_CLOSED
    assert await stage.misses(case.case_id) == []


async def test_a_missed_deadline_escalates_at_its_minute_and_once(stage: Stage) -> None:
    support = stage.support
    case = await support.open()
    due = (await support.read(case.case_id)).handling.first_response_due_at.ToDatetime(UTC)
    await stage.pass_time(due - stage.clock.now() - timedelta(seconds=1))
    before = await support.read(case.case_id)
    await stage.pass_time(timedelta(seconds=1))
    after = await support.read(case.case_id)
    await stage.pass_time(timedelta(hours=1))

    assert due - timedelta(hours=8) == datetime.fromtimestamp(case.created_at.seconds, UTC)
    assert before.status == case_pb2.CASE_STATUS_OPEN
    assert (after.status, after.handling.severity) == (
        case_pb2.CASE_STATUS_ESCALATED,
        case_pb2.CASE_SEVERITY_HIGH,
    )
    assert await support.events(case.case_id) == ["open", "deadline_missed"]
    assert await stage.misses(case.case_id) == [(1, "first_response")]


async def test_a_late_answer_leaves_its_miss_behind(stage: Stage) -> None:
    support = stage.support
    case = await support.open()
    stage.clock.advance(timedelta(days=2))
    await support.say(case.case_id, "Sorry.", as_agent())
    await stage.server.worker().run_due()
    assert await stage.misses(case.case_id) == [(1, "first_response")]
    assert await support.events(case.case_id) == ["open", "message_posted"]


async def test_every_deadline_of_a_case_is_watched(stage: Stage) -> None:
    support = stage.support
    case = await support.open()
    await support.say(case.case_id, "We look into it.", as_agent())
    await support.say(case.case_id, "Any news?", as_buyer())
    for _ in range(10):
        await stage.pass_time(timedelta(days=1))
    assert await stage.misses(case.case_id) == [(1, "next_response"), (1, "resolution")]
    assert (await support.read(case.case_id)).handling.severity == case_pb2.CASE_SEVERITY_URGENT


async def test_while_the_customer_is_awaited_nothing_is_missed(stage: Stage) -> None:
    case = await stage.support.open()
    await stage.support.await_customer(case.case_id)
    await stage.pass_time(timedelta(days=6))
    assert await stage.misses(case.case_id) == []


async def test_a_case_can_be_reopened_for_14_days(stage: Stage) -> None:
    support = stage.support
    case = await support.open()
    await support.close(case.case_id, reason="Spam.")
    stage.clock.advance(timedelta(days=14))
    await support.reopen(case.case_id)
    await support.close(case.case_id, reason="Spam.")
    stage.clock.advance(timedelta(days=14, seconds=1))
    refused = await refusal(
        support.stub.ReopenCase(pb.ReopenCaseRequest(case_id=case.case_id, reason="Again."), metadata=as_buyer())
    )
    assert refused.reason == "REOPEN_TOO_LATE"
