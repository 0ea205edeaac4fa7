"""A day's budget follows the plan: simulated days with their searches, clicks and delays, from fixed seeds.

Each search asks what a server asks, dice and guard; each minute the publisher steps; a click comes some time after its
impression and is charged as the stream charges, never above the cap.
"""

import heapq
import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.promo.domain.day import QUARTER, end_of, quarters_of, start_of
from server.promo.serving.domain.guard import FORGOTTEN_AFTER_SECONDS, covers, decayed
from server.promo.serving.domain.pacing import (
    DAYS_OF_HISTORY,
    FIRST_PASS_THROUGH,
    LEAST_PASS_THROUGH,
    MINUTE,
    UNIFORM,
    Curve,
    DayPlan,
    allocation,
    curve_of,
    first_pace,
    plan,
    step,
)

ZONE = "Europe/Berlin"
LONG, SHORT, PLAIN = date(2026, 10, 25), date(2026, 3, 29), date(2026, 5, 20)
CPC, DAILY, RATE = 50, 10_000, 0.02
CLICKS = DAILY // CPC


def morning(quarter: int) -> float:
    """Most searches before noon."""
    return 0.15 + math.exp(-(((quarter - 36) / 10) ** 2))


def flat(quarter: int) -> float:
    return 1.0


def burst(quarter: int) -> float:
    """Half an hour of the evening with ten times the usual."""
    return 10.0 if quarter in {80, 81} else 1.0


@dataclass(slots=True)
class Day:
    """A simulated day of one campaign."""

    dice: random.Random
    curve: Callable[[int], float]
    day: date
    inventory: float
    """Clicks to be had in all, as a multiple of the allocation."""
    hours_of_week: frozenset[int] = frozenset()
    ends: datetime | None = None
    """Where somebody looks, before the day is over."""
    spent: int = 0
    over_delivered: int = 0
    to_be_had: int = 0
    """What all clicks of all searches would have cost."""
    clicks: list[datetime] = field(default_factory=list)
    open_cents: float = 0.0
    open_at: datetime = datetime(2000, 1, 1, tzinfo=UTC)

    def run(self, today: DayPlan, start_with: float | None) -> float:
        """Lives through the day; what it ends with."""
        now, end = start_of(self.day, ZONE), self.ends or end_of(self.day, ZONE)
        searches = self._searches()
        pace = first_pace(self.day, now - MINUTE, start_with)
        while now < end:
            pace = step(
                pace,
                today,
                spent_cents=self.spent,
                open_cents=self._open(now),
                allocation_cents=allocation(DAILY, self.spent, []),
                now=now,
            )
            for _ in range(_poisson(self.dice, searches[(now - today.starts[0]) // QUARTER])):
                self._search(now + timedelta(seconds=self.dice.uniform(0, 60)), pace.pass_through)
            now += MINUTE
            self._charge(until=now)
        return pace.pass_through

    def _searches(self) -> list[float]:
        """Searches a minute by quarter, so that all of them would bring that many clicks."""
        quarters = quarters_of(self.day, ZONE)
        weights = [
            self.curve(quarter.by_the_clock) * (not self.hours_of_week or quarter.hour_of_week in self.hours_of_week)
            for quarter in quarters
        ]
        wanted = CLICKS / RATE * self.inventory
        return [weight / sum(weights) * wanted / 15 for weight in weights]

    def _search(self, at: datetime, pass_through: float) -> None:
        clicks = self.dice.random() < RATE
        self.to_be_had += clicks * CPC
        self.open_cents, self.open_at = self._open(at), max(at, self.open_at)
        if self.dice.random() >= pass_through or not covers(DAILY - self.spent, self.open_cents, CPC):
            return
        self.open_cents += RATE * CPC
        if clicks:
            delay = self.dice.expovariate(1 / FORGOTTEN_AFTER_SECONDS)
            heapq.heappush(self.clicks, at + timedelta(seconds=delay))

    def _open(self, at: datetime) -> float:
        return decayed(self.open_cents, (at - self.open_at).total_seconds())

    def _charge(self, until: datetime) -> None:
        """As the claim does: whole clicks as long as the cap admits them."""
        while self.clicks and self.clicks[0] < until:
            heapq.heappop(self.clicks)
            if self.spent + CPC <= DAILY:
                self.spent += CPC
            else:
                self.over_delivered += CPC


def thrown(seed: int) -> random.Random:
    """Dice that fall the same way each time."""
    return random.Random(seed)  # noqa: S311  nothing is kept secret with them


def _poisson(dice: random.Random, mean: float) -> int:
    count, left = 0, dice.expovariate(1.0)
    while left < mean:
        count += 1
        left += dice.expovariate(1.0)
    return count


def history(dice: random.Random, curve: Callable[[int], float], before: date) -> Curve:
    """What a week of such traffic leaves behind."""
    days = [before - timedelta(days=back) for back in range(1, DAYS_OF_HISTORY + 1)]
    return curve_of({(day, quarter): _poisson(dice, 100 * curve(quarter)) for day in days for quarter in range(96)})


ENOUGH = 1.2
"""Of the allocation has to be to be had, or no pace can spend it."""


def a_whole_day(curve: Callable[[int], float], day: date, inventory: float, seed: int) -> Day:
    """The first one from that seed on that has enough to be had, after a day and a week like it."""
    for number in range(100 * seed, 100 * seed + 100):
        dice = thrown(number)
        ended = lived(dice, curve, day - timedelta(days=1), inventory)
        today = Day(dice, curve, day, inventory)
        today.run(plan(day, ZONE, (), history(dice, curve, day)), start_with=ended)
        if today.to_be_had >= ENOUGH * DAILY:
            return today
    raise AssertionError("no day has enough")


def check_end(today: Day) -> None:
    assert 0.97 * DAILY <= today.spent <= DAILY
    assert today.over_delivered <= 0.01 * DAILY


@pytest.mark.parametrize("curve", [morning, flat, burst])
@pytest.mark.parametrize("day", [PLAIN, SHORT, LONG])
@pytest.mark.parametrize(("inventory", "seed"), [(ENOUGH, 2), (1.4, 3), (8.0, 5)])
def test_a_day_ends_within_three_in_a_hundred(
    curve: Callable[[int], float], day: date, inventory: float, seed: int
) -> None:
    check_end(a_whole_day(curve, day, inventory, seed))


@pytest.mark.soak
@pytest.mark.parametrize("curve", [morning, flat, burst])
@pytest.mark.parametrize("inventory", [ENOUGH, 1.3, 1.4, 2.0, 8.0])
@pytest.mark.parametrize("seed", range(10, 30))
def test_chance_brings_no_day_that_ends_otherwise(curve: Callable[[int], float], inventory: float, seed: int) -> None:
    check_end(a_whole_day(curve, (PLAIN, SHORT, LONG)[seed % 3], inventory, seed))


@pytest.mark.parametrize("day", [PLAIN, SHORT, LONG])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_hours_of_the_week_are_a_day_of_their_own(day: date, seed: int) -> None:
    """Two hours at night, the one that clocks skip or show twice among them, and an evening."""
    dice = thrown(seed)
    hours = frozenset(day.weekday() * 24 + hour for hour in (1, 2, 18, 19, 20, 21))
    today = Day(dice, flat, day, inventory=2.0, hours_of_week=hours)
    today.run(plan(day, ZONE, hours, history(dice, flat, day)), start_with=0.5)
    assert 0.97 * DAILY <= today.spent <= DAILY


@pytest.mark.parametrize("curve", [morning, flat, burst])
@pytest.mark.parametrize("day", [PLAIN, SHORT, LONG])
def test_a_first_day_without_history_stays_below_its_cap(curve: Callable[[int], float], day: date) -> None:
    today = Day(thrown(1), curve, day, inventory=8.0)
    today.run(plan(day, ZONE, (), UNIFORM), start_with=None)
    assert 0.9 * DAILY <= today.spent <= DAILY
    assert today.over_delivered <= 0.01 * DAILY


def test_the_budget_follows_the_traffic_through_the_day() -> None:
    """At noon the plan has spent what the week before had searched by noon, give or take a few clicks."""
    dice = thrown(7)
    curve = history(dice, morning, PLAIN)
    whole = plan(PLAIN, ZONE, (), curve)
    noon = start_of(PLAIN, ZONE) + timedelta(hours=12)
    today = Day(dice, morning, PLAIN, inventory=4.0, ends=noon)
    today.run(whole, start_with=0.25)
    assert sum(curve[:48]) / sum(curve) == pytest.approx(whole.share(noon))
    assert today.spent / DAILY == pytest.approx(whole.share(noon), abs=0.04)


def lived(dice: random.Random, curve: Callable[[int], float], day: date, inventory: float) -> float:
    """What the day before ended with."""
    return Day(dice, curve, day, inventory).run(plan(day, ZONE, (), history(dice, curve, day)), start_with=None)


@given(
    zone=st.sampled_from(["Europe/Berlin", "America/Havana", "Asia/Kathmandu", "Australia/Lord_Howe"]),
    day=st.dates(date(2020, 1, 1), date(2035, 1, 1)),
    hours=st.frozensets(st.integers(0, 167)),
    curve=st.lists(st.integers(0, 9), min_size=96, max_size=96),
    parts=st.tuples(st.integers(0, 1000), st.integers(0, 1000)),
)
def test_a_plan_only_ever_grows_from_nothing_to_everything(
    zone: str, day: date, hours: frozenset[int], curve: list[int], parts: tuple[int, int]
) -> None:
    made = plan(day, zone, hours, tuple(map(float, curve)))
    start, end = start_of(day, zone), end_of(day, zone)
    earlier, later = (start + (end - start) * part / 1000 for part in sorted(parts))
    assert 0 <= made.share(start) <= made.share(earlier) <= made.share(later) <= 1
    wanted = not hours or any(quarter.hour_of_week in hours for quarter in quarters_of(day, zone))
    assert made.share(end) == wanted


def test_a_week_that_is_not_whole_says_nothing() -> None:
    days = [PLAIN - timedelta(days=back) for back in range(1, 7)]
    assert curve_of({(day, 40): 5 for day in days}) == UNIFORM
    whole = curve_of({(day, 40): 5 for day in [*days, PLAIN - timedelta(days=7)]})
    assert (whole[40], sum(whole)) == (35, 35)


def test_a_minute_is_stepped_once_and_only_where_there_is_something_to_spend() -> None:
    noon = datetime(2026, 5, 20, 10, tzinfo=UTC)
    by_day = plan(PLAIN, ZONE, frozenset(range(168)) - {PLAIN.weekday() * 24 + 3}, UNIFORM)
    pace = first_pace(PLAIN, noon - MINUTE)
    assert pace.pass_through == FIRST_PASS_THROUGH
    faster = step(pace, by_day, spent_cents=0, open_cents=0, allocation_cents=DAILY, now=noon)
    assert faster.pass_through == pytest.approx((0.10 + 0.11) / 2)
    assert step(faster, by_day, spent_cents=0, open_cents=0, allocation_cents=DAILY, now=noon) is faster
    slower = step(faster, by_day, spent_cents=DAILY, open_cents=9, allocation_cents=DAILY, now=noon + MINUTE)
    assert slower.steps[-1] == pytest.approx(0.099)
    night = start_of(PLAIN, ZONE) + timedelta(hours=3)
    early = first_pace(PLAIN, night - MINUTE)
    assert step(early, by_day, spent_cents=0, open_cents=0, allocation_cents=DAILY, now=night) is early


def test_a_pace_stays_between_a_thousandth_and_everything() -> None:
    whole = plan(PLAIN, ZONE, (), UNIFORM)
    for spent, bound in ((0, 1.0), (DAILY, LEAST_PASS_THROUGH)):
        now = start_of(PLAIN, ZONE) + timedelta(hours=6)
        pace = first_pace(PLAIN, now)
        for _ in range(120):
            now += MINUTE
            pace = step(pace, whole, spent_cents=spent, open_cents=9, allocation_cents=DAILY, now=now)
        assert pace.pass_through == bound


def test_who_is_ahead_waits_for_the_plan_without_losing_the_pace() -> None:
    """The plan spends seven cents a minute: with one of them open, less would save nothing."""
    noon = datetime(2026, 5, 20, 10, tzinfo=UTC)
    whole = plan(PLAIN, ZONE, (), UNIFORM)
    paces = []
    for open_cents in (1.0, 9.0):
        pace = first_pace(PLAIN, noon, 0.5)
        for minute in range(1, 31):
            now = noon + minute * MINUTE
            pace = step(pace, whole, spent_cents=7_000, open_cents=open_cents, allocation_cents=DAILY, now=now)
        paces.append(pace.pass_through)
    assert paces[0] == 0.5
    assert paces[1] < 0.5 * 0.9**28


def test_an_allocation_is_what_day_total_and_balance_leave() -> None:
    assert allocation(1_000, 200, []) == 1_000
    assert allocation(1_000, 200, [500, 900]) == 700
    assert allocation(1_000, 200, [-5]) == 200
