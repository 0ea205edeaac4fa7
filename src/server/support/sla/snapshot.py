"""A promise as it is kept beside its case, so that a later policy or calendar moves no deadline."""

import json
from collections.abc import Mapping
from datetime import date, time, timedelta

from server.support.sla.calendar import Interval, Weekday, WorkingTime
from server.support.sla.clocks import Promise, Targets

Week = Mapping[Weekday, tuple[Interval, ...]]


def dump(promise: Promise) -> str:
    """The promise as JSON."""
    targets, working = promise.targets, promise.working_time
    return json.dumps(
        {
            "first_response_minutes": _minutes(targets.first_response),
            "next_response_minutes": _minutes(targets.next_response),
            "resolution_minutes": _minutes(targets.resolution),
            "time_zone": working.time_zone,
            "intervals": _week_as_json(working.week),
            "holidays": [day.isoformat() for day in sorted(working.holidays)],
        }
    )


def load(text: str) -> Promise:
    """The promise that was dumped."""
    stored = json.loads(text)
    return Promise(
        targets=Targets(
            first_response=timedelta(minutes=stored["first_response_minutes"]),
            next_response=timedelta(minutes=stored["next_response_minutes"]),
            resolution=timedelta(minutes=stored["resolution_minutes"]),
        ),
        working_time=WorkingTime(
            time_zone=stored["time_zone"],
            week=_week(stored["intervals"]),
            holidays=frozenset(date.fromisoformat(day) for day in stored["holidays"]),
        ),
    )


def dump_week(week: Week) -> str:
    """The intervals of a calendar as JSON."""
    return json.dumps(_week_as_json(week))


def load_week(text: str) -> Week:
    """The intervals that were dumped."""
    return _week(json.loads(text))


def _week_as_json(week: Week) -> dict[str, list[list[str]]]:
    return {
        day.value: [[f"{interval.start:%H:%M}", f"{interval.end:%H:%M}"] for interval in intervals]
        for day, intervals in week.items()
        if intervals
    }


def _week(stored: Mapping[str, list[list[str]]]) -> Week:
    return {
        Weekday(day): tuple(Interval(time.fromisoformat(start), time.fromisoformat(end)) for start, end in intervals)
        for day, intervals in stored.items()
    }


def _minutes(length: timedelta) -> int:
    return length // timedelta(minutes=1)
