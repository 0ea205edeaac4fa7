"""Money of a campaign, by where it came from."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Funds:
    """An amount in cents: promotional credit, which is spent first, and cash."""

    promo_cents: int
    cash_cents: int

    @property
    def total_cents(self) -> int:
        return self.promo_cents + self.cash_cents


NOTHING = Funds(0, 0)
