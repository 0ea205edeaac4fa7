"""Whether everything that is known of a campaign's spend is the same money."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Disagreement(StrEnum):
    """What does not agree."""

    DECISIONS = "decisions"
    """The ledger has other spend than was decided."""
    ROLLUPS = "rollups"
    """Reports count other spend than the ledger."""
    BUDGET = "budget"
    """The live view of what was spent is another sum, while nothing was under way."""
    CLAIM = "claim"
    """A claim below what is committed never reached the ledger. It is taken back."""
    LOG = "log"
    """A partition's log is shorter than what was read of it, or another one."""


@dataclass(frozen=True, slots=True)
class DaySums:
    """One day of a campaign, by everybody who counts it."""

    day: date
    ledger_cents: int
    decided_cents: int
    rollup_cents: int


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not agree, as an operator needs it."""

    kind: Disagreement
    subject: str
    details: Mapping[str, str | int]


def of_days(campaign_id: str, days: Collection[DaySums]) -> Iterator[Finding]:
    """The ledger against decisions and against rollups, day by day."""
    for sums in days:
        day = sums.day.isoformat()
        ledger: dict[str, str | int] = {"day": day, "ledger_cents": sums.ledger_cents}
        if sums.decided_cents != sums.ledger_cents:
            yield Finding(Disagreement.DECISIONS, campaign_id, {**ledger, "decided_cents": sums.decided_cents})
        if sums.rollup_cents != sums.ledger_cents:
            yield Finding(Disagreement.ROLLUPS, campaign_id, {**ledger, "rollup_cents": sums.rollup_cents})


@dataclass(frozen=True, slots=True)
class Held:
    """A claim that the live view lists, and whether the ledger knows it."""

    key: str
    offset: int
    price_cents: int
    in_ledger: bool


def drifted(held: Collection[Held], last_offset: int) -> list[Held]:
    """Claims that no commit can bring any more: what stands at or below the committed offset is in the ledger, or was
    never charged. What stands above it may be on its way.
    """
    return [claim for claim in held if claim.offset <= last_offset and not claim.in_ledger]


def under_way(held: Collection[Held], last_offset: int) -> int:
    """What is claimed and may yet be committed, in cents."""
    return sum(claim.price_cents for claim in held if claim.offset > last_offset)
