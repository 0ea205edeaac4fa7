"""Rows of calendars and policies and what they mean."""

from datetime import timedelta

import asyncpg

from callsheet.sql.support_sla import Queries
from server.core.db import Record, Tx, load_queries
from server.core.errors import AlreadyExists, NotFound, StaleVersion
from server.support.cases.domain import CaseType, Severity
from server.support.sla import snapshot
from server.support.sla.calendar import WorkingTime
from server.support.sla.clocks import Promise, Targets
from server.support.sla.domain import Calendar, SlaPolicy

_queries = load_queries("server.support.sla", Queries)


class SlaRepository:
    """Reads and writes what deadlines follow from, on the caller's transaction."""

    async def promise(self, tx: Tx, case_type: CaseType, severity: Severity) -> Promise | None:
        """What is promised to a case that begins now; None where there is no policy for its type and severity."""
        row = await _queries.promise_for(tx, type=case_type, severity=severity)
        return None if row is None else Promise(_targets(row), _working_time(row))

    async def add_calendar(self, tx: Tx, calendar: Calendar) -> Calendar:
        """Stores a new calendar; AlreadyExists where its name is taken."""
        working = calendar.working_time
        row = await _queries.insert_calendar(
            tx,
            calendar_id=calendar.calendar_id,
            name=calendar.name,
            time_zone=working.time_zone,
            intervals=snapshot.dump_week(working.week),
            holidays=sorted(working.holidays),
            now=calendar.updated_at,
        )
        if row is None:
            raise AlreadyExists(f"calendar {calendar.name}")
        return _calendar(row)

    async def replace_calendar(self, tx: Tx, calendar: Calendar) -> Calendar:
        """Replaces the version that the calendar names, or the newest for 0."""
        working = calendar.working_time
        try:
            row = await _queries.update_calendar(
                tx,
                calendar_id=calendar.calendar_id,
                name=calendar.name,
                time_zone=working.time_zone,
                intervals=snapshot.dump_week(working.week),
                holidays=sorted(working.holidays),
                expected_version=calendar.version,
                now=calendar.updated_at,
            )
        except asyncpg.UniqueViolationError as error:
            raise AlreadyExists(f"calendar {calendar.name}") from error
        if row is not None:
            return _calendar(row)
        newest = await _queries.calendar_version(tx, calendar_id=calendar.calendar_id)
        if not isinstance(newest, int):
            raise NotFound(calendar.calendar_id)
        raise StaleVersion(calendar.calendar_id, newest)

    async def calendars(self, tx: Tx, after: str | None, limit: int) -> list[Calendar]:
        return [_calendar(row) for row in await _queries.list_calendars(tx, after=after, limit=limit)]

    async def put_policy(self, tx: Tx, policy: SlaPolicy) -> SlaPolicy:
        """Stores or replaces the policy of a type and severity; NotFound where there is no such calendar."""
        row = await _queries.put_policy(
            tx,
            sla_policy_id=policy.sla_policy_id,
            type=policy.type,
            severity=policy.severity,
            calendar_id=policy.calendar_id,
            first_response_minutes=_minutes(policy.targets.first_response),
            next_response_minutes=_minutes(policy.targets.next_response),
            resolution_minutes=_minutes(policy.targets.resolution),
            now=policy.updated_at,
        )
        if row is None:
            raise NotFound(policy.calendar_id)
        return _policy(row)

    async def policies(self, tx: Tx, after: str | None, limit: int) -> list[SlaPolicy]:
        return [_policy(row) for row in await _queries.list_policies(tx, after=after, limit=limit)]


def _calendar(row: Record) -> Calendar:
    return Calendar(row["calendar_id"], row["name"], _working_time(row), row["version"], row["updated_at"])


def _policy(row: Record) -> SlaPolicy:
    return SlaPolicy(
        sla_policy_id=row["sla_policy_id"],
        type=CaseType(row["type"]),
        severity=Severity(row["severity"]),
        calendar_id=row["calendar_id"],
        targets=_targets(row),
        version=row["version"],
        updated_at=row["updated_at"],
    )


def _minutes(length: timedelta) -> int:
    return length // timedelta(minutes=1)


def _targets(row: Record) -> Targets:
    return Targets(
        first_response=timedelta(minutes=row["first_response_minutes"]),
        next_response=timedelta(minutes=row["next_response_minutes"]),
        resolution=timedelta(minutes=row["resolution_minutes"]),
    )


def _working_time(row: Record) -> WorkingTime:
    return WorkingTime(row["time_zone"], snapshot.load_week(row["intervals"]), frozenset(row["holidays"]))
