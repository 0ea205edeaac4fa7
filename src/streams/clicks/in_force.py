"""What is in force at a place of a partition: each campaign's terms, the rules, what was switched off.

Control records say it, in the log's order and in absolute values. Of one key the highest version stands; one that is no
newer than what stands changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from server.promo.domain.campaign import CampaignStatus
from server.promo.domain.funds import Funds
from streams.clicks.records import Control, ControlKind, Value, book_said, switches_said
from streams.clicks.rules.book import DEFAULT_BOOK, NOTHING_SWITCHED_OFF, Book, Switches


@dataclass(frozen=True, slots=True)
class Terms:
    """What the log says of a campaign."""

    version: int
    status: CampaignStatus
    time_zone: str
    daily_cents: int
    total_cents: int | None
    funded: Funds


class InForce:
    """What one partition's control records have said so far."""

    def __init__(self) -> None:
        self._terms: dict[str, Terms] = {}
        self.taken: dict[str, int] = {}
        """What was taken out of budgets other than by clicks, in cents."""
        self.book: Book = DEFAULT_BOOK
        self.switches: Switches = NOTHING_SWITCHED_OFF

    def copy(self) -> "InForce":
        """The same, to go on from without changing this one."""
        copy = InForce()
        copy._terms = dict(self._terms)
        copy.taken = dict(self.taken)
        copy.book = self.book
        copy.switches = self.switches
        return copy

    def apply(self, control: Control) -> None:
        """Takes up what a record says, unless something newer stands."""
        match control.kind:
            case ControlKind.CAMPAIGN:
                stands = self._terms.get(control.key)
                if stands is None or control.version > stands.version:
                    self._terms[control.key] = _terms(control.version, control.payload)
            case ControlKind.RULES:
                self.book = newer_book(self.book, control)
            case ControlKind.SWITCHES:
                if control.version > self.switches.version:
                    self.switches = switches_said(control)
            case ControlKind.DEBIT:
                pass

    def terms(self, campaign_id: str) -> Terms | None:
        """None where the log has said nothing of the campaign."""
        return self._terms.get(campaign_id)

    def balance_cents(self, campaign_id: str, terms: Terms) -> int:
        """What was put in, less what was taken out other than by clicks."""
        return terms.funded.total_cents - self.taken.get(campaign_id, 0)

    def take(self, campaign_id: str, cents: int) -> None:
        """Money was taken out, other than by clicks."""
        self.taken[campaign_id] = self.taken.get(campaign_id, 0) + cents


def newer_book(book: Book, control: Control) -> Book:
    """The rules in force after a control record."""
    is_newer = control.kind is ControlKind.RULES and control.version > book.version
    return book_said(control) if is_newer else book


def _terms(version: int, payload: Mapping[str, Value]) -> Terms:
    total = payload["total_budget_cents"]
    return Terms(
        version=version,
        status=CampaignStatus(str(payload["status"])),
        time_zone=str(payload["time_zone"]),
        daily_cents=_cents(payload, "daily_budget_cents"),
        total_cents=None if total is None else _cents(payload, "total_budget_cents"),
        funded=Funds(_cents(payload, "funded_promo_cents"), _cents(payload, "funded_cash_cents")),
    )


def _cents(payload: Mapping[str, Value], name: str) -> int:
    value = payload[name]
    if not isinstance(value, int):
        raise TypeError(f"{name} is an amount")
    return value
