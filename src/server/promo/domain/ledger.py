"""The ledger of a campaign's budget: entries in two hash chains, each with one kind of writer.

The stream alone takes money (`spend`), server and worker alone bring it (`funding`), so that neither waits for the
other. An entry's hash covers what it moves, why, and the hash before it; it leaves out when it was written down, free
text and every person, so that a replay gives the same hashes and an erasure breaks none.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from server.promo.domain.funds import NOTHING, Funds


class Chain(StrEnum):
    """Which way money goes."""

    SPEND = "spend"
    FUNDING = "funding"


class EntryKind(StrEnum):
    """Why money moves."""

    TOPUP = "topup"
    SPEND = "spend"
    CREDIT = "credit"
    ADJUSTMENT = "adjustment"


class CreditSource(StrEnum):
    """Why credit was given."""

    GRANT = "grant"
    INVALID_CLICK = "invalid_click"
    GOODWILL = "goodwill"


@dataclass(frozen=True, slots=True)
class Movement:
    """Money on its way into a campaign's budget, or out of it where it is negative."""

    entry_id: str
    campaign_id: str
    kind: EntryKind
    funds: Funds
    reason: str = ""
    processor_ref: str | None = None
    click_key: str | None = None
    budget_day: date | None = None
    credit_source: CreditSource | None = None
    reverses_entry_id: str | None = None

    @property
    def chain(self) -> Chain:
        return Chain.SPEND if self.funds.total_cents < 0 else Chain.FUNDING

    @property
    def restored_cents(self) -> int:
        """What of it makes a click undone."""
        return self.funds.total_cents if self.credit_source is CreditSource.INVALID_CLICK else 0


@dataclass(frozen=True, slots=True)
class Head:
    """Where a chain stands: its length, its sum and its newest hash."""

    campaign_id: str
    sequence: int = 0
    funds: Funds = NOTHING
    hash: bytes = b""


@dataclass(frozen=True, slots=True)
class Link:
    """A movement at its place in its chain."""

    movement: Movement
    sequence: int
    previous_hash: bytes
    hash: bytes

    def head(self, before: Head) -> Head:
        """Where the chain stands after it."""
        moved = self.movement.funds
        funds = Funds(before.funds.promo_cents + moved.promo_cents, before.funds.cash_cents + moved.cash_cents)
        return Head(before.campaign_id, self.sequence, funds, self.hash)


@dataclass(frozen=True, slots=True)
class Entry:
    """A link as it was written down."""

    link: Link
    created_at: datetime


def link(head: Head, movement: Movement) -> Link:
    """The next link of a chain."""
    sequence = head.sequence + 1
    return Link(movement, sequence, head.hash, _digest(head.hash, sequence, movement))


def _digest(previous: bytes, sequence: int, movement: Movement) -> bytes:
    covered = [
        movement.entry_id,
        movement.campaign_id,
        movement.chain.value,
        sequence,
        movement.kind.value,
        movement.funds.promo_cents,
        movement.funds.cash_cents,
        movement.processor_ref,
        movement.click_key,
        movement.budget_day.isoformat() if movement.budget_day else None,
        movement.credit_source.value if movement.credit_source else None,
        movement.reverses_entry_id,
    ]
    return hashlib.sha256(previous + json.dumps(covered, separators=(",", ":")).encode()).digest()
