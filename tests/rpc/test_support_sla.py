"""Calendars and policies over a socket."""

from datetime import UTC, timedelta

import pytest
from grpc import StatusCode

from callsheet.support.v1 import case_pb2, sla_pb2
from server.core.call import Role
from tests.rpc.harness import Running, as_user, refusal
from tests.rpc.support_callers import Support, as_agent, as_buyer, support_on

ADMIN = as_user("usr_admin", Role.ADMIN)


@pytest.fixture
async def support(server: Running) -> Support:
    return await support_on(server)


def week(**changes: object) -> sla_pb2.PutCalendarRequest:
    """Around the clock on every day."""
    request = sla_pb2.PutCalendarRequest(
        name="always",
        time_zone="America/New_York",
        hours=[
            sla_pb2.WorkingHours(weekday=day, start="00:00", end="24:00")
            for day in sla_pb2.Weekday.values()
            if day != sla_pb2.WEEKDAY_UNSPECIFIED
        ],
        holidays=["2026-12-25"],
    )
    for name, value in changes.items():
        if isinstance(value, list):
            request.ClearField(name)  # type: ignore[arg-type]  # the test names fields that exist
            getattr(request, name).extend(value)
        else:
            setattr(request, name, value)
    return request


async def test_a_calendar_is_stored_replaced_and_listed(support: Support) -> None:
    created = (await support.stub.PutCalendar(week(), metadata=ADMIN)).calendar
    replaced = (
        await support.stub.PutCalendar(week(calendar_id=created.calendar_id, holidays=[], version=1), metadata=ADMIN)
    ).calendar
    listed = await support.stub.ListCalendars(sla_pb2.ListCalendarsRequest(), metadata=as_agent())

    assert (created.version, list(created.holidays), len(created.hours)) == (1, ["2026-12-25"], 7)
    assert created.hours[0].end == "24:00"
    assert (replaced.version, list(replaced.holidays)) == (2, [])
    assert [calendar.name for calendar in listed.calendars] == ["standard", "always"]


async def test_a_calendar_is_replaced_by_who_has_seen_it(support: Support) -> None:
    created = (await support.stub.PutCalendar(week(), metadata=ADMIN)).calendar
    stale = await refusal(support.stub.PutCalendar(week(calendar_id=created.calendar_id, version=7), metadata=ADMIN))
    unknown = await refusal(support.stub.PutCalendar(week(calendar_id="cal_" + "0" * 25 + "9"), metadata=ADMIN))
    taken = await refusal(support.stub.PutCalendar(week(), metadata=ADMIN))
    renamed = await refusal(
        support.stub.PutCalendar(week(calendar_id=created.calendar_id, name="standard"), metadata=ADMIN)
    )

    assert (stale.reason, stale.metadata["version"]) == ("STALE_VERSION", "1")
    assert unknown.code is StatusCode.NOT_FOUND
    assert (taken.reason, renamed.reason) == ("ALREADY_EXISTS", "ALREADY_EXISTS")


@pytest.mark.parametrize(
    ("changes", "field", "rule"),
    [
        ({"time_zone": "Mars/Olympus"}, "time_zone", "must be an IANA zone, such as America/New_York"),
        ({"holidays": ["2026-02-30"]}, "holidays", "must be days that exist, such as 2026-12-25"),
        (
            {"hours": [sla_pb2.WorkingHours(weekday=sla_pb2.WEEKDAY_MONDAY, start="17:00", end="09:00")]},
            "hours",
            "must end after they start on monday",
        ),
        (
            {"hours": [sla_pb2.WorkingHours(weekday=sla_pb2.WEEKDAY_MONDAY, start="09:60", end="17:00")]},
            "hours[0].start",
            "does not match regex pattern `^([01][0-9]|2[0-3]):[0-5][0-9]$`",
        ),
    ],
)
async def test_a_bad_calendar_names_field_and_rule(
    support: Support, changes: dict[str, object], field: str, rule: str
) -> None:
    refused = await refusal(support.stub.PutCalendar(week(**changes), metadata=ADMIN))
    assert refused.violations == {field: rule}


def policy(calendar_id: str, **changes: int) -> sla_pb2.PutSlaPolicyRequest:
    return sla_pb2.PutSlaPolicyRequest(
        type=case_pb2.CASE_TYPE_BOOKING,
        severity=case_pb2.CASE_SEVERITY_NORMAL,
        calendar_id=calendar_id,
        first_response_minutes=30,
        next_response_minutes=60,
        resolution_minutes=changes.get("resolution_minutes", 600),
    )


async def test_a_policy_holds_for_cases_that_are_opened_from_now_on(support: Support) -> None:
    before = await support.open()
    promised = await support.read(before.case_id)
    created = (await support.stub.PutCalendar(week(holidays=[]), metadata=ADMIN)).calendar
    stored = (await support.stub.PutSlaPolicy(policy(created.calendar_id), metadata=ADMIN)).sla_policy
    await support.close(before.case_id, reason="Spam.")
    after = await support.read((await support.open()).case_id)
    kept = await support.say(before.case_id, "A note.", as_agent(), internal=True)

    assert stored.version == 2
    assert kept.case_id == before.case_id
    assert promised.handling.first_response_due_at != after.handling.first_response_due_at
    due = after.handling.first_response_due_at.ToDatetime(UTC) - after.created_at.ToDatetime(UTC)
    assert due == timedelta(minutes=30)


async def test_a_bad_policy_names_field_and_rule(support: Support) -> None:
    unknown = await refusal(support.stub.PutSlaPolicy(policy("cal_" + "0" * 25 + "9"), metadata=ADMIN))
    backwards = await refusal(
        support.stub.PutSlaPolicy(policy("cal_" + "0" * 26, resolution_minutes=10), metadata=ADMIN)
    )
    assert unknown.code is StatusCode.NOT_FOUND
    assert backwards.message.endswith("resolution_minutes must not be less than first_response_minutes")


async def test_policies_come_in_pages(support: Support) -> None:
    first = await support.stub.ListSlaPolicies(sla_pb2.ListSlaPoliciesRequest(page_size=20), metadata=as_agent())
    second = await support.stub.ListSlaPolicies(
        sla_pb2.ListSlaPoliciesRequest(page_size=20, page_token=first.next_page_token), metadata=as_agent()
    )
    found = {(policy.type, policy.severity) for policy in (*first.sla_policies, *second.sla_policies)}
    assert (len(found), second.next_page_token) == (24, "")


async def test_policies_are_set_by_administrators(support: Support) -> None:
    for caller in (as_buyer(), as_agent()):
        refused = await refusal(support.stub.PutCalendar(week(), metadata=caller))
        assert (refused.code, refused.reason) == (StatusCode.PERMISSION_DENIED, "ROLE_REQUIRED")
