"""What it costs to compute every deadline anew: 100,000 cases with their histories, each with its own promise.

The deadlines are computed twice: once as the server does it, each case with a promise of its own read from JSON; once
with one promise for all, which shows what reading and an empty memory of days cost.
"""

import random
import time
from datetime import UTC, datetime, timedelta
from datetime import time as clock

from bench.report import console, result
from server.support.sla import snapshot
from server.support.sla.calendar import Interval, Weekday, working_time
from server.support.sla.clocks import Deadlines, Mark, Moment, Promise, Targets, deadlines

CASES = 100_000
STEPS = 12
SEED = 20_260_302
START = datetime(2026, 1, 5, 9, tzinfo=UTC)
LATER = (Moment.ASKED, Moment.ANSWERED, Moment.PAUSED, Moment.RUNNING)


def promise() -> Promise:
    """Office hours with a break in New York, a fortnight of holidays, ten working days for a decision."""
    hours = (Interval(clock(9), clock(12)), Interval(clock(13), clock(18)))
    week = dict.fromkeys(list(Weekday)[:5], hours)
    holidays = frozenset((START + timedelta(days=17 * number)).date() for number in range(14))
    targets = Targets(timedelta(hours=4), timedelta(hours=8), timedelta(hours=80))
    return Promise(targets, working_time("America/New_York", week, holidays))


def histories() -> list[list[Mark]]:
    """Cases that were opened over a year and took about a month each."""
    chance = random.Random(SEED)  # noqa: S311  a measurement is repeated with the same cases
    found = []
    for _ in range(CASES):
        at = START + timedelta(minutes=chance.randrange(60 * 24 * 365))
        history = [Mark(at, Moment.STARTED)]
        for _ in range(STEPS):
            at += timedelta(minutes=chance.randrange(60 * 24 * 5))
            history.append(Mark(at, chance.choice(LATER)))
        found.append(history)
    return found


def main() -> None:
    """Measures and prints."""
    cases, shared = histories(), promise()
    stored = snapshot.dump(shared)
    console.print(f"{CASES:,} cases with {STEPS + 1} steps each")

    began = time.perf_counter()
    by_own = [deadlines(history, snapshot.load(stored)) for history in cases]
    own_seconds = time.perf_counter() - began
    began = time.perf_counter()
    by_shared = [deadlines(history, shared) for history in cases]
    shared_seconds = time.perf_counter() - began

    assert by_own == by_shared
    assert any(due != Deadlines() for due in by_own)
    console.print(f"each with its own promise {own_seconds:.1f} s, with one for all {shared_seconds:.1f} s")
    result("sla_recompute_100k", own_seconds, "s")
    result("sla_recompute_100k_shared", shared_seconds, "s")
    result("sla_own_over_shared", own_seconds / shared_seconds, "ratio")


if __name__ == "__main__":
    main()
