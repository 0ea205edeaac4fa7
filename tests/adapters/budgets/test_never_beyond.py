"""Whatever is asked in whatever order: the scripts answer as a few lines of Python do, nothing goes beyond a cap that
was in force, and nothing is charged twice.
"""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import redis
from hypothesis import given, settings
from hypothesis import strategies as st

from devstack.program import complete
from devstack.valkey import Valkey
from server.adapters.budgets.port import Answer, Budgets, Claim, ClickClaim, HeldClaim, Limits, Outcome, Spent, Step
from server.adapters.budgets.valkey import valkey_budgets
from tests.adapters.budgets.contract import CAMPAIGN, DAY
from tests.adapters.budgets.model import Model
from tests.support.parts import emptied

CENTS = st.integers(0, 400)
LIMITS = st.builds(Limits, st.integers(1, 9), CENTS, st.none() | CENTS, CENTS)
CLICKS = st.lists(st.tuples(st.integers(1, 12), st.integers(1, 90), st.integers(0, 2)), min_size=1, max_size=6)
ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("claim"), LIMITS, CLICKS, st.integers(-1, 1), st.integers(0, 30)),
        st.tuples(st.just("again")),
        st.tuples(st.just("load"), st.integers(0, 2)),
        st.tuples(st.just("lose")),
        st.tuples(st.just("release"), st.integers(1, 12)),
    ),
    max_size=25,
)


class Run:
    """The budgets and their model side by side, and what a ledger would have written down."""

    def __init__(self, budgets: Budgets, server: Valkey) -> None:
        self.budgets = budgets
        self.server = server
        self.model = Model()
        self.at = Step(2, 0)
        self.offset = 0
        self.last: Claim | None = None
        self.charged: dict[ClickClaim, int] = {}

    async def do(self, action: tuple[object, ...]) -> None:
        match action:
            case ("claim", Limits() as limits, list() as clicks, int() as astray, int() as settled):
                await self.claim(limits, clicks, astray, settled)
            case ("again",):
                if self.last is not None:
                    await self.ask(self.last, self.at, 0)
            case ("load", int() as fence):
                await self.load(fence)
            case ("lose",):
                emptied(self.server)
                self.model = Model()
            case ("release", int() as number):
                await self.release(f"pimp_{number}")

    async def claim(self, limits: Limits, clicks: list[tuple[int, int, int]], astray: int, settled: int) -> None:
        made = []
        for key, price, day in clicks:
            self.offset += 1
            made.append(ClickClaim(f"pimp_{key}", price, DAY + timedelta(days=day), self.offset, key))
        asked = Claim(CAMPAIGN, limits, tuple(made))
        step = self.at._replace(sequence=self.at.sequence + astray)
        await self.ask(asked, step, settled)

    async def ask(self, asked: Claim, step: Step, settled: int) -> None:
        (answer,) = await self.budgets.claim([(asked, step)], settled=settled)
        assert (answer.answer, answer.outcomes) == self.model.claim(asked, step, settled)
        if answer.answer is Answer.CLAIMED:
            self.at = self.at._replace(sequence=self.at.sequence + 1)
            self.last = asked
            await self.within_caps(asked, answer.outcomes)

    async def within_caps(self, asked: Claim, outcomes: tuple[Outcome, ...]) -> None:
        """Where a click was charged that had not been before, the sums stand within what was allowed at that moment."""
        new = [
            click
            for click, outcome in zip(asked.clicks, outcomes, strict=True)
            if outcome is Outcome.CHARGED and click not in self.charged
        ]
        spent = (await self.budgets.views([CAMPAIGN]))[CAMPAIGN].spent
        for click in new:
            self.charged[click] = click.price_cents
            assert spent.by_day[click.budget_day] <= asked.limits.daily_cents
        if new:
            caps = (asked.limits.balance_cents, asked.limits.total_cents)
            assert all(spent.total_cents <= cap for cap in caps if cap is not None)

    async def load(self, fence: int) -> None:
        """What the ledger has is what was charged; a worker that takes over goes on from there."""
        step = Step(self.at.fence - 1 + fence, self.at.sequence + 1)
        spent = Spent(CAMPAIGN, sum(self.charged.values()), self.days())
        accepted = await self.budgets.load(spent, step)
        assert accepted == self.model.load(spent, step)
        if accepted:
            self.at = step

    def days(self) -> dict[date, int]:
        days: Counter[date] = Counter()
        for click, cents in self.charged.items():
            days[click.budget_day] += cents
        return dict(days)

    async def release(self, key: str) -> None:
        held = next((claim for claim in await self.budgets.held(CAMPAIGN) if claim.key == key), None)
        asked = held or HeldClaim(key, 0, 0, 1, DAY)
        assert await self.budgets.release(CAMPAIGN, asked) == self.model.release(CAMPAIGN, key)
        self.charged = {click: cents for click, cents in self.charged.items() if held is None or click.key != key}

    async def agree(self) -> None:
        view = (await self.budgets.views([CAMPAIGN])).get(CAMPAIGN)
        known = self.model.campaigns.get(CAMPAIGN)
        assert (view is None) == (known is None)
        if view is not None and known is not None:
            days = {day: cents for day, cents in known.days.items() if cents}
            found = {day: cents for day, cents in view.spent.by_day.items() if cents}
            assert (view.at, view.spent.total_cents, found) == (known.at, known.total, days)
            held = {(claim.key, claim.offset, claim.row) for claim in await self.budgets.held(CAMPAIGN)}
            assert held == {(click.key, click.offset, click.row) for click in known.claims.values()}


@given(ACTIONS)
@settings(max_examples=80, deadline=None)
def test_budgets_do_what_they_are_meant_to_do(budget_server: Valkey, actions: list[tuple[object, ...]]) -> None:
    async def run() -> None:
        async with valkey_budgets(budget_server.url, cluster=False) as budgets:
            run = Run(budgets, emptied(budget_server))
            assert await budgets.load(Spent(CAMPAIGN, 0), run.at)
            run.model.load(Spent(CAMPAIGN, 0), run.at)
            for action in actions:
                await run.do(action)
                await run.agree()

    complete(run())


def test_the_model_can_tell_a_script_that_charges_twice(valkey_budget: Valkey) -> None:
    """The comparison is worth something: tampered sums are found."""

    async def run() -> bool:
        async with valkey_budgets(valkey_budget.url, cluster=False) as budgets:
            run = Run(budgets, valkey_budget)
            await budgets.load(Spent(CAMPAIGN, 0), run.at)
            run.model.load(Spent(CAMPAIGN, 0), run.at)
            with redis.Redis(port=valkey_budget.port) as client:
                client.hincrby(f"budget:{{{CAMPAIGN}}}:view", "total", 1)
            try:
                await run.agree()
            except AssertionError:
                return True
            return False

    assert complete(run())


def test_limits_come_with_the_claim_and_are_kept_nowhere(valkey_budget: Valkey) -> None:
    async def run() -> list[Outcome]:
        async with valkey_budgets(valkey_budget.url, cluster=False) as budgets:
            await budgets.load(Spent(CAMPAIGN, 0), Step(1, 0))
            limits = Limits(1, 100, None, 1_000)
            outcomes: list[Outcome] = []
            for number, cap in enumerate((100, 100, 200, 100)):
                click = ClickClaim(f"pimp_{number}", 100, DAY, number, 0)
                asked = Claim(CAMPAIGN, replace(limits, version=number + 1, daily_cents=cap), (click,))
                (answer,) = await budgets.claim([(asked, Step(1, number))], settled=0)
                outcomes += answer.outcomes
            return outcomes

    assert complete(run()) == [Outcome.CHARGED, Outcome.CAP_DAILY, Outcome.CHARGED, Outcome.CAP_DAILY]
