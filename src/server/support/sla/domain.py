"""What administrators decide about deadlines: calendars, and targets per type and severity of a case."""

from dataclasses import dataclass
from datetime import datetime

from server.support.cases.domain import CaseType, Severity
from server.support.sla.calendar import WorkingTime
from server.support.sla.clocks import Targets


@dataclass(frozen=True, slots=True)
class Calendar:
    """When support works."""

    calendar_id: str
    name: str
    working_time: WorkingTime
    version: int
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class SlaPolicy:
    """How fast cases of a type and severity are answered, counted by a calendar."""

    sla_policy_id: str
    type: CaseType
    severity: Severity
    calendar_id: str
    targets: Targets
    version: int
    updated_at: datetime
