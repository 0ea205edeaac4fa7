"""How many were found, and how sure that is."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from server.promo.domain.campaign import CampaignStatus
from server.promo.domain.verdicts import Rule, Verdict
from streams.clicks.rules.book import NOTHING_SWITCHED_OFF, Book
from streams.clicks.rules.judging import judge
from tests.streams.clicks import Counting
from tests.streams.day.served import Labelled

Z_95 = 1.959964


@dataclass(slots=True)
class Tally:
    """Clicks of one kind, and how many of them were called invalid by which rule."""

    clicks: int = 0
    called: int = 0
    rules: dict[Rule, int] = field(default_factory=dict)

    @property
    def share(self) -> float:
        return self.called / self.clicks if self.clicks else 0.0

    def interval(self) -> tuple[float, float]:
        return wilson(self.called, self.clicks)


@dataclass(slots=True)
class Score:
    """A day's outcome: by family, what was valid and what was not."""

    valid: dict[str, Tally] = field(default_factory=dict)
    invalid: dict[str, Tally] = field(default_factory=dict)

    @property
    def precision(self) -> Tally:
        """Of what was called invalid, what is."""
        right = sum(tally.called for tally in self.invalid.values())
        return Tally(right + sum(tally.called for tally in self.valid.values()), right)

    @property
    def recall(self) -> Tally:
        """Of what is invalid, what was called so."""
        return total(self.invalid)

    @property
    def false_positives(self) -> Tally:
        """Of what is valid, what was called invalid."""
        return total(self.valid)


def total(tallies: Mapping[str, Tally]) -> Tally:
    return Tally(sum(one.clicks for one in tallies.values()), sum(one.called for one in tallies.values()))


def wilson(found: int, among: int) -> tuple[float, float]:
    """The interval that holds a share with 95 %, which stays between 0 and 1 where there is little to count."""
    if among == 0:
        return 0.0, 1.0
    share, square = found / among, Z_95 * Z_95
    middle = share + square / (2 * among)
    width = Z_95 * math.sqrt(share * (1 - share) / among + square / (4 * among * among))
    scale = 1 + square / among
    return max(0.0, (middle - width) / scale), min(1.0, (middle + width) / scale)


def score(clicks: Iterable[Labelled], book: Book) -> Score:
    """Judges a day's clicks in their order and compares with the labels."""
    counting, result = Counting(), Score()
    for click, family, invalid in clicks:
        hits = counting.observe(click, book)
        judged = judge(click, hits, book, NOTHING_SWITCHED_OFF, CampaignStatus.ACTIVE)
        tally = (result.invalid if invalid else result.valid).setdefault(family, Tally())
        tally.clicks += 1
        if judged.verdict is Verdict.INVALID and judged.decided_by is not None:
            tally.called += 1
            tally.rules[judged.decided_by.rule] = tally.rules.get(judged.decided_by.rule, 0) + 1
    return result
