"""Asks for money, click by click, and reads what was spent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import NamedTuple, Protocol


class Outcome(StrEnum):
    """What the budget says to one click."""

    CHARGED = "charged"
    CAP_DAILY = "cap_daily"
    CAP_TOTAL = "cap_total"
    NO_BALANCE = "no_balance"
    CHARGED_BEFORE = "charged_before"
    """Another click has claimed the same key."""


class Answer(StrEnum):
    """What the budget says to a claim as a whole."""

    CLAIMED = "claimed"
    FENCED = "fenced"
    """A newer writer has the campaign: the claim is void, and so is whoever made it."""
    UNKNOWN = "unknown"
    """Nothing is known of the campaign: it was never loaded, or everything was lost."""
    OLDER = "older"
    """What is known is of an older writer."""
    UNEXPECTED = "unexpected"
    """It is at another step than its writer knows: it went back in time, or an answer was lost."""


class Step(NamedTuple):
    """Where a campaign's view stands. A writer counts its steps up and never uses one twice under its fence, not even
    after it loaded: so a view that was restored from a copy is never taken for the present one.
    """

    fence: int
    sequence: int


@dataclass(frozen=True, slots=True)
class Limits:
    """What may be spent, in absolute amounts, by one version of the campaign's control record."""

    version: int
    daily_cents: int
    total_cents: int | None
    """None where days are the only cap. What was credited for invalid clicks has been added to it."""
    balance_cents: int
    """What was ever put in, less what was taken out other than by clicks."""


class ClickClaim(NamedTuple):
    """One click that wants to be paid for."""

    key: str
    """What is billed once: the impression. When the same click asks again it is charged, and nothing is added."""
    price_cents: int
    budget_day: date
    offset: int
    row: int


@dataclass(frozen=True, slots=True)
class Claim:
    """Clicks of one campaign in the log's order, under one version of its limits."""

    campaign_id: str
    limits: Limits
    clicks: tuple[ClickClaim, ...]


@dataclass(frozen=True, slots=True)
class Claimed:
    """The answer: an outcome for each click exactly where the claim was accepted."""

    campaign_id: str
    answer: Answer
    outcomes: tuple[Outcome, ...] = ()


@dataclass(frozen=True, slots=True)
class Spent:
    """What the ledger says that a campaign's clicks have cost, as positive amounts. Days that no click can fall on any
    more may be left out.
    """

    campaign_id: str
    total_cents: int
    by_day: Mapping[date, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HeldClaim:
    """A claim that the budget still lists, with the place of its click in the log."""

    key: str
    offset: int
    row: int
    price_cents: int
    budget_day: date


@dataclass(frozen=True, slots=True)
class View:
    """What the budget knows of a campaign."""

    campaign_id: str
    at: Step
    limits_version: int
    spent: Spent


class Budgets(Protocol):
    """The budgets of all campaigns. BudgetsDown where they do not answer: it is unknown then what was claimed, and the
    next claim of these campaigns will say UNEXPECTED.
    """

    async def claim(self, claims: Sequence[tuple[Claim, Step]], *, settled: int) -> Sequence[Claimed]:
        """Charges the clicks of each claim one after another, as long as the day, the total and the balance allow. The
        step is the one that the campaign's view must be at; an accepted claim moves it to the next sequence.

        Claims at or below the offset `settled` have been committed for so long that nobody asks for them again, and
        are forgotten. The caller makes sure that none of the keys was billed by what is forgotten.
        """

    async def load(self, spent: Spent, at: Step) -> bool:
        """Puts the ledger's sums in place of whatever is there, claims included. False where a newer writer has the
        campaign. What of the campaign is claimed and not committed must have been given up, or committed and be in the
        sums.
        """

    async def views(self, campaign_ids: Sequence[str]) -> Mapping[str, View]:
        """What is known of these campaigns; those of which nothing is known are missing."""

    async def held(self, campaign_id: str) -> Sequence[HeldClaim]:
        """The claims that are listed, by offset."""

    async def release(self, campaign_id: str, claim: HeldClaim) -> bool:
        """Takes a claim back that never reached the ledger. False where it is not listed any more, or differs."""

    async def check(self) -> None:
        """Returns where the budgets answer; BudgetsDown where they do not."""
