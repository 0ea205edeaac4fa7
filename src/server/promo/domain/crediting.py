"""Giving back what a click cost that was found invalid after it was charged."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from server.promo.domain.funds import Funds
from server.promo.domain.ledger import CreditSource, EntryKind, Movement
from server.promo.domain.verdicts import Rule

LATE_RULE_VERSION = 1


@dataclass(frozen=True, slots=True)
class ChargedClick:
    """A click that was charged, and whether it was given back."""

    event_id: str
    spend_entry_id: str
    spent: Funds
    spent_at: datetime
    credited: bool


@dataclass(frozen=True, slots=True)
class FoundInvalid:
    """A charged click that something found invalid, and what it saw."""

    event_id: str
    rule: Rule
    evidence: Mapping[str, str | int | float] = field(default_factory=dict)


def credit_of(charged: ChargedClick, campaign_id: str, entry_id: str, rule: Rule) -> Movement:
    """Gives the click back as it was taken: promotional credit to promotional credit, cash to cash. It names no budget
    day, since a day's cap is not given back.
    """
    return Movement(
        entry_id=entry_id,
        campaign_id=campaign_id,
        kind=EntryKind.CREDIT,
        funds=Funds(-charged.spent.promo_cents, -charged.spent.cash_cents),
        reason=f"{charged.event_id} was found invalid: {rule.value}",
        credit_source=CreditSource.INVALID_CLICK,
        reverses_entry_id=charged.spend_entry_id,
    )
