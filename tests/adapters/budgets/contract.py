"""What any `Budgets` must do: subclasses name a backend with a `budgets` fixture."""

import asyncio
from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from server.adapters.budgets.port import (
    Answer,
    Budgets,
    Claim,
    Claimed,
    ClickClaim,
    HeldClaim,
    Limits,
    Outcome,
    Spent,
    Step,
)

DAY = date(2026, 10, 25)
CAMPAIGN = "pcmp_01hk153x00aaaaaaaaaaaaaaaa"
OTHER = "pcmp_01hk153x00bbbbbbbbbbbbbbbb"
FIRST = Step(fence=3, sequence=10)
PLENTY = Limits(version=1, daily_cents=1_000, total_cents=None, balance_cents=10_000)

CHARGED, DAILY, TOTAL, BALANCE = Outcome.CHARGED, Outcome.CAP_DAILY, Outcome.CAP_TOTAL, Outcome.NO_BALANCE


def click(number: int, price: int = 100, day: date = DAY, offset: int | None = None) -> ClickClaim:
    return ClickClaim(f"pimp_{number}", price, day, number if offset is None else offset, 0)


def claim(*clicks: ClickClaim, limits: Limits = PLENTY, campaign: str = CAMPAIGN) -> Claim:
    return Claim(campaign, limits, clicks)


def step(number: int) -> Step:
    return FIRST._replace(sequence=FIRST.sequence + number)


async def loaded(budgets: Budgets, total: int = 0, at: Step = FIRST, campaign: str = CAMPAIGN, **days: int) -> None:
    assert await budgets.load(Spent(campaign, total, {date.fromisoformat(day): days[day] for day in days}), at)


async def one(budgets: Budgets, asked: Claim, at: Step, settled: int = 0) -> Claimed:
    (answer,) = await budgets.claim([(asked, at)], settled=settled)
    return answer


class BudgetsContract:
    """The promises of the port."""

    async def test_clicks_are_charged_and_each_step_follows_the_last(self, budgets: Budgets) -> None:
        await loaded(budgets)
        assert await one(budgets, claim(click(1), click(2)), FIRST) == Claimed(
            CAMPAIGN, Answer.CLAIMED, (CHARGED, CHARGED)
        )
        assert (await one(budgets, claim(click(3)), step(1))).outcomes == (CHARGED,)
        view = (await budgets.views([CAMPAIGN, OTHER]))[CAMPAIGN]
        assert (view.at, view.limits_version, view.spent) == (step(2), 1, Spent(CAMPAIGN, 300, {DAY: 300}))

    async def test_what_nothing_is_known_of_is_charged_nothing(self, budgets: Budgets) -> None:
        assert await one(budgets, claim(click(1)), FIRST) == Claimed(CAMPAIGN, Answer.UNKNOWN)
        assert await budgets.views([CAMPAIGN]) == {}
        assert await budgets.held(CAMPAIGN) == []

    @pytest.mark.parametrize(
        ("limits", "outcome"),
        [
            (Limits(1, 299, None, 10_000), DAILY),
            (Limits(1, 1_000, 299, 10_000), TOTAL),
            (Limits(1, 1_000, None, 299), BALANCE),
            (Limits(1, 299, 299, 299), DAILY),
            (Limits(1, 1_000, 299, 299), TOTAL),
            (Limits(1, 300, 300, 300), CHARGED),
        ],
    )
    async def test_the_click_that_would_go_beyond_is_not_charged(
        self, budgets: Budgets, limits: Limits, outcome: Outcome
    ) -> None:
        await loaded(budgets)
        answer = await one(budgets, claim(click(1), click(2), click(3), limits=limits), FIRST)
        assert answer.outcomes == (CHARGED, CHARGED, outcome)

    async def test_a_cheaper_click_may_fit_where_a_dear_one_did_not(self, budgets: Budgets) -> None:
        await loaded(budgets)
        limits = Limits(1, 150, None, 10_000)
        answer = await one(budgets, claim(click(1), click(2), click(3, price=50), limits=limits), FIRST)
        assert answer.outcomes == (CHARGED, DAILY, CHARGED)

    async def test_each_day_has_its_own_cap(self, budgets: Budgets) -> None:
        await loaded(budgets)
        limits = Limits(1, 100, None, 10_000)
        tomorrow = DAY + timedelta(days=1)
        clicks = (click(1), click(2), click(3, day=tomorrow), click(4, day=tomorrow))
        assert (await one(budgets, claim(*clicks, limits=limits), FIRST)).outcomes == (CHARGED, DAILY, CHARGED, DAILY)

    async def test_a_cap_below_what_is_spent_stops_and_a_higher_one_goes_on(self, budgets: Budgets) -> None:
        await loaded(budgets)
        await one(budgets, claim(*(click(number) for number in range(5))), FIRST)
        lowered = claim(click(6), limits=Limits(2, 200, None, 10_000))
        assert (await one(budgets, lowered, step(1))).outcomes == (DAILY,)
        raised = claim(click(6), limits=Limits(3, 600, None, 10_000))
        assert (await one(budgets, raised, step(2))).outcomes == (CHARGED,)
        assert (await budgets.views([CAMPAIGN]))[CAMPAIGN].limits_version == 3

    async def test_a_click_that_asks_again_is_charged_once(self, budgets: Budgets) -> None:
        await loaded(budgets)
        await one(budgets, claim(click(1)), FIRST)
        assert (await one(budgets, claim(click(1), click(2)), step(1))).outcomes == (CHARGED, CHARGED)
        assert (await budgets.views([CAMPAIGN]))[CAMPAIGN].spent.total_cents == 200

    async def test_a_click_that_was_charged_stays_so_under_a_lower_cap(self, budgets: Budgets) -> None:
        await loaded(budgets)
        await one(budgets, claim(click(1)), FIRST)
        again = claim(click(1), limits=Limits(2, 1, 1, 1))
        assert (await one(budgets, again, step(1))).outcomes == (CHARGED,)

    async def test_another_click_on_the_same_impression_is_told_so(self, budgets: Budgets) -> None:
        await loaded(budgets)
        twice = claim(click(1), click(1, offset=2))
        assert (await one(budgets, twice, FIRST)).outcomes == (CHARGED, Outcome.CHARGED_BEFORE)

    async def test_what_the_ledger_says_is_gone_on_from(self, budgets: Budgets) -> None:
        assert await budgets.load(Spent(CAMPAIGN, 900, {DAY: 50}), FIRST)
        limits = Limits(1, 200, 1_000, 10_000)
        assert (await one(budgets, claim(click(1), click(2), limits=limits), FIRST)).outcomes == (CHARGED, DAILY)

    async def test_loading_forgets_claims_that_were_given_up(self, budgets: Budgets) -> None:
        await loaded(budgets)
        await one(budgets, claim(click(1)), FIRST)
        await loaded(budgets, at=step(2))
        assert await budgets.held(CAMPAIGN) == []
        assert (await one(budgets, claim(click(1)), step(2))).outcomes == (CHARGED,)
        assert (await budgets.views([CAMPAIGN]))[CAMPAIGN].spent.total_cents == 100

    async def test_an_older_writer_is_refused(self, budgets: Budgets) -> None:
        await loaded(budgets, at=Step(4, 1))
        assert (await one(budgets, claim(click(1)), FIRST)).answer is Answer.FENCED
        assert not await budgets.load(Spent(CAMPAIGN, 0), FIRST)
        assert (await budgets.views([CAMPAIGN]))[CAMPAIGN].spent.total_cents == 0

    async def test_a_new_writer_has_to_load_first(self, budgets: Budgets) -> None:
        await loaded(budgets)
        assert (await one(budgets, claim(click(1)), Step(4, 10))).answer is Answer.OLDER

    @pytest.mark.parametrize("wrong", [step(-1), step(1)])
    async def test_another_step_than_expected_is_reported_and_charges_nothing(
        self, budgets: Budgets, wrong: Step
    ) -> None:
        await loaded(budgets)
        assert await one(budgets, claim(click(1)), wrong) == Claimed(CAMPAIGN, Answer.UNEXPECTED)
        assert (await budgets.views([CAMPAIGN]))[CAMPAIGN].at == FIRST

    async def test_many_campaigns_are_answered_at_once(self, budgets: Budgets) -> None:
        names = [f"pcmp_{number}" for number in range(30)]
        for name in names:
            await loaded(budgets, campaign=name)
        asked: Sequence[tuple[Claim, Step]] = [
            (claim(click(number), campaign=name), FIRST) for number, name in enumerate(names)
        ]
        answers = await budgets.claim(asked, settled=0)
        assert [(answer.campaign_id, answer.outcomes) for answer in answers] == [(name, (CHARGED,)) for name in names]
        assert set(await budgets.views(names)) == set(names)

    async def test_claims_are_listed_by_their_place_until_they_are_settled(self, budgets: Budgets) -> None:
        await loaded(budgets)
        await one(budgets, claim(click(2), click(1), click(3)), FIRST)
        assert [held.offset for held in await budgets.held(CAMPAIGN)] == [1, 2, 3]
        await one(budgets, claim(click(4)), step(1), settled=2)
        assert await budgets.held(CAMPAIGN) == [
            HeldClaim("pimp_3", 3, 0, 100, DAY),
            HeldClaim("pimp_4", 4, 0, 100, DAY),
        ]

    async def test_a_claim_that_was_released_may_be_spent_again(self, budgets: Budgets) -> None:
        await loaded(budgets)
        await one(budgets, claim(click(1), click(2)), FIRST)
        first, _ = await budgets.held(CAMPAIGN)
        assert await budgets.release(CAMPAIGN, first)
        assert not await budgets.release(CAMPAIGN, first)
        view = (await budgets.views([CAMPAIGN]))[CAMPAIGN]
        assert (view.spent, view.at) == (Spent(CAMPAIGN, 100, {DAY: 100}), step(1))

    async def test_a_claim_that_became_another_one_is_not_released(self, budgets: Budgets) -> None:
        await loaded(budgets)
        await one(budgets, claim(click(1)), FIRST)
        (held,) = await budgets.held(CAMPAIGN)
        await loaded(budgets, at=step(2))
        await one(budgets, claim(click(1, offset=9)), step(2))
        assert not await budgets.release(CAMPAIGN, held)

    async def test_days_long_gone_are_forgotten(self, budgets: Budgets) -> None:
        await loaded(budgets)
        days = [DAY + timedelta(days=number) for number in range(20)]
        for number, day in enumerate(days):
            await one(budgets, claim(click(number, day=day)), step(number))
        spent = (await budgets.views([CAMPAIGN]))[CAMPAIGN].spent
        assert (spent.total_cents, sorted(spent.by_day)) == (2_000, days[-8:])

    async def test_of_claims_at_once_under_one_step_one_is_accepted(self, budgets: Budgets) -> None:
        await loaded(budgets)
        answers = await asyncio.gather(*(one(budgets, claim(click(number)), FIRST) for number in range(20)))
        assert sorted(answer.answer for answer in answers) == [Answer.CLAIMED] + [Answer.UNEXPECTED] * 19
        assert (await budgets.views([CAMPAIGN]))[CAMPAIGN].spent.total_cents == 100
