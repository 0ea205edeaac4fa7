"""Money is integer cents. These are the only places where a cent is ever rounded."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

BIPS = 10_000


def half_up(numerator: int, denominator: int) -> int:
    """The quotient to the nearest integer, halves upwards; both sides non-negative, so that half up has one meaning."""
    if numerator < 0 or denominator <= 0:
        raise ValueError("half_up takes a non-negative numerator and a positive denominator")
    return (2 * numerator + denominator) // (2 * denominator)


def bips_of(amount_cents: int, bips: int) -> int:
    """That many ten-thousandths of an amount."""
    return half_up(amount_cents * bips, BIPS)


def times(unit_cents: int, quantity: Decimal) -> int:
    """A unit price times a decimal quantity, half up."""
    if unit_cents < 0 or quantity < 0:
        raise ValueError("price and quantity are non-negative")
    return int((quantity * unit_cents).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def clamp(amount_cents: int, lowest: int, highest: int | None) -> int:
    """The amount, but never below the lowest nor above the highest; no highest means no limit."""
    raised = max(amount_cents, lowest)
    return raised if highest is None else min(raised, highest)


def largest_remainder(total_cents: int, weights: Sequence[int]) -> list[int]:
    """Splits a total in proportion to the weights, to the cent; what flooring leaves over goes to the largest
    remainders, the earlier one on a tie.
    """
    weight = sum(weights)
    if total_cents < 0 or any(part < 0 for part in weights) or weight == 0:
        raise ValueError("a split takes a non-negative total and weights with a positive sum")
    shares = [total_cents * part // weight for part in weights]
    by_remainder = sorted(range(len(weights)), key=lambda index: (-(total_cents * weights[index] % weight), index))
    for index in by_remainder[: total_cents - sum(shares)]:
        shares[index] += 1
    return shares
