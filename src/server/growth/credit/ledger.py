"""How credit moves. Every function takes books and gives the books after it; nothing is stored here.

Each begins by ending what has expired, so that nothing expired is ever spent, and whatever adds credit pays open debts
with it before anybody can spend it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from server.core.errors import FieldInvalid, Violation
from server.core.ids import Ids
from server.growth.credit.domain import Account, Books, CreditScope, Debt, Entry, EntryKind, Grant, Portion
from server.growth.errors import (
    CreditCurrencyMismatch,
    CreditInsufficient,
    CreditReversalExceeded,
    CreditScopeMismatch,
)

EXPIRED = "expired"
DEBT_PAID = "debt_paid"


@dataclass(frozen=True, slots=True)
class Award:
    """Credit for somebody, and why."""

    amount_cents: int
    currency: str
    scope: CreditScope
    reason: str
    related_id: str
    program_id: str | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Redemption:
    """Somebody pays with credit."""

    amount_cents: int
    currency: str
    scope: CreditScope
    reason: str
    related_id: str


@dataclass(frozen=True, slots=True)
class Reversal:
    """Part of a redemption goes back."""

    entry_id: str
    amount_cents: int
    reason: str
    related_id: str


@dataclass(frozen=True, slots=True)
class Taken:
    """So much was taken from a grant."""

    grant_id: str
    amount_cents: int


class Ledger:
    """Credit's rules at one moment."""

    def __init__(self, ids: Ids, now: datetime) -> None:
        self._ids = ids
        self._now = now

    def award(self, books: Books, award: Award) -> Books:
        """Books the award in full, then pays debts with it."""
        _check_currency(books.account, award.currency)
        if award.expires_at is not None and award.expires_at <= self._now:
            raise FieldInvalid(Violation("expires_at", "must be in the future"))
        books = self._posted(
            self.expired(books),
            EntryKind.AWARD,
            award.amount_cents,
            award.reason,
            award.related_id,
            program_id=award.program_id,
        )
        grant = Grant(
            grant_id=self._ids.new("cgr"),
            entry_id=books.last.entry_id,
            amount_cents=award.amount_cents,
            remaining_cents=award.amount_cents,
            scope=award.scope,
            expires_at=award.expires_at,
        )
        return self._debts_paid(books.with_grant(grant), books.last.entry_id)

    def redeem(self, books: Books, redemption: Redemption) -> Books:
        """Takes from the grants that may pay for this, the one that expires first first."""
        _check_currency(books.account, redemption.currency)
        books = self.expired(books)
        if redemption.amount_cents > books.account.balance_cents:
            raise CreditInsufficient(books.account.balance_cents)
        usable = [grant for grant in books.grants.values() if grant.pays_for(redemption.scope)]
        spendable = sum(grant.remaining_cents for grant in usable)
        if redemption.amount_cents > spendable:
            raise CreditScopeMismatch(redemption.scope, spendable)
        books, taken = _take(books, _first_expiring_first(usable), redemption.amount_cents)
        books = self._posted(books, EntryKind.REDEEM, redemption.amount_cents, redemption.reason, redemption.related_id)
        for part in taken:
            books = books.with_portion(Portion(books.last.entry_id, part.grant_id, part.amount_cents))
        return books

    def reverse(self, books: Books, reversal: Reversal) -> Books:
        """Gives back to the grants it came from, the one that lasts longest first, expiry included."""
        portions = [portion for portion in books.portions.values() if portion.entry_id == reversal.entry_id]
        left = sum(portion.left_cents for portion in portions)
        if reversal.amount_cents > left:
            raise CreditReversalExceeded(left)
        owed = reversal.amount_cents
        lasting = _first_expiring_first(books.grants[portion.grant_id] for portion in portions)[::-1]
        for grant in lasting:
            portion = books.portions[reversal.entry_id, grant.grant_id]
            back = min(owed, portion.left_cents)
            owed -= back
            books = books.with_portion(replace(portion, restored_cents=portion.restored_cents + back))
            books = books.with_grant(replace(grant, remaining_cents=grant.remaining_cents + back))
        books = self._posted(
            books,
            EntryKind.AWARD,
            reversal.amount_cents,
            reversal.reason,
            reversal.related_id,
            reverses_entry_id=reversal.entry_id,
        )
        return self.expired(self._debts_paid(books, books.last.entry_id))

    def claw_back(self, books: Books, grant: Grant, reason: str, *, expired_cents: int) -> Books:
        """Takes an award back: from its own grant, then from the others; what is spent becomes a debt. What had expired
        was taken already.
        """
        books = self.expired(books)
        expired_now = sum(entry.amount_cents for entry in books.entries if _expiry_of(entry, grant.grant_id))
        owed = grant.amount_cents - expired_cents - expired_now
        own = books.grants[grant.grant_id]
        others = [other for other in books.grants.values() if other.grant_id != grant.grant_id]
        unspent = min(owed, books.account.balance_cents)
        books, _ = _take(books, [own, *_first_expiring_first(others)], unspent)
        if unspent:
            books = self._posted(books, EntryKind.CLAWBACK, unspent, reason, grant.entry_id)
        if owed > unspent:
            books = books.with_debt(Debt(self._ids.new("cdb"), grant.entry_id, owed - unspent, 0))
        return books

    def expired(self, books: Books) -> Books:
        """Ends what is past its time."""
        for grant in [grant for grant in books.grants.values() if grant.remaining_cents and grant.expired(self._now)]:
            books = books.with_grant(replace(grant, remaining_cents=0))
            # A grant may expire again after a reversal has restored it, so the entry's position is part of its cause.
            cause = f"{grant.grant_id}:{books.account.sequence + 1}"
            books = self._posted(books, EntryKind.CLAWBACK, grant.remaining_cents, EXPIRED, cause)
        return books

    def _debts_paid(self, books: Books, cause: str) -> Books:
        for debt in sorted(books.debts.values(), key=lambda debt: debt.debt_id):
            paid = min(debt.open_cents, books.account.balance_cents)
            if paid:
                books, _ = _take(books, _first_expiring_first(books.grants.values()), paid)
                books = books.with_debt(replace(debt, paid_cents=debt.paid_cents + paid))
                books = self._posted(
                    books, EntryKind.CLAWBACK, paid, DEBT_PAID, f"{cause}:{debt.debt_id}", debt_id=debt.debt_id
                )
        return books

    def _posted(
        self,
        books: Books,
        kind: EntryKind,
        amount_cents: int,
        reason: str,
        related_id: str,
        *,
        program_id: str | None = None,
        reverses_entry_id: str | None = None,
        debt_id: str | None = None,
    ) -> Books:
        """Adds an entry to the chain and moves the balance with it."""
        account = books.account
        entry = Entry(
            entry_id=self._ids.new("crl"),
            user_id=account.user_id,
            sequence=account.sequence + 1,
            kind=kind,
            amount_cents=amount_cents,
            currency=account.currency,
            reason=reason,
            related_id=related_id,
            program_id=program_id,
            reverses_entry_id=reverses_entry_id,
            debt_id=debt_id,
            previous_hash=account.hash,
            created_at=self._now,
        )
        moved = replace(
            account,
            balance_cents=account.balance_cents + entry.signed_cents,
            sequence=entry.sequence,
            hash=entry.hash,
        )
        return replace(books, account=moved, entries=(*books.entries, entry))


def expiry_prefix(grant_id: str) -> str:
    """What the causes of a grant's expiry entries begin with."""
    return f"{grant_id}:"


def _expiry_of(entry: Entry, grant_id: str) -> bool:
    return entry.reason == EXPIRED and entry.related_id.startswith(expiry_prefix(grant_id))


def _check_currency(account: Account, currency: str) -> None:
    if account.currency != currency:
        raise CreditCurrencyMismatch(account.currency.lower())


def _first_expiring_first(grants: Iterable[Grant]) -> list[Grant]:
    """Grants that never expire come last; of two that expire together, the older one first."""
    return sorted(
        grants,
        key=lambda grant: (
            grant.expires_at is None,
            grant.expires_at.timestamp() if grant.expires_at else 0.0,
            grant.grant_id,
        ),
    )


def _take(books: Books, grants: Sequence[Grant], amount_cents: int) -> tuple[Books, list[Taken]]:
    """Takes an amount from grants in their order."""
    taken: list[Taken] = []
    for grant in grants:
        part = min(amount_cents, grant.remaining_cents)
        if part:
            amount_cents -= part
            taken.append(Taken(grant.grant_id, part))
            books = books.with_grant(replace(grant, remaining_cents=grant.remaining_cents - part))
    return books, taken
