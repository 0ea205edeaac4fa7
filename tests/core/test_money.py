"""Where cents are rounded."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.money import bips_of, clamp, half_up, largest_remainder, times


@pytest.mark.parametrize(
    ("numerator", "denominator", "expected"),
    [(1, 2, 1), (3, 2, 2), (1, 3, 0), (2, 3, 1), (0, 7, 0), (10**18 + 1, 2, 5 * 10**17 + 1)],
)
def test_halves_go_up(numerator: int, denominator: int, expected: int) -> None:
    assert half_up(numerator, denominator) == expected


@given(st.integers(0, 10**15), st.integers(1, 10**9))
def test_half_up_is_the_nearest_integer(numerator: int, denominator: int) -> None:
    distance = abs(Fraction(numerator, denominator) - half_up(numerator, denominator))
    assert distance <= Fraction(1, 2)


@pytest.mark.parametrize(("numerator", "denominator"), [(-1, 2), (1, 0), (1, -2)])
def test_half_up_has_one_meaning(numerator: int, denominator: int) -> None:
    with pytest.raises(ValueError, match="half_up"):
        half_up(numerator, denominator)


def test_fee_and_tax_of_the_worked_example() -> None:
    fee = bips_of(35_333, 1250)
    assert (fee, bips_of(fee, 888)) == (4417, 392)


@pytest.mark.parametrize(
    ("unit", "quantity", "expected"), [(10_000, "2.5", 25_000), (333, "0.5", 167), (1, "0.4999", 0), (1999, "1", 1999)]
)
def test_a_line_is_unit_times_quantity(unit: int, quantity: str, expected: int) -> None:
    assert times(unit, Decimal(quantity)) == expected


def test_a_line_is_never_negative() -> None:
    with pytest.raises(ValueError, match="non-negative"):
        times(1, Decimal(-1))


@pytest.mark.parametrize(("amount", "expected"), [(5, 10), (15, 15), (25, 20)])
def test_a_clamped_amount_stays_within(amount: int, expected: int) -> None:
    assert clamp(amount, 10, 20) == expected
    assert clamp(10**9, 10, None) == 10**9


@given(
    st.integers(0, 10**9), st.lists(st.integers(0, 10**6), min_size=1, max_size=20).filter(lambda parts: sum(parts) > 0)
)
def test_a_split_loses_no_cent_and_is_fair(total: int, weights: list[int]) -> None:
    shares = largest_remainder(total, weights)
    assert sum(shares) == total
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share - Fraction(total * weight, sum(weights))) < 1


def test_the_split_of_the_worked_example() -> None:
    assert largest_remainder(10_000, [25_000, 4_000, 1_333, 5_000]) == [7_076, 1_132, 377, 1_415]


def test_on_a_tie_the_earlier_line_gets_the_cent() -> None:
    assert largest_remainder(1, [1, 1]) == [1, 0]


@pytest.mark.parametrize(("total", "weights"), [(-1, [1]), (1, [0]), (1, [-1, 2])])
def test_a_split_of_nothing_is_refused(total: int, weights: list[int]) -> None:
    with pytest.raises(ValueError, match="split"):
        largest_remainder(total, weights)
