"""Refunds to the cent: the worked examples, and what holds for any order after any steps."""

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from random import Random

import pytest

from server.booking.pricing import FeePolicy, LineItemKind, Price, line, price_of
from server.booking.refunds import (
    Balance,
    Refund,
    captured,
    extended,
    milestone_share,
    over_charges,
    over_lines,
    refunded,
    wholly_refunded,
)

ORDERS_A_SEED = 1_000
REFUNDS = ("refund", "kept fee", "whole")
STEPS = (*REFUNDS, "refund", "up", "tip", "pay", "withdraw", "reinstate")
POLICY = FeePolicy("fpl_1", 1250, 0, None, 888, False, 1000)


def priced(lines: list[int], policy: FeePolicy = POLICY, *, tip: int = 0, credit: int = 0) -> Price:
    """An order of those lines."""
    items = tuple(line(LineItemKind.PACKAGE, "A line", Decimal(1), cents) for cents in lines)
    return price_of(items, policy, tip_cents=tip, credit_offered_cents=credit, currency="usd")


def test_the_worked_example_of_two_refunds_is_right_to_the_cent() -> None:
    lines = [25_000, 4_000, 1_333, 5_000]
    balance = captured(priced(lines))
    balance, first = refunded(balance, 10_000, fee_refundable=True)
    assert over_lines(10_000, lines) == [7_076, 1_132, 377, 1_415]
    assert (first.fee_cents, first.tax_cents, first.cash_cents) == (1_250, 111, 11_361)
    balance, rest = refunded(balance, 25_333, fee_refundable=True)
    assert (rest.fee_cents, rest.tax_cents) == (3_167, 281)
    assert balance.refunded_cents == balance.charged_cents == 40_142


def test_the_worked_example_of_a_paid_milestone_is_right_to_the_cent() -> None:
    balance = captured(priced([10_000]))
    paid = milestone_share(balance, 0, 5_000)
    assert (balance.commission.amount_cents, paid) == (1_000, 4_500)
    balance, _ = refunded(replace(balance, transferred_cents=paid), 7_000, fee_refundable=True)
    assert balance.to_reverse_cents == 1_800


def test_milestones_bring_in_all_what_the_order_brings() -> None:
    balance = captured(priced([3_333, 3_333, 3_337], replace(POLICY, commission_bips=1_115)))
    before, shares = 0, []
    for amount in (3_333, 3_333, 3_337):
        shares.append(milestone_share(balance, before, amount))
        before += amount
    assert sum(shares) == balance.earned_cents


def test_a_fee_that_is_kept_is_forfeited_and_comes_back_only_if_the_provider_cancels() -> None:
    balance = captured(priced([10_000], tip=300, credit=250))
    balance, half = refunded(balance, 5_000, fee_refundable=False)
    assert (half.cash_cents, half.credit_cents, half.commission_cents) == (5_000, 0, 500)
    assert (balance.fee.forfeited_cents, balance.credit.forfeited_cents, balance.tax.forfeited_cents) == (500, 125, 56)
    balance, rest = wholly_refunded(balance)
    assert (rest.cash_cents, rest.credit_cents, rest.tip_cents) == (5_000 + 1_000 + 111 + 300, 250, 300)
    assert balance.refunded_cents == balance.charged_cents
    assert balance.payable_cents == 0


def test_without_a_subtotal_the_fee_goes_back_whole_or_not_at_all() -> None:
    balance = captured(priced([], replace(POLICY, fee_min_cents=500)))
    assert balance.charged_cents == 500 + 44
    after, refund = refunded(balance, 0, fee_refundable=True)
    assert (refund.fee_cents, refund.tax_cents, after.refunded_cents) == (500, 44, 544)
    _, again = refunded(after, 0, fee_refundable=True)
    assert again.cash_cents == 0


def test_a_tip_that_goes_back_moves_nothing_else() -> None:
    balance, _ = refunded(captured(priced([10_000], tip=300, credit=1_000)), 1_000, fee_refundable=True)
    balance = extended(balance, POLICY, subtotal_cents=90_000)
    after, refund = refunded(balance, 0, fee_refundable=True, tip_cents=300)
    assert (refund.cash_cents, refund.tip_cents, after.fee) == (300, 300, balance.fee)


def test_a_buyer_is_not_paid_by_the_bank_and_by_us() -> None:
    balance = replace(captured(priced([10_000])), withdrawn_cents=11_000)
    with pytest.raises(ValueError, match="no more than is left of the charges"):
        refunded(balance, 10_000, fee_refundable=True)
    won = replace(balance, reinstated_cents=11_000)
    assert refunded(won, 10_000, fee_refundable=True)[0].remaining_cents() == 0


@pytest.mark.parametrize(("subtotal", "tip"), [(10_001, 0), (-1, 0), (0, 301), (0, -1)])
def test_no_more_goes_back_than_there_is(subtotal: int, tip: int) -> None:
    balance = captured(priced([10_000], tip=300))
    with pytest.raises(ValueError, match="no more than is left of subtotal and tip"):
        refunded(balance, subtotal, fee_refundable=True, tip_cents=tip)


def test_charges_give_back_newest_first_and_never_more_than_they_have() -> None:
    refund = Refund(1_000, 100, 11, 300, 25, 90, True)
    newest, older, oldest = over_charges(refund, [350, 600, 5_000])
    assert (newest.cash_cents, older.cash_cents, oldest.cash_cents) == (350, 600, 461)
    assert (newest.tip_cents, newest.tax_cents, newest.fee_cents) == (300, 11, 39)
    assert (newest.credit_cents, older.credit_cents, oldest.credit_cents) == (25, 0, 0)
    assert sum(piece.subtotal_cents for piece in (newest, older, oldest)) == 1_000
    with pytest.raises(ValueError, match="no more than is left of them"):
        over_charges(refund, [1_410])


def random_policy(random: Random) -> FeePolicy:
    least = random.choice([0, 0, random.randint(1, 3_000)])
    most = random.choice([None, None, least + random.randint(0, 5_000)])
    return FeePolicy(
        "fpl_random",
        random.choice([0, 1, 333, 1250, 1999, 10_000]),
        least,
        most,
        random.choice([0, 7, 888, 1900, 10_000]),
        random.random() < 0.3,
        random.choice([0, 1, 1000, 1115, 10_000]),
    )


def random_price(random: Random) -> Price:
    lines = [
        random.choice([1, 99, random.randint(1, 9_999), random.randint(1, 500_000)])
        for _ in range(random.randint(1, 4))
    ]
    tip = random.choice([0, random.randint(1, 9_999)])
    credit = random.choice([0, 0, random.randint(1, 9_999)])
    return priced(lines, random_policy(random), tip=tip, credit=credit)


def some_of(random: Random, left: int) -> int:
    """A part of what is left: nothing, a little, anything, or all."""
    return random.choice([0, min(left, 1), random.randint(0, left), left])


def move(random: Random, balance: Balance, what: str, policy: FeePolicy) -> Balance:
    """What happens to the money of an order beside refunds."""
    match what:
        case "up":
            return extended(balance, policy, subtotal_cents=random.randint(1, 50_000))
        case "tip":
            return extended(balance, policy, tip_cents=random.randint(1, 5_000))
        case "pay":
            share = some_of(random, balance.transferable_cents())
            return replace(balance, transferred_cents=balance.transferred_cents + share)
        case "withdraw":
            cents = some_of(random, balance.refundable_cents)
            return replace(balance, withdrawn_cents=balance.withdrawn_cents + cents)
        case _:
            cents = random.choice([0, balance.lost_to_bank_cents])
            return replace(balance, reinstated_cents=balance.reinstated_cents + cents)


def give_back(random: Random, balance: Balance, what: str) -> tuple[Balance, Refund]:
    """A refund of any kind."""
    if what == "whole":
        return wholly_refunded(balance)
    return refunded(
        balance,
        some_of(random, balance.subtotal_cents - balance.subtotal_returned_cents),
        fee_refundable=what == "refund",
        tip_cents=some_of(random, balance.tip_cents - balance.tip_returned_cents),
    )


def one_step(random: Random, balance: Balance, policy: FeePolicy, seen: Counter[str]) -> Balance:
    """Any of the things that happen to the money of an order; `seen` counts those that moved any."""
    what = random.choice(STEPS)
    if what not in REFUNDS:
        after = move(random, balance, what, policy)
    else:
        try:
            after, refund = give_back(random, balance, what)
            check_refund(balance, after, refund)
        except ValueError:
            # The buyer's bank took what would have gone back.
            assert balance.lost_to_bank_cents > 0
            after, what = balance, "refused"
    seen[what] += after != balance or what == "refused"
    return after


def check_refund(before: Balance, after: Balance, refund: Refund) -> None:
    """A step gives nothing negative, and what it gives is what the balance says."""
    amounts = (
        refund.subtotal_cents,
        refund.fee_cents,
        refund.tax_cents,
        refund.tip_cents,
        refund.credit_cents,
        refund.commission_cents,
    )
    assert min(amounts) >= 0
    assert after.refunded_cents - before.refunded_cents == refund.cash_cents <= before.refundable_cents


def check(balance: Balance) -> None:
    """What holds after any steps."""
    parts = (balance.fee, balance.tax, balance.credit, balance.commission)
    for part in parts:
        assert part.returned_cents >= 0
        assert part.forfeited_cents >= 0
        assert part.returned_cents + part.forfeited_cents <= part.amount_cents
        if balance.subtotal_cents and balance.subtotal_returned_cents == balance.subtotal_cents:
            assert part.returned_cents + part.forfeited_cents == part.amount_cents
    consists_of = balance.subtotal_cents + balance.fee.amount_cents + balance.tax.amount_cents + balance.tip_cents
    assert balance.charged_cents == consists_of
    assert balance.refunded_cents + balance.lost_to_bank_cents <= balance.charged_cents
    assert balance.explained_cents() == balance.remaining_cents()
    assert 0 in (balance.payable_cents, balance.loss_cents)
    assert 0 in (balance.to_reverse_cents, balance.transferable_cents())


@pytest.mark.parametrize("seed", range(20))
def test_every_cent_is_somewhere_after_any_steps(seed: int) -> None:
    random, seen = Random(seed), Counter[str]()  # noqa: S311  a sequence to repeat, no secret
    for _ in range(ORDERS_A_SEED):
        price = random_price(random)
        balance = captured(price)
        for _ in range(random.randint(1, 8)):
            balance = one_step(random, balance, price.policy, seen)
            check(balance)
            balance = replace(balance, reversed_cents=balance.reversed_cents + balance.to_reverse_cents)
            assert balance.net_transferred_cents <= balance.payable_cents
            check(balance)
    assert {what for what, times in seen.items() if times > 20} == {*STEPS, "refused"}


@pytest.mark.parametrize("seed", range(5))
def test_many_small_steps_end_where_one_large_step_does(seed: int) -> None:
    random = Random(seed)  # noqa: S311  a sequence to repeat, no secret
    for _ in range(ORDERS_A_SEED):
        start = captured(random_price(random))
        refundable = random.random() < 0.5
        goal, reached, stepwise = random.randint(0, start.subtotal_cents), 0, start
        while reached < goal:
            step = random.randint(1, goal - reached)
            stepwise, _ = refunded(stepwise, step, fee_refundable=refundable)
            reached += step
        if goal:
            assert stepwise == refunded(start, goal, fee_refundable=refundable)[0]


@pytest.mark.parametrize("seed", range(5))
def test_splits_lose_no_cent(seed: int) -> None:
    random = Random(seed)  # noqa: S311  a sequence to repeat, no secret
    for _ in range(ORDERS_A_SEED):
        remaining = [random.randint(0, 9_999) for _ in range(random.randint(1, 5))]
        subtotal = random.randint(0, sum(remaining))
        split = over_lines(subtotal, remaining)
        assert sum(split) == subtotal
        assert all(part <= left for part, left in zip(split, remaining, strict=True))

        balance = captured(random_price(random))
        _, refund = refunded(
            balance, some_of(random, balance.subtotal_cents), fee_refundable=True, tip_cents=balance.tip_cents
        )
        cut = random.randint(0, balance.charged_cents)
        pieces = over_charges(refund, [cut, balance.charged_cents - cut])
        assert pieces[0].cash_cents <= cut
        for name in ("subtotal_cents", "fee_cents", "tax_cents", "tip_cents", "credit_cents", "commission_cents"):
            assert sum(getattr(piece, name) for piece in pieces) == getattr(refund, name)
