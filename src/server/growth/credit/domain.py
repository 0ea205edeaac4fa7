"""A person's credit: the account, what it consists of, and the entries that made it. Pure."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum


class EntryKind(StrEnum):
    """Which way an entry goes."""

    AWARD = "award"
    CLAWBACK = "clawback"
    REDEEM = "redeem"


class CreditScope(StrEnum):
    """What credit may pay for."""

    BUYER_FEE_ONLY = "buyer_fee_only"
    ORDER_TOTAL = "order_total"


@dataclass(frozen=True, slots=True)
class Account:
    """What somebody may spend, and the head of their chain of entries."""

    user_id: str
    currency: str
    balance_cents: int = 0
    sequence: int = 0
    hash: bytes = b""


@dataclass(frozen=True, slots=True)
class Grant:
    """What is left of one award."""

    grant_id: str
    entry_id: str
    amount_cents: int
    remaining_cents: int
    scope: CreditScope
    expires_at: datetime | None

    def pays_for(self, scope: CreditScope) -> bool:
        """What may pay any part of an order may pay its fee; not the other way round."""
        return self.scope is CreditScope.ORDER_TOTAL or self.scope is scope

    def expired(self, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= now


@dataclass(frozen=True, slots=True)
class Debt:
    """What a clawback found already spent."""

    debt_id: str
    related_id: str
    amount_cents: int
    paid_cents: int

    @property
    def open_cents(self) -> int:
        return self.amount_cents - self.paid_cents


@dataclass(frozen=True, slots=True)
class Portion:
    """How much of a redemption one grant paid, and how much of that went back to it."""

    entry_id: str
    grant_id: str
    amount_cents: int
    restored_cents: int = 0

    @property
    def left_cents(self) -> int:
        return self.amount_cents - self.restored_cents


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger. The amount is positive; the kind says which way it goes."""

    entry_id: str
    user_id: str
    sequence: int
    kind: EntryKind
    amount_cents: int
    currency: str
    reason: str
    related_id: str
    program_id: str | None
    reverses_entry_id: str | None
    debt_id: str | None
    previous_hash: bytes
    created_at: datetime

    @property
    def hash(self) -> bytes:
        """Covers the entry and what came before it. The person and the time are left out, so that an erased person's
        chain still verifies.
        """
        content = [
            self.entry_id,
            self.sequence,
            self.kind.value,
            self.amount_cents,
            self.currency,
            self.reason,
            self.related_id,
            self.program_id,
            self.reverses_entry_id,
            self.debt_id,
        ]
        return hashlib.sha256(self.previous_hash + json.dumps(content, separators=(",", ":")).encode()).digest()

    @property
    def signed_cents(self) -> int:
        return self.amount_cents if self.kind is EntryKind.AWARD else -self.amount_cents


@dataclass(frozen=True, slots=True)
class Books:
    """A person's credit as one transaction sees it, and the entries that the transaction adds."""

    account: Account
    grants: Mapping[str, Grant] = field(default_factory=dict)
    debts: Mapping[str, Debt] = field(default_factory=dict)
    portions: Mapping[tuple[str, str], Portion] = field(default_factory=dict)
    entries: tuple[Entry, ...] = ()

    @property
    def last(self) -> Entry:
        return self.entries[-1]

    @property
    def debt_cents(self) -> int:
        return sum(debt.open_cents for debt in self.debts.values())

    def with_grant(self, grant: Grant) -> "Books":
        return replace(self, grants={**self.grants, grant.grant_id: grant})

    def with_debt(self, debt: Debt) -> "Books":
        return replace(self, debts={**self.debts, debt.debt_id: debt})

    def with_portion(self, portion: Portion) -> "Books":
        return replace(self, portions={**self.portions, (portion.entry_id, portion.grant_id): portion})
