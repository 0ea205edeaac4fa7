"""Whether a campaign can still pay for a click, counting those that may yet come of what is shown already.

An impression is open until it was clicked or forgotten. How much of it still is falls off exponentially, so the sum
over all open impressions of a campaign is one number that falls off at the same rate: nothing has to be kept of each.
"""

from dataclasses import dataclass
from math import exp
from typing import Final

FORGOTTEN_AFTER_SECONDS: Final = 60.0
"""The mean time from an impression to its click, where there is one."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a campaign may spend, and what it has spent, as far as is known."""

    daily_cents: int
    total_cents: int | None
    balance_cents: int
    spent_today_cents: int
    spent_cents: int
    """On all days together, what was given back for invalid clicks taken off."""

    @property
    def daily_left_cents(self) -> int:
        return self.daily_cents - self.spent_today_cents

    @property
    def total_left_cents(self) -> int | None:
        return None if self.total_cents is None else self.total_cents - self.spent_cents

    @property
    def room_cents(self) -> int:
        """What may be spent from now on: the least of what day, total cap and balance leave."""
        total_left = self.total_left_cents
        room = min(self.daily_left_cents, self.balance_cents)
        return room if total_left is None else min(room, total_left)


def decayed(open_cents: float, seconds: float) -> float:
    """What is left of open impressions after that long."""
    return open_cents * exp(-max(0.0, seconds) / FORGOTTEN_AFTER_SECONDS)


def covers(room_cents: int, open_cents: float, cpc_cents: int) -> bool:
    """Whether one more click could be paid, should what is open be clicked as expected."""
    return open_cents + cpc_cents <= room_cents
