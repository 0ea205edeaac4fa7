"""Asks the budgets for a partition's clicks, and brings their view up to date from the ledger wherever it is not.

The ledger is the truth and the budgets are a view of it that may vanish or go back in time. So a view is loaded the
first time that this writer claims, and again whenever an answer shows that it is not the one this writer left behind.
While the budgets are away the partition waits: to decide its clicks unbilled meanwhile would not be what the log says.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

from callsheet.sql.clicks import Queries
from server.adapters.budgets.port import Answer, Budgets, Claimed, Outcome, Spent, Step
from server.core.clock import Clock
from server.core.db import Database, load_queries
from streams.clicks.deciding import Asked, Plan
from streams.engine.errors import Fenced

_queries = load_queries("streams.clicks", Queries)

T = TypeVar("T")
Patiently = Callable[[Callable[[], Awaitable[T]]], Awaitable[T]]

SETTLED = timedelta(seconds=90)
"""How long after its commit a claim stays listed, for whoever compares the views with the ledger: they look each
minute, and what is listed then can be taken back by its id.
"""

EARLIER = timedelta(days=1)
"""Clicks come a moment out of order: one of yesterday may follow one of today."""


@dataclass(frozen=True, slots=True)
class _Sums:
    """What was spent, by the ledger."""

    in_all: Mapping[str, int]
    by_day: Mapping[str, dict[date, int]]


class Charging:
    """Claims under one fence."""

    def __init__(self, budgets: Budgets, database: Database, clock: Clock, partition: object, fence: int) -> None:
        self._budgets = budgets
        self._database = database
        self._clock = clock
        self._partition = partition
        self._fence = fence
        self._steps: dict[str, int] = {}
        self._current: set[str] = set()
        self._committed: deque[tuple[datetime, int]] = deque()
        self._settled = 0

    async def ask(self, plan: Plan, taken: Mapping[str, int]) -> list[tuple[Asked, Sequence[Outcome]]]:
        """Every claim of the plan with its outcomes. BudgetsDown where it is unknown what was claimed: asked again, the
        campaigns are loaded first. `taken` is what was taken from budgets other than by clicks.
        """
        answers: list[tuple[Asked, Sequence[Outcome]]] = []
        for asking in plan.rounds:
            answers += await self._round(asking, taken)
        return answers

    def committed(self, offset: int) -> None:
        """The batch that ends there is committed, and its claims with it."""
        now = self._clock.now()
        self._committed.append((now, offset))
        while self._committed and now - self._committed[0][0] >= SETTLED:
            self._settled = self._committed.popleft()[1]

    def forget(self) -> None:
        """What was claimed last is given up: every view has to be loaded before it is asked again."""
        self._current.clear()

    async def _round(self, asking: Sequence[Asked], taken: Mapping[str, int]) -> list[tuple[Asked, Sequence[Outcome]]]:
        answered: list[tuple[Asked, Sequence[Outcome]]] = []
        while asking:
            await self._load([asked for asked in asking if asked.claim.campaign_id not in self._current], taken)
            claims = [(asked.claim, self._step(asked.claim.campaign_id)) for asked in asking]
            # Until the answer is here, nobody knows where these views stand.
            self._current.difference_update(claim.campaign_id for claim, _ in claims)
            claimed = await self._budgets.claim(claims, settled=self._settled)
            answered += [
                (asked, said.outcomes) for asked, said in zip(asking, claimed, strict=True) if self._accepted(said)
            ]
            asking = [asked for asked, said in zip(asking, claimed, strict=True) if said.answer is not Answer.CLAIMED]
        return answered

    def _accepted(self, said: Claimed) -> bool:
        if said.answer is Answer.FENCED:
            raise Fenced(self._partition, self._fence, self._fence + 1)
        self._steps[said.campaign_id] += 1
        if said.answer is not Answer.CLAIMED:
            return False
        self._current.add(said.campaign_id)
        return True

    def _step(self, campaign_id: str) -> Step:
        return Step(self._fence, self._steps[campaign_id])

    async def _load(self, asking: Iterable[Asked], taken: Mapping[str, int]) -> None:
        """Puts the ledger's sums in place of what the budgets know, or do not know, of these campaigns."""
        oldest = {asked.claim.campaign_id: min(click.budget_day for click in asked.claim.clicks) for asked in asking}
        if not oldest:
            return
        sums = await self._sums(sorted(oldest), min(oldest.values()) - EARLIER)
        for campaign in oldest:
            # Two further: one may have been reached by a claim whose answer never came.
            self._steps[campaign] = self._steps.get(campaign, 0) + 2
        loaded = await asyncio.gather(
            *(
                self._budgets.load(
                    Spent(campaign, sums.in_all.get(campaign, 0) - taken.get(campaign, 0), sums.by_day[campaign]),
                    self._step(campaign),
                )
                for campaign in oldest
            )
        )
        if not all(loaded):
            raise Fenced(self._partition, self._fence, self._fence + 1)
        self._current.update(oldest)

    async def _sums(self, campaigns: Sequence[str], since: date) -> _Sums:
        async with self._database.snapshot() as tx:
            heads = await _queries.spent_in_all(tx, campaign_ids=campaigns)
            days = await _queries.spent_by_day(tx, campaign_ids=campaigns, since=since)
        by_day: dict[str, dict[date, int]] = {campaign: {} for campaign in campaigns}
        for row in days:
            by_day[row["campaign_id"]][row["budget_day"]] = row["cents"]
        return _Sums({row["campaign_id"]: row["cents"] for row in heads}, by_day)
