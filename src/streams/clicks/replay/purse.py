"""What the budgets' script does, without a server: the same answers for the same claims in the same order."""

from dataclasses import dataclass, field
from datetime import date

from server.adapters.budgets.port import Claim, ClickClaim, Outcome

_LONG_AGO = (-1, -1)


@dataclass(slots=True)
class _Campaign:
    total_cents: int = 0
    by_day: dict[date, int] = field(default_factory=dict)
    claimed: dict[str, tuple[int, int]] = field(default_factory=dict)


class Purse:
    """What campaigns have spent while they are replayed."""

    def __init__(self) -> None:
        self._campaigns: dict[str, _Campaign] = {}

    def spent(self, campaign_id: str, day: date, cents: int) -> None:
        """What clicks cost before the replay begins."""
        campaign = self._of(campaign_id)
        campaign.total_cents += cents
        campaign.by_day[day] = campaign.by_day.get(day, 0) + cents

    def billed(self, campaign_id: str, key: str) -> None:
        """A click that was billed before the replay begins: nobody is charged for its impression again."""
        self._of(campaign_id).claimed[key] = _LONG_AGO

    def claim(self, claim: Claim) -> tuple[Outcome, ...]:
        campaign = self._of(claim.campaign_id)
        return tuple(self._outcome(campaign, claim, click) for click in claim.clicks)

    def _of(self, campaign_id: str) -> _Campaign:
        return self._campaigns.setdefault(campaign_id, _Campaign())

    def _outcome(self, campaign: _Campaign, claim: Claim, click: ClickClaim) -> Outcome:
        limits, place = claim.limits, (click.offset, click.row)
        if click.key in campaign.claimed:
            return Outcome.CHARGED if campaign.claimed[click.key] == place else Outcome.CHARGED_BEFORE
        today = campaign.by_day.get(click.budget_day, 0) + click.price_cents
        total = campaign.total_cents + click.price_cents
        if today > limits.daily_cents:
            return Outcome.CAP_DAILY
        if limits.total_cents is not None and total > limits.total_cents:
            return Outcome.CAP_TOTAL
        if total > limits.balance_cents:
            return Outcome.NO_BALANCE
        campaign.claimed[click.key] = place
        campaign.total_cents, campaign.by_day[click.budget_day] = total, today
        return Outcome.CHARGED
