"""Steps every active campaign once a minute, and makes its plan when its day begins."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from server.core.clock import Clock
from server.core.db import Database, Tx
from server.promo.domain.campaign import PacingMode
from server.promo.pacing.repository import Beginning, Counts, PacingRepository, Standing, Stepped, audience
from server.promo.serving.domain.candidate import Candidate
from server.promo.serving.domain.pacing import UNIFORM, DayPlan, Pace, allocation, curve_of, first_pace, plan, step
from server.promo.serving.domain.worth import click_rate
from server.promo.serving.repository import ServingRepository

AT_ONCE: Final = 200
NOTICED: Final = 0.02
"""A click rate that moved less than this moves no campaign in anybody's lists."""
KEPT_SEARCHES: Final = timedelta(days=30)
KEPT_UNSERVED: Final = timedelta(days=7)
KEPT_EXPOSURES: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)


class PacingUseCases:
    """The publisher's work."""

    def __init__(
        self, database: Database, repository: PacingRepository, campaigns: ServingRepository, clock: Clock
    ) -> None:
        self._database = database
        self._repository = repository
        self._campaigns = campaigns
        self._clock = clock

    async def publish(self) -> None:
        """Steps all campaigns that are active, some at a time; one that was stepped this minute stays as it is."""
        after = ""
        while True:
            async with self._database.read() as tx:
                found = await self._campaigns.active_after(tx, after, AT_ONCE)
            if not found:
                return
            await self._publish(found)
            after = found[-1]

    async def forget(self) -> None:
        """Lets go of what serving counted and nobody needs any more."""
        now = self._clock.now()
        await self._database.run(
            lambda tx: self._repository.forget(
                tx, searches=now - KEPT_SEARCHES, unserved=now - KEPT_UNSERVED, exposures=now - KEPT_EXPOSURES
            )
        )

    async def _publish(self, campaign_ids: Sequence[str]) -> None:
        async def work(tx: Tx) -> None:
            await self._repository.lock(tx)
            now = self._clock.now()
            candidates = [known.candidate for known in await self._campaigns.load(tx, campaign_ids, now)]
            standings = await self._repository.standings(tx, campaign_ids, now)
            beginnings = await self._beginnings(tx, candidates, standings, now)
            stepped = [
                stepped
                for candidate in candidates
                if (
                    stepped := advanced(
                        candidate, standings[candidate.campaign_id], beginnings[candidate.campaign_id], now
                    )
                )
            ]
            if stepped:
                await self._repository.publish(tx, stepped)

        await self._database.run(work)

    async def _beginnings(
        self, tx: Tx, candidates: Sequence[Candidate], standings: Mapping[str, Standing], now: datetime
    ) -> dict[str, Beginning]:
        """What each campaign's present day began with, made where it has just begun."""
        known = {candidate.campaign_id: standings[candidate.campaign_id].beginning for candidate in candidates}
        result = {
            candidate.campaign_id: beginning
            for candidate in candidates
            if (beginning := known[candidate.campaign_id]) is not None and beginning.day == candidate.budget_day
        }
        new = [candidate for candidate in candidates if candidate.campaign_id not in result]
        if new:
            names = [candidate.campaign_id for candidate in new]
            traffic = await self._repository.traffic(tx, names, now)
            weeks = await self._repository.weeks(tx, names, now)
            made = []
            for candidate in new:
                curve = curve_of(traffic.get(audience(candidate), {}))
                week = weeks.get(candidate.campaign_id, Counts(0, 0))
                made.append(
                    Beginning(candidate.campaign_id, candidate.budget_day, None if curve is UNIFORM else curve, week)
                )
            await self._repository.put_beginnings(tx, made)
            result.update({one.campaign_id: one for one in made})
        return result


def advanced(candidate: Candidate, standing: Standing, beginning: Beginning, now: datetime) -> Stepped | None:
    """The campaign's next pace; None where nothing about it is new."""
    hours, allowance = candidate.hours, candidate.allowance
    today = plan(candidate.budget_day, hours.time_zone, hours.of_week, beginning.curve or UNIFORM)
    left = [allowance.balance_cents]
    if allowance.total_left_cents is not None:
        left.append(allowance.total_left_cents)
    allocated = allocation(allowance.daily_cents, allowance.spent_today_cents, left)
    pace = _paced(candidate, standing, today, allocated, now)
    rate = _settled(standing, click_rate(*_counts(beginning.week + standing.today)))
    if pace == standing.pace and rate == standing.click_rate:
        return None
    return Stepped(
        campaign_id=candidate.campaign_id,
        pace=pace,
        click_rate=rate,
        allocation_cents=allocated,
        planned_cents=int(allocated * today.share(now)),
        spent_cents=allowance.spent_today_cents,
    )


def _paced(candidate: Candidate, standing: Standing, today: DayPlan, allocated: int, now: datetime) -> Pace:
    day, before = candidate.budget_day, standing.pace
    if candidate.pacing is PacingMode.ACCELERATED:
        return before if before is not None and before.steps == (1.0,) else first_pace(day, now, 1.0)
    if before is None or before.day != day:
        is_yesterdays = before is not None and before.day == day - _DAY
        return first_pace(day, now, before.pass_through if before is not None and is_yesterdays else None)
    return step(
        before,
        today,
        spent_cents=candidate.allowance.spent_today_cents,
        open_cents=standing.open_cents,
        allocation_cents=allocated,
        now=now,
    )


def _settled(standing: Standing, rate: float) -> float:
    """The rate as it was, unless it moved noticeably."""
    before = standing.click_rate
    return before if before is not None and abs(rate - before) < NOTICED * before else rate


def _counts(counts: Counts) -> tuple[int, int]:
    return counts.impressions, counts.clicks
