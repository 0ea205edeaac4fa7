"""Calendars and policies on the wire."""

from collections.abc import Iterable
from datetime import date, time, timedelta

from callsheet.support.v1 import sla_pb2
from server.core.call import Actor
from server.core.errors import FieldInvalid, Violation
from server.core.grpc.proto import EnumMap, timestamp
from server.core.pagination import Page
from server.support.convert.case import SEVERITIES, TYPES
from server.support.sla import domain
from server.support.sla.calendar import Interval, Weekday, working_time
from server.support.sla.clocks import Targets
from server.support.sla.usecases import ListOfPolicies, PutCalendar, PutSlaPolicy

WEEKDAYS = EnumMap(sla_pb2.Weekday, Weekday, "WEEKDAY_", sla_pb2.Weekday.ValueType)
_END_OF_DAY = "24:00"


def put_calendar(request: sla_pb2.PutCalendarRequest) -> PutCalendar:
    return PutCalendar(
        calendar_id=request.calendar_id,
        name=request.name,
        working_time=working_time(request.time_zone, _week(request.hours), _holidays(request.holidays)),
        version=request.version,
    )


def put_sla_policy(request: sla_pb2.PutSlaPolicyRequest) -> PutSlaPolicy:
    return PutSlaPolicy(
        type=TYPES.member(request.type),
        severity=SEVERITIES.member(request.severity),
        calendar_id=request.calendar_id,
        targets=Targets(
            first_response=timedelta(minutes=request.first_response_minutes),
            next_response=timedelta(minutes=request.next_response_minutes),
            resolution=timedelta(minutes=request.resolution_minutes),
        ),
    )


def list_calendars(request: sla_pb2.ListCalendarsRequest, actor: Actor) -> ListOfPolicies:
    return ListOfPolicies(actor, request.page_size, request.page_token)


def list_sla_policies(request: sla_pb2.ListSlaPoliciesRequest, actor: Actor) -> ListOfPolicies:
    return ListOfPolicies(actor, request.page_size, request.page_token)


def put_calendar_response(calendar: domain.Calendar) -> sla_pb2.PutCalendarResponse:
    return sla_pb2.PutCalendarResponse(calendar=_calendar(calendar))


def put_sla_policy_response(policy: domain.SlaPolicy) -> sla_pb2.PutSlaPolicyResponse:
    return sla_pb2.PutSlaPolicyResponse(sla_policy=_policy(policy))


def list_calendars_response(page: Page[domain.Calendar]) -> sla_pb2.ListCalendarsResponse:
    return sla_pb2.ListCalendarsResponse(calendars=map(_calendar, page.items), next_page_token=page.next_token)


def list_sla_policies_response(page: Page[domain.SlaPolicy]) -> sla_pb2.ListSlaPoliciesResponse:
    return sla_pb2.ListSlaPoliciesResponse(sla_policies=map(_policy, page.items), next_page_token=page.next_token)


def _week(hours: Iterable[sla_pb2.WorkingHours]) -> dict[Weekday, tuple[Interval, ...]]:
    week: dict[Weekday, tuple[Interval, ...]] = {}
    for interval in hours:
        day = WEEKDAYS.member(interval.weekday)
        end = time(0) if interval.end == _END_OF_DAY else time.fromisoformat(interval.end)
        week[day] = (*week.get(day, ()), Interval(time.fromisoformat(interval.start), end))
    return week


def _holidays(days: Iterable[str]) -> frozenset[date]:
    try:
        return frozenset(date.fromisoformat(day) for day in days)
    except ValueError:
        raise FieldInvalid(Violation("holidays", "must be days that exist, such as 2026-12-25")) from None


def _calendar(calendar: domain.Calendar) -> sla_pb2.Calendar:
    working = calendar.working_time
    return sla_pb2.Calendar(
        calendar_id=calendar.calendar_id,
        name=calendar.name,
        time_zone=working.time_zone,
        hours=[
            sla_pb2.WorkingHours(weekday=WEEKDAYS.number(day), start=f"{hours.start:%H:%M}", end=_end(hours.end))
            for day in Weekday
            for hours in working.week.get(day, ())
        ],
        holidays=[day.isoformat() for day in sorted(working.holidays)],
        version=calendar.version,
        updated_at=timestamp(calendar.updated_at),
    )


def _end(end: time) -> str:
    return f"{end:%H:%M}" if end != time(0) else _END_OF_DAY


def _policy(policy: domain.SlaPolicy) -> sla_pb2.SlaPolicy:
    minute = timedelta(minutes=1)
    return sla_pb2.SlaPolicy(
        sla_policy_id=policy.sla_policy_id,
        type=TYPES.number(policy.type),
        severity=SEVERITIES.number(policy.severity),
        calendar_id=policy.calendar_id,
        first_response_minutes=policy.targets.first_response // minute,
        next_response_minutes=policy.targets.next_response // minute,
        resolution_minutes=policy.targets.resolution // minute,
        version=policy.version,
        updated_at=timestamp(policy.updated_at),
    )
