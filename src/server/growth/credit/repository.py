"""Rows of credit and what they mean."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar

import asyncpg

from callsheet.sql.growth_credit import Queries
from server.core.db import Record, Tx, load_queries
from server.core.errors import AlreadyExists
from server.growth.credit.domain import (
    Account,
    Books,
    CreditScope,
    Debt,
    Entry,
    EntryKind,
    Grant,
    Portion,
)
from server.growth.credit.ledger import expiry_prefix

Key = TypeVar("Key")
Row = TypeVar("Row")

_queries = load_queries("server.growth.credit", Queries)


class CreditRepository:
    """Reads and writes credit on the caller's transaction."""

    async def open(self, tx: Tx, user_id: str, currency: str, *, now: datetime) -> Books:
        """Somebody's books, held until the transaction ends; a person without an account gets one."""
        await _queries.open_account(tx, user_id=user_id, currency=currency, now=now)
        books = await self.lock(tx, user_id)
        if books is None:
            raise AssertionError("an account that was just made is there")
        return books

    async def lock(
        self, tx: Tx, user_id: str, *, redeem_entry_id: str | None = None, award_entry_id: str | None = None
    ) -> Books | None:
        """Somebody's books, held until the transaction ends: what is left, what is owed, and the parts of one
        redemption or award. None for a person without an account.
        """
        row = await _queries.lock_account(tx, user_id=user_id)
        return None if row is None else await self._books(tx, row, redeem_entry_id, award_entry_id)

    async def read(self, tx: Tx, user_id: str) -> Books | None:
        """Somebody's books as they are."""
        row = await _queries.get_account(tx, user_id=user_id)
        return None if row is None else await self._books(tx, row, None, None)

    async def currency(self, tx: Tx, user_id: str) -> str | None:
        """What somebody's credit is in; None before their first."""
        row = await _queries.get_account(tx, user_id=user_id)
        return None if row is None else str(row["currency"])

    async def save(self, tx: Tx, before: Books, after: Books, *, now: datetime) -> None:
        """Writes what differs. AlreadyExists where an entry's cause has made one of its kind before."""
        user_id = after.account.user_id
        debts = _changed(before.debts, after.debts)
        if debts:
            await _queries.save_debt(tx, [{**_debt_row(debt), "user_id": user_id, "now": now} for debt in debts])
        if after.entries:
            with _once_per_cause():
                await _queries.insert_entry(tx, [_entry_row(entry) for entry in after.entries])
        grants = _changed(before.grants, after.grants)
        if grants:
            await _queries.save_grant(tx, [{**_grant_row(grant), "user_id": user_id, "now": now} for grant in grants])
        portions = _changed(before.portions, after.portions)
        if portions:
            await _queries.save_portion(tx, [_portion_row(portion) for portion in portions])
        account = after.account
        await _queries.update_account(
            tx,
            user_id=user_id,
            balance_cents=account.balance_cents,
            sequence=account.sequence,
            hash=account.hash,
            now=now,
        )

    async def entry(self, tx: Tx, user_id: str, entry_id: str) -> Entry | None:
        row = await _queries.get_entry(tx, user_id=user_id, entry_id=entry_id)
        return None if row is None else entry_of(row)

    async def entry_about(self, tx: Tx, user_id: str, kind: EntryKind, related_id: str) -> Entry | None:
        row = await _queries.entry_about(tx, user_id=user_id, kind=kind, related_id=related_id)
        return None if row is None else entry_of(row)

    async def clawed_back(self, tx: Tx, user_id: str, entry_id: str) -> bool:
        return bool(await _queries.clawed_back(tx, user_id=user_id, entry_id=entry_id))

    async def expired_cents(self, tx: Tx, user_id: str, grant_id: str) -> int:
        found = await _queries.expired_cents(tx, user_id=user_id, prefix=expiry_prefix(grant_id))
        return found if isinstance(found, int) else 0

    async def page(self, tx: Tx, user_id: str, *, before: int | None, limit: int) -> list[Entry]:
        """Somebody's ledger, newest first, older than the given position."""
        rows = await _queries.entries_of(tx, user_id=user_id, before=before, limit=limit)
        return [entry_of(row) for row in rows]

    async def chain(self, tx: Tx, user_id: str, *, after: int, limit: int) -> list[tuple[Entry, bytes]]:
        """Somebody's ledger from a position on, each entry with the hash that was stored for it."""
        rows = await _queries.chain_of(tx, user_id=user_id, after=after, limit=limit)
        return [(entry_of(row), bytes(row["hash"])) for row in rows]

    async def accounts(self, tx: Tx, *, after: str, limit: int) -> list[Account]:
        return [_account(row) for row in await _queries.accounts_after(tx, user_id=after, limit=limit)]

    async def people_with_expired(self, tx: Tx, *, now: datetime, limit: int) -> list[str]:
        return [row["user_id"] for row in await _queries.people_with_expired_credit(tx, now=now, limit=limit)]

    async def _books(self, tx: Tx, row: Record, redeem_entry_id: str | None, award_entry_id: str | None) -> Books:
        user_id = row["user_id"]
        grants = await _queries.grants_of(
            tx, user_id=user_id, redeem_entry_id=redeem_entry_id, award_entry_id=award_entry_id
        )
        debts = await _queries.open_debts_of(tx, user_id=user_id)
        portions = await _queries.portions_of(tx, entry_id=redeem_entry_id) if redeem_entry_id else []
        return Books(
            account=_account(row),
            grants={grant["grant_id"]: _grant(grant) for grant in grants},
            debts={debt["debt_id"]: Debt(*debt) for debt in debts},
            portions={(portion["entry_id"], portion["grant_id"]): Portion(*portion) for portion in portions},
        )


def _changed(before: Mapping[Key, Row], after: Mapping[Key, Row]) -> list[Row]:
    return [row for key, row in after.items() if before.get(key) != row]


@contextmanager
def _once_per_cause() -> Iterator[None]:
    try:
        yield
    except asyncpg.UniqueViolationError as error:
        if error.constraint_name != "credit_ledger_once":
            raise
        raise AlreadyExists("a ledger entry for this cause") from error


def _account(row: Record) -> Account:
    return Account(
        user_id=row["user_id"],
        currency=row["currency"],
        balance_cents=row["balance_cents"],
        sequence=row["sequence"],
        hash=bytes(row["hash"]),
    )


def _grant(row: Record) -> Grant:
    return Grant(
        grant_id=row["grant_id"],
        entry_id=row["entry_id"],
        amount_cents=row["amount_cents"],
        remaining_cents=row["remaining_cents"],
        scope=CreditScope(row["scope"]),
        expires_at=row["expires_at"],
    )


def entry_of(row: Record) -> Entry:
    """A line of the ledger from its row."""
    return Entry(
        entry_id=row["entry_id"],
        user_id=row["user_id"],
        sequence=row["sequence"],
        kind=EntryKind(row["kind"]),
        amount_cents=row["amount_cents"],
        currency=row["currency"],
        reason=row["reason"],
        related_id=row["related_id"],
        program_id=row["program_id"],
        reverses_entry_id=row["reverses_entry_id"],
        debt_id=row["debt_id"],
        previous_hash=bytes(row["previous_hash"]),
        created_at=row["created_at"],
    )


def _entry_row(entry: Entry) -> dict[str, object]:
    return {
        "entry_id": entry.entry_id,
        "user_id": entry.user_id,
        "kind": entry.kind,
        "program_id": entry.program_id,
        "amount_cents": entry.amount_cents,
        "currency": entry.currency,
        "reason": entry.reason,
        "related_id": entry.related_id,
        "created_at": entry.created_at,
        "sequence": entry.sequence,
        "reverses_entry_id": entry.reverses_entry_id,
        "debt_id": entry.debt_id,
        "previous_hash": entry.previous_hash,
        "hash": entry.hash,
    }


def _grant_row(grant: Grant) -> dict[str, object]:
    return {
        "grant_id": grant.grant_id,
        "entry_id": grant.entry_id,
        "amount_cents": grant.amount_cents,
        "remaining_cents": grant.remaining_cents,
        "scope": grant.scope,
        "expires_at": grant.expires_at,
    }


def _debt_row(debt: Debt) -> dict[str, object]:
    return {
        "debt_id": debt.debt_id,
        "related_id": debt.related_id,
        "amount_cents": debt.amount_cents,
        "paid_cents": debt.paid_cents,
    }


def _portion_row(portion: Portion) -> dict[str, object]:
    return {
        "entry_id": portion.entry_id,
        "grant_id": portion.grant_id,
        "amount_cents": portion.amount_cents,
        "restored_cents": portion.restored_cents,
    }
