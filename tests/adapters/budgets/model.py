"""What budgets are meant to do, in a few lines of Python that know nothing of scripts."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from server.adapters.budgets.port import Answer, Claim, ClickClaim, Outcome, Spent, Step


@dataclass
class Campaign:
    """One campaign's money, as it should be."""

    at: Step
    total: int = 0
    days: dict[date, int] = field(default_factory=dict)
    claims: dict[str, ClickClaim] = field(default_factory=dict)

    def charge(self, claim: Claim, click: ClickClaim) -> Outcome:
        held = self.claims.get(click.key)
        if held is not None:
            return Outcome.CHARGED if held == click else Outcome.CHARGED_BEFORE
        limits = claim.limits
        if self.days.get(click.budget_day, 0) + click.price_cents > limits.daily_cents:
            return Outcome.CAP_DAILY
        if limits.total_cents is not None and self.total + click.price_cents > limits.total_cents:
            return Outcome.CAP_TOTAL
        if self.total + click.price_cents > limits.balance_cents:
            return Outcome.NO_BALANCE
        self.claims[click.key] = click
        self.total += click.price_cents
        self.days[click.budget_day] = self.days.get(click.budget_day, 0) + click.price_cents
        return Outcome.CHARGED


class Model:
    """All campaigns."""

    def __init__(self) -> None:
        self.campaigns: dict[str, Campaign] = {}

    def load(self, spent: Spent, at: Step) -> bool:
        known = self.campaigns.get(spent.campaign_id)
        if known is not None and known.at.fence > at.fence:
            return False
        self.campaigns[spent.campaign_id] = Campaign(at, spent.total_cents, dict(spent.by_day))
        return True

    def claim(self, claim: Claim, step: Step, settled: int) -> tuple[Answer, Sequence[Outcome]]:
        known = self.campaigns.get(claim.campaign_id)
        if known is None:
            return Answer.UNKNOWN, ()
        if known.at.fence != step.fence:
            return (Answer.FENCED if known.at.fence > step.fence else Answer.OLDER), ()
        if known.at.sequence != step.sequence:
            return Answer.UNEXPECTED, ()
        outcomes = tuple(known.charge(claim, click) for click in claim.clicks)
        known.at = known.at._replace(sequence=known.at.sequence + 1)
        known.claims = {key: click for key, click in known.claims.items() if click.offset > settled}
        return Answer.CLAIMED, outcomes

    def release(self, campaign_id: str, key: str) -> bool:
        known = self.campaigns.get(campaign_id)
        if known is None or key not in known.claims:
            return False
        click = known.claims.pop(key)
        known.total -= click.price_cents
        known.days[click.budget_day] -= click.price_cents
        return True
