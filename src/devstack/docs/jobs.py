"""The catalogue of jobs and schedules, from the kinds that the slices declare."""

from collections.abc import Iterator
from datetime import timedelta

from devstack.docs.discovery import declared, server_modules
from devstack.docs.text import WRITTEN, table
from server.core.jobs import CronKind, JobKind

_INTRODUCTION = """
# Jobs

A job is stored by the transaction that wants its effect, and runs in the worker at least once. A failing job is tried
again with growing pauses; after its last attempt it is *held*, which raises an alert, and never dropped. The
[runbook](runbook.md) says what to do about a held job.

## Enqueued by a transaction

"""
_SCHEDULES = """
## Enqueued by the clock

Counted from midnight UTC; each slot is enqueued once, whichever worker comes first.

"""


def render() -> str:
    """`docs/jobs.md`."""
    kinds: dict[str, JobKind] = {}
    schedules: dict[str, CronKind] = {}
    for value in _declarations():
        if isinstance(value, CronKind):
            schedules[value.job.name] = value
        kind = value.job if isinstance(value, CronKind) else value
        kinds[kind.name] = kind
    triggered = [_row(kind) for name, kind in sorted(kinds.items()) if name not in schedules]
    scheduled = [
        (*_row(kind), f"every {interval(schedules[name].every).removeprefix('1 ')}")
        for name, kind in sorted(kinds.items())
        if name in schedules
    ]
    header = ("job", "slice", "what it does", "attempts", "lease")
    return f"{WRITTEN}{_INTRODUCTION}{table(header, triggered)}{_SCHEDULES}{table((*header, 'when'), scheduled)}"


def _declarations() -> Iterator[JobKind | CronKind]:
    """Every kind that a module declares or imports, alone or in a tuple."""
    for module in server_modules():
        for _, value in declared(module):
            for item in value if isinstance(value, tuple) else (value,):
                if isinstance(item, JobKind | CronKind):
                    yield item


def interval(length: timedelta) -> str:
    """A whole number of the largest unit that fits: `5 minutes`, `1 day`."""
    seconds = int(length.total_seconds())
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds % size == 0:
            return _count(seconds // size, unit)
    return _count(seconds, "second")


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def _row(kind: JobKind) -> tuple[str, ...]:
    # A kind is named for the slice that handles it: `booking.draft_expiry`.
    owner = kind.name.partition(".")[0]
    return (f"`{kind.name}`", owner, kind.meaning, str(kind.attempts), interval(kind.lease))
