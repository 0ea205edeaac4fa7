"""How a day's budget is spread over the day.

A day has a plan: how much of it shall be spent by when, in step with the traffic of the week before. Each minute the
share of searches that a campaign takes part in moves towards the plan, by a tenth.
"""

from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate
from typing import Final, TypeAlias

from server.promo.domain.day import QUARTER, QUARTERS_BY_THE_CLOCK, end_of, quarters_of
from server.promo.serving.domain.guard import FORGOTTEN_AFTER_SECONDS

DAYS_OF_HISTORY: Final = 7
MINUTE: Final = timedelta(minutes=1)
FIRST_PASS_THROUGH: Final = 0.10
LEAST_PASS_THROUGH: Final = 0.001
UP: Final = 1.1
DOWN: Final = 0.9
SMOOTHED_OVER: Final = 3
AHEAD: Final = timedelta(minutes=5)
EARLY: Final = 1.05
"""A day's budget shall be spent when a twentieth of its traffic is still to come."""
HELD: Final = 0.3
"""Of the plan's own rate: more slowly than that nobody is made to spend."""

_MINUTES_AHEAD: Final = AHEAD.total_seconds() / FORGOTTEN_AFTER_SECONDS
"""What is open is what a minute brings, since an impression stays open for a mean of one."""

Curve: TypeAlias = tuple[float, ...]
"""How much traffic each quarter of an hour by the clock has, in any unit."""

UNIFORM: Final[Curve] = (1.0,) * QUARTERS_BY_THE_CLOCK


def curve_of(counts: Mapping[tuple[date, int], int]) -> Curve:
    """The traffic of a day by the clock, from searches by day and quarter; uniform unless a whole week stands."""
    if len({day for day, _ in counts}) < DAYS_OF_HISTORY:
        return UNIFORM
    sums = [0] * QUARTERS_BY_THE_CLOCK
    for (_, quarter), searches in counts.items():
        sums[quarter] += searches
    return tuple(map(float, sums))


@dataclass(frozen=True, slots=True)
class DayPlan:
    """What share of a day's budget shall be spent by when."""

    day: date
    starts: tuple[datetime, ...]
    """Of each quarter, and the end of the day."""
    until: tuple[float, ...]
    """The weight of everything before each of these; the last is that of the whole day."""

    def share(self, at: datetime) -> float:
        """From 0 at the first eligible minute to 1 after the last one."""
        whole = self.until[-1]
        if whole <= 0 or at <= self.starts[0]:
            return 0.0
        if at >= self.starts[-1]:
            return 1.0
        index = bisect_right(self.starts, at) - 1
        part = (at - self.starts[index]) / QUARTER
        return (self.until[index] + part * (self.until[index + 1] - self.until[index])) / whole

    def is_eligible(self, at: datetime) -> bool:
        """Whether the plan has anything to spend at that time."""
        if not self.starts[0] <= at < self.starts[-1]:
            return False
        index = bisect_right(self.starts, at) - 1
        return self.until[index + 1] > self.until[index]


def plan(day: date, zone: str, hours_of_week: Collection[int], curve: Curve) -> DayPlan:
    """The plan of one day of a zone. No hours means all of them. Where a week's traffic knows nothing of the hours that
    are wanted, they are spread evenly.
    """
    quarters = quarters_of(day, zone)
    wanted = [not hours_of_week or quarter.hour_of_week in hours_of_week for quarter in quarters]
    weights = [curve[quarter.by_the_clock] * want for quarter, want in zip(quarters, wanted, strict=True)]
    if not any(weights):
        weights = [float(want) for want in wanted]
    return DayPlan(
        day=day,
        starts=(*(quarter.start for quarter in quarters), end_of(day, zone)),
        until=(0.0, *accumulate(weights)),
    )


@dataclass(frozen=True, slots=True)
class Pace:
    """In how many of the searches that it fits a campaign takes part, and how that came about."""

    day: date
    minute: datetime
    """The last one that was stepped."""
    steps: tuple[float, ...]
    """The newest ones, the last at the end; what holds is their mean."""

    @property
    def pass_through(self) -> float:
        return sum(self.steps) / len(self.steps)


def first_pace(day: date, now: datetime, yesterday: float | None = None) -> Pace:
    """How a day begins: as the one before ended, or carefully."""
    return Pace(day, _minute(now), (FIRST_PASS_THROUGH if yesterday is None else yesterday,))


def step(
    pace: Pace, today: DayPlan, *, spent_cents: int, open_cents: float, allocation_cents: int, now: datetime
) -> Pace:
    """The pace after another minute: a tenth more where less will have been spent than the plan wants, a tenth less
    where it is more. A minute is stepped once, and one without anything to spend is left alone.

    What is compared lies a few minutes ahead. A step is felt only when its impressions are clicked; whoever waits for
    that steers too long, and swings around the plan all day. The plan is wanted early, since clicks come by chance:
    what is missing in the last hour no search can bring any more, and what came too soon has done no harm. Whoever is
    ahead is made to wait for the plan, no more: a pace that fell on and on would be half an hour late for the traffic
    that comes next.
    """
    minute = _minute(now)
    if minute <= pace.minute or not today.is_eligible(now):
        return pace
    ahead = today.share(now + AHEAD)
    expected = spent_cents + open_cents * _MINUTES_AHEAD
    planned_rate = allocation_cents * (ahead - today.share(now)) / _MINUTES_AHEAD
    if expected < allocation_cents * min(1.0, EARLY * ahead):
        factor = UP
    else:
        factor = DOWN if open_cents > HELD * planned_rate else 1.0
    raw = min(1.0, max(LEAST_PASS_THROUGH, pace.steps[-1] * factor))
    return Pace(pace.day, minute, (*pace.steps, raw)[-SMOOTHED_OVER:])


def allocation(daily_cents: int, spent_today_cents: int, others_left_cents: Sequence[int]) -> int:
    """What a day shall cost: its cap, or what the total cap and the balance still allow where that is less."""
    return min([daily_cents, *(spent_today_cents + max(0, left) for left in others_left_cents)])


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)
