"""Rows of calendars and policies and what they mean."""

from datetime import timedelta

from callsheet.sql.support_sla import Queries
from server.core.db import Record, Tx, load_queries
from server.support.cases.domain import CaseType, Severity
from server.support.sla import snapshot
from server.support.sla.calendar import WorkingTime
from server.support.sla.clocks import Promise, Targets

_queries = load_queries("server.support.sla", Queries)


class SlaRepository:
    """Reads and writes what deadlines follow from, on the caller's transaction."""

    async def promise(self, tx: Tx, case_type: CaseType, severity: Severity) -> Promise | None:
        """What is promised to a case that begins now; None where there is no policy for its type and severity."""
        row = await _queries.promise_for(tx, type=case_type, severity=severity)
        return None if row is None else Promise(_targets(row), _working_time(row))


def _targets(row: Record) -> Targets:
    return Targets(
        first_response=timedelta(minutes=row["first_response_minutes"]),
        next_response=timedelta(minutes=row["next_response_minutes"]),
        resolution=timedelta(minutes=row["resolution_minutes"]),
    )


def _working_time(row: Record) -> WorkingTime:
    return WorkingTime(row["time_zone"], snapshot.load_week(row["intervals"]), frozenset(row["holidays"]))
